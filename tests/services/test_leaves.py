"""Leave: asked, decided by who may, withdrawn, counted; on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest

from server.domain.attendance import Rates, Standing
from server.domain.events import to_account
from server.domain.leaves import LeaveState
from server.domain.members import Ending
from server.domain.personnel import ended
from server.domain.roster import RosterState
from server.services.board import see_board, watch_board
from server.services.demo import demo_id
from server.services.leaves import ask_leave, decide_leave, list_leaves, withdraw_leave
from server.services.own_attendance import see_attendance
from server.services.roster import list_roster
from server.services.verdicts import own_verdict
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import BEGINS, ENDS, member, move, sign_in
from tests.store.samples import NOW

MINE, OTHERS = "10001", "10041"
"""Of the secretary's branch, and of another one."""


async def ask(stage, number, command=None, **more):
    who = await stage.who(number)
    wish = {"reason": "出差", "now": NOW, **more}
    return await ask_leave(stage.house, who, stage.lesson_id, command or command_id(), **wish)


async def decide(stage, leave, approve=True, by="secretary", now=NOW):
    who = await stage.who(by)
    return await decide_leave(stage.house, who, leave.id, command_id(), approve=approve, answer="同意", now=now)


async def board(stage, by="admin"):
    return await see_board(stage.records, await stage.who(by), stage.lesson_id, NOW)


async def test_a_member_asks_and_the_secretary_grants_it_before_the_opening(stage):
    asked = await ask(stage, MINE)
    assert (asked.state, asked.member.id, asked.unit.name, asked.by_other) == (
        LeaveState.ASKED,
        member(MINE),
        "综合党支部",
        False,
    )
    granted = await decide(stage, asked)
    assert (granted.state, granted.answer, granted.decided_by.name) == (LeaveState.APPROVED, "同意", "综合支部书记")
    own = await see_attendance(stage.records, await stage.who(MINE), stage.lesson_id, NOW)
    assert (own.leave.state, own.leave.answer) == (LeaveState.APPROVED, "同意")
    told = [(e.kind, e.data.get("state")) for e in await stage.events() if e.audience == to_account(demo_id(MINE))]
    assert told == [("leave.asked", None), ("leave.changed", "approved")]


async def test_a_retry_asks_once_and_a_second_request_waits_for_the_first(stage):
    command = command_id()
    first, again = await ask(stage, MINE, command), await ask(stage, MINE, command)
    assert first == again
    assert await refused(ask(stage, MINE)) == "leave_stands"
    await decide(stage, first, approve=False)
    assert (await ask(stage, MINE)).state is LeaveState.ASKED


async def test_two_readings_of_the_rate_and_who_is_missing(stage):
    await move(stage, "open", NOW)
    before = await board(stage, "secretary")
    stamp = (await watch_board(stage.records, stage.lesson_id, None)).stamp
    await decide(stage, await ask(stage, MINE))
    await sign_in(stage, "10002")
    seen = await board(stage, "secretary")
    assert (seen.expected, seen.present, seen.on_leave, seen.missing) == (20, 1, 1, before.missing - 2)
    assert seen.rates == Rates(50, 52)
    assert [row.rates for row in seen.units] == [Rates(50, 52)]
    assert await watch_board(stage.records, stage.lesson_id, stamp) is not None
    admin = await stage.who("admin")
    rows = await list_roster(stage.records, admin, stage.lesson_id, state=RosterState.ON_LEAVE, now=NOW)
    assert [(row.member_id, row.leave, row.standing) for row in rows.items] == [
        (member(MINE), LeaveState.APPROVED, Standing.ON_LEAVE)
    ]
    missing = await list_roster(stage.records, admin, stage.lesson_id, state=RosterState.MISSING, limit=200, now=NOW)
    assert member(MINE) not in {row.member_id for row in missing.items}


async def test_who_was_granted_leave_and_came_is_present(stage):
    await decide(stage, await ask(stage, MINE))
    await move(stage, "open", NOW)
    await sign_in(stage, MINE)
    seen = await board(stage)
    assert (seen.present, seen.on_leave) == (1, 0)


async def test_a_secretary_decides_for_his_own_units_only(stage):
    foreign, own = await ask(stage, OTHERS), await ask(stage, MINE)
    assert await refused(decide(stage, foreign)) == "forbidden"
    assert await refused(decide(stage, own, by="10002")) == "forbidden"
    assert await refused(decide(stage, own, by="director")) == "forbidden"
    assert [one.id for one in await list_leaves(stage.records, await stage.who("secretary"), stage.lesson_id, NOW)] == [
        own.id
    ]
    assert (await decide(stage, foreign, by="admin")).state is LeaveState.APPROVED


async def test_nobody_decides_the_own_leave(stage):
    asked = await ask(stage, MINE)
    secretary = replace(await stage.who("secretary"), member_id=member(MINE))
    deciding = decide_leave(stage.house, secretary, asked.id, command_id(), approve=True, answer="同意", now=NOW)
    assert await refused(deciding) == "leave_own"
    telling = ask_leave(
        stage.house, secretary, stage.lesson_id, command_id(), reason="病假", member_id=member(MINE), now=NOW
    )
    assert await refused(telling) == "leave_own"


async def test_what_a_member_told_the_secretary_is_granted_with_it(stage):
    told = await ask(stage, "secretary", member_id=member(MINE))
    assert (told.state, told.by_other, told.decided_by.name) == (LeaveState.APPROVED, True, "综合支部书记")
    assert await refused(ask(stage, "secretary", member_id=member(OTHERS))) == "forbidden"


async def test_a_request_is_withdrawn_by_its_member_before_it_is_decided(stage):
    first = await ask(stage, MINE)
    other = await stage.who("10002")
    assert await refused(withdraw_leave(stage.house, other, first.id, command_id(), NOW)) == "leave_not_found"
    me = await stage.who(MINE)
    assert (await withdraw_leave(stage.house, me, first.id, command_id(), NOW)).state is LeaveState.WITHDRAWN
    assert await refused(decide(stage, first)) == "leave_decided"
    second = await ask(stage, MINE)
    await decide(stage, second)
    assert await refused(withdraw_leave(stage.house, me, second.id, command_id(), NOW)) == "leave_decided"


async def test_after_the_lesson_it_may_be_decided_and_not_asked(stage):
    await move(stage, "open", NOW)
    asked = await ask(stage, MINE)
    await move(stage, "start", BEGINS)
    await move(stage, "end", ENDS)
    assert await refused(ask(stage, "10002")) == "leave_closed"
    await decide(stage, asked, now=ENDS)
    await move(stage, "settle", ENDS)
    verdict = await own_verdict(stage.records, await stage.who(MINE), stage.lesson_id, ENDS)
    assert (verdict.passed, verdict.evidence.standing) == (False, Standing.ON_LEAVE)


@pytest.mark.parametrize("number", ["director", "lecturer", "venue1"])
async def test_who_is_not_expected_asks_for_no_leave(stage, number):
    assert await refused(ask(stage, number)) == "not_on_roster"


async def test_who_left_meanwhile_hides_nobody_elses_leave(stage):
    await ask(stage, MINE)
    await ask(stage, "10002")

    def leave(tx):
        file = tx.members.files([member(MINE)])[member(MINE)]
        tx.members.save([ended(file, Ending.LEFT, NOW.date(), NOW.date())])

    await stage.records.write(leave)
    listed = await list_leaves(stage.records, await stage.who("secretary"), stage.lesson_id, NOW)
    assert {one.member.id: one.unit.name for one in listed} == dict.fromkeys(
        (member(MINE), member("10002")), "综合党支部"
    )
