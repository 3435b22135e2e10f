"""Lessons over HTTPS: versions, retries, events."""

import asyncio
import base64
import uuid

import pytest

from server.services.demo import demo_id

from .conftest import problem_of


async def test_a_change_needs_the_version_it_is_based_on(school, admin):
    lesson = await school.new_lesson(admin, until="draft")
    path = f"/api/v1/lessons/{lesson['id']}"
    tag = (await admin.get(path)).headers["ETag"]
    problem_of(await admin.ask("PATCH", path, json={"title": "新"}), 428, "precondition_required")
    changed = await admin.ask("PATCH", path, json={"title": "急救常识"}, headers={"If-Match": tag})
    assert changed.status == 200
    assert changed.json["title"] == "急救常识"
    assert changed.headers["ETag"] != tag
    for stale in (tag, '"banana"'):
        answer = await admin.ask("PATCH", path, json={"title": "旧"}, headers={"If-Match": stale})
        problem_of(answer, 412, "precondition_failed")
    assert (await admin.get(path)).json == changed.json


async def test_null_takes_the_lecturer_away_and_absence_leaves_him(school, admin):
    lesson = await school.new_lesson(admin, until="draft")
    path = f"/api/v1/lessons/{lesson['id']}"
    kept = await admin.ask("PATCH", path, json={"title": "节能"}, headers={"If-Match": f'"{lesson["version"]}"'})
    assert kept.json["lecturer"] is not None
    gone = await admin.ask("PATCH", path, json={"lecturer_id": None}, headers={"If-Match": kept.headers["ETag"]})
    assert gone.json["lecturer"] is None


async def test_a_retry_with_the_same_id_gives_the_first_result(school, admin):
    body = {
        "command_id": str(uuid.uuid4()),
        "title": "节约用电",
        "unit_id": demo_id("某集团党委"),
        "starts_at": "2026-11-24T01:00:00Z",
        "ends_at": "2026-11-24T02:00:00Z",
    }
    first, again = [await admin.post("/api/v1/lessons", body) for _ in range(2)]
    assert (first.status, first.json) == (201, again.json)
    problem_of(await admin.post("/api/v1/lessons", {**body, "title": "别的"}), 409, "command_reused")


async def test_times_come_back_in_utc(school, admin):
    lesson = await school.new_lesson(admin, until="draft")
    assert lesson["starts_at"] == "2026-11-23T01:00:00Z"


async def test_waiting_for_events_ends_when_something_happens(school, admin, member):
    lesson = await school.new_lesson(admin, until="open")
    path = f"/api/v1/lessons/{lesson['id']}"
    seq = (await member.get(f"{path}/events")).json["seq"]
    waiting = asyncio.create_task(member.get(f"{path}/events?since={seq}&wait=25"))
    await admin.command(f"{path}/transitions", event="start")
    async with asyncio.timeout(20):  # less than it would have waited
        answer = (await waiting).json
    changes = [event["data"] for event in answer["events"] if event["kind"] == "lesson.changed"]
    assert changes == [{"state": "live"}]
    assert answer["seq"] > seq


async def test_members_do_not_hear_what_is_for_staff(school, admin, member, director):
    lesson = await school.new_lesson(admin, until="live")
    venue = await school.person("venue1")
    await venue.command(f"/api/v1/lessons/{lesson['id']}/venue", microphone="ready")
    path = f"/api/v1/lessons/{lesson['id']}/events"
    kinds = [{event["kind"] for event in (await who.get(path)).json["events"]} for who in (director, member)]
    assert "venue.microphone" in kinds[0]
    assert "venue.microphone" not in kinds[1]


async def test_the_list_pages_by_cursor(school, admin):
    for _ in range(3):
        await school.new_lesson(admin, until="draft")
    first = (await admin.get("/api/v1/lessons?limit=2")).json
    second = (await admin.get(f"/api/v1/lessons?limit=2&cursor={first['next_cursor']}")).json
    ids = [lesson["id"] for lesson in first["items"] + second["items"]]
    assert len(ids) == len(set(ids)) == 4
    for query in ("limit=0", "limit=201", "limit=x", "cursor=nonsense", "state=flying"):
        problem_of(await admin.get(f"/api/v1/lessons?{query}"), 422, "invalid_body")


@pytest.mark.parametrize("cursor", ["2026-11-23T01:00:00+00:00|a\0b", "0001-01-01T00:00:00+14:00|" + 36 * "a"])
async def test_a_forged_cursor_is_refused_and_breaks_nothing(member, cursor):
    forged = base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")
    for listing in ("lessons", "recordings"):
        problem_of(await member.get(f"/api/v1/{listing}?cursor={forged}"), 422, "invalid_body")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_outside_the_calendar_is_refused(admin, moment):
    plan = {"title": "x", "unit_id": demo_id("某集团党委"), "starts_at": moment, "ends_at": moment}
    problem_of(await admin.command("/api/v1/lessons", **plan), 422, "invalid_body")
