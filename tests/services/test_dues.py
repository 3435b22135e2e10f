"""What is due in a house with many branches: each lesson is looked at once, whoever asks."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.calendar import Calendar
from server.domain.lesson_kinds import DueState, LessonKind
from server.domain.lessons import LessonStep
from server.domain.refusals import Refusal
from server.services.demo import demo_id
from server.services.dues import list_dues
from server.services.lessons import LessonChange, LessonPlan, change_lesson, create_lesson, get_lesson, move_lesson
from server.services.units import GroupPlan, add_group, change_group, drop_group
from server.services.views import Named
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


async def test_a_group_holds_its_own_meeting_its_members_are_expected_and_the_others_still_owe_theirs(stage):
    admin, unit = await stage.who("admin"), demo_id("二车间党支部")

    async def group(name, at=unit):
        return await add_group(stage.records, admin, at, command_id(), plan=GroupPlan(name, None), now=NOW)

    first, second = await group("第一党小组"), await group("第二党小组")
    foreign = await group("别处的党小组", demo_id("综合党支部"))
    belonging = await stage.records.read(lambda tx: tx.members.people([unit], NOW.date()))
    mine = [one.member_id for one in belonging][:2]
    assert len(belonging) > len(mine)
    for member_id in mine:
        await stage.records.write(lambda tx, one=member_id: put_into(tx, one, first.id))

    plan = LessonPlan(
        "党小组会", unit, NOW + HOUR, NOW + 2 * HOUR, kind=LessonKind.GROUP_MEETING, media=False, group_id=first.id
    )
    with pytest.raises(Refusal, match="group_not_found"):
        await create_lesson(stage.records, admin, command_id(), replace(plan, group_id=foreign.id), NOW)
    made = await create_lesson(stage.records, admin, command_id(), plan, NOW)
    again = await create_lesson(stage.records, admin, command_id(), plan, NOW)
    assert made.group == Named(first.id, "第一党小组")
    other = await create_lesson(stage.records, admin, command_id(), replace(plan, kind=LessonKind.THEME_DAY), NOW)
    assert other.group is None

    async def go(lesson_id, *steps):
        for step in steps:
            await move_lesson(stage.house, admin, lesson_id, command_id(), step=step, now=NOW)

    for lesson_id in (made.id, again.id):
        await go(lesson_id, LessonStep.SCHEDULE)
    found = (await list_dues(stage.records, admin, None, NOW)).items
    own = [one for one in found if one.unit.id == unit and one.kind is LessonKind.GROUP_MEETING]
    now = next(one for one in own if one.since <= NOW.date() <= one.until)
    assert now.planned == 1
    assert "第一党小组" not in {one.name for one in now.owing}
    assert "第二党小组" in {one.name for one in now.owing}

    await go(made.id, LessonStep.OPEN)
    roster = await stage.records.read(lambda tx: tx.roster.of(made.id))
    assert {entry.member_id for entry in roster} == set(mine)

    renamed = GroupPlan("一组", None)
    await change_group(stage.records, admin, first.id, command_id(), plan=renamed, version=first.version, now=NOW)
    assert (await get_lesson(stage.records, admin, again.id, NOW)).group.name == "一组"
    assert (await get_lesson(stage.records, admin, made.id, NOW)).group.name == "第一党小组"
    await drop_group(stage.records, admin, first.id, NOW)
    with pytest.raises(Refusal, match="group_dissolved"):
        await go(again.id, LessonStep.OPEN)
    version = (await get_lesson(stage.records, admin, again.id, NOW)).version
    changed = await change_lesson(
        stage.records, admin, again.id, LessonChange(group_id=second.id), version=version, now=NOW
    )
    assert changed.group == Named(second.id, "第二党小组")
    await go(again.id, LessonStep.OPEN)
    assert await stage.records.read(lambda tx: tx.roster.of(again.id)) == ()


def put_into(tx, member_id, group_id):
    file = tx.members.lock(member_id)
    tx.members.save([replace(file, member=replace(file.member, group_id=group_id))])
