"""Questions, quizzes and answers, as rows."""

from __future__ import annotations

import sqlalchemy as sa

from server.domain.quiz import Tally
from server.store.schema import answers, quizzes


class SqlQuizzes:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def asked(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(quizzes)
        closed = query.where(quizzes.c.lesson_id == lesson_id, quizzes.c.closed_at.is_not(None))
        return self._connection.execute(closed).scalar_one()

    def tallies(self, lesson_id: str) -> dict[str, Tally]:
        query = (
            sa.select(answers.c.member_id, sa.func.count(), sa.func.sum(sa.cast(answers.c.right, sa.Integer)))
            .join(quizzes, quizzes.c.id == answers.c.quiz_id)
            .where(quizzes.c.lesson_id == lesson_id, quizzes.c.closed_at.is_not(None))
            .group_by(answers.c.member_id)
        )
        return {row[0]: Tally(int(row[1]), int(row[2])) for row in self._connection.execute(query)}
