"""Planning a lesson and leading it through its life."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from server.domain.access import Role, RoleGrant
from server.domain.lessons import LessonState, LessonStep
from server.domain.venues import Part
from server.services.demo import demo_id
from server.services.lessons import (
    LessonChange,
    LessonPlan,
    VenuePlan,
    change_lesson,
    create_lesson,
    get_lesson,
    list_lessons,
    move_lesson,
)
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

HOUR = dt.timedelta(hours=1)


def a_plan(**fields):
    plan = {
        "title": " 节能常识 ",
        "unit_id": demo_id("生产党总支"),
        "starts_at": NOW + HOUR,
        "ends_at": NOW + 2 * HOUR,
        "lecturer_id": demo_id("lecturer"),
        "venues": (VenuePlan(demo_id("主会场"), Part.MAIN), VenuePlan(demo_id("第一分会场"), Part.BRANCH)),
    }
    return LessonPlan(**{**plan, **fields})


async def create(stage, plan=None, by="admin", command=None):
    return await create_lesson(stage.records, await stage.who(by), command or command_id(), plan or a_plan(), NOW)


async def test_a_new_lesson_is_a_draft_with_its_venues_and_sources(stage):
    view = await create(stage)
    assert (view.title, view.state, view.version) == ("节能常识", LessonState.DRAFT, 1)
    assert (view.unit.name, view.lecturer.name) == ("生产党总支", "讲师")
    assert [venue.source for venue in view.venues] == ["main", f"venue-{view.venues[1].id}"]
    assert [action.value for action in view.may] == [
        "read",
        "run",
        "edit",
        "watch",
        "board",
        "assist",
        "vouch",
        "quiz",
        "settle",
        "prepare",
    ]
    assert await get_lesson(stage.records, await stage.who("admin"), view.id, NOW) == view


async def test_a_planner_calls_no_venue_from_outside_the_own_scope(stage):
    branch = demo_id("综合党支部")
    admin = replace(await stage.who("admin"), grants=frozenset({RoleGrant(Role.SCHOOL_ADMIN, branch)}))
    plan = a_plan(unit_id=branch, lecturer_id=None)
    assert await refused(create_lesson(stage.records, admin, command_id(), plan, NOW)) == "venue_not_found"


async def test_creating_twice_with_one_command_makes_one_lesson(stage):
    command = command_id()
    views = await asyncio.gather(*(create(stage, command=command) for _ in range(5)))
    assert len({view.id for view in views}) == 1
    assert len((await list_lessons(stage.records, await stage.who("admin"), now=NOW)).items) == 2


async def test_the_same_command_for_something_else_is_refused(stage):
    command = command_id()
    await create(stage, command=command)
    assert await refused(create(stage, a_plan(title="急救"), command=command)) == "command_reused"


@pytest.mark.parametrize("by", ["director", "lecturer", "secretary", "10001", "venue1"])
async def test_only_the_school_admin_creates(stage, by):
    assert await refused(create(stage, by=by)) == "forbidden"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unit_id": "nowhere"}, "unit_not_found"),
        ({"venues": (VenuePlan("nowhere", Part.MAIN),)}, "venue_not_found"),
        ({"lecturer_id": demo_id("10001")}, "account_not_found"),
        ({"title": " "}, "invalid_body"),
        ({"ends_at": NOW}, "invalid_body"),
    ],
)
async def test_a_plan_that_does_not_hold_creates_nothing(stage, fields, code):
    assert await refused(create(stage, a_plan(**fields))) == code
    assert len((await list_lessons(stage.records, await stage.who("admin"), now=NOW)).items) == 1


async def test_a_change_needs_the_present_version(stage):
    view, admin = await create(stage), await stage.who("admin")
    change = LessonChange(title="急救", lecturer_id="", venues=(VenuePlan(demo_id("第一分会场"), Part.BRANCH),))
    changed = await change_lesson(stage.records, admin, view.id, change, version=1, now=NOW)
    assert (changed.title, changed.lecturer, changed.version) == ("急救", None, 2)
    assert [venue.id for venue in changed.venues] == [view.venues[1].id]  # who stays keeps its source
    assert (changed.starts_at, changed.recorded) == (view.starts_at, True)
    late = change_lesson(stage.records, admin, view.id, LessonChange(title="x"), version=1, now=NOW)
    assert await refused(late) == "precondition_failed"


async def test_names_over_the_picture_are_off_until_a_plan_asks_for_them(stage):
    planned = await create(stage)
    assert planned.watermark is False
    assert (await create(stage, a_plan(watermark=True))).watermark is True
    who = await stage.who("admin")
    changed = await change_lesson(stage.records, who, planned.id, LessonChange(watermark=True), version=1, now=NOW)
    assert changed.watermark is True


async def test_a_repeated_change_gives_the_first_result(stage):
    view, admin, command = await create(stage), await stage.who("admin"), command_id()
    change = LessonChange(title="急救")
    first = await change_lesson(stage.records, admin, view.id, change, version=1, command_id=command, now=NOW)
    again = await change_lesson(stage.records, admin, view.id, change, version=1, command_id=command, now=NOW)
    assert first == again


async def test_an_opened_lesson_is_not_editable(opened):
    admin = await opened.who("admin")
    version = (await opened.lesson()).version
    change = change_lesson(opened.records, admin, opened.lesson_id, LessonChange(title="x"), version=version, now=NOW)
    assert await refused(change) == "not_editable"


async def test_a_foreign_units_lesson_does_not_exist_for_a_member(stage):
    view = await create(stage)  # of 生产党总支
    admin = await stage.who("admin")
    scheduled = move_lesson(stage.house, admin, view.id, command_id(), step=LessonStep.SCHEDULE, now=NOW)
    await scheduled
    foreign, own = await stage.who("10001"), await stage.who("10061")
    assert await refused(get_lesson(stage.records, foreign, view.id, NOW)) == "lesson_not_found"
    assert await refused(get_lesson(stage.records, foreign, "no-such-lesson", NOW)) == "lesson_not_found"
    assert (await get_lesson(stage.records, own, view.id, NOW)).id == view.id
    assert view.id not in [item.id for item in (await list_lessons(stage.records, foreign, now=NOW)).items]
    assert view.id in [item.id for item in (await list_lessons(stage.records, own, now=NOW)).items]
    for step in LessonStep:
        move = move_lesson(stage.house, foreign, view.id, command_id(), step=step, now=NOW)
        assert await refused(move) == "lesson_not_found"


async def test_lists_come_in_pages_without_gaps_or_doubles(stage):
    admin = await stage.who("admin")
    made = [await create(stage, a_plan(title=f"课 {n}", venues=())) for n in range(7)]
    seen, cursor = [], None
    while True:
        page = await list_lessons(stage.records, admin, cursor=cursor, limit=3, now=NOW)
        seen += [item.id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 8
    assert {view.id for view in made} <= set(seen)
    drafts = await list_lessons(stage.records, admin, states=[LessonState.DRAFT], now=NOW)
    assert len(drafts.items) == 7


@pytest.mark.parametrize("cursor", ["", "%%%", "bm9uc2Vuc2U", "MjAyNi0xMS0yMnxh"])
async def test_a_cursor_that_is_not_ours_is_refused(stage, cursor):
    listing = list_lessons(stage.records, await stage.who("admin"), cursor=cursor, now=NOW)
    assert await refused(listing) == "invalid_body"


async def test_opening_makes_the_room_and_a_recording_in_memory_only(opened):
    assert opened.room.camera == "main"
    assert (opened.room.screen, opened.room.opened) == ("screen", {"main"})
    assert opened.media.attached[(await opened.lesson()).recording_id].state == "paused"
    assert await opened.kinds(since=1) == ["lesson.changed", "roster.frozen"]


async def test_starting_records_and_ending_finishes(opened):
    recording_id = (await opened.lesson()).recording_id
    await opened.step("start")
    assert opened.media.attached[recording_id].state == "running"
    opened.media.record(recording_id, 5000)
    await opened.step("end")
    assert opened.room.closing_ms == 10_000
    recording = await opened.records.read(lambda tx: tx.recordings.get(recording_id))
    assert (recording.state.value, recording.duration_ms) == ("finished", 5000)
    assert await opened.kinds(since=3) == ["lesson.changed", "recording.changed", "lesson.changed", "recording.changed"]
    assert [e.data["state"] for e in await opened.events(since=3)] == ["live", "running", "ended", "finished"]


async def test_a_lesson_set_not_to_be_recorded_leaves_nothing_on_disk(stage):
    admin, lesson = await stage.who("admin"), await stage.lesson()
    off = LessonChange(recorded=False)
    await change_lesson(stage.records, admin, stage.lesson_id, off, version=lesson.version, now=NOW)
    await stage.step("open", "start")
    recording_id = (await stage.lesson()).recording_id
    assert stage.media.attached[recording_id].state == "paused"
    stage.media.record(recording_id, 5000)
    await stage.step("end")
    assert stage.house.library.recordings == {}
    assert "recording.changed" not in await stage.kinds()


@pytest.mark.parametrize("step", ["open", "start", "end"])
async def test_an_illegal_step_is_refused_and_changes_nothing(stage, step):
    await stage.step("reopen_draft", by="admin")
    before, seen = await stage.lesson(), await stage.kinds()
    assert await refused(stage.step(step)) == "illegal_transition"
    assert (await stage.lesson(), await stage.kinds(), stage.media.calls) == (before, seen, [])


async def test_settling_is_not_a_step_of_the_director(live):
    await live.step("end")
    assert await refused(live.step("settle")) == "forbidden"
    assert (await live.step("settle", by="admin")).state is LessonState.SETTLED
    assert await refused(live.step("archive")) == "forbidden"
    assert (await live.step("archive", by="admin")).state is LessonState.ARCHIVED


async def test_cancelling_an_open_lesson_ends_room_and_recording(opened):
    await opened.step("cancel", by="admin")
    assert opened.room.closing_ms == 10_000
    assert opened.media.attached == {}


async def test_a_step_sent_twice_is_taken_once(stage):
    command, director = command_id(), await stage.who("director")
    results = await asyncio.gather(
        *(move_lesson(stage.house, director, stage.lesson_id, command, step=LessonStep.OPEN, now=NOW) for _ in range(4))
    )
    assert results == [results[0]] * 4
    assert await stage.kinds(since=1) == ["lesson.changed", "roster.frozen"]


async def test_two_directors_opening_at_once_open_once(stage):
    results = await asyncio.gather(stage.step("open"), stage.step("open", by="admin"), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["LessonView", "Refusal"]


async def test_a_step_holds_although_the_media_process_is_away(stage):
    stage.media.away = True
    assert (await stage.step("open")).state is LessonState.OPEN
    assert stage.media.rooms == {}
