"""What is asked of members for a year, as rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.ledger import EntryKind
from server.domain.study_roles import RoleRow, StudyRole
from server.domain.year_rules import LoanCount, Position, YearRule
from server.store.batches import batched
from server.store.schema import study_roles, units, year_rules


class SqlYearRules:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of_units(self, unit_ids: Collection[str]) -> tuple[YearRule, ...]:
        query = sa.select(year_rules).order_by(year_rules.c.unit_id, year_rules.c.version)
        wanted = frozenset(unit_ids)  # few rules, many units
        return tuple(_rule(row) for row in self._connection.execute(query) if row.unit_id in wanted)

    def lock(self, unit_id: str) -> tuple[YearRule, ...]:
        """The unit's row is the lock: there may be no rule yet."""
        self._connection.execute(sa.select(units.c.id).where(units.c.id == unit_id).with_for_update())
        return self.of_units([unit_id])

    def add(self, rule: YearRule) -> None:
        self._connection.execute(sa.insert(year_rules).values({**asdict(rule), "loans": rule.loans.value}))

    def end(self, rule: YearRule) -> None:
        change = sa.update(year_rules).where(year_rules.c.id == rule.id)
        self._connection.execute(change.values(until=rule.until))


def _rule(row: sa.Row[Any]) -> YearRule:
    targets = {Position(name): amount for name, amount in row.targets.items()}
    caps = {EntryKind(name): amount for name, amount in row.caps.items()}
    return YearRule(**{**row._mapping, "targets": targets, "caps": caps, "loans": LoanCount(row.loans)})


class SqlStudyRoles:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, row_id: str) -> RoleRow | None:
        row = self._connection.execute(sa.select(study_roles).where(study_roles.c.id == row_id)).one_or_none()
        return None if row is None else _role(row)

    def of_members(self, member_ids: Collection[str]) -> dict[str, tuple[RoleRow, ...]]:
        found: defaultdict[str, tuple[RoleRow, ...]] = defaultdict(tuple)
        for some in batched(member_ids):
            query = sa.select(study_roles).where(study_roles.c.member_id.in_(some))
            for row in self._connection.execute(query.order_by(study_roles.c.since, study_roles.c.id)):
                found[row.member_id] += (_role(row),)
        return dict(found)

    def add(self, row: RoleRow) -> None:
        self._connection.execute(sa.insert(study_roles).values({**asdict(row), "role": row.role.value}))

    def end(self, row: RoleRow) -> None:
        change = sa.update(study_roles).where(study_roles.c.id == row.id)
        self._connection.execute(change.values(until=row.until, ended_by=row.ended_by, ended_at=row.ended_at))


def _role(row: sa.Row[Any]) -> RoleRow:
    return RoleRow(**{**row._mapping, "role": StudyRole(row.role)})
