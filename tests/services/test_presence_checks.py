"""随机确认, from the start of the lesson to the verdict; on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
import hashlib

from server.domain.access import AccountKind, Principal
from server.domain.credit import CreditRule
from server.domain.members import Member, MemberKind
from server.domain.presence_checks import SECONDS, moments
from server.domain.quiz import Terms
from server.domain.quiz_clock import Moment
from server.domain.roster import RosterEntry
from server.services.demo import demo_id
from server.services.presence_checks import answer_check, keep_checks, list_checks
from server.services.questions import list_questions
from server.services.quiz_launches import launch_quiz
from server.services.verdicts import own_verdict
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import BEGINS, ENDS, MINUTE, move, seen, sign_in, venue_id, venue_seen
from tests.store.samples import NOW

HERE, AWAY, IN_ROOM = "10001", "10002", "10061"
SECOND = dt.timedelta(seconds=1)


async def ruled(stage, **fields):
    """The rule in force asks for checks, from before the demonstration's own on."""
    unit = (await stage.lesson()).unit_id
    rule = CreditRule(
        "asks", unit, "随机确认", 9, dt.date(2026, 1, 1), **{"least_present_percent": 0, "checks": 2, **fields}
    )
    await stage.records.write(lambda tx: tx.credit_rules.add(rule))


async def started(stage, **fields):
    await ruled(stage, **fields)
    await move(stage, "open", NOW)
    await sign_in(stage, HERE, AWAY)
    await sign_in(stage, IN_ROOM, venue=await venue_id(stage, "venue1"))
    await move(stage, "start", BEGINS)
    return await stage.records.read(lambda tx: tx.checks.of(stage.lesson_id))


async def asked(stage, check):
    """The clock has come to it."""
    await keep_checks(stage.house, check.due_at)
    return next(
        each for each in await stage.records.read(lambda tx: tx.checks.of(stage.lesson_id)) if each.id == check.id
    )


async def answer(stage, check, number, at, command=None):
    return await answer_check(stage.house, await stage.who(number), check.id, command or command_id(), at)


async def verdict(stage, number):
    return await own_verdict(stage.records, await stage.who(number), stage.lesson_id, ENDS)


async def test_the_moments_are_kept_secret_and_can_be_checked_afterwards(stage):
    planned = await started(stage)
    told = next(e for e in await stage.events() if e.kind == "checks.planned")
    assert (told.audience, told.data["count"]) == ("staff", 2)
    assert await list_checks(stage.records, await stage.who("director"), stage.lesson_id, BEGINS) == ()
    await move(stage, "end", ENDS)
    seed = next(e for e in await stage.events() if e.kind == "checks.revealed").data["seed"]
    assert hashlib.sha256(seed.encode()).hexdigest() == told.data["digest"]
    lesson = await stage.lesson()
    assert tuple(each.due_at for each in planned) == moments(seed, 2, lesson.live_at, lesson.ends_at)


async def test_a_check_is_asked_answered_and_closed_by_the_clock(stage):
    first, _ = await started(stage)
    check = await asked(stage, first)
    told = next(e for e in await stage.events() if e.kind == "check.asked")
    assert (told.audience, told.data["check_id"], told.data["in_rooms"]) == ("everyone", check.id, False)
    await keep_checks(stage.house, check.due_at)  # in another process
    assert (await stage.kinds()).count("check.asked") == 1
    receipt = await answer(stage, check, HERE, check.asked_at + 5 * SECOND)
    assert receipt.received_at == check.asked_at + 5 * SECOND
    (mine,) = await list_checks(stage.records, await stage.who(HERE), stage.lesson_id, NOW)
    assert (mine.confirmed, mine.answered) == (True, None)
    await keep_checks(stage.house, check.deadline_at + SECOND)
    assert next(e for e in await stage.events() if e.kind == "check.closed").data["answered"] == 1
    (view,) = await list_checks(stage.records, await stage.who("director"), stage.lesson_id, NOW)
    assert (view.closed, view.counts, view.answered, view.confirmed) == (True, True, 1, False)


async def test_a_retry_is_harmless_and_a_late_answer_is_refused(stage):
    first, second = await started(stage)
    check = await asked(stage, first)
    command, at = command_id(), check.asked_at + SECOND
    receipt = await answer(stage, check, HERE, at, command)
    assert await answer(stage, check, HERE, at + SECOND, command) == receipt
    assert await answer(stage, check, HERE, check.deadline_at + 5 * MINUTE) == receipt
    assert await refused(answer(stage, check, AWAY, check.deadline_at + SECOND)) == "check_over"
    assert await refused(answer(stage, second, HERE, at)) == "check_not_found"
    assert await refused(answer(stage, check, "director", at)) == "not_on_roster"


async def test_it_waits_for_a_quiz(stage):
    first, _ = await started(stage)
    lecturer = await stage.who("lecturer")
    question = (await list_questions(stage.records, lecturer, stage.lesson_id, NOW))[0]
    moment = Moment(first.due_at - SECOND, 0)
    await launch_quiz(
        stage.house, lecturer, stage.lesson_id, command_id(), question_id=question.id, terms=Terms(600), now=moment
    )
    assert (await asked(stage, first)).asked_at is None
    assert "check.asked" not in await stage.kinds()


async def test_the_rule_weighs_what_was_asked_of_each(stage):
    planned = await started(stage, least_checks_percent=100)
    for number in (HERE, AWAY):
        await seen(stage, number, until=ENDS)
    await venue_seen(stage, await venue_id(stage, "venue1"))
    for each in planned:
        check = await asked(stage, each)
        await answer(stage, check, HERE, check.asked_at + SECONDS * SECOND)
        await keep_checks(stage.house, check.deadline_at + SECOND)
    await move(stage, "end", ENDS)
    await move(stage, "settle", ENDS)
    there, away, room = [await verdict(stage, number) for number in (HERE, AWAY, IN_ROOM)]
    assert (there.passed, there.evidence.checks, there.evidence.confirmed) == (True, 2, 2)
    assert (away.passed, [f.code for f in away.failings]) == (False, ["not_confirmed_enough"])
    assert (away.evidence.checks, away.evidence.confirmed) == (2, 0)
    assert (room.passed, room.evidence.checks) == (True, 0)  # people in a room are not asked


async def test_where_the_rule_asks_for_none_there_is_none(stage):
    await move(stage, "open", NOW)
    await move(stage, "start", BEGINS)
    assert "checks.planned" not in await stage.kinds()
    await keep_checks(stage.house, ENDS)
    await move(stage, "end", ENDS)
    assert "checks.revealed" not in await stage.kinds()


async def test_two_thousand_answer_at_once_and_each_counts_once(stage):
    first, _ = await started(stage)
    check = await asked(stage, first)
    crowd = [f"crowd-{n}" for n in range(2000)]
    unit = (await stage.lesson()).unit_id
    await stage.records.write(lambda tx: _invite(tx, stage.lesson_id, unit, crowd))

    async def one(member_id):
        account = demo_id(HERE)
        who = Principal(account, "甲", "1", AccountKind.PERSON, member_id, (unit,))
        command = command_id()
        return [await answer_check(stage.house, who, check.id, command, check.asked_at + SECOND) for _ in range(2)]

    receipts = await asyncio.gather(*(one(member_id) for member_id in crowd))
    assert all(first == again for first, again in receipts)
    answered = await stage.records.read(lambda tx: tx.checks.answered(stage.lesson_id))
    assert answered == {check.id: 2000}


def _invite(tx, lesson_id, unit, crowd):
    tx.members.add([Member(each, each, MemberKind.FULL) for each in crowd], [])
    tx.roster.add(lesson_id, [RosterEntry(each, each, MemberKind.FULL, unit, None) for each in crowd])
