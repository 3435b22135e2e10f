"""What reports on quizzes count, as rows."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from server.domain.quiz import AnswerChannel, HelpedAnswer
from server.domain.quiz_figures import Marked
from server.store.schema import answers, bank_versions, quizzes, roster_entries
from server.store.upserts import padded

_ON_ROSTER = sa.and_(
    roster_entries.c.lesson_id == quizzes.c.lesson_id, roster_entries.c.member_id == answers.c.member_id
)


class SqlQuizReports:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def answers(self, lesson_id: str, unit_ids: Collection[str] | None, most: int) -> tuple[Marked, ...]:
        query = (
            sa.select(
                answers.c.quiz_id, answers.c.member_id, roster_entries.c.unit_id, answers.c.marks, answers.c.channel
            )
            .select_from(answers.join(quizzes, quizzes.c.id == answers.c.quiz_id).join(roster_entries, _ON_ROSTER))
            .where(quizzes.c.lesson_id == lesson_id, quizzes.c.closed_at.is_not(None), *_within(unit_ids))
        )
        rows = self._connection.execute(query.limit(most))
        return tuple(_marked(*row) for row in rows)

    def expected(self, lesson_id: str, unit_ids: Collection[str] | None) -> dict[str, int]:
        query = (
            sa.select(roster_entries.c.unit_id, sa.func.count())
            .where(roster_entries.c.lesson_id == lesson_id, *_within(unit_ids))
            .group_by(roster_entries.c.unit_id)
        )
        return {row[0]: int(row[1]) for row in self._connection.execute(query)}

    def helped(
        self, lesson_id: str, unit_ids: Collection[str] | None, offset: int, limit: int
    ) -> tuple[HelpedAnswer, ...]:
        its = answers.c
        query = (
            sa.select(its.quiz_id, its.member_id, roster_entries.c.unit_id, roster_entries.c.name, its.account_id)
            .add_columns(its.received_at, its.reason, quizzes.c.number, quizzes.c.text)
            .select_from(answers.join(quizzes, quizzes.c.id == its.quiz_id).join(roster_entries, _ON_ROSTER))
            .where(quizzes.c.lesson_id == lesson_id, its.channel == AnswerChannel.ASSISTED.value, *_within(unit_ids))
            .order_by(its.received_at.desc(), its.quiz_id, its.member_id)
        )
        rows = self._connection.execute(query.offset(offset).limit(limit))
        return tuple(HelpedAnswer(**row._mapping) for row in rows)

    def answerers(self, quiz_id: str) -> frozenset[str]:
        return frozenset(self._connection.scalars(sa.select(answers.c.member_id).where(answers.c.quiz_id == quiz_id)))

    def given(self, quiz_ids: Collection[str]) -> dict[str, int]:
        mine = answers.c.quiz_id.in_(padded(quiz_ids))
        query = sa.select(answers.c.member_id, sa.func.count()).where(mine).group_by(answers.c.member_id)
        return {row[0]: int(row[1]) for row in self._connection.execute(query)}

    def uses(self, bank_id: str, most: int) -> tuple[tuple[int, str, str], ...]:
        query = (
            sa.select(bank_versions.c.number, quizzes.c.id, quizzes.c.lesson_id)
            .select_from(quizzes.join(bank_versions, bank_versions.c.id == quizzes.c.bank_version_id))
            .where(bank_versions.c.question_id == bank_id, quizzes.c.closed_at.is_not(None))
            .order_by(quizzes.c.launched_at.desc(), quizzes.c.id)
        )
        return tuple((int(row[0]), row[1], row[2]) for row in self._connection.execute(query.limit(most)))


def _marked(quiz_id: str, member_id: str, unit_id: str, marks: int | None, channel: str) -> Marked:
    hundredths = None if marks is None else int(marks)
    return Marked(quiz_id, member_id, unit_id, hundredths, helped=channel == AnswerChannel.ASSISTED.value)


def _within(unit_ids: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if unit_ids is None else [roster_entries.c.unit_id.in_(padded(sorted(unit_ids)))]
