"""Questions, quizzes and answers, as rows."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from server.domain.calendar import Calendar
from server.domain.question_pictures import Picture
from server.domain.quiz import (
    UNSCORED,
    Answer,
    AnswerChannel,
    AnswerKey,
    Keep,
    Opinion,
    Option,
    Outcome,
    Question,
    QuestionKind,
    Quiz,
    Tally,
    Turn,
    UnitOutcome,
)
from server.domain.quiz_answers import Counted, outcome_of
from server.domain.scoring import Scoring
from server.store.opinions import counted, opinions_of
from server.store.schema import answers, questions, quizzes, roster_entries, units
from server.store.units import name_on
from server.store.upserts import padded

# Built once: two thousand people answer in the same two seconds. The quiz's row is share-locked, so that on
# PostgreSQL whoever closes it waits for the answers that are on their way, and counts them.
_HELD = (
    sa.select(quizzes)
    .where(quizzes.c.id.in_(sa.bindparam("quizzes", expanding=True)))
    .order_by(quizzes.c.id)
    .with_for_update(read=True)
)
_ANSWER_KEY = (answers.c.quiz_id, answers.c.member_id)
_PUT = {
    "sqlite": sqlite.insert(answers).on_conflict_do_nothing().returning(*_ANSWER_KEY),
    "postgresql": postgresql.insert(answers).on_conflict_do_nothing().returning(*_ANSWER_KEY),
}
_GIVEN = sa.select(answers).where(
    answers.c.quiz_id == sa.bindparam("quiz"), answers.c.member_id.in_(sa.bindparam("members", expanding=True))
)
_GIVEN_LOCKED = _GIVEN.order_by(answers.c.member_id).with_for_update()
_CHANGED = ("choice", "right", "received_at", "account_id", "channel", "marks", "round", "reason", "nth", "turns")
_CHANGE = (
    sa.update(answers)
    .where(answers.c.quiz_id == sa.bindparam("of_quiz"), answers.c.member_id == sa.bindparam("of_member"))
    .values({name: sa.bindparam(name) for name in _CHANGED})
)
_COUNTS = (quizzes.c.closed_at.is_not(None), quizzes.c.scoring != Scoring.NONE.value)
"""What tells in a member's tally."""
_COUNT = sa.select(sa.func.count()).select_from(answers).where(answers.c.quiz_id == sa.bindparam("quiz"))


class SqlQuestions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[Question, ...]:
        query = sa.select(questions).where(questions.c.lesson_id == lesson_id)
        ordered = query.order_by(questions.c.position, questions.c.id)
        return tuple(_question(row) for row in self._connection.execute(ordered))

    def get(self, question_id: str) -> Question | None:
        row = self._connection.execute(sa.select(questions).where(questions.c.id == question_id)).one_or_none()
        return None if row is None else _question(row)

    def add(self, question: Question) -> None:
        self._connection.execute(sa.insert(questions).values(_row(question)))

    def save(self, question: Question) -> None:
        self._connection.execute(sa.update(questions).where(questions.c.id == question.id).values(_row(question)))

    def remove(self, question_id: str) -> None:
        self._connection.execute(sa.delete(questions).where(questions.c.id == question_id))


class SqlQuizzes:
    def __init__(self, connection: sa.Connection, calendar: Calendar) -> None:
        self._connection = connection
        self._calendar = calendar

    # ---- what was launched -----------------------------------------------------------------------------

    def get(self, quiz_id: str) -> Quiz | None:
        row = self._connection.execute(sa.select(quizzes).where(quizzes.c.id == quiz_id)).one_or_none()
        return None if row is None else _quiz(row)

    def of(self, lesson_id: str) -> tuple[tuple[Quiz, Outcome | None], ...]:
        query = sa.select(quizzes).where(quizzes.c.lesson_id == lesson_id).order_by(quizzes.c.number)
        return tuple((_quiz(row), _outcome(row.outcome)) for row in self._connection.execute(query))

    def count(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(quizzes).where(quizzes.c.lesson_id == lesson_id)
        return self._connection.execute(query).scalar_one()

    def running(self, lesson_id: str) -> Quiz | None:
        row = self._connection.execute(sa.select(quizzes).where(quizzes.c.running_key == lesson_id)).one_or_none()
        return None if row is None else _quiz(row)

    def all_running(self) -> tuple[Quiz, ...]:
        query = sa.select(quizzes).where(quizzes.c.running_key.is_not(None)).order_by(quizzes.c.deadline_at)
        return tuple(_quiz(row) for row in self._connection.execute(query))

    def together(self, quiz: Quiz) -> tuple[Quiz, ...]:
        if quiz.run_id is None:
            return (quiz,)
        query = sa.select(quizzes).where(quizzes.c.lesson_id == quiz.lesson_id, quizzes.c.run_id == quiz.run_id)
        return tuple(_quiz(row) for row in self._connection.execute(query.order_by(quizzes.c.run_place)))

    def add(self, quiz: Quiz) -> None:
        self._connection.execute(sa.insert(quizzes).values({**_row(quiz), "running_key": _running_key(quiz)}))

    def save(self, quiz: Quiz) -> None:
        """Its time, and whether it runs; of one that runs nothing is kept of what came of it before."""
        timed = {name: getattr(quiz, name) for name in _TIMED}
        if not quiz.closed:
            timed |= {"running_key": _running_key(quiz), "outcome": None}
        self._connection.execute(sa.update(quizzes).where(quizzes.c.id == quiz.id).values(timed))

    def close(self, quiz: Quiz, at: dt.datetime) -> Outcome | None:
        """The UPDATE comes first: it waits for answers that are being written, and keeps later ones out."""
        open_one = sa.and_(quizzes.c.id == quiz.id, quizzes.c.closed_at.is_(None))
        ended = sa.update(quizzes).where(open_one).values(closed_at=at, paused_at=None, running_key=None)
        if self._connection.execute(ended).rowcount != 1:
            return None
        outcome = self.outcome(quiz)
        kept = sa.update(quizzes).where(quizzes.c.id == quiz.id).values(outcome=asdict(outcome))
        self._connection.execute(kept)
        return outcome

    # ---- answers ---------------------------------------------------------------------------------------

    def held(self, quiz_ids: Collection[str]) -> dict[str, Quiz]:
        rows = self._connection.execute(_HELD, {"quizzes": padded(quiz_ids)})
        return {row.id: _quiz(row) for row in rows}

    def put(self, new: Sequence[Answer]) -> frozenset[AnswerKey]:
        if not new:
            return frozenset()
        written = self._connection.execute(_PUT[self._connection.dialect.name], [_answer_row(each) for each in new])
        return frozenset((row.quiz_id, row.member_id) for row in written)

    def given(self, quiz_id: str, member_ids: Collection[str], *, lock: bool = False) -> tuple[Answer, ...]:
        query = _GIVEN_LOCKED if lock else _GIVEN
        rows = self._connection.execute(query, {"quiz": quiz_id, "members": padded(member_ids)})
        return tuple(_answer(row) for row in rows)

    def change(self, changed: Sequence[Answer]) -> None:
        if changed:
            rows = [_answer_row(each) for each in changed]
            of = [{"of_quiz": row["quiz_id"], "of_member": row["member_id"]} for row in rows]
            values = [{name: row[name] for name in _CHANGED} for row in rows]
            self._connection.execute(_CHANGE, [key | value for key, value in zip(of, values, strict=True)])

    def own(self, lesson_id: str, member_id: str) -> dict[str, Answer]:
        query = (
            sa.select(answers)
            .join(quizzes, quizzes.c.id == answers.c.quiz_id)
            .where(quizzes.c.lesson_id == lesson_id, answers.c.member_id == member_id)
        )
        return {row.quiz_id: _answer(row) for row in self._connection.execute(query)}

    # ---- counting --------------------------------------------------------------------------------------

    def expected(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(roster_entries).where(roster_entries.c.lesson_id == lesson_id)
        return self._connection.execute(query).scalar_one()

    def answered(self, quiz_id: str) -> int:
        return self._connection.execute(_COUNT, {"quiz": quiz_id}).scalar_one()

    def progress(self, quizzes_of: Sequence[Quiz]) -> tuple[int, int]:
        ids = padded([quiz.id for quiz in quizzes_of])
        mine = sa.select(sa.func.count().label("n")).where(answers.c.quiz_id.in_(ids)).group_by(answers.c.member_id)
        by_member = mine.subquery()
        whole = sa.func.sum(sa.case((by_member.c.n >= len(quizzes_of), 1), else_=0))
        row = self._connection.execute(sa.select(sa.func.count(), whole).select_from(by_member)).one()
        return int(row[0]), int(row[1] or 0)

    def outcome(self, quiz: Quiz, *, units: bool = True) -> Outcome:
        of_units, given = self._units(quiz) if units else (), self.counted(quiz.id)
        outcome = outcome_of(quiz, given, of_units)
        if quiz.kind in UNSCORED:
            outcome = replace(outcome, opinions=opinions_of(self._connection, quiz.id, given))
        return outcome if units else replace(outcome, expected=self.expected(quiz.lesson_id))

    def counted(self, quiz_id: str) -> list[Counted]:
        return counted(self._connection, quiz_id)

    def _units(self, quiz: Quiz) -> tuple[UnitOutcome, ...]:
        answered = sa.and_(answers.c.member_id == roster_entries.c.member_id, answers.c.quiz_id == quiz.id)
        people = roster_entries.join(units, units.c.id == roster_entries.c.unit_id)
        name = name_on(self._calendar.day(quiz.launched_at))
        right = sa.func.sum(sa.case((answers.c.right.is_(True), 1), else_=0))
        query = (
            sa.select(units.c.id, name.label("name"), sa.func.count(), sa.func.count(answers.c.member_id), right)
            .select_from(people.outerjoin(answers, answered))
            .where(roster_entries.c.lesson_id == quiz.lesson_id)
            .group_by(units.c.id, units.c.name)
            .order_by(name, units.c.id)
        )
        rows = self._connection.execute(query)
        return tuple(UnitOutcome(row[0], row[1], int(row[2]), int(row[3]), int(row[4])) for row in rows)

    def asked(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(quizzes)
        closed = query.where(quizzes.c.lesson_id == lesson_id, *_COUNTS)
        return self._connection.execute(closed).scalar_one()

    def tallies(self, lesson_id: str) -> dict[str, Tally]:
        query = (
            sa.select(answers.c.member_id, sa.func.count(), sa.func.sum(sa.cast(answers.c.right, sa.Integer)))
            .join(quizzes, quizzes.c.id == answers.c.quiz_id)
            .where(quizzes.c.lesson_id == lesson_id, *_COUNTS)
            .group_by(answers.c.member_id)
        )
        return {row[0]: Tally(int(row[1]), int(row[2])) for row in self._connection.execute(query)}


def _running_key(quiz: Quiz) -> str:
    """Of a paper the first one holds the lesson's place, for all of them."""
    return quiz.lesson_id if quiz.run_place <= 1 else f"{quiz.lesson_id}:{quiz.run_place}"


_TIMED = ("seconds", "deadline_at", "closed_at", "paused_at", "round", "reopen_reason")
_QUIZ_FIELDS = tuple(Quiz.__dataclass_fields__)


def _question(row: sa.Row[Any]) -> Question:
    return Question(**{**row._mapping, **_parsed(row)})


def _quiz(row: sa.Row[Any]) -> Quiz:
    fields = row._mapping
    return Quiz(**{**{name: fields[name] for name in _QUIZ_FIELDS}, **_parsed(row), "keep": Keep(row.keep)})


def _parsed(row: sa.Row[Any]) -> dict[str, Any]:
    options = tuple(Option(option["id"], option["text"]) for option in row.options)
    blanks = tuple(tuple(accepted) for accepted in row.blanks)
    known = {"kind": QuestionKind(row.kind), "options": options, "correct": tuple(row.correct)}
    picture = None if row.picture is None else Picture(**row.picture)
    return known | {"scoring": Scoring(row.scoring), "blanks": blanks, "picture": picture}


def _answer(row: sa.Row[Any]) -> Answer:
    turns = tuple(_turn(*kept) for kept in row.turns)
    parsed = {"choice": tuple(row.choice), "channel": AnswerChannel(row.channel), "turns": turns}
    return Answer(**{**row._mapping, **parsed})


def _answer_row(answer: Answer) -> dict[str, Any]:
    return {
        "quiz_id": answer.quiz_id,
        "member_id": answer.member_id,
        "command_id": answer.command_id,
        "choice": list(answer.choice),
        "right": answer.right,
        "received_at": answer.received_at,
        "account_id": answer.account_id,
        "channel": answer.channel.value,
        "marks": answer.marks,
        "round": answer.round,
        "reason": answer.reason,
        "nth": answer.nth,
        "turns": [
            [turn.command_id, turn.nth, list(turn.choice), turn.received_at.isoformat(), turn.round]
            for turn in answer.turns
        ],
    }


def _turn(command_id: str, nth: int, choice: Sequence[str], received_at: str, of_round: int) -> Turn:
    return Turn(command_id, nth, tuple(choice), dt.datetime.fromisoformat(received_at), of_round)


def _row(shape: Question | Quiz) -> dict[str, Any]:
    """JSON wants lists, a driver wants plain text."""
    return {name: _plain(value) for name, value in asdict(shape).items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field
    if isinstance(value, enum.Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _outcome(kept: dict[str, Any] | None) -> Outcome | None:
    if kept is None:
        return None
    units_of: Sequence[dict[str, Any]] = kept["units"]
    told = tuple(Opinion(**each) for each in kept.get("opinions", ()))
    return Outcome(**{**kept, "units": tuple(UnitOutcome(**each) for each in units_of), "opinions": told})
