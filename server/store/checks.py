"""Random checks and their answers, as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.presence_checks import CheckAnswer, CheckPlan, Dropped, PresenceCheck
from server.store.schema import check_answers, check_plans, presence_checks
from server.store.upserts import insert, padded

_OPEN = presence_checks.c.closed_at.is_(None)


class SqlChecks:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def plan(self, lesson_id: str) -> CheckPlan | None:
        row = self._connection.execute(sa.select(check_plans).where(check_plans.c.lesson_id == lesson_id)).one_or_none()
        return None if row is None else CheckPlan(**row._mapping)

    def add(self, plan: CheckPlan, checks: Sequence[PresenceCheck]) -> None:
        self._connection.execute(sa.insert(check_plans).values(asdict(plan)))
        if checks:
            self._connection.execute(sa.insert(presence_checks), [asdict(check) for check in checks])

    def of(self, lesson_id: str) -> tuple[PresenceCheck, ...]:
        return self._where(presence_checks.c.lesson_id == lesson_id)

    def held(self, check_ids: Collection[str]) -> dict[str, PresenceCheck]:
        return {check.id: check for check in self._where(presence_checks.c.id.in_(padded(check_ids)))}

    def waiting(self, now: dt.datetime) -> tuple[str, ...]:
        planned = sa.and_(presence_checks.c.asked_at.is_(None), presence_checks.c.due_at <= now)
        expired = presence_checks.c.deadline_at <= now
        query = sa.select(presence_checks.c.lesson_id).where(_OPEN, sa.or_(planned, expired)).distinct()
        return tuple(self._connection.execute(query).scalars())

    def _where(self, *conditions: sa.ColumnElement[bool]) -> tuple[PresenceCheck, ...]:
        query = sa.select(presence_checks).where(*conditions)
        ordered = query.order_by(presence_checks.c.lesson_id, presence_checks.c.number)
        return tuple(_check(row) for row in self._connection.execute(ordered))

    def save(self, check: PresenceCheck) -> None:
        change = sa.update(presence_checks).where(presence_checks.c.id == check.id)
        self._connection.execute(change.values(asdict(check)))

    def put(self, answers: Sequence[CheckAnswer]) -> None:
        if answers:
            added = insert(self._connection, check_answers).on_conflict_do_nothing()
            self._connection.execute(added, [asdict(answer) for answer in answers])

    def given(self, check_id: str, member_ids: Collection[str]) -> dict[str, CheckAnswer]:
        theirs = (check_answers.c.check_id == check_id, check_answers.c.member_id.in_(padded(member_ids)))
        rows = self._connection.execute(sa.select(check_answers).where(*theirs))
        return {row.member_id: CheckAnswer(**row._mapping) for row in rows}

    def answered(self, lesson_id: str) -> dict[str, int]:
        query = (
            sa.select(check_answers.c.check_id, sa.func.count())
            .join(presence_checks, presence_checks.c.id == check_answers.c.check_id)
            .where(presence_checks.c.lesson_id == lesson_id)
            .group_by(check_answers.c.check_id)
        )
        return {row[0]: int(row[1]) for row in self._connection.execute(query)}

    def answers(self, lesson_id: str) -> dict[str, frozenset[str]]:
        query = (
            sa.select(check_answers.c.check_id, check_answers.c.member_id)
            .join(presence_checks, presence_checks.c.id == check_answers.c.check_id)
            .where(presence_checks.c.lesson_id == lesson_id)
        )
        found: defaultdict[str, set[str]] = defaultdict(set)
        for row in self._connection.execute(query):
            found[row.member_id].add(row.check_id)
        return {member_id: frozenset(checks) for member_id, checks in found.items()}


def _check(row: sa.Row[Any]) -> PresenceCheck:
    return PresenceCheck(**{**row._mapping, "dropped": Dropped(row.dropped) if row.dropped else None})
