"""A closed quiz gets its right key: looked at, done once, and what depends on it follows; on both databases."""

import asyncio

import pytest
import sqlalchemy as sa

from server.domain.chain import Head
from server.domain.refusals import Refusal
from server.domain.scoring import Key
from server.services.demo import demo_id
from server.services.remarking import preview_remark, remark_quiz, see_remarks
from server.services.verdicts import own_credit, own_verdict
from server.store.audit import check_ledger
from server.store.schema import answers, credit_rules, lessons, quizzes
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import (
    AT_VENUE,
    BEGINS,
    ENDS,
    LEFT_EARLY,
    MINUTE,
    PASSES,
    SILENT,
    facts,
    held,
    member,
    move,
)

LATER = ENDS + 60 * MINUTE
QUIZ = "quiz 1"
RIGHT = Key(("b",))
WHY = "原答案标错"


@pytest.fixture
async def ended(stage, database):
    """The first question said that "a" is right; three chose it, and SILENT, who was there, chose "b"."""
    await held(stage, database)
    options = [{"id": "a", "text": "110"}, {"id": "b", "text": "119"}]
    asked = sa.update(quizzes).where(quizzes.c.id == QUIZ).values(options=options, correct=["a"])
    chose = sa.update(answers).where(answers.c.quiz_id == QUIZ).values(choice=["a"])
    silent = {
        **{"quiz_id": QUIZ, "member_id": member(SILENT), "command_id": command_id(), "choice": ["b"], "right": False},
        **{"marks": 0, "round": 1, "reason": "", "received_at": BEGINS, "account_id": demo_id(SILENT)},
        "channel": "https",
    }
    other = sa.insert(answers).values(silent)
    await database.write(lambda c: (c.execute(asked), c.execute(chose), c.execute(other)))
    return stage


@pytest.fixture
async def settled(ended, database):
    """Half of the questions have to be right."""
    asks = sa.update(credit_rules).values(least_right_percent=50)
    await database.write(lambda c: c.execute(asks))
    await move(ended, "settle", LATER)
    return ended


async def preview(stage, key=RIGHT, by="admin"):
    return await preview_remark(stage.records, await stage.who(by), QUIZ, key, LATER)


async def remark(stage, key=RIGHT, by="admin", command=None, after=0):
    who = await stage.who(by)
    return await remark_quiz(
        stage.house, who, QUIZ, command or command_id(), key=key, reason=WHY, after=after, now=LATER
    )


async def verdict_of(stage, number):
    return await own_verdict(stage.records, await stage.who(number), stage.lesson_id, LATER)


async def test_looking_changes_nothing_and_says_for_whom_it_differs(settled):
    before = await verdict_of(settled, SILENT)
    seen = await preview(settled)
    assert (seen.after, seen.answers, seen.changed, seen.raised, seen.settled) == (0, 4, 4, 1, True)
    assert {(one.member.id, one.before, one.after) for one in seen.people if one.member.id == member(SILENT)} == {
        (member(SILENT), 0, 100)
    }
    assert await verdict_of(settled, SILENT) == before
    sheet = await see_remarks(settled.records, await settled.who("admin"), QUIZ, LATER)
    assert (sheet.key.correct, sheet.items) == (("a",), ())


async def test_marked_again_the_former_key_stays_and_everybody_hears_why(settled):
    made = await remark(settled)
    assert (made.number, made.former.correct, made.key.correct, made.changed) == (1, ("a",), ("b",), 4)
    sheet = await see_remarks(settled.records, await settled.who("admin"), QUIZ, LATER)
    assert (sheet.key.correct, sheet.items) == (("b",), (made,))
    heard = [event for event in await settled.events() if event.kind == "quiz.remarked"]
    assert [(event.audience, event.data["correct"], event.data["right"], event.data["reason"]) for event in heard] == [
        ("everyone", ["b"], 1, WHY)
    ]
    again = await preview(settled, Key(("a",)))
    assert (again.after, again.changed) == (1, 4)


async def test_who_reaches_it_now_gets_an_entry_and_nobody_loses_one(settled, database_url):
    counts = {number: (await verdict_of(settled, number)).hundredths for number in (PASSES, AT_VENUE, LEFT_EARLY)}
    assert not (await verdict_of(settled, SILENT)).passed
    seen = await preview(settled)
    assert (seen.granted, seen.kept) == (1, 2)
    await remark(settled)
    for number, hundredths in counts.items():
        assert (await verdict_of(settled, number)).hundredths == hundredths
    verdict = await verdict_of(settled, SILENT)
    assert (verdict.passed, verdict.hundredths, verdict.evidence.right) == (True, 200, 1)
    entries = await settled.records.read(lambda tx: tx.ledger.of_lesson(settled.lesson_id))
    corrections = [entry for entry in entries if entry.kind == "correction"]
    assert [(entry.member_id, facts(entry.evidence)["quiz_id"]) for entry in corrections] == [(member(SILENT), QUIZ)]
    own = await own_credit(settled.records, await settled.who(SILENT), 2026, LATER)
    assert own.hundredths == verdict.hundredths
    assert await check_ledger(database_url) == Head(len(entries), entries[-1].hash)


async def test_who_taught_it_gets_nothing_more_by_the_right_key(ended, database, database_url):
    """核定学时 2.00, × 3 = 6.00: the lecturer, who listened and answered too, had all of it at settling."""
    asks = sa.update(credit_rules).values(least_right_percent=50, teaching_percent=300)
    whose = sa.update(lessons).where(lessons.c.id == ended.lesson_id).values(lecturer_id=demo_id(SILENT))
    await database.write(lambda c: (c.execute(asks), c.execute(whose)))
    await move(ended, "settle", LATER)
    await remark(ended)
    verdict = await verdict_of(ended, SILENT)
    assert (verdict.passed, verdict.hundredths) == (True, 0)
    entries = await ended.records.read(lambda tx: tx.ledger.of_lesson(ended.lesson_id))
    own = [(entry.kind, entry.hundredths) for entry in entries if entry.member_id == member(SILENT)]
    assert own == [("teaching", 600)]
    assert (await check_ledger(database_url)).position == len(entries)


async def test_once_for_a_command_and_never_on_an_old_look(settled):
    command = command_id()
    first = await remark(settled, command=command)
    assert await remark(settled, command=command) == first
    assert await refused(remark(settled, Key(("a",)))) == "remark_outdated"
    assert await refused(remark(settled, after=1)) == "remark_same"


async def test_of_two_at_once_one_is_refused(settled):
    both = await asyncio.gather(remark(settled), remark(settled), return_exceptions=True)
    assert sorted(each.code if isinstance(each, Refusal) else "done" for each in both) in (
        ["done", "remark_outdated"],
        ["done", "remark_same"],
    )


async def test_before_settling_the_lecturer_may_and_settling_counts_by_the_right_key(ended):
    assert (await preview(ended, by="lecturer")).settled is False
    await remark(ended, by="lecturer")
    tallies = await ended.records.read(lambda tx: tx.quizzes.tallies(ended.lesson_id))
    assert tallies[member(PASSES)].right == 0


async def test_once_it_is_settled_it_is_for_who_settles(settled):
    for by in ("lecturer", "director", "secretary", "10001", "venue1"):
        assert await refused(remark(settled, by=by)) == "forbidden"
