"""What bad input gets: a code, a sentence in Chinese and English, and nothing changed."""

import datetime as dt
import uuid

import pytest

from server.domain.tickets import PublishTicket

from .conftest import problem_of
from .offers import offer, publishing, without_known_codecs

SDP = {"Content-Type": "application/sdp"}


@pytest.fixture
async def lesson(school, admin):
    return await school.new_lesson(admin, until="live")


async def publish(person, url, token, sdp, **more):
    headers = {**SDP, "Authorization": f"Bearer {token}"}
    return await person.ask("POST", url, data=sdp.encode(), headers=headers, **more)


async def connections(school):
    return (await school.control.house.media.stats())[0].sessions


async def test_an_offer_without_a_known_codec(school, lecturer, lesson):
    before = await connections(school)
    ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
    answer = await publish(lecturer, ticket["url"], ticket["token"], without_known_codecs(await offer()))
    problem_of(answer, 422, "no_known_codec")
    assert await connections(school) == before


@pytest.mark.parametrize("text", ["", "hello", "v=0\r\n", "v=0\r\nm=video\r\n", "\x00" * 100])
async def test_an_offer_that_cannot_be_read(school, lecturer, lesson, text):
    ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
    problem_of(await publish(lecturer, ticket["url"], ticket["token"], text), 400, "bad_sdp")


async def test_an_offer_that_is_too_large(school, lecturer, lesson):
    before = await connections(school)
    ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
    long = await offer()
    long += "a=x\r\n" * ((129 * 1024 - len(long)) // 5)
    problem_of(await publish(lecturer, ticket["url"], ticket["token"], long), 413, "sdp_too_large")
    assert await connections(school) == before


async def test_an_expired_ticket(school, lecturer, lesson):
    then = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    ticket = PublishTicket(lesson["id"], "main", "somebody", "lecturer", "c1", False, then)
    token = school.control.site.tickets.sign(ticket)
    answer = await publish(lecturer, f"/whip/{lesson['id']}/main", token, await offer())
    problem_of(answer, 401, "ticket_expired")


async def test_tickets_live_for_a_minute_at_most(lecturer, lesson):
    ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
    lifetime = dt.datetime.fromisoformat(ticket["expires_at"]) - dt.datetime.now(dt.UTC)
    assert lifetime <= dt.timedelta(seconds=60)


@pytest.mark.parametrize("path", ["/whip/{other}/main", "/whip/{own}/screen", "/whep/{own}/programme"])
async def test_a_foreign_ticket(school, admin, lecturer, lesson, path):
    before = await connections(school)
    other = await school.new_lesson(admin, until="live")
    ticket = await lecturer.ticket(lesson["id"], use="publish", source="main")
    url = path.format(own=lesson["id"], other=other["id"])
    problem_of(await publish(lecturer, url, ticket["token"], await offer()), 403, "ticket_foreign")
    assert await connections(school) == before


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}])
async def test_no_ticket_at_all(lecturer, lesson, header):
    answer = await lecturer.ask(
        "POST", f"/whip/{lesson['id']}/main", data=(await offer()).encode(), headers={**SDP, **header}
    )
    problem_of(answer, 401, "ticket_invalid")


async def test_a_second_lecturer_for_a_taken_source(school, admin, lecturer, lesson):
    other = await school.person("venue0")
    first = await lecturer.ticket(lesson["id"], use="publish", source="main")

    async def exchange(sdp):
        answer = await publish(lecturer, first["url"], first["token"], sdp)
        assert answer.status == 201, answer.text
        return answer.text

    async with publishing(exchange):
        before = await connections(school)
        second = await other.ticket(lesson["id"], use="publish", source="main", client_id="c2")
        answer = await publish(other, second["url"], second["token"], await offer())
        problem_of(answer, 409, "source_taken")
        assert await connections(school) == before


async def test_a_member_asking_for_a_foreign_units_lesson(school, admin, member):
    foreign = await school.new_lesson(admin, unit="一车间党支部", until="live", venues=False)
    unknown = str(uuid.uuid4())
    for path in ("", "/stage", "/events"):
        seen = await member.get(f"/api/v1/lessons/{foreign['id']}{path}")
        hidden = await member.get(f"/api/v1/lessons/{unknown}{path}")
        problems = [problem_of(answer, 404, "lesson_not_found") for answer in (seen, hidden)]
        assert {**problems[0], "request_id": ""} == {**problems[1], "request_id": ""}
    ticket = {"use": "watch", "view": "programme", "client_id": "c"}
    problem_of(await member.post(f"/api/v1/lessons/{foreign['id']}/tickets", ticket), 404, "lesson_not_found")
    problem_of(await member.post("/api/v1/socket-ticket", {"lesson_id": foreign["id"]}), 404, "lesson_not_found")
    listed = (await member.get("/api/v1/lessons?limit=200")).json["items"]
    assert foreign["id"] not in {each["id"] for each in listed}


@pytest.mark.parametrize("event", ["start", "end", "open", "reopen_draft", "settle", "archive"])
async def test_an_illegal_step_changes_nothing(school, admin, event):
    draft = await school.new_lesson(admin, until="draft")
    answer = await admin.command(f"/api/v1/lessons/{draft['id']}/transitions", event=event)
    problem_of(answer, 409, "illegal_transition")
    assert (await admin.get(f"/api/v1/lessons/{draft['id']}")).json == draft


@pytest.mark.parametrize("event", ["explode", "", None])
async def test_an_unknown_step_does_not_fit(school, admin, event):
    draft = await school.new_lesson(admin, until="draft")
    problem_of(await admin.command(f"/api/v1/lessons/{draft['id']}/transitions", event=event), 422, "invalid_body")


async def test_a_member_may_not_run_a_lesson(member, lesson):
    for path, fields in (
        ("take", {"slot": "camera", "source": "main"}),
        ("mute-all", {}),
        ("transitions", {"event": "end"}),
    ):
        problem_of(await member.command(f"/api/v1/lessons/{lesson['id']}/{path}", **fields), 403, "forbidden")
    publish_ticket = {"use": "publish", "source": "main", "client_id": "c"}
    problem_of(await member.post(f"/api/v1/lessons/{lesson['id']}/tickets", publish_ticket), 403, "forbidden")


async def test_an_unknown_source(director, lesson):
    answer = await director.command(f"/api/v1/lessons/{lesson['id']}/take", slot="camera", source="venue-elsewhere")
    problem_of(answer, 404, "source_unknown")


async def test_an_unknown_media_resource(lecturer):
    for method, more in (
        ("DELETE", {}),
        ("PATCH", {"headers": {"Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}}),
    ):
        problem_of(await lecturer.ask(method, "/whip/resource/unknown", **more), 404, "session_unknown")
