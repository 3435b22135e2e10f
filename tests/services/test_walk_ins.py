"""名单外到场: found by whole number or name, signed in at the room with a reason, added beside the roster if needed."""

from dataclasses import replace

import pytest

from server.domain.access import AccountKind, Principal, Role, RoleGrant
from server.domain.lessons import LessonStep
from server.domain.members import Member, MemberKind
from server.domain.roster import PHONE, RosterState, UnitAssignment
from server.domain.walk_ins import LONGEST, asked_for, own_units
from server.services.assignments import Excepted, Whom, put_assignments
from server.services.assisting import assist
from server.services.board import see_board
from server.services.demo import demo_id
from server.services.operators import assign_operator
from server.services.roster import add_to_roster, list_roster
from server.services.walk_ins import find_walk_ins, walk_in
from tests.services.conftest import command_id, refused
from tests.services.test_failovers import move
from tests.services.test_sign_ins import Phone
from tests.store.samples import NOW

ROOM, OTHER = demo_id("第一分会场"), demo_id("第二分会场")
OPERATOR, UNLISTED = "10001", "10005"
"""The first operates the room; the second is expected nowhere."""


@pytest.fixture
async def room(stage):
    """Open, with an operator, and one of the branch's people who is not expected."""
    admin = await stage.who("admin")
    members = [Excepted(Whom(number=UNLISTED), None, expected=False)]
    units = [UnitAssignment(demo_id("一车间党支部"), ROOM)]
    plan = {"units": units, "members": members, "now": NOW}
    await put_assignments(stage.records, admin, stage.lesson_id, command_id(), **plan)
    assigned = {"account_id": demo_id(OPERATOR), "since": None, "until": None, "now": NOW}
    await assign_operator(stage.house, admin, ROOM, command_id(), **assigned)
    await stage.step(LessonStep.OPEN)
    return stage


async def place_of(stage, venue=ROOM):
    return next(one.id for one in (await stage.lesson()).venues if one.venue_id == venue)


async def find(stage, typed, by=OPERATOR, **asked):
    return await find_walk_ins(stage.records, await stage.who(by), stage.lesson_id, typed, now=NOW, **asked)


async def take(stage, number, by=OPERATOR, command=None, **asked):
    who, asked = await stage.who(by), {"reason": "就近参加", **asked}
    whom = demo_id(f"member {number}")
    return await walk_in(stage.house, who, stage.lesson_id, command or command_id(), member_id=whom, now=NOW, **asked)


async def listed(stage, by="director", **narrowed):
    found = await list_roster(stage.records, await stage.who(by), stage.lesson_id, limit=200, now=NOW, **narrowed)
    return {one.number: one for one in found.items}


async def test_who_is_expected_elsewhere_is_found_by_number_or_name_and_signed_in_here(room):
    (found,) = (await find(room, " 10010 ")).items
    assert (found.number, found.on_roster, found.signed_in_at) == ("10010", True, None)
    assert found.lesson_venue_id != await place_of(room)
    assert [one.number for one in (await find(room, found.name)).items] == ["10010"]
    item = await take(room, "10010")
    assert (item.sign_in.way, item.sign_in.lesson_venue_id) == ("assisted", await place_of(room))
    assert (item.sign_in.reason, item.added_at) == ("就近参加", None)
    assert list(await listed(room, OPERATOR, state=RosterState.WALKED_IN, place=await place_of(room))) == ["10010"]
    again = (await find(room, "10010")).items[0]
    assert (again.signed_in_at, again.signed_in_venue_id) == (NOW, await place_of(room))


async def test_who_is_on_no_list_is_added_beside_it_in_the_same_breath_and_once(room):
    before = await see_board(room.records, await room.who("director"), room.lesson_id, NOW)
    (found,) = (await find(room, UNLISTED)).items
    assert (found.on_roster, found.lesson_venue_id) == (False, None)
    command = command_id()
    item = await take(room, UNLISTED, command=command)
    assert await take(room, UNLISTED, command=command) == item
    assert (item.added_at, item.reason, item.sign_in.late) == (NOW, "就近参加", False)
    assert await refused(take(room, "10010", command=command)) == "command_reused"
    after = await see_board(room.records, await room.who("director"), room.lesson_id, NOW)
    assert (after.expected, after.added, after.present) == (before.expected, before.added + 1, before.present + 1)
    events = await room.events()
    added = [each for each in events if each.kind == "roster.added"]
    assert [each.data["reason"] for each in added] == ["就近参加"]
    assert list(await listed(room, state=RosterState.WALKED_IN)) == [UNLISTED]


async def test_the_first_sign_in_stands_and_nobody_of_the_own_list_is_a_walk_in(room):
    here = await place_of(room)
    own = next(iter(await listed(room, OPERATOR, state=RosterState.MISSING, place=here)))
    await take(room, own)
    elsewhere = {"member_id": demo_id("member 10020"), "reason": "", "now": NOW}
    await assist(room.house, await room.who("director"), room.lesson_id, command_id(), **elsewhere)
    item = await take(room, "10020")
    assert (item.sign_in.lesson_venue_id, item.sign_in.reason) == (None, "")
    assert await listed(room, state=RosterState.WALKED_IN, place=here) == {}


async def test_who_is_expected_in_a_room_and_takes_part_by_phone_is_no_walk_in(room):
    here = await place_of(room)
    await Phone(room, OPERATOR).tap()
    assert OPERATOR in await listed(room, state=RosterState.PRESENT, place=PHONE)
    added = {"whom": Whom(number=UNLISTED), "lesson_venue_id": None, "reason": "临时参加", "now": NOW}
    await add_to_roster(room.house, await room.who("director"), room.lesson_id, command_id(), **added)
    await Phone(room, UNLISTED).tap()
    assert await listed(room, state=RosterState.WALKED_IN) == {}
    await take(room, "10010")
    assert list(await listed(room, state=RosterState.WALKED_IN, place=here)) == ["10010"]


async def test_nobody_leafs_through_names(room):
    (one,) = (await find(room, UNLISTED)).items
    for typed in (one.name[:-1], "1000", "%", "_" * 5, "学", "\x00\x01", "", "没有这个人"):
        assert (await find(room, typed)).items == ()
    twins = await find(room, one.name)
    assert len(twins.items) <= 6


async def test_who_does_not_operate_the_room_takes_nobody_in(room):
    other, here = await place_of(room, OTHER), await place_of(room)
    for by in ("10002", "secretary", "auditor"):
        assert await refused(take(room, UNLISTED, by=by, lesson_venue_id=here)) == "forbidden"
        assert await refused(find(room, UNLISTED, by=by, lesson_venue_id=here)) == "forbidden"
    assert await refused(take(room, "10010", lesson_venue_id=other)) == "forbidden"
    assert await refused(find(room, "10010", lesson_venue_id=other)) == "forbidden"
    assert await refused(take(room, OPERATOR)) == "forbidden"
    assert (await find(room, OPERATOR)).items[0].own
    assert await refused(take(room, "99999")) == "member_not_found"
    assert (await take(room, "10010", by="director", lesson_venue_id=other)).sign_in.lesson_venue_id == other


async def test_a_rooms_screen_takes_nobody_in_and_nobody_comes_after_the_end(room):
    assert await refused(take(room, "10010", by="venue1")) == "forbidden"
    assert await refused(find(room, "10010", by="venue1")) == "forbidden"
    await room.step(LessonStep.START, LessonStep.END)
    assert await refused(find(room, UNLISTED)) == "sign_in_closed"
    assert await refused(take(room, UNLISTED)) == "sign_in_closed"
    assert UNLISTED not in await listed(room)


async def test_who_heard_nothing_is_told_after_the_end_what_was_done(room):
    command = command_id()
    item = await take(room, UNLISTED, command=command)
    await room.step(LessonStep.START, LessonStep.END)
    assert await take(room, UNLISTED, command=command) == item
    assert await refused(take(room, "10010", command=command_id())) == "sign_in_closed"


async def test_who_was_moved_here_is_entered_as_having_arrived(room):
    other = await place_of(room, OTHER)
    await take(room, "10010", by="director", lesson_venue_id=other)
    await move(room, other, await place_of(room))
    (found,) = (await find(room, "10010")).items
    assert (found.on_roster, found.signed_in_at, found.signed_in_venue_id) == (True, None, None)
    assert await listed(room, state=RosterState.WALKED_IN) == {}
    item = await take(room, "10010")
    assert (item.sign_in.lesson_venue_id, item.sign_in.arriving) == (await place_of(room), False)
    assert (await find(room, "10010")).items[0].signed_in_venue_id == await place_of(room)


async def test_a_name_is_the_same_with_and_without_spaces_in_it(room):
    named = [Member(command_id(), name, MemberKind.FULL, None, None) for name in ("甲　乙", "甲乙", "甲乙丙", "甲 乙")]
    await room.records.write(lambda tx: tx.members.add(named, []))
    for typed in ("甲乙", "甲 乙"):
        found = await room.records.read(lambda tx, typed=typed: tx.members.known_as(typed, (typed,), 9))
        assert set(found) == {one.id for one in named if one.name != "甲乙丙"}


def test_what_is_typed_is_a_whole_number_or_name_or_nothing():
    assert asked_for("　１０００１ ") == "10001"
    assert asked_for(" 学员　丁01 ") == "学员 丁01"
    assert [asked_for(each) for each in ("", "张", "x" * (LONGEST + 1), "a\x00b")] == [None] * 4


def test_a_role_without_a_say_in_attendance_widens_no_roster():
    who = Principal("a", "张三", "1", AccountKind.PERSON, member_id="m", unit_line=("branch", "root"))
    assert own_units(who) == {"branch"}
    for role in (Role.LECTURER, Role.AUDIT_ADMIN, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        assert own_units(replace(who, grants=(RoleGrant(role, "root"),))) == {"branch"}
    assert own_units(replace(who, grants=(RoleGrant(Role.SECRETARY, "other"),))) == {"branch", "other"}
    assert own_units(replace(who, member_id=None)) == frozenset()
