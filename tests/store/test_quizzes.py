"""Questions, quizzes and answers on SQLite and PostgreSQL."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server.domain.access import AccountKind
from server.domain.accounts import Account
from server.domain.members import Member, MemberKind, Membership
from server.domain.quiz import (
    Answer,
    AnswerChannel,
    Option,
    Outcome,
    Question,
    QuestionKind,
    Tally,
    Terms,
    UnitOutcome,
    launched,
)
from server.domain.roster import RosterEntry
from server.store.database import Database
from server.store.records import SqlRecords
from server.store.schema import answers
from tests.store.samples import DAWN, NOW, a_lesson, populate

OPTIONS = (Option("a", "一"), Option("b", "二"), Option("c", "三"))
QUESTION = Question("p1", "l1", 1, QuestionKind.MULTIPLE, "哪些？", OPTIONS, ("a", "c"), "因为", 60)
QUIZ = launched(QUESTION, "q1", 1, by="teacher", terms=Terms(grace_ms=0), now=NOW)
SECOND = dt.timedelta(seconds=1)


def fill(tx):
    populate(tx)
    tx.lessons.add(a_lesson("l1"))
    tx.lessons.add(a_lesson("l2"))
    tx.questions.add(QUESTION)
    entries = [
        RosterEntry("m1", "学员甲", MemberKind.FULL, "b2", None),
        RosterEntry("m2", "学员乙", MemberKind.PROBATIONARY, "b1", None),
    ]
    tx.roster.add("l1", entries)


@pytest.fixture
async def filled(records):
    await records.write(fill)
    return records


def answer(member="m1", choice=("a", "c"), **fields):
    plan = {
        "quiz_id": "q1",
        "member_id": member,
        "command_id": f"c-{member}",
        "choice": choice,
        "right": choice == ("a", "c"),
        "received_at": NOW + SECOND,
        "account_id": "a1",
        "channel": AnswerChannel.SOCKET,
        "marks": 100 if choice == ("a", "c") else 0,
    }
    return Answer(**{**plan, **fields})


async def test_questions_come_back_as_they_were_put_by_position(filled):
    second = replace(QUESTION, id="p0", position=2, kind=QuestionKind.SINGLE, correct=("b",))
    await filled.write(lambda tx: tx.questions.add(second))
    assert await filled.read(lambda tx: tx.questions.of("l1")) == (QUESTION, second)
    assert await filled.read(lambda tx: tx.questions.of("l2")) == ()
    changed = replace(second, text="改", version=2)
    await filled.write(lambda tx: tx.questions.save(changed))
    assert await filled.read(lambda tx: tx.questions.get("p0")) == changed
    await filled.write(lambda tx: tx.questions.remove("p0"))
    assert await filled.read(lambda tx: tx.questions.get("p0")) is None


async def test_a_quiz_comes_back_as_it_was_launched(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    assert await filled.read(lambda tx: tx.quizzes.get("q1")) == QUIZ
    assert await filled.read(lambda tx: tx.quizzes.running("l1")) == QUIZ
    assert await filled.read(lambda tx: tx.quizzes.running("l2")) is None
    assert await filled.read(lambda tx: tx.quizzes.all_running()) == (QUIZ,)
    assert await filled.read(lambda tx: (tx.quizzes.count("l1"), tx.quizzes.asked("l1"))) == (1, 0)
    assert await filled.read(lambda tx: tx.quizzes.get("nowhere")) is None


async def test_the_database_lets_one_quiz_of_a_lesson_run(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    with pytest.raises(sa.exc.IntegrityError):
        await filled.write(lambda tx: tx.quizzes.add(replace(QUIZ, id="q2", number=2)))
    await filled.write(lambda tx: tx.quizzes.add(replace(QUIZ, id="q3", lesson_id="l2")))


async def test_quizzes_are_held_by_their_ids_and_members_found_on_a_roster(filled):
    other = replace(QUIZ, id="q3", lesson_id="l2")
    await filled.write(lambda tx: (tx.quizzes.add(QUIZ), tx.quizzes.add(other)))
    held = await filled.write(lambda tx: tx.quizzes.held(["q3", "q1", "nowhere"]))
    assert held == {"q1": QUIZ, "q3": other}
    assert await filled.write(lambda tx: tx.quizzes.held([])) == {}
    assert await filled.read(lambda tx: tx.roster.among("l1", ["m1", "m2", "m9"])) == {"m1", "m2"}
    assert await filled.read(lambda tx: tx.roster.among("l2", ["m1"])) == frozenset()


async def test_a_member_answers_once_and_a_command_is_used_once(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    first = answer()
    assert await filled.write(lambda tx: tx.quizzes.put([first])) == {("q1", "m1")}
    others = [first, answer(command_id="c-other"), answer("m2", command_id="c-m1")]
    for some in ([], others[:1], others):
        assert await filled.write(lambda tx, some=some: tx.quizzes.put(some)) == frozenset()
    assert await filled.read(lambda tx: tx.quizzes.given("q1", ["m1", "m2"])) == (first,)
    assert await filled.read(lambda tx: tx.quizzes.given("q1", ["m2"])) == ()
    assert await filled.read(lambda tx: tx.quizzes.own("l1", "m1")) == {"q1": first}
    assert await filled.read(lambda tx: tx.quizzes.answered("q1")) == 1


async def test_of_many_answers_those_are_written_that_are_new(filled):
    await filled.write(crowd)
    old = [answer(f"k{n}", account_id=f"a-k{n}") for n in range(0, CROWD, 3)]
    everybody = [answer(f"k{n}", account_id=f"a-k{n}") for n in range(CROWD)]
    assert len(await filled.write(lambda tx: tx.quizzes.put(old))) == len(old)
    written = await filled.write(lambda tx: tx.quizzes.put(everybody))
    assert written == {each.key for each in everybody} - {each.key for each in old}
    assert await filled.read(lambda tx: tx.quizzes.answered("q1")) == CROWD


async def test_closing_counts_and_keeps_what_came_of_it_once(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    await filled.write(lambda tx: tx.quizzes.put([answer()]))
    await filled.write(lambda tx: tx.quizzes.put([answer("m2", ("b",))]))
    units = (UnitOutcome("b1", "一支部", 1, 1, 0), UnitOutcome("b2", "二支部", 1, 1, 1))
    expected = Outcome(2, 1, 2, {"a": 1, "b": 1, "c": 1}, units, marks=100)
    now = await filled.read(lambda tx: tx.quizzes.outcome(QUIZ, units=False))
    assert now == replace(expected, units=())
    assert await filled.write(lambda tx: tx.quizzes.close(QUIZ, NOW + SECOND)) == expected
    assert await filled.write(lambda tx: tx.quizzes.close(QUIZ, NOW + 2 * SECOND)) is None
    closed = replace(QUIZ, closed_at=NOW + SECOND)
    assert await filled.read(lambda tx: tx.quizzes.of("l1")) == ((closed, expected),)
    assert await filled.read(lambda tx: tx.quizzes.running("l1")) is None
    await filled.write(lambda tx: tx.quizzes.add(replace(QUIZ, id="q2", number=2)))


async def test_only_closed_quizzes_tell_in_a_members_tally(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    await filled.write(lambda tx: tx.quizzes.put([answer()]))
    assert await filled.read(lambda tx: tx.quizzes.tallies("l1")) == {}
    await filled.write(lambda tx: tx.quizzes.close(QUIZ, NOW))
    assert await filled.read(lambda tx: tx.quizzes.tallies("l1")) == {"m1": Tally(1, 1)}
    assert await filled.read(lambda tx: tx.quizzes.asked("l1")) == 1


async def test_a_quiz_nobody_answered_has_its_units_and_zeros(filled):
    await filled.write(lambda tx: tx.quizzes.add(QUIZ))
    outcome = await filled.write(lambda tx: tx.quizzes.close(QUIZ, NOW))
    units = (UnitOutcome("b1", "一支部", 1, 0, 0), UnitOutcome("b2", "二支部", 1, 0, 0))
    assert outcome == Outcome(0, 0, 2, {"a": 0, "b": 0, "c": 0}, units)


CROWD = 120


def crowd(tx):
    names = [f"k{n}" for n in range(CROWD)]
    members = [Member(name, name, MemberKind.FULL) for name in names]
    tx.members.add(members, [Membership(name, "b1", DAWN) for name in names])
    tx.accounts.add([Account(f"a-{n}", n, n, AccountKind.PERSON, member_id=n) for n in names], [])
    tx.roster.add("l1", [RosterEntry(name, name, MemberKind.FULL, "b1", None) for name in names])
    tx.quizzes.add(QUIZ)


def put_if_open(member):
    def work(tx):
        quiz = tx.quizzes.held(["q1"])["q1"]
        return not quiz.closed and bool(tx.quizzes.put([answer(member, account_id=f"a-{member}")]))

    return work


@pytest.mark.parametrize("closer", [0, 1])
async def test_what_was_counted_at_closing_is_all_that_was_ever_accepted(filled, database_url, closer):
    """Two processes take answers while one of them closes: an answer is counted, or refused."""
    await filled.write(crowd)
    if database_url.startswith("sqlite"):
        await _race(filled, filled, closer)
        return
    other = await Database.open(database_url)
    try:
        await _race(filled, SqlRecords(other), closer)
    finally:
        await other.close()


async def _race(one, two, closer):
    both = (one, two)
    work = [both[n % 2].write(put_if_open(f"k{n}")) for n in range(CROWD)]
    closing = both[closer].write(lambda tx: tx.quizzes.close(QUIZ, NOW))
    half = CROWD // 2
    accepted = await asyncio.gather(*work[:half], closing, *work[half:])
    outcome = accepted.pop(half)
    taken = sum(accepted)
    rows = await one.read(lambda tx: tx._connection.execute(sa.select(sa.func.count()).select_from(answers)).scalar())
    assert taken == rows == outcome.answered
