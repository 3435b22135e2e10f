"""Re-markings, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.calendar import Calendar
from server.domain.quiz import Quiz
from server.domain.remarking import Change, Remark
from server.domain.scoring import FULL, Key
from server.store.quizzes import SqlQuizzes
from server.store.schema import answers, quiz_remark_marks, quiz_remarks, quizzes

_MARK = (
    sa.update(answers)
    .where(answers.c.quiz_id == sa.bindparam("of_quiz"), answers.c.member_id == sa.bindparam("of_member"))
    .values(marks=sa.bindparam("new_marks"), right=sa.bindparam("new_right"))
)


class SqlRemarks:
    def __init__(self, connection: sa.Connection, calendar: Calendar) -> None:
        self._connection = connection
        self._calendar = calendar

    def of_quiz(self, quiz_id: str) -> tuple[Remark, ...]:
        query = sa.select(quiz_remarks).where(quiz_remarks.c.quiz_id == quiz_id).order_by(quiz_remarks.c.number)
        return tuple(_remark(row) for row in self._connection.execute(query))

    def last(self, lesson_id: str) -> dict[str, Remark]:
        query = sa.select(quiz_remarks).where(quiz_remarks.c.lesson_id == lesson_id)
        return {row.quiz_id: _remark(row) for row in self._connection.execute(query.order_by(quiz_remarks.c.number))}

    def answers(self, quiz_id: str) -> tuple[tuple[str, tuple[str, ...], int], ...]:
        query = sa.select(answers.c.member_id, answers.c.choice, answers.c.marks).where(answers.c.quiz_id == quiz_id)
        rows = self._connection.execute(query.order_by(answers.c.member_id))
        return tuple((row.member_id, tuple(row.choice), int(row.marks or 0)) for row in rows)

    def add(self, remark: Remark, changes: Sequence[Change]) -> None:
        kept = asdict(remark)
        self._connection.execute(sa.insert(quiz_remarks).values(kept))
        rows = [{**asdict(each), "remark_id": remark.id, "credit": _code(each)} for each in changes]
        if rows:
            self._connection.execute(sa.insert(quiz_remark_marks), rows)

    def apply(self, quiz: Quiz, changes: Sequence[Change]) -> None:
        rows = [
            {
                **{"of_quiz": quiz.id, "of_member": each.member_id},
                **{"new_marks": each.after, "new_right": each.after == FULL},
            }
            for each in changes
        ]
        if rows:
            self._connection.execute(_MARK, rows)
        outcome = SqlQuizzes(self._connection, self._calendar).outcome(quiz)
        key = {"correct": list(quiz.correct), "blanks": [list(accepted) for accepted in quiz.blanks]}
        changed = sa.update(quizzes).where(quizzes.c.id == quiz.id)
        self._connection.execute(changed.values(**key, outcome=asdict(outcome)))


def _code(change: Change) -> str | None:
    return change.credit.value if change.credit else None


def _remark(row: sa.Row[Any]) -> Remark:
    return Remark(**{**row._mapping, "former": _key(row.former), "key": _key(row.key)})


def _key(kept: dict[str, Any]) -> Key:
    return Key(tuple(kept["chosen"]), tuple(tuple(accepted) for accepted in kept["blanks"]))
