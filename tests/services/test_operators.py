"""People who operate rooms: who assigns whom where, what they may do there, and when it ends."""

import datetime as dt

import pytest
import sqlalchemy as sa

from server.domain.access import Action, Role, RoleGrant
from server.domain.helps import Urgency
from server.domain.lessons import LessonStep
from server.domain.members import Ending
from server.domain.registry import VenueFacts
from server.services.assisting import assist, mark_departure
from server.services.board import see_board
from server.services.demo import demo_id
from server.services.erasures import erase
from server.services.finding import allowed_target
from server.services.helps import ask_help, list_helps, read_notice, send_notice
from server.services.kiosk import find_names, turn_kiosk
from server.services.lessons import get_lesson, list_lessons, move_lesson
from server.services.members import end_membership
from server.services.my_rooms import my_rooms, see_room
from server.services.operators import assign_operator, end_operator, find_candidates, list_operators
from server.services.pairing import list_devices
from server.services.preflights import begin_preflight, list_readiness
from server.services.registry import Filter, change_venue, list_registry, see_history, see_venue
from server.services.roles import grant_role
from server.services.roll_calls import answer_roll_call, start_roll_call
from server.services.roster import list_roster
from server.services.sign_in_codes import venue_codes
from server.services.tickets import publisher_role
from server.store.operators import SqlOperators
from server.store.schema import venues
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

ROOM, OTHER, HALL = demo_id("第一分会场"), demo_id("第二分会场"), demo_id("主会场")
TODAY, DAY = NOW.date(), dt.timedelta(days=1)
OPERATOR = "10001"
"""A member of 综合党支部: neither room is that branch's."""


async def assign(stage, number=OPERATOR, *, by="admin", room=ROOM, since=None, until=None, command=None, now=NOW):
    who, asked = await stage.who(by), {"account_id": demo_id(number), "since": since, "until": until, "now": now}
    return await assign_operator(stage.house, who, room, command or command_id(), **asked)


async def end(stage, operator_id, *, by="admin", room=ROOM, until=None, now=NOW):
    asked = {"operator_id": operator_id, "until": until, "now": now}
    return await end_operator(stage.house, await stage.who(by), room, command_id(), **asked)


async def place_of(stage, room=ROOM):
    return next(venue.id for venue in (await stage.lesson()).venues if venue.venue_id == room)


async def listed(stage, by, **asked):
    return await list_roster(stage.records, await stage.who(by), stage.lesson_id, now=NOW, **asked)


async def someone(stage, room=ROOM):
    """Of those who are expected there."""
    entries = await stage.records.read(lambda tx: tx.roster.of(stage.lesson_id))
    place = await place_of(stage, room)
    return next(entry.member_id for entry in entries if entry.place == place)


async def order(stage, by=OPERATOR):
    return stage.house, await stage.who(by), stage.lesson_id, command_id()


# ---- assigning -------------------------------------------------------------------------------------------


async def test_an_operator_is_assigned_from_today_told_once_and_ended_at_once(stage):
    command = command_id()
    seen = await assign(stage, command=command)
    (one,) = seen.items
    assert (one.since, one.until, one.state, one.number, one.by.id) == (
        TODAY,
        None,
        "current",
        OPERATOR,
        demo_id("admin"),
    )
    assert await assign(stage, command=command) == seen
    assert await refused(assign(stage)) == "already_operator"
    shown = await see_venue(stage.records, await stage.who("admin"), ROOM, NOW)
    assert [(each.number, each.assigned) for each in shown.operators if each.assigned] == [(OPERATOR, True)]
    (gone,) = (await end(stage, one.id)).items
    assert (gone.state, gone.until, gone.ended_by.id) == ("former", TODAY, demo_id("admin"))
    assert (await stage.who(OPERATOR)).operates == ()
    told = await see_history(stage.records, await stage.who("admin"), ROOM, NOW)
    assert [each.kind for each in told] == ["operator_ended", "operator_assigned"]
    assert told[0].facts["name"] == one.name
    assert await refused(end(stage, one.id)) == "operator_over"
    assert await refused(end(stage, demo_id("nobody"))) == "operator_not_found"


async def test_one_to_come_operates_from_its_day_and_is_withdrawn_without_a_trace_but_the_history(stage):
    seen = await assign(stage, since=TODAY + DAY, until=TODAY + 3 * DAY)
    assert [one.state for one in seen.items] == ["coming"]
    assert (await stage.who(OPERATOR)).operates == ()
    days = [
        stage.records.read(lambda tx, on=TODAY + n * DAY: tx.accounts.principal(demo_id(OPERATOR), on))
        for n in range(4)
    ]
    assert [(await one).operates for one in days] == [(), (ROOM,), (ROOM,), ()]
    assert (await end(stage, seen.items[0].id)).items == ()
    told = await see_history(stage.records, await stage.who("admin"), ROOM, NOW)
    assert [each.kind for each in told] == ["operator_withdrawn", "operator_assigned"]


async def test_director_and_admin_assign_everywhere_a_secretary_in_the_own_unit_others_nowhere(stage):
    await assign(stage, by="director", room=OTHER)
    assert await refused(assign(stage, by="secretary")) == "forbidden"
    for number in ("10001", "lecturer", "venue1", "auditor", "secadmin"):
        assert await refused(assign(stage, by=number)) == "forbidden"
    grant = RoleGrant(Role.SECRETARY, demo_id("一车间党支部"))
    await stage.records.write(lambda tx: tx.accounts.add([], [(demo_id("10061"), grant)]))
    own, mine = {"by": "10061", "room": ROOM}, await stage.who("10061")
    assert await refused(assign(stage, OPERATOR, **own)) == "account_not_found"
    (one,) = (await assign(stage, "10062", **own)).items
    assert await refused(assign(stage, "10062", by="10061", room=OTHER)) == "forbidden"
    assert await refused(find_candidates(stage.records, mine, OTHER, "1", NOW)) == "forbidden"
    found = await find_candidates(stage.records, mine, ROOM, "1006", NOW)
    assert {each.unit.id for each in found} == {demo_id("一车间党支部")}
    assert await find_candidates(stage.records, mine, ROOM, "10001", NOW) == ()
    assert await refused(end(stage, one.id, by="secretary")) == "forbidden"
    assert (await see_venue(stage.records, mine, ROOM, NOW)).may_appoint


async def test_who_has_left_takes_no_place_among_those_that_are_found(stage):
    admin = await stage.who("admin")
    before = await find_candidates(stage.records, admin, ROOM, "100", NOW)

    def leave(tx):
        for one in before:
            tx.accounts.set_disabled(one.account_id, disabled=True)

    await stage.records.write(leave)
    after = await find_candidates(stage.records, admin, ROOM, "100", NOW)
    assert (len(before), len(after)) == (20, 20)
    assert not {one.account_id for one in before} & {one.account_id for one in after}


async def test_devices_rooms_and_administrators_of_the_system_are_not_assigned(stage):
    assert await refused(assign(stage, "venue1")) == "operator_of_person"
    assert await refused(assign(stage, "secadmin")) == "roles_apart"
    assert await refused(assign(stage, "nobody")) == "account_not_found"
    await assign(stage)
    await assign(stage, "10002", since=TODAY + DAY)
    for number in (OPERATOR, "10002"):
        grant = {"grant": RoleGrant(Role.AUDIT_ADMIN, demo_id("某集团党委")), "now": NOW}
        given = grant_role(stage.house, await stage.who("secadmin"), demo_id(number), command_id(), **grant)
        assert await refused(given) == "roles_apart"


async def test_the_operator_sees_who_operates_the_room_and_others_do_not(stage):
    await assign(stage)
    seen = await list_operators(stage.records, await stage.who(OPERATOR), ROOM, NOW)
    assert (len(seen.items), seen.may_appoint) == (1, False)
    for room in (OTHER, demo_id("nowhere")):
        code = await refused(list_operators(stage.records, await stage.who(OPERATOR), room, NOW))
        assert code == ("forbidden" if room == OTHER else "venue_not_found")
    assert [one.id for one in await list_registry(stage.records, await stage.who(OPERATOR), Filter(), NOW)] == [ROOM]


# ---- what ends it ----------------------------------------------------------------------------------------


async def test_a_room_that_is_given_up_has_no_operators(stage):
    await assign(stage)
    await assign(stage, "10002", since=TODAY + DAY)
    room = await see_venue(stage.records, await stage.who("admin"), ROOM, NOW)
    facts = VenueFacts(room.name, room.room, room.seats, room.notes, retired=True)
    asked = {"facts": facts, "version": room.version, "now": NOW}
    await change_venue(stage.house, await stage.who("admin"), ROOM, command_id(), **asked)
    seen = await list_operators(stage.records, await stage.who("admin"), ROOM, NOW)
    assert ([one.state for one in seen.items], seen.may_appoint) == (["former"], False)
    assert (await stage.who(OPERATOR)).operates == ()
    assert await refused(assign(stage, "10003")) == "venue_retired"


async def test_a_room_that_is_given_up_while_somebody_is_assigned_has_none(stage, monkeypatch):
    room = await stage.records.read(lambda tx: tx.venues.get(ROOM))

    def waited(shelf, _venue_id):
        """As if another process had held the lock, and given the room up."""
        shelf._connection.execute(sa.update(venues).where(venues.c.id == room.id).values(retired=True))

    monkeypatch.setattr(SqlOperators, "lock", waited)
    assert await refused(assign(stage)) == "venue_retired"


async def test_who_leaves_the_organisation_operates_nothing_and_gets_nothing_back(stage):
    await assign(stage)
    await assign(stage, room=OTHER, since=TODAY + DAY)
    member_id = (await stage.who(OPERATOR)).member_id
    file = await stage.records.read(lambda tx: tx.members.files([member_id])[member_id])
    asked = {"ending": Ending.LEFT, "note": "", "since": TODAY, "version": file.member.version, "now": NOW}
    await end_membership(stage.house, await stage.who("admin"), member_id, command_id(), **asked)
    rows = await stage.records.read(lambda tx: tx.operators.of_accounts([demo_id(OPERATOR)]))
    assert [(row.venue_id, row.until, row.ended_by) for row in rows] == [(ROOM, TODAY, demo_id("admin"))]
    await stage.records.write(lambda tx: tx.accounts.come_back([demo_id(OPERATOR)]))
    assert (await stage.who(OPERATOR)).operates == ()


async def test_a_disabled_account_operates_nothing_and_the_list_says_so(stage):
    await assign(stage)
    await stage.records.write(lambda tx: tx.accounts.set_disabled(demo_id(OPERATOR), disabled=True))
    assert await stage.who(OPERATOR) is None
    (one,) = (await list_operators(stage.records, await stage.who("admin"), ROOM, NOW)).items
    assert one.disabled
    assert not [
        each
        for each in (await see_venue(stage.records, await stage.who("admin"), ROOM, NOW)).operators
        if each.assigned
    ]


async def test_an_erased_person_operates_nothing(stage):
    await assign(stage)
    asked = {"reason": "本人申请", "confirm": OPERATOR, "now": NOW}
    await erase(stage.house, await stage.who("secadmin"), demo_id(OPERATOR), command_id(), **asked)
    (one,) = (await list_operators(stage.records, await stage.who("admin"), ROOM, NOW)).items
    assert (one.state, one.name.startswith("已注销")) == ("former", True)


# ---- what an operator may do -----------------------------------------------------------------------------


@pytest.fixture
async def manned(opened):
    """The lesson is open, and a member of elsewhere operates the first venue."""
    await assign(opened)
    return opened


async def test_an_operator_signs_in_and_out_who_is_in_the_room_nobody_elsewhere_and_not_himself(manned):
    who, place = await someone(manned), await place_of(manned)
    view = await assist(*await order(manned), member_id=who, reason="没有手机", now=NOW)
    assert (view.way, view.venue_name) == ("assisted", "第一分会场")
    elsewhere = {"member_id": await someone(manned, OTHER), "now": NOW}
    assert (
        await refused(assist(*await order(manned), lesson_venue_id=await place_of(manned, OTHER), **elsewhere))
        == "forbidden"
    )
    own = (await manned.who(OPERATOR)).member_id
    assert await refused(assist(*await order(manned), member_id=own, lesson_venue_id=place, now=NOW)) == "forbidden"
    await mark_departure(*await order(manned), member_id=who, now=NOW)
    assert (await manned.records.read(lambda tx: tx.sign_ins.get(manned.lesson_id, who))).left_at == NOW
    await assist(*await order(manned, "director"), lesson_venue_id=await place_of(manned, OTHER), **elsewhere)
    assert await refused(mark_departure(*await order(manned), **elsewhere)) == "member_not_found"


async def test_an_operator_sees_the_people_of_the_room_only(manned):
    place = await place_of(manned)
    rows = await listed(manned, OPERATOR, limit=200)
    assert {one.lesson_venue_id for one in rows.items} == {place}
    assert (await listed(manned, OPERATOR, place=await place_of(manned, OTHER))).items == ()
    board = await see_board(manned.records, await manned.who(OPERATOR), manned.lesson_id, NOW)
    assert board.expected == len(rows.items)


async def test_who_operates_two_rooms_says_which(manned):
    await assign(manned, room=OTHER)
    second, member_id = await place_of(manned, OTHER), await someone(manned, OTHER)
    assert await refused(assist(*await order(manned), member_id=member_id, now=NOW)) == "which_venue"
    view = await assist(*await order(manned), member_id=member_id, lesson_venue_id=second, now=NOW)
    assert view.venue_name == "第二分会场"
    assert {one.lesson_venue_id for one in (await listed(manned, OPERATOR, place=second)).items} == {second}
    board = see_board(manned.records, await manned.who(OPERATOR), manned.lesson_id, NOW, lesson_venue_id=second)
    assert [one.name for one in (await board).venues] == ["第二分会场"]
    assert await refused(turn_kiosk(*await order(manned), on=True, now=NOW)) == "which_venue"
    assert (await turn_kiosk(*await order(manned), lesson_venue_id=second, on=True, now=NOW)).on


async def test_an_operator_turns_the_kiosk_and_is_none(manned):
    assert (await turn_kiosk(*await order(manned), on=True, now=NOW)).lesson_venue_id == await place_of(manned)
    there = {"lesson_venue_id": await place_of(manned, OTHER), "on": True, "now": NOW}
    assert await refused(turn_kiosk(*await order(manned), **there)) == "forbidden"
    typed = find_names(manned.records, await manned.who(OPERATOR), manned.lesson_id, "10061", now=NOW)
    assert await refused(typed) == "forbidden"


async def test_an_operator_answers_the_roll_call_for_the_room(manned):
    await start_roll_call(manned.house, await manned.who("director"), manned.lesson_id, command_id(), NOW)
    other = {"lesson_venue_id": await place_of(manned, OTHER), "now": NOW}
    assert await refused(answer_roll_call(*await order(manned), **other)) == "forbidden"
    await answer_roll_call(*await order(manned), lesson_venue_id=await place_of(manned), now=NOW)
    roll = await manned.records.read(lambda tx: tx.roll_calls.last(manned.lesson_id))
    now = await see_room(manned.records, await manned.who(OPERATOR), manned.lesson_id, None, NOW)
    assert (now.lesson_venue_id, now.roll.answered_at) == (await place_of(manned), NOW)
    there = see_room(manned.records, await manned.who(OPERATOR), manned.lesson_id, other["lesson_venue_id"], NOW)
    assert await refused(there) == "forbidden"
    assert [one.lesson_venue_id for one in roll.entries if one.answered_at == NOW] == [await place_of(manned)]


async def test_an_operator_looks_at_the_rooms_preflight_calls_for_help_and_reads_notices(manned):
    (one,) = await list_readiness(manned.house, await manned.who(OPERATOR), manned.lesson_id, NOW)
    assert one.lesson_venue_id == await place_of(manned)
    asked = {"device": "摄像头", "client": "Firefox", "now": NOW}
    assert (await begin_preflight(*await order(manned), **asked)).lesson_venue_id == one.lesson_venue_id
    called = await ask_help(*await order(manned), urgency=Urgency.NORMAL, text="话筒没有声音", now=NOW)
    assert called.name == "第一分会场"
    assert [each.id for each in await list_helps(manned.house, await manned.who("venue1"), manned.lesson_id, NOW)] == [
        called.id
    ]
    told = await send_notice(*await order(manned, "director"), text="请调低音量", now=NOW)
    assert (await read_notice(*await order(manned), notice_id=told.id, now=NOW)).mine


async def test_a_secretary_who_operates_a_room_sees_how_all_of_them_stand(manned):
    mine = await list_readiness(manned.house, await manned.who("secretary"), manned.lesson_id, NOW)
    assert len(mine) > 1
    await assign(manned, "secretary")
    assert await list_readiness(manned.house, await manned.who("secretary"), manned.lesson_id, NOW) == mine


async def test_an_operator_pairs_for_the_room_but_neither_shows_its_codes_nor_sends_its_picture(manned):
    who = await manned.who(OPERATOR)
    assert await list_devices(manned.house, who, ROOM, NOW) == ()
    assert await refused(list_devices(manned.house, who, OTHER, NOW)) == "forbidden"
    place = await place_of(manned)
    signed = venue_codes(manned.records, manned.signer, who, manned.lesson_id, venue=place, now=NOW)
    assert await refused(signed) == "forbidden"
    target = await manned.records.read(lambda tx: allowed_target(tx, who, Action.READ, manned.lesson_id, NOW))
    source = target.lesson.venue(place).source
    with pytest.raises(Exception, match="forbidden"):
        publisher_role(who, target, source, replace=False)


async def test_the_right_ends_with_the_assignment(manned):
    seen = await list_operators(manned.records, await manned.who("admin"), ROOM, NOW)
    await end(manned, seen.items[0].id)
    refusal = await refused(assist(*await order(manned), member_id=await someone(manned), now=NOW))
    assert refusal == "forbidden"


async def test_my_rooms_are_todays_with_what_comes_next_and_those_to_come(stage):
    assert await my_rooms(stage.records, await stage.who(OPERATOR), NOW) == ()
    await assign(stage)
    await assign(stage, room=OTHER, since=TODAY + DAY)
    first, second = await my_rooms(stage.records, await stage.who(OPERATOR), NOW)
    assert (first.name, first.today, [one.lesson_id for one in first.lessons]) == (
        "第一分会场",
        True,
        [stage.lesson_id],
    )
    assert (second.name, second.today, second.lessons) == ("第二分会场", False, ())
    view = await get_lesson(stage.records, await stage.who(OPERATOR), stage.lesson_id, NOW)
    assert (view.operates, view.my_venue) == ((await place_of(stage),), None)
    for step in (LessonStep.REOPEN_DRAFT,):
        await move_lesson(stage.house, await stage.who("admin"), stage.lesson_id, command_id(), step=step, now=NOW)
    assert (await my_rooms(stage.records, await stage.who(OPERATOR), NOW))[0].lessons == ()
    page = await list_lessons(stage.records, await stage.who(OPERATOR), now=NOW)
    assert page.items == ()


async def test_a_lesson_that_was_never_opened_stands_in_nobodys_way_after_its_day(stage):
    await assign(stage)
    ends = (await stage.lesson()).ends_at
    for later, shown in ((dt.timedelta(minutes=1), [stage.lesson_id]), (DAY, [])):
        (room,) = await my_rooms(stage.records, await stage.who(OPERATOR), ends + later)
        assert [one.lesson_id for one in room.lessons] == shown
