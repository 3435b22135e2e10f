"""Who is expected: planned, frozen at the opening, added to beside; seen by who may."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.access import Action
from server.domain.events import Listener
from server.domain.lessons import LessonStep
from server.domain.roster import PHONE, Assignments, RosterState, UnitAssignment
from server.services.assignments import Excepted, Whom, get_assignments, put_assignments
from server.services.assisting import assist
from server.services.board import see_board, watch_board
from server.services.demo import demo_id
from server.services.lessons import get_lesson, list_lessons, move_lesson
from server.services.login import Holder
from server.services.own_attendance import see_attendance
from server.services.quizzes import list_quizzes
from server.services.rights import readmit
from server.services.roster import add_to_roster, list_roster
from server.services.tickets import issue_socket_ticket
from server.store.schema import memberships
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW


def member(number):
    return demo_id(f"member {number}")


async def put(stage, units=(), members=(), by="admin", command=None):
    return await put_assignments(
        stage.records,
        await stage.who(by),
        stage.lesson_id,
        command or command_id(),
        units=[UnitAssignment(demo_id(unit), demo_id(venue) if venue else None) for unit, venue in units],
        members=[Excepted(whom, demo_id(venue) if venue else None, expected) for whom, venue, expected in members],
        now=NOW,
    )


async def roster(stage, by="director", **narrowed):
    return await list_roster(stage.records, await stage.who(by), stage.lesson_id, limit=200, now=NOW, **narrowed)


async def board(stage, by="director"):
    return await see_board(stage.records, await stage.who(by), stage.lesson_id, NOW)


async def place(stage, name):
    return next(venue.id for venue in (await stage.lesson()).venues if venue.name == name)


async def add(stage, by="director", *, number="10001", venue=None, command=None):
    return await add_to_roster(
        stage.house,
        await stage.who(by),
        stage.lesson_id,
        command or command_id(),
        whom=Whom(number=number),
        lesson_venue_id=venue,
        reason="借调",
        now=NOW,
    )


async def test_the_plan_says_where_every_unit_is_and_how_many_are_expected(stage):
    view = await get_assignments(stage.records, await stage.who("director"), stage.lesson_id, NOW)
    of = {unit.unit.name: unit for unit in view.units}
    assert (of["一车间党支部"].venue_id, of["一车间党支部"].inherited) == (demo_id("第一分会场"), False)
    assert (of["财务党支部"].venue_id, of["财务党支部"].inherited) == (None, True)
    assert (view.units[0].unit.name, view.units[0].parent_id, view.units[0].members) == ("某集团党委", None, 120)
    assert (view.expected, view.members) == (120, ())


async def test_a_plan_replaces_the_one_before_and_names_exceptions_by_number_or_id(stage):
    members = [(Whom(number="10001"), None, False), (Whom(member_id=member(10002)), "第二分会场", True)]
    view = await put(stage, [("某集团党委", "主会场")], members)
    assert view.expected == 119
    assert [(m.number, m.venue_id, m.expected) for m in view.members] == [
        ("10001", None, False),
        ("10002", demo_id("第二分会场"), True),
    ]
    assert {u.venue_id for u in view.units} == {demo_id("主会场")}
    assert [u.inherited for u in view.units].count(False) == 1
    assert (await put(stage)).expected == 120


async def test_a_plan_sent_twice_is_one_plan(stage):
    command = command_id()
    first = await put(stage, [("某集团党委", "主会场")], command=command)
    await put(stage)
    again = await put(stage, [("某集团党委", "主会场")], command=command)
    assert (first.units[0].venue_id, again.units[0].venue_id) == (demo_id("主会场"), None)
    assert await refused(put(stage, [("某集团党委", None)], command=command)) == "command_reused"


async def test_a_plan_that_does_not_fit_changes_nothing(stage):
    before = await get_assignments(stage.records, await stage.who("admin"), stage.lesson_id, NOW)
    twice = [("财务党支部", None), ("财务党支部", "主会场")]
    assert await refused(put(stage, twice)) == "invalid_body"
    assert await refused(put(stage, [("财务党支部", "没有")])) == "venue_not_found"
    assert await refused(put(stage, [("没有", None)])) == "unit_not_found"
    for nobody in (Whom(number="10999"), Whom(number="director"), Whom(member_id=demo_id("没有"))):
        assert await refused(put(stage, members=[(nobody, None, True)])) == "member_not_found"
    assert await get_assignments(stage.records, await stage.who("admin"), stage.lesson_id, NOW) == before


async def test_only_who_edits_plans_and_nobody_after_the_opening(stage):
    for by in ("director", "secretary", "venue1", "10001"):
        assert await refused(put(stage, by=by)) == "forbidden"
    for by in ("secretary", "venue1", "10001"):
        seen = get_assignments(stage.records, await stage.who(by), stage.lesson_id, NOW)
        assert await refused(seen) == "forbidden"
    await stage.step("open")
    assert await refused(put(stage)) == "not_editable"


async def test_opening_freezes_who_is_expected_and_where(stage):
    await put(stage, [("综合党支部", "主会场")], [(Whom(number="10002"), None, False)])
    await stage.step("open")
    said = next(event for event in await stage.events() if event.kind == "roster.frozen")
    assert (said.audience, said.data) == ("staff", {"expected": 119})
    items = (await roster(stage)).items
    assert len(items) == 119
    hall = await place(stage, "主会场")
    assert {i.unit.name for i in items if i.lesson_venue_id == hall} == {"综合党支部"}
    assert member(10002) not in {i.member_id for i in items}
    first = next(i for i in items if i.member_id == member(10001))
    assert (first.number, first.name, first.added_at, first.sign_in) == ("10001", "学员甲01", None, None)


async def test_a_member_sees_before_the_opening_where_to_go(stage):
    seen = await see_attendance(stage.records, await stage.who("10061"), stage.lesson_id, NOW)
    assert (seen.expected, seen.lesson_venue.name, seen.sign_in_open) == (True, "第一分会场", False)
    elsewhere = await see_attendance(stage.records, await stage.who("10021"), stage.lesson_id, NOW)
    assert (elsewhere.expected, elsewhere.lesson_venue) == (True, None)
    await put(stage, members=[(Whom(number="10061"), None, False)])
    assert not (await see_attendance(stage.records, await stage.who("10061"), stage.lesson_id, NOW)).expected
    assert not (await see_attendance(stage.records, await stage.who("director"), stage.lesson_id, NOW)).expected


async def test_a_later_addition_stands_beside_what_was_frozen(stage):
    await put(stage, members=[(Whom(number="10001"), None, False)])
    await stage.step("open")
    hall, command = await place(stage, "主会场"), command_id()
    item = await add(stage, venue=hall, command=command)
    assert (item.number, item.lesson_venue_id, item.reason, item.added_at) == ("10001", hall, "借调", NOW)
    assert await add(stage, venue=hall, command=command) == item
    said = [event for event in await stage.events() if event.kind == "roster.added"]
    assert [event.data for event in said] == [
        {"name": "学员甲01", "unit": "综合党支部", "reason": "借调", "by": "会控员"}
    ]
    assert [i.member_id for i in (await roster(stage, state=RosterState.ADDED)).items] == [member(10001)]
    total = await board(stage)
    assert (total.expected, total.added, total.missing) == (119, 1, 120)
    seen = await see_attendance(stage.records, await stage.who("10001"), stage.lesson_id, NOW)
    assert (seen.expected, seen.added) == (True, True)


async def of_one_unit(stage, unit):
    """The demo lesson is for everybody; this one is for a branch."""
    lesson = await stage.lesson()
    narrow = replace(lesson, unit_id=demo_id(unit))
    await stage.records.write(lambda tx: (tx.assignments.replace(lesson.id, Assignments()), tx.lessons.save(narrow)))


async def reading(stage, number):
    """What the page of a lesson needs, from the list to the socket."""
    who = await stage.who(number)
    lesson_id, holder = stage.lesson_id, Holder(who.account_id, None)
    assert (await get_lesson(stage.records, who, lesson_id, NOW)).may == (Action.READ, Action.WATCH)
    assert await list_quizzes(stage.records, who, lesson_id, NOW) == ()
    assert await issue_socket_ticket(stage.records, stage.signer, who, lesson_id, now=NOW)
    heard = await readmit(stage.records, lesson_id, [holder], NOW)
    assert heard[holder] == Listener(who.account_id, staff=False, lesson_venue_id=None)
    return [lesson.id for lesson in (await list_lessons(stage.records, who, now=NOW)).items]


async def test_who_is_added_from_another_unit_finds_the_lesson(stage):
    await of_one_unit(stage, "一车间党支部")
    await stage.step("open", by="admin")
    who = await stage.who("10001")
    assert await refused(get_lesson(stage.records, who, stage.lesson_id, NOW)) == "lesson_not_found"
    await add(stage, by="admin")
    assert stage.lesson_id in await reading(stage, "10001")
    assert (
        await refused(get_lesson(stage.records, await stage.who("10002"), stage.lesson_id, NOW)) == "lesson_not_found"
    )
    assert (await list_lessons(stage.records, await stage.who("10002"), now=NOW)).items == ()


async def test_who_is_planned_by_name_from_another_unit_finds_the_lesson_before_it_opens(stage):
    await of_one_unit(stage, "一车间党支部")
    await put(stage, members=[(Whom(number="10001"), None, True), (Whom(number="10002"), None, False)])
    assert stage.lesson_id in await reading(stage, "10001")
    assert (
        await refused(get_lesson(stage.records, await stage.who("10002"), stage.lesson_id, NOW)) == "lesson_not_found"
    )
    await stage.step("open", by="admin")
    assert stage.lesson_id in await reading(stage, "10001")


async def test_who_moves_to_another_unit_after_the_freezing_stays_in_the_lesson(stage, database):
    await of_one_unit(stage, "综合党支部")
    await stage.step("open", by="admin")
    his = memberships.c.member_id == member(10001)
    await database.write(lambda c: c.execute(sa.update(memberships).where(his).values(unit_id=demo_id("一车间党支部"))))
    assert (await stage.who("10001")).unit_id == demo_id("一车间党支部")
    assert stage.lesson_id in await reading(stage, "10001")


async def test_the_roster_is_that_of_the_day_on_the_schools_wall(stage, database):
    """At 00:30 in the morning it is still yesterday in UTC: who came to the unit today is expected."""
    half_past_midnight = dt.datetime(2026, 11, 22, 16, 30, tzinfo=dt.UTC)
    await of_one_unit(stage, "综合党支部")
    his = memberships.c.member_id == member(10001)
    moved = sa.insert(memberships).values(
        member_id=member(10001), since=dt.date(2026, 11, 23), unit_id=demo_id("一车间党支部")
    )
    await database.write(
        lambda c: (c.execute(sa.update(memberships).where(his).values(until=dt.date(2026, 11, 23))), c.execute(moved))
    )
    admin = await stage.who("admin")
    opened = await move_lesson(
        stage.house, admin, stage.lesson_id, command_id(), step=LessonStep.OPEN, now=half_past_midnight
    )
    assert opened.state == "open"
    rows = await stage.records.read(lambda tx: tx.roster.of(stage.lesson_id))
    assert rows
    assert member(10001) not in {row.member_id for row in rows}


async def test_who_cannot_be_added(stage):
    assert await refused(add(stage)) == "illegal_transition"
    await stage.step("open")
    assert await refused(add(stage)) == "already_on_roster"
    assert await refused(add(stage, number="10999")) == "member_not_found"
    assert await refused(add(stage, venue=demo_id("没有"))) == "venue_not_found"
    for by in ("secretary", "venue1", "10001"):
        assert await refused(add(stage, by=by)) == "forbidden"


# ---- who sees whom ---------------------------------------------------------------------------------------


async def signed_in(stage, number, venue=None):
    await assist(
        stage.house,
        await stage.who("director"),
        stage.lesson_id,
        command_id(),
        member_id=member(number),
        lesson_venue_id=venue,
        now=NOW,
    )


async def test_the_board_counts_venues_units_and_kinds(opened):
    hall, room = await place(opened, "主会场"), await place(opened, "第一分会场")
    await signed_in(opened, 10001, hall)
    await signed_in(opened, 10002, room)
    await signed_in(opened, 10021)
    found = await board(opened)
    assert (found.expected, found.present, found.missing, found.on_phone) == (120, 3, 117, 1)
    assert [(v.name, v.expected, v.present, v.missing) for v in found.venues] == [
        ("主会场", 20, 1, 18),
        ("第一分会场", 20, 1, 20),
        ("第二分会场", 20, 0, 20),
        ("手机参加", 60, 1, 59),
    ]
    unit = next(u for u in found.units if u.name == "综合党支部")
    assert (unit.unit_id, unit.expected, unit.present, unit.missing) == (demo_id("综合党支部"), 20, 2, 18)
    assert [(k.kind, k.expected, k.present) for k in found.kinds] == [("full", 120, 3)]


async def test_a_secretary_sees_the_own_branch_only(opened):
    await signed_in(opened, 10001)
    await signed_in(opened, 10061)
    found = await board(opened, by="secretary")
    assert (found.expected, found.present, [u.name for u in found.units]) == (20, 1, ["综合党支部"])
    items = (await roster(opened, by="secretary")).items
    assert {i.unit.name for i in items} == {"综合党支部"}
    assert (await roster(opened, by="secretary", unit_id=demo_id("一车间党支部"))).items == ()


async def test_a_venue_sees_who_is_expected_or_signed_in_there(opened):
    room = await place(opened, "第一分会场")
    await signed_in(opened, 10001, room)
    await signed_in(opened, 10061)
    found = await board(opened, by="venue1")
    assert (found.expected, found.present, found.missing) == (20, 1, 19)
    assert [v.lesson_venue_id for v in found.venues] == [room]
    seen = {i.member_id for i in (await roster(opened, by="venue1")).items}
    assert seen == {member(n) for n in (10001, *range(10061, 10081))}


async def test_a_member_sees_neither_board_nor_roster(opened):
    assert await refused(board(opened, by="10001")) == "forbidden"
    assert await refused(roster(opened, by="10001")) == "forbidden"


async def test_the_roster_is_narrowed_and_turned_page_by_page(opened):
    await signed_in(opened, 10001)
    assert [i.member_id for i in (await roster(opened, state=RosterState.PRESENT)).items] == [member(10001)]
    assert len((await roster(opened, state=RosterState.MISSING)).items) == 119
    assert len((await roster(opened, place=PHONE, state=RosterState.MISSING)).items) == 60
    assert len((await roster(opened, unit_id=demo_id("机关党总支"))).items) == 60
    assert await refused(roster(opened, place=demo_id("没有"))) == "venue_not_found"
    assert await refused(roster(opened, unit_id=demo_id("没有"))) == "unit_not_found"
    seen, cursor = [], None
    while True:
        page = await list_roster(
            opened.records, await opened.who("director"), opened.lesson_id, cursor=cursor, limit=50, now=NOW
        )
        seen += [item.member_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 120


async def test_a_board_is_counted_anew_only_when_somebody_came(opened):
    first = await watch_board(opened.records, opened.lesson_id, None)
    assert await watch_board(opened.records, opened.lesson_id, first.stamp) is None
    await signed_in(opened, 10001)
    second = await watch_board(opened.records, opened.lesson_id, first.stamp)
    assert sum(cell.count for cell in second.cells if cell.present) == 1


@pytest.mark.parametrize("by", ["10001", "venue1", "secretary"])
async def test_before_the_opening_nobody_is_on_the_board(stage, by):
    if by == "10001":
        assert await refused(board(stage, by=by)) == "forbidden"
    else:
        assert (await board(stage, by=by)).expected == 0
