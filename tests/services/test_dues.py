"""What is due in a house with many branches: each lesson is looked at once, whoever asks."""

import datetime as dt

from server.domain.calendar import Calendar
from server.domain.lesson_kinds import DueState, LessonKind
from server.domain.lessons import LessonStep
from server.services.demo import demo_id
from server.services.dues import list_dues
from server.services.lessons import LessonPlan, create_lesson, move_lesson
from server.services.units import GroupPlan, add_group
from tests.services.conftest import command_id
from tests.store.samples import NOW

HOUR, WEEK = dt.timedelta(hours=1), dt.timedelta(days=7)
TIMES = 12


async def scheduled(stage, admin, unit, begins, kind=LessonKind.COMMITTEE_MEETING):
    plan = LessonPlan("支委会", demo_id(unit), begins, begins + HOUR, kind=kind, media=False)
    made = await create_lesson(stage.records, admin, command_id(), plan, NOW)
    step = LessonStep.SCHEDULE
    await move_lesson(stage.house, admin, made.id, command_id(), step=step, now=NOW)


async def test_every_lesson_is_looked_at_once_however_many_branches_there_are(stage, monkeypatch):
    admin = await stage.who("admin")
    for number in range(TIMES):
        await scheduled(stage, admin, "一车间党支部", NOW + HOUR + number * WEEK)
    asked, day = [], Calendar.day
    monkeypatch.setattr(Calendar, "day", lambda self, moment: asked.append(moment) or day(self, moment))
    dues = (await list_dues(stage.records, admin, None, NOW)).items
    assert len({due.unit.id for due in dues}) > 3
    assert len(asked) <= TIMES + 3
    meetings = [
        due for due in dues if due.kind is LessonKind.COMMITTEE_MEETING and due.since <= NOW.date() <= due.until
    ]
    planned = {due.unit.id: due.planned > 0 for due in meetings}
    assert [unit_id for unit_id, one in planned.items() if one] == [demo_id("一车间党支部")]
    assert {due.state for due in meetings} == {DueState.PLANNED, DueState.OPEN}


async def test_a_branch_with_three_groups_needs_three_group_meetings_a_month(stage):
    admin, unit = await stage.who("admin"), "一车间党支部"

    async def due():
        found = (await list_dues(stage.records, admin, None, NOW)).items
        own = [one for one in found if one.unit.id == demo_id(unit) and one.kind is LessonKind.GROUP_MEETING]
        return [(one.wanted, one.planned, one.state) for one in own if one.since <= NOW.date() <= one.until]

    before = await stage.records.read(lambda tx: len(tx.units.groups([demo_id(unit)])))
    for number in range(before, 3):
        await add_group(
            stage.records, admin, demo_id(unit), command_id(), plan=GroupPlan(f"第{number + 1}党小组", None), now=NOW
        )
    assert await due() == [(3, 0, DueState.OPEN)]
    for number in range(2):
        await scheduled(stage, admin, unit, NOW + HOUR * (number + 1), LessonKind.GROUP_MEETING)
    assert await due() == [(3, 2, DueState.OPEN)]
    await scheduled(stage, admin, unit, NOW + 4 * HOUR, LessonKind.GROUP_MEETING)
    assert await due() == [(3, 3, DueState.PLANNED)]
