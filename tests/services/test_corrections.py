"""Corrections of attendance: by name, with a reason, by two where the school wants it; the former stays visible."""

import dataclasses

import pytest

from server.domain.attendance import Standing
from server.domain.corrections import CorrectionState
from server.services.board import see_board, watch_board
from server.services.corrections import correct, decide_correction, list_corrections
from server.services.roster import list_roster
from server.services.verdicts import own_verdict
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import BEGINS, ENDS, member, move, sign_in
from tests.store.samples import NOW

CAME, MISSED, FOREIGN = "10001", "10002", "10041"


async def fix(stage, number, standing, *, by="secretary", command=None, now=NOW):
    return await correct(
        *(stage.house, await stage.who(by), stage.lesson_id, command or command_id()),
        **{"member_id": member(number), "standing": standing, "reason": "本人在场，手机没电", "now": now},
    )


async def decide(stage, correction, approve=True, by="admin"):
    return await decide_correction(
        stage.house, await stage.who(by), correction.id, command_id(), approve=approve, answer="已核对", now=NOW
    )


async def row(stage, number):
    page = await list_roster(stage.records, await stage.who("admin"), stage.lesson_id, limit=200, now=NOW)
    return next(each for each in page.items if each.member_id == member(number))


async def present(stage):
    return (await see_board(stage.records, await stage.who("secretary"), stage.lesson_id, NOW)).present


@pytest.fixture
async def opened(stage):
    await move(stage, "open", NOW)
    await sign_in(stage, CAME)
    return stage


@pytest.fixture
async def by_two(opened):
    opened.house = dataclasses.replace(opened.house, corrections_by_two=True)
    return opened


async def test_a_correction_holds_at_once_and_the_record_stays(opened):
    stamp = (await watch_board(opened.records, opened.lesson_id, None)).stamp
    command = command_id()
    made = await fix(opened, MISSED, Standing.PRESENT, command=command)
    assert (made.before, made.after, made.state) == (Standing.ABSENT, Standing.PRESENT, CorrectionState.HOLDS)
    assert await fix(opened, MISSED, Standing.PRESENT, command=command) == made
    found = await row(opened, MISSED)
    assert (found.standing, found.corrected, found.sign_in) == (Standing.PRESENT, True, None)
    assert await present(opened) == 2
    assert await watch_board(opened.records, opened.lesson_id, stamp) is not None
    said = next(e for e in await opened.events() if e.kind == "attendance.corrected")
    assert (said.audience, said.data["before"], said.data["after"]) == ("staff", "absent", "present")


async def test_a_later_correction_is_a_new_row_and_the_former_stays_visible(opened):
    await fix(opened, CAME, Standing.ABSENT)
    await fix(opened, CAME, Standing.LATE, by="admin")
    listed = await list_corrections(opened.records, await opened.who("secretary"), opened.lesson_id, NOW)
    assert [(one.number, one.before, one.after) for one in listed] == [
        (2, Standing.ABSENT, Standing.LATE),
        (1, Standing.PRESENT, Standing.ABSENT),
    ]
    found = await row(opened, CAME)
    assert (found.standing, found.sign_in is not None) == (Standing.LATE, True)
    assert await refused(fix(opened, CAME, Standing.LATE)) == "correction_same"


async def test_with_two_it_waits_for_another_person(by_two):
    made = await fix(by_two, MISSED, Standing.PRESENT)
    assert (made.state, await present(by_two)) == (CorrectionState.WAITING, 1)
    assert await refused(fix(by_two, MISSED, Standing.LATE, by="admin")) == "correction_waiting"
    assert await refused(decide(by_two, made, by="secretary")) == "correction_own"
    confirmed = await decide(by_two, made)
    assert (confirmed.state, confirmed.decided_by.name, confirmed.answer) == (CorrectionState.HOLDS, "管理员", "已核对")
    assert await present(by_two) == 2
    assert await refused(decide(by_two, made)) == "correction_decided"


async def test_the_second_person_may_decline_and_nothing_changes(by_two):
    declined = await decide(by_two, await fix(by_two, MISSED, Standing.PRESENT), approve=False)
    assert (declined.state, await present(by_two)) == (CorrectionState.DECLINED, 1)
    assert (await fix(by_two, MISSED, Standing.ON_LEAVE)).state is CorrectionState.WAITING


async def test_nobody_corrects_the_own_attendance_or_foreign_peoples(opened):
    secretary = dataclasses.replace(await opened.who("secretary"), member_id=member(MISSED))
    own = correct(
        *(opened.house, secretary, opened.lesson_id, command_id()),
        **{"member_id": member(MISSED), "standing": Standing.PRESENT, "reason": "我在", "now": NOW},
    )
    assert await refused(own) == "correction_own"
    assert await refused(fix(opened, FOREIGN, Standing.PRESENT)) == "forbidden"
    for by in ("director", CAME, "venue1"):
        assert await refused(fix(opened, MISSED, Standing.PRESENT, by=by)) == "forbidden"


async def test_the_verdict_follows_who_vouched(opened):
    await move(opened, "start", BEGINS)
    await move(opened, "end", ENDS)
    await fix(opened, MISSED, Standing.PRESENT)
    await fix(opened, CAME, Standing.ABSENT)
    await move(opened, "settle", ENDS)
    vouched, struck = [
        await own_verdict(opened.records, await opened.who(number), opened.lesson_id, ENDS) for number in (MISSED, CAME)
    ]
    assert (vouched.passed, vouched.evidence.standing, vouched.evidence.signed_in_at) == (True, Standing.PRESENT, None)
    assert (struck.passed, struck.evidence.corrected) == (False, Standing.ABSENT)
    assert next(each.code for each in struck.failings) == "not_signed_in"
    assert await refused(fix(opened, MISSED, Standing.LATE)) == "correction_closed"
