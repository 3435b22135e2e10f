"""The very same request gets the very same answer, and nobody else's, and none that is no longer so."""

import asyncio
import itertools
import json
import uuid
from types import SimpleNamespace

import pytest

from server.domain.sign_ins import Claim
from server.services import sign_ins
from server.services.demo import demo_id
from server.services.login import digest
from server.web.api import endpoints
from server.web.repeating import Repeating
from server.web.site import Pace

from .conftest import problem_of, settings_for

NUMBERS = itertools.cycle(range(10101, 10119))
"""Each test has a lesson of its own."""


@pytest.fixture
async def lesson(school, admin):
    made = await school.new_lesson(admin, until="live")
    yield made
    await admin.command(f"/api/v1/lessons/{made['id']}/transitions", event="end")


@pytest.fixture
async def phone(school):
    return await school.person(str(next(NUMBERS)))


@pytest.fixture
def answered_again(school):
    """How many were, so far."""
    return school.control.site.meters.repetitions._value.get


def tap(lesson):
    return f"/api/v1/lessons/{lesson['id']}/sign-in", {"command_id": str(uuid.uuid4()), "way": "phone"}


async def tapped(phone, lesson):
    """Signed in, with the cookie that its device got; and what it would send again."""
    path, body = tap(lesson)
    first = await phone.post(path, body)
    assert first.status == 200, first.text
    return path, body, await phone.post(path, body)  # the device's cookie came with the first


async def test_the_same_again_is_answered_with_the_same_bytes(phone, lesson, answered_again):
    path, body, first = await tapped(phone, lesson)
    before = answered_again()
    again = [await phone.post(path, body) for _ in range(3)]
    assert answered_again() == before + 3
    for each in again:
        assert (each.status, each.body) == (200, first.body)
        assert [(n, v) for n, v in each.headers.items() if n != "Date"] == [
            (n, v) for n, v in first.headers.items() if n != "Date"
        ]


async def test_who_has_no_cookie_of_its_device_yet_gets_the_one_that_was_written_down(school, phone, lesson):
    path, body = tap(lesson)
    headers = {"Cookie": "; ".join(f"{c.key}={c.value}" for c in phone.session.cookie_jar)}
    phone.session.cookie_jar.clear()
    first = await phone.post(path, body, headers=headers)
    phone.session.cookie_jar.clear()
    again = await phone.post(path, body, headers=headers)
    assert first.headers["Set-Cookie"] == again.headers["Set-Cookie"]
    assert "__Host-device" in first.headers["Set-Cookie"]


async def test_whose_connection_died_gets_the_cookie_that_was_written_down(
    school, phone, lesson, answered_again, monkeypatch
):
    path, body = tap(lesson)
    cookies = "; ".join(f"{c.key}={c.value}" for c in phone.session.cookie_jar)
    first, goes_on, done, real = asyncio.Event(), asyncio.Event(), asyncio.Event(), sign_ins.sign_in_by_phone

    async def slow(*arguments, **more):
        first.set()
        await goes_on.wait()
        view = await real(*arguments, **more)
        done.set()
        return view

    monkeypatch.setattr(sign_ins, "sign_in_by_phone", slow)
    _, lost = await raw_post(school, path, body, cookies)
    await first.wait()
    lost.transport.abort()
    await asyncio.sleep(1)  # until the server has heard of it
    goes_on.set()
    await done.wait()
    await asyncio.sleep(1)  # until it was answered
    before = answered_again()
    reader, writer = await raw_post(school, path, body, cookies)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    assert answered_again() == before + 1
    device = head.split("__Host-device=", 1)[1].split(";", 1)[0]
    rows = await school.control.site.house.records.read(lambda tx: tx.sign_ins.of(lesson["id"]))
    assert [each.device_digest for each in rows] == [digest(device)]


async def raw_post(school, path, body, cookies):
    host, content = school.url.removeprefix("https://"), json.dumps(body).encode()
    reader, writer = await asyncio.open_connection("localhost", int(host.rsplit(":", 1)[1]), ssl=school.context)
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {school.url}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(content)}\r\nCookie: {cookies}\r\n\r\n".encode() + content)
    return reader, writer


async def test_a_scanned_sign_in_again(school, phone, lesson, answered_again):
    claim = Claim(lesson["venues"][1]["id"], int(school.control.site.now().timestamp()) // 5)
    await phone.get(f"/s/{school.control.site.sign_in_codes.token(lesson['id'], claim)}")
    body = {"command_id": str(uuid.uuid4())}
    first, before = await phone.post("/api/v1/sign-in", body), answered_again()
    assert (await phone.post("/api/v1/sign-in", body)).json == first.json
    assert answered_again() == before + 1


async def test_whose_login_ends_is_refused_at_once(school, phone, lesson, answered_again):
    path, body, _ = await tapped(phone, lesson)
    cookie = {"Cookie": "; ".join(f"{c.key}={c.value}" for c in phone.session.cookie_jar)}
    assert (await phone.ask("DELETE", "/api/v1/session")).status in {200, 204}
    phone.session.cookie_jar.clear()
    before = answered_again()
    problem_of(await phone.post(path, body, headers=cookie), 401, "not_logged_in")
    assert answered_again() == before


async def test_an_ended_lesson_is_seen_at_once(admin, phone, lesson, answered_again):
    """The sign-in stands; but it is the record that says so."""
    path, body, first = await tapped(phone, lesson)
    await admin.command(f"/api/v1/lessons/{lesson['id']}/transitions", event="end")
    before = answered_again()
    assert (await phone.post(path, body)).json == first.json
    assert answered_again() == before


async def test_others_who_sign_in_change_nothing(school, phone, lesson, answered_again):
    path, body, first = await tapped(phone, lesson)
    await tapped(await school.person(str(next(NUMBERS))), lesson)
    before = answered_again()
    assert (await phone.post(path, body)).body == first.body
    assert answered_again() == before + 1


async def test_nobody_else_and_no_other_request_gets_it(school, phone, lesson, answered_again):
    path, body, first = await tapped(phone, lesson)
    other, before = await school.person(str(next(NUMBERS))), answered_again()
    theirs = await other.post(path, body)
    assert theirs.json["member_id"] != first.json["member_id"]
    assert (await phone.post(path, tap(lesson)[1])).json == first.json  # of another command: as before, the first one
    problem_of(await phone.post(path, {**body, "way": "none"}), 422, "invalid_body")
    problem_of(await phone.post(path, {**body, "member_id": demo_id("member 10001")}), 422, "invalid_body")
    problem_of(await phone.post(path, body, origin="https://elsewhere.example"), 403, "origin_refused")
    problem_of(await phone.post(path, body, origin=None), 403, "origin_refused")
    content, text = json.dumps(body).encode(), {"Content-Type": "text/plain"}
    problem_of(await phone.ask("POST", path, data=content, headers=text), 415, "unsupported_media_type")
    problem_of(await phone.post(path.replace(lesson["id"], str(uuid.uuid4())), body), 404, "lesson_not_found")
    assert (await phone.ask("PUT", path, json=body)).status == 405
    assert answered_again() == before


async def test_sent_in_pieces_it_goes_the_whole_way(phone, lesson, answered_again):
    path, body, first = await tapped(phone, lesson)

    async def pieces():
        content = json.dumps(body).encode()
        yield content[:10]
        yield content[10:]

    before, headers = answered_again(), {"Content-Type": "application/json"}
    answer = await phone.ask("POST", path, data=pieces(), headers=headers)
    assert (answer.status, answer.json, answered_again()) == (200, first.json, before)


async def test_sent_while_the_first_is_on_its_way_it_waits_for_that_one(school, phone, lesson):
    await tapped(await school.person(str(next(NUMBERS))), lesson)  # that anything is remembered is known
    path, body = tap(lesson)
    answers = await asyncio.gather(*(phone.post(path, body) for _ in range(6)))
    assert len({(each.status, each.body) for each in answers}) == 1
    assert len({each.headers["X-Request-ID"] for each in answers}) < 6


async def test_refusals_are_not_kept(school, phone, lesson, answered_again):
    path, body = "/api/v1/sign-in", {"command_id": str(uuid.uuid4())}
    before = answered_again()
    answers = await asyncio.gather(*(phone.post(path, body) for _ in range(4)))
    for each in answers:
        problem_of(each, 409, "proof_missing")
    assert len({each.headers["X-Request-ID"] for each in answers}) == 4
    assert answered_again() == before


async def test_it_counts_as_a_request_and_as_use(school, phone, lesson):
    path, body, _ = await tapped(phone, lesson)
    uses, site = school.control.site.house.uses, school.control.site
    count = site.meters.requests.labels("POST", "/api/v1/lessons/{lesson_id}/sign-in", "200")._value.get
    token = next(c.value for c in phone.session.cookie_jar if c.key == "__Host-session")
    before, used = count(), uses.last(digest(token))
    await phone.post(path, body)
    assert count() == before + 1
    assert uses.last(digest(token)) > used


def test_a_repetition_takes_of_both_paces_or_of_none(tmp_path, monkeypatch):
    monkeypatch.setattr("server.web.site.clock", SimpleNamespace(monotonic_ms=lambda: 0.0))
    pace = Pace(settings_for(tmp_path, account_requests_per_minute=6, address_requests_per_minute=9))
    assert [pace.repetition("192.0.2.1", "a") for _ in range(4)] == [True, True, False, False]
    assert [pace.repetition("192.0.2.1", "b") for _ in range(2)] == [True, False]


def test_what_may_be_repeated_is_little(school):
    repeatable = {f"{each.method} {each.path}" for each in endpoints() if each.repeatable}
    assert repeatable == {"POST /api/v1/sign-in", "POST /api/v1/lessons/{lesson_id}/sign-in"}
    path = Repeating(school.control.site, endpoints())._path
    assert path.fullmatch("/api/v1/lessons/1/sign-in")
    for other in ("/api/v1/lessons/1/2/sign-in", "/api/v1/sign-in?a=1", "/api/v1/sign-in/", "/api/v1/signXin"):
        assert path.fullmatch(other) is None
