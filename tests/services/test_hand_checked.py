"""One lesson worked out by hand, case by case, then held against what settling, a review and making up really enter.

The lesson: 90 minutes, 核定学时 2.00, two questions. Its rule: there for at least 80 % (72 of 90 minutes), half of the
questions answered (1 of 2), late after 10 minutes, 早退 more than 10 minutes before the end, made up at half.
"""

import datetime as dt
from dataclasses import dataclass, replace

import pytest

from server.domain.attendance import Standing
from server.domain.leaves import Leave, LeaveState
from server.domain.ledger import balance
from server.domain.make_up_terms import MakeUpTerms
from server.domain.members import Loan
from server.domain.personnel import lent
from server.domain.presence import BEAT, Channel, Device, Face, Span
from server.domain.sign_ins import SignIn, Way
from server.services.attending import arrive, depart
from server.services.checkpoints import lose_viewer, see_viewer
from server.services.credit_rules import RulePlan, add_rule
from server.services.demo import demo_id
from server.services.reviews import ask_review, decide_review
from server.store.audit import check_ledger
from tests.services.conftest import command_id
from tests.services.credit_lesson import BEGINS, ENDS, MINUTE, ask, member, move, venue_id, venue_seen
from tests.services.test_make_ups import Player, Recorded, at, begin, hand_in, recorded, right_choices
from tests.store.samples import NOW

SETTLED = ENDS + 60 * MINUTE
HOST = demo_id("二车间党支部")
PHONE, PC = "phone", "pc"


@dataclass(frozen=True)
class Case:
    """``seen``: device, from minute, until minute of the lesson. ``signed``: minute of signing in, None: never."""

    number: str
    signed: int | None
    seen: tuple[tuple[str, int, int], ...]
    answers: tuple[bool, ...]
    standing: Standing
    percent: int
    failings: tuple[str, ...]
    hundredths: int  # all entries of the lesson together, reviews and making up among them
    way: Way = Way.PHONE
    away: tuple[int, int] | None = None  # from minute, until minute: the page is hidden, and connected all the same


FEW = ("not_present_enough",)
CASES = {
    # seen 90 of 90 minutes = 100 %, 1 of 2 answered = 50 %: passes, 2.00
    "full": Case("10001", -5, ((PHONE, -5, 90),), (True,), Standing.PRESENT, 100, (), 200),
    # 15 minutes late is over 10: late. 75 of 90 = 83.3 %, rounded down 83 >= 80: passes, being late takes nothing away
    "late": Case("10002", 15, ((PHONE, 15, 90),), (True,), Standing.LATE, 83, (), 200),
    # gone 15 minutes before the end, over 10: 早退. 75 of 90 = 83 %: passes all the same
    "early": Case("10003", -5, ((PHONE, -5, 75),), (True,), Standing.LEFT_EARLY, 83, (), 200),
    # gone 19 minutes before the end: 71 of 90 = 78.9 %, rounded down 78 < 80: nothing
    "too early": Case("10011", -5, ((PHONE, -5, 71),), (True,), Standing.LEFT_EARLY, 78, FEW, 0),
    # 0-50 and 40-90 overlap by 10: 50 + 50 - 10 = 90 of 90 = 100 %: passes
    "two devices": Case("10005", -5, ((PHONE, 0, 50), (PC, 40, 90)), (True,), Standing.PRESENT, 100, (), 200),
    # 0-40 and 20-60 are 80 minutes on two devices, of one person 60: 66.6 %, rounded down 66: nothing; left 30 early
    "two devices, never twice": Case(
        "10006", -5, ((PHONE, 0, 40), (PC, 20, 60)), (True,), Standing.LEFT_EARLY, 66, FEW, 0
    ),
    # connected and playing all the time, in the background from 30 to 60: 30 + 30 = 60 of 90 = 66 %: nothing
    "background": Case("10007", -5, (), (True,), Standing.PRESENT, 66, FEW, 0, away=(30, 60)),
    # the same for one minute from 30 on, which is a glance at a message: 90 of 90 = 100 %: passes
    "glance": Case("10015", -5, (), (True,), Standing.PRESENT, 100, (), 200, away=(30, 31)),
    # leave was granted and he did not come: nothing, and not absent. No presence, 0 of 2 answered
    "leave": Case(
        "10008", None, (), (), Standing.ON_LEAVE, 0, ("not_signed_in", "not_present_enough", "not_answered_enough"), 0
    ),
    # at the room's screen by number, no phone: there as long as the room's screen, 90 of 90 = 100 %: passes
    "room kiosk": Case("10061", -5, (), (True,), Standing.PRESENT, 100, (), 200, Way.KIOSK),
    # there, 0 of 2 answered = 0 % < 50: fails at settling; his review is granted: a correction of 2.00
    "review": Case("10009", -5, ((PHONE, -5, 90),), (), Standing.PRESENT, 100, ("not_answered_enough",), 200),
    # absent, makes it up: half of 2.00 = 1.00
    "make-up": Case(
        "10004", None, (), (), Standing.ABSENT, 0, ("not_signed_in", "not_present_enough", "not_answered_enough"), 100
    ),
    # absent, and leaves it at that: nothing
    "absent": Case(
        "10010", None, (), (), Standing.ABSENT, 0, ("not_signed_in", "not_present_enough", "not_answered_enough"), 0
    ),
    # on loan to another branch, which expects him: passes, the entry is that unit's
    "on loan": Case("10012", -5, ((PHONE, -5, 90),), (True,), Standing.PRESENT, 100, (), 200),
}


def minute(number):
    return BEGINS + number * MINUTE


async def prepared(stage):
    """Before it opens: the rule, the loan, the leave."""
    terms = MakeUpTerms(days=14, credit_percent=50)
    least = {"least_present_percent": 80, "least_answered_percent": 50, "least_right_percent": None}
    more = {"left_early_minutes": 10, "make_up": terms}
    plan = RulePlan(demo_id("某集团党委"), "规则", dt.date(2026, 1, 1), None, 10, **least, **more)
    await add_rule(stage.records, await stage.who("admin"), command_id(), plan, NOW)

    def write(tx):
        file = tx.members.lock(member(CASES["on loan"].number))
        tx.members.save([lent(file, Loan(file.member.id, HOST, NOW.date()))])
        away, by = member(CASES["leave"].number), demo_id("secretary")
        leave = Leave(command_id(), stage.lesson_id, away, "出差", by, NOW, LeaveState.APPROVED, NOW, by)
        tx.leaves.add(leave)

    await stage.records.write(write)


async def watched_by_phone(stage, case, away):
    """As the page itself says it: a beat every 15 s, hidden or not, over a socket, and the media connection beside."""
    phone = Device(f"sid {case.number}", demo_id(case.number), Face.PHONE, None, member(case.number))
    session, moment = f"media of {case.number}", minute(-5)
    await see_viewer(stage.house, stage.lesson_id, session, phone.account_id, moment)
    while moment < ENDS:
        hidden = minute(away[0]) <= moment < minute(away[1])
        await arrive(stage.house, stage.lesson_id, phone, moment, hidden=hidden)
        moment += BEAT
    await depart(stage.house, stage.lesson_id, phone, ENDS)
    await lose_viewer(stage.house, stage.lesson_id, session, ENDS)


async def held(stage, database):
    await move(stage, "open", NOW)
    room = await venue_id(stage, "venue1")

    def sign(tx):
        for case in CASES.values():
            if case.signed is not None:
                where = room if case.way is Way.KIOSK else None
                at_minute = minute(case.signed)
                signed = SignIn(member(case.number), at_minute, case.way, where, demo_id(case.number), command_id())
                tx.sign_ins.add(stage.lesson_id, signed)

    await stage.records.write(sign)
    await move(stage, "start", BEGINS)
    spans = [
        Span(f"{device} of {case.number}", minute(since), minute(until), Channel.SOCKET, member_id=member(case.number))
        for case in CASES.values()
        for device, since, until in case.seen
    ]
    # a device that comes back begins a span of its own: one checkpoint for each
    for span in spans:
        await stage.records.write(lambda tx, span=span: tx.spans.checkpoint(stage.lesson_id, [span]))
    for case in CASES.values():
        if case.away is not None:
            await watched_by_phone(stage, case, case.away)
    await venue_seen(stage, room)
    await ask(stage, database, {case.number: list(case.answers) for case in CASES.values()})
    await move(stage, "end", ENDS)


async def afterwards(stage):
    """The review is asked and granted; the lesson is made up."""
    asker = await stage.who(CASES["review"].number)
    review = await ask_review(stage.house, asker, stage.lesson_id, command_id(), text="题目没有显示", now=SETTLED)
    order = (stage.house, await stage.who("admin"), review.id, command_id())
    await decide_review(*order, grant=True, answer="已核实", now=SETTLED)
    await Player(stage, CASES["make-up"].number).watch()
    attempt = await begin(stage, at(100))
    assert (await hand_in(stage, attempt, await right_choices(stage), at(200))).passed


@pytest.fixture
async def stage_after(stage, database):
    await prepared(stage)
    stage.house = replace(stage.house, library=Recorded(stage.media.disk))
    await held(stage, database)
    await recorded(stage, 60_000)
    await move(stage, "settle", SETTLED)
    verdicts = await stage.records.read(
        lambda tx: {name: tx.verdicts.get(stage.lesson_id, member(case.number))[0] for name, case in CASES.items()}
    )
    await afterwards(stage)
    return stage, verdicts


async def test_every_case_comes_out_as_it_was_worked_out_by_hand(stage_after, database_url):
    stage, verdicts = stage_after
    entries = await stage.records.read(lambda tx: tx.ledger.of_lesson(stage.lesson_id))
    found, expected = {}, {}
    for name, case in CASES.items():
        own = [entry for entry in entries if entry.member_id == member(case.number)]
        verdict = verdicts[name]
        failings = tuple(sorted(verdict.failings))
        found[name] = (verdict.evidence.standing, verdict.evidence.present_percent, failings, balance(own))
        expected[name] = (case.standing, case.percent, tuple(sorted(case.failings)), case.hundredths)
    assert found == expected
    kinds = {name: [e.kind for e in entries if e.member_id == member(case.number)] for name, case in CASES.items()}
    assert kinds["review"] == ["correction"]
    assert kinds["make-up"] == ["make_up"]
    assert [e.unit_id for e in entries if e.member_id == member(CASES["on loan"].number)] == [HOST]
    assert balance(entries) == sum(case.hundredths for case in CASES.values())
    assert (await check_ledger(database_url)).position == len(entries)
