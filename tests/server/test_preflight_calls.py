"""Preflight and failover over HTTPS: what the server measures itself, and what it refuses to be told."""

import io
import os
import uuid

import pytest

from server.web import uplink

from .conftest import problem_of
from .test_director_calls import path_of, place_of


@pytest.fixture
async def scheduled(school, admin):
    return await school.new_lesson(admin, until="scheduled")


@pytest.fixture
async def venue(school):
    return await school.person("venue1")


async def begun(venue, lesson):
    answer = await venue.command(path_of(lesson, "preflights"), device="采集卡", client="Chromium")
    assert answer.status == 201
    return path_of(lesson, f"preflights/{answer.json['id']}")


async def send(person, path, body, content_type="application/octet-stream"):
    return await person.ask("POST", path, data=io.BytesIO(body), headers={"Content-Type": content_type})


async def test_the_uplink_is_timed_here(venue, scheduled):
    path = await begun(venue, scheduled)
    answer = await send(venue, f"{path}/uplink", os.urandom(512 * 1024))
    assert answer.status == 200, answer.body
    (check,) = answer.json["checks"]
    assert (check["name"], check["values"]["bytes"]) == ("uplink", 512 * 1024)
    assert check["values"]["bps"] > 0


async def test_a_body_that_measures_nothing_is_refused(venue, scheduled):
    path = f"{await begun(venue, scheduled)}/uplink"
    problem_of(await send(venue, path, b"x" * 100), 422, "invalid_body")
    problem_of(await send(venue, path, b"x" * (uplink.MOST_BYTES + 1)), 413, "body_too_large")
    problem_of(await send(venue, path, b"{}", "application/json"), 415, "unsupported_media_type")


async def test_what_the_server_measures_is_not_to_be_told(venue, scheduled):
    path = await begun(venue, scheduled)
    for name in ("uplink", "line", "clock", "weather"):
        answer = await venue.post(f"{path}/checks", json={"name": name, "values": {"bps": 1e9, "packets": 5}})
        problem_of(answer, 422, "invalid_body")
    for values in (
        {"by_server": True},
        {"level_db": 1e300},
        {"<b>": 1},
        {"device": "x" * 300},
        {f"k{n}": n for n in range(30)},
    ):
        answer = await venue.post(f"{path}/checks", json={"name": "microphone", "values": values})
        problem_of(answer, 422, "invalid_body")


async def test_a_venue_finds_signs_and_is_seen(venue, director, member, scheduled):
    path = await begun(venue, scheduled)
    camera = {"width": 1280, "height": 720, "fps": 25.0, "moving": True, "black": False, "device": "采集卡"}
    noted = await venue.post(f"{path}/checks", json={"name": "camera", "values": camera})
    assert noted.json["checks"][0]["result"] == "ok"
    clock = await venue.post(f"{path}/clock", json={"client_at": "2031-01-01T00:00:00Z"})
    assert [check["code"] for check in clock.json["checks"]] == ["ok", "wrong"]
    problem_of(await venue.command(f"{path}/sign"), 409, "preflight_failed")
    seen = (await director.get(path_of(scheduled, "preflights"))).json["items"]
    assert {item["lesson_venue_id"]: item["state"] for item in seen}[place_of(scheduled)] == "failed"
    problem_of(await member.get(path_of(scheduled, "preflights")), 403, "forbidden")
    problem_of(await director.command(f"{path}/sign"), 403, "forbidden")


async def test_a_fallback_and_one_click(school, admin, director, member):
    lesson = await school.new_lesson(admin, until="open")
    place = place_of(lesson)
    chosen = await admin.command(path_of(lesson, "fallbacks"), lesson_venue_id=place, fallback="phone")
    assert chosen.json["fallback"] == "phone"
    seen = await director.get(path_of(lesson, f"failover-preview?venue={place}"))
    assert (seen.json["fallback"], seen.json["choices"][-1]["target"]) == ("phone", None)
    problem_of(await member.command(path_of(lesson, "failovers"), lesson_venue_id=place, target=None), 403, "forbidden")
    done = await director.command(path_of(lesson, "failovers"), lesson_venue_id=place, target=None)
    assert (done.status, done.json["target"]) == (201, None)
    stage = (await director.get(path_of(lesson, "stage"))).json
    (broken,) = [one for one in stage["venues"] if one["id"] == place]
    assert broken["failover"]["id"] == done.json["id"]
    restored = await director.command(path_of(lesson, f"failovers/{done.json['id']}/restore"))
    assert restored.json["undone_at"]
    gone = await director.command(path_of(lesson, f"failovers/{uuid.uuid4()}/restore"))
    problem_of(gone, 404, "failover_not_found")
    assert (await director.command(path_of(lesson, "arrivals"), lesson_venue_id=place)).json == {"arrived": 0}


async def test_a_room_kits_source_is_asked_for_by_its_venue_alone(venue, director, scheduled):
    path = await begun(venue, scheduled)
    early = await venue.post(f"{path}/source")
    assert (early.status, early.json["checks"][0]["code"]) == (200, "missing")
    problem_of(await director.post(f"{path}/source"), 403, "forbidden")
