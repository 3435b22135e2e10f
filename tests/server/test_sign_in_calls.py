"""Signing in over HTTPS: cookies, redirects, and a specific answer to every trick."""

import asyncio
import datetime as dt
import itertools
import json
import uuid

import pytest

from server.domain.sign_ins import Claim
from server.services.demo import demo_id

from .conftest import problem_of

NUMBERS = itertools.count(10041)
"""A member of 后勤党支部 or later for each test: one sign-in is all that a lesson has for a member."""
MEMBERS = "__Host-device", "__Host-proof"


@pytest.fixture
async def lesson(school, admin):
    made = await school.new_lesson(admin, until="live")
    yield made
    await admin.command(f"/api/v1/lessons/{made['id']}/transitions", event="end")  # its room is for others


@pytest.fixture
async def venue(school):
    return await school.person("venue1")


@pytest.fixture
async def phone(school):
    return await school.person(str(next(NUMBERS)))


async def shown(person, lesson, **params):
    answer = await person.get(f"/api/v1/lessons/{lesson['id']}/sign-in-code", params=params)
    assert answer.status == 200, answer.text
    return answer.json


def path_of(url):
    return "/s/" + url.rsplit("/s/", 1)[1]


def cookies(answer):
    return {c.split("=", 1)[0]: c for c in answer.headers.getall("Set-Cookie", [])}


def as_other(person, *more):
    """Headers of this person's session beside another browser's cookies."""
    session = next(c for c in person.session.cookie_jar if c.key == "__Host-session")
    return {"Cookie": "; ".join([f"{session.key}={session.value}", *more])}


def command(**fields):
    return {"command_id": str(uuid.uuid4()), **fields}


async def signed_in(director, lesson):
    page = await director.get(f"/api/v1/lessons/{lesson['id']}/roster", params={"state": "present"})
    return [item["member_id"] for item in page.json["items"]]


async def test_a_screen_shows_codes_that_lead_to_our_own_address(school, venue, lesson):
    found = await shown(venue, lesson)
    assert found["lesson_venue_id"] == lesson["venues"][1]["id"]
    assert len(found["codes"]) == 3
    for code in found["codes"]:
        assert code["url"].startswith(f"{school.url}/s/")
        assert code["qr"].startswith("data:image/svg+xml")
        assert code["code"].isdecimal()
    shows_at, until = (dt.datetime.fromisoformat(found["codes"][0][name]) for name in ("shows_at", "until"))
    assert shows_at <= dt.datetime.fromisoformat(found["server_time"]) < until


async def test_from_the_scan_through_the_login_to_the_sign_in(school, director, venue, lesson):
    """Nobody is logged in when the code is scanned; the proof waits in a cookie."""
    stranger = await school.stranger()
    scanned = await stranger.get(path_of((await shown(venue, lesson))["codes"][0]["url"]))
    assert (scanned.status, scanned.headers["Location"]) == (303, "/sign-in")
    for name in MEMBERS:
        flags = cookies(scanned)[name].lower()
        assert all(flag in flags for flag in ("httponly", "secure", "samesite=lax", "path=/"))
    number = str(next(NUMBERS))
    await stranger.log_in(number)
    seen = (await stranger.get("/api/v1/sign-in")).json
    assert (seen["lesson"]["id"], seen["venue"]["name"]) == (lesson["id"], "第一分会场")
    answer = await stranger.command("/api/v1/sign-in")
    assert answer.status == 200, answer.text
    assert (answer.json["at"], answer.json["way"]) == (seen["redeemed_at"], "qr")
    assert (await stranger.command("/api/v1/sign-in", elsewhere=True)).json == answer.json
    own = (await stranger.get(f"/api/v1/lessons/{lesson['id']}/attendance")).json
    assert own["sign_in"] == answer.json
    assert await signed_in(director, lesson) == [demo_id(f"member {number}")]


async def test_a_phone_keeps_its_device_cookie(venue, phone, lesson):
    first = await phone.get(path_of((await shown(venue, lesson))["codes"][0]["url"]))
    again = await phone.get(path_of((await shown(venue, lesson))["codes"][0]["url"]))
    assert "__Host-device" in cookies(first)
    assert "__Host-device" not in cookies(again)


async def test_one_tap_names_the_device_too(phone, lesson):
    answer = await phone.command(f"/api/v1/lessons/{lesson['id']}/sign-in", way="phone")
    assert (answer.status, answer.json["lesson_venue_id"]) == (200, None)
    assert "__Host-device" in cookies(answer)


async def test_six_digits_and_the_pages_scanner(school, venue, lesson):
    found = await shown(venue, lesson)
    path = f"/api/v1/lessons/{lesson['id']}/sign-in"
    typing, scanning = [await school.person(str(next(NUMBERS))) for _ in range(2)]
    assert (await typing.command(path, way="code", code=found["codes"][0]["code"])).json["way"] == "code"
    token = found["codes"][0]["url"].rsplit("/", 1)[1]
    assert (await scanning.command(path, way="qr", token=token)).json["way"] == "qr"


async def test_an_operator_signs_in_who_has_no_phone(venue, director, lesson):
    member_id = demo_id("member 10120")
    path = f"/api/v1/lessons/{lesson['id']}"
    answer = await venue.command(f"{path}/assisted-sign-ins", member_id=member_id)
    assert (answer.status, answer.json["venue_name"]) == (200, "第一分会场")
    left = await venue.command(f"{path}/departures", member_id=member_id)
    assert left.status == 200
    board = (await venue.get(f"{path}/board")).json
    assert (board["present"], board["left"]) == (1, 1)
    item = (await director.get(f"{path}/roster", params={"state": "left"})).json["items"][0]
    assert item["sign_in"]["left_at"]


async def test_assignments_are_put_and_read(admin, school):
    draft = await school.new_lesson(admin, until="draft")
    path = f"/api/v1/lessons/{draft['id']}/assignments"
    everybody = (await admin.get(path)).json["expected"]
    body = {
        "command_id": str(uuid.uuid4()),
        "units": [{"unit_id": demo_id("某集团党委"), "venue_id": demo_id("主会场")}],
        "members": [{"number": "10001", "venue_id": None, "expected": False}],
    }
    answer = await admin.ask("PUT", path, json=body)
    assert answer.status == 200, answer.text
    assert answer.json["expected"] == everybody - 1
    assert (await admin.get(path)).json == answer.json


async def test_thousands_of_exceptions_fit_into_one_plan(admin, school):
    draft = await school.new_lesson(admin, until="draft")
    nobody = [{"member_id": str(uuid.uuid4()), "venue_id": None, "expected": True} for _ in range(3000)]
    body = {"command_id": str(uuid.uuid4()), "units": [], "members": nobody}
    answer = await admin.ask("PUT", f"/api/v1/lessons/{draft['id']}/assignments", json=body)
    problem_of(answer, 404, "member_not_found")


# ---- bad input -------------------------------------------------------------------------------------------


def token_at(school, lesson, seconds, venue=1, lesson_id=None):
    """A genuine code of ``seconds`` ago."""
    then = school.control.site.now() - dt.timedelta(seconds=seconds)
    claim = Claim(lesson["venues"][venue]["id"], int(then.timestamp()) // 5)
    return school.control.site.sign_in_codes.token(lesson_id or lesson["id"], claim)


async def test_a_code_of_30_seconds_ago(school, director, phone, lesson):
    token = token_at(school, lesson, 30)
    scanned = await phone.get(f"/s/{token}")
    assert (scanned.status, scanned.headers["Location"]) == (303, "/sign-in?problem=sign_in_code_expired")
    assert "__Host-proof" not in cookies(scanned)
    problem_of(await phone.command("/api/v1/sign-in"), 409, "proof_missing")
    answer = await phone.command(f"/api/v1/lessons/{lesson['id']}/sign-in", way="qr", token=token)
    problem_of(answer, 409, "sign_in_code_expired")
    assert await signed_in(director, lesson) == []


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "..%2f..", "A" * 5000])
async def test_a_code_that_nobody_made(school, phone, lesson, token):
    scanned = await phone.get(f"/s/{token}")
    if scanned.status != 404:
        assert (scanned.status, scanned.headers["Location"]) == (303, "/sign-in?problem=sign_in_code_invalid")
    forged = token_at(school, lesson, 0, lesson_id=str(uuid.uuid4()))
    answer = await phone.command(f"/api/v1/lessons/{lesson['id']}/sign-in", way="qr", token=forged)
    problem_of(answer, 400, "sign_in_code_invalid")


async def test_another_venues_code(school, admin, director, lesson):
    planned = await school.new_lesson(admin, until="draft")
    body = {
        "command_id": str(uuid.uuid4()),
        "units": [{"unit_id": demo_id("某集团党委"), "venue_id": demo_id("主会场")}],
        "members": [],
    }
    assert (await admin.ask("PUT", f"/api/v1/lessons/{planned['id']}/assignments", json=body)).status == 200
    for event in ("schedule", "open"):
        await admin.command(f"/api/v1/lessons/{planned['id']}/transitions", event=event)
    phone = await school.person(str(next(NUMBERS)))
    await phone.get(f"/s/{token_at(school, planned, 0)}")
    problem_of(await phone.command("/api/v1/sign-in"), 409, "another_venue")
    assert await signed_in(director, planned) == []
    assert (await phone.command("/api/v1/sign-in", elsewhere=True)).json["venue_name"] == "第一分会场"


async def test_a_replayed_proof(school, director, phone, lesson):
    scanned = await phone.get(f"/s/{token_at(school, lesson, 0)}")
    proof = cookies(scanned)["__Host-proof"].split(";")[0]
    assert (await phone.command("/api/v1/sign-in")).status == 200
    thief = await school.person(str(next(NUMBERS)))
    answer = await thief.post("/api/v1/sign-in", command(), headers=as_other(thief, proof))
    problem_of(answer, 409, "proof_used")
    assert len(await signed_in(director, lesson)) == 1


async def test_one_phone_for_three_people(school, director, lesson):
    people = [await school.person(str(next(NUMBERS))) for _ in range(3)]
    first = await people[0].command(f"/api/v1/lessons/{lesson['id']}/sign-in", way="phone")
    device = cookies(first)["__Host-device"].split(";")[0]
    for other in people[1:]:
        path, headers = f"/api/v1/lessons/{lesson['id']}/sign-in", as_other(other, device)
        answer = await other.post(path, command(way="phone"), headers=headers)
        problem_of(answer, 409, "device_taken")
    assert len(await signed_in(director, lesson)) == 1
    log = (await director.get(f"/api/v1/lessons/{lesson['id']}/events")).json["events"]
    assert [e["data"]["reason"] for e in log if e["kind"] == "sign_in.flagged"] == ["device_taken"] * 2
    unseen = (await people[1].get(f"/api/v1/lessons/{lesson['id']}/events")).json["events"]
    assert not [e for e in unseen if e["kind"] == "sign_in.flagged"]


async def flagged(director, lesson):
    log = (await director.get(f"/api/v1/lessons/{lesson['id']}/events")).json["events"]
    return [e["data"]["reason"] for e in log if e["kind"] == "sign_in.flagged"]


async def test_one_browser_that_clears_its_cookies_is_remarked_and_not_refused(school, director, lesson):
    """Another browser of the same hall, behind the same address and of the same make, is not."""
    browser = await school.stranger()
    path = f"/api/v1/lessons/{lesson['id']}/sign-in"
    for number in (str(next(NUMBERS)), str(next(NUMBERS))):
        await browser.log_in(number)
        assert (await browser.command(path, way="phone")).status == 200
        browser.session.cookie_jar.clear()
    assert (await (await school.person(str(next(NUMBERS)))).command(path, way="phone")).status == 200
    assert len(await signed_in(director, lesson)) == 3
    assert await flagged(director, lesson) == ["shared_device"]


async def test_a_browser_lent_for_looking_only_is_no_remark(school, director, lesson):
    browser = await school.stranger()
    await browser.log_in(str(next(NUMBERS)))
    assert (await browser.get("/api/v1/lessons")).status == 200
    browser.session.cookie_jar.clear()
    await browser.log_in(str(next(NUMBERS)))
    assert (await browser.command(f"/api/v1/lessons/{lesson['id']}/sign-in", way="phone")).status == 200
    assert await flagged(director, lesson) == []


@pytest.mark.parametrize("hours", [-24, 24])
async def test_a_phone_whose_clock_is_off_by_a_day(school, phone, lesson, hours):
    """Whatever it claims, in headers or in the body, the server's clock is the one that counts."""
    before = school.control.site.now()
    date = (before + dt.timedelta(hours=hours)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    path = f"/api/v1/lessons/{lesson['id']}/sign-in"
    problem_of(await phone.command(path, way="phone", at=date), 422, "invalid_body")
    answer = await phone.post(path, command(way="phone"), headers={"Date": date})
    assert before <= dt.datetime.fromisoformat(answer.json["at"]) <= school.control.site.now()


async def test_a_forged_member(school, director, phone, lesson):
    path = f"/api/v1/lessons/{lesson['id']}"
    other = demo_id("member 10001")
    problem_of(await phone.command(f"{path}/sign-in", way="phone", member_id=other), 422, "invalid_body")
    problem_of(await phone.command("/api/v1/sign-in", member_id=other), 422, "invalid_body")
    problem_of(await phone.command(f"{path}/assisted-sign-ins", member_id=other), 403, "forbidden")
    problem_of(await phone.command(f"{path}/departures", member_id=other), 403, "forbidden")
    answer = await director.command(f"{path}/assisted-sign-ins", member_id=str(uuid.uuid4()))
    problem_of(answer, 404, "member_not_found")
    stranger = await school.stranger()
    problem_of(await stranger.command(f"{path}/sign-in", way="phone"), 401, "not_logged_in")
    assert await signed_in(director, lesson) == []


async def test_who_is_not_on_the_roster_and_whom_the_lesson_does_not_reach(school, admin, director, member):
    foreign = await school.new_lesson(admin, unit="一车间党支部", until="open", venues=False)
    path = f"/api/v1/lessons/{foreign['id']}/sign-in"
    problem_of(await director.command(path, way="phone"), 403, "not_on_roster")
    problem_of(await member.command(path, way="phone"), 404, "lesson_not_found")
    problem_of(await member.command(f"/api/v1/lessons/{uuid.uuid4()}/sign-in", way="phone"), 404, "lesson_not_found")


async def test_digits_are_not_to_be_guessed(school, director, phone, lesson, time_stands):
    path = f"/api/v1/lessons/{lesson['id']}/sign-in"
    seal, now = school.control.site.sign_in_codes, int(school.control.site.now().timestamp()) // 30
    slots = [Claim(venue["id"], slot) for venue in lesson["venues"] for slot in range(now - 14, now + 8)]
    real = {seal.digits(lesson["id"], claim) for claim in slots}
    wrong = next(f"{n:06}" for n in range(1000) if f"{n:06}" not in real)
    for _ in range(5):
        problem_of(await phone.command(path, way="code", code=wrong), 409, "sign_in_code_wrong")
    refused = await phone.command(path, way="code", code=wrong)
    problem_of(refused, 429, "too_fast")
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    for text in ("12345", "1234567", "abcdef", "１２３４５６", ""):
        problem_of(await phone.command(path, way="code", code=text), 422, "invalid_body")
    assert await signed_in(director, lesson) == []


@pytest.mark.parametrize("name", ["__Host-session", "__Host-device", "__Host-proof"])
@pytest.mark.parametrize("value", [b"\xff\xfe", b"a\x80b"])
async def test_a_cookie_that_is_no_text_is_nobodys(school, phone, lesson, name, value):
    """No such cookie is ours; it gets the answer of a wrong one, not a fault and its traceback."""
    own = as_other(phone)["Cookie"].encode() + b"; " if name != "__Host-session" else b""
    cookie = own + name.encode() + b"=" + value
    for method, path, body in (
        ("GET", f"/s/{token_at(school, lesson, 0)}", {}),
        ("GET", "/api/v1/sign-in", {}),
        ("POST", "/api/v1/sign-in", command()),
        ("POST", f"/api/v1/lessons/{lesson['id']}/sign-in", command(way="phone")),
    ):
        status = await raw_status(school, method, path, json.dumps(body).encode(), cookie)
        assert status in {200, 303, 401, 409}, (method, path)


async def raw_status(school, method, path, body, cookie):
    """Of a request that no decent client would send."""
    host = school.url.removeprefix("https://")
    port = int(host.rsplit(":", 1)[1])
    reader, writer = await asyncio.open_connection("localhost", port, ssl=school.context)
    head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {school.url}\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Cookie: " + cookie + b"\r\n\r\n" + body)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1])


async def test_a_head_request_redeems_nothing(phone, school, lesson):
    """Messengers and virus scanners look at a link before its owner does."""
    answer = await phone.ask("HEAD", f"/s/{token_at(school, lesson, 0)}")
    assert answer.status in {404, 405}
    assert cookies(answer) == {}
