"""The organisation tree and the roster, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.members import Member, Membership
from server.domain.units import Placement, Unit, UnitKind, UnitTree
from server.store.schema import members, memberships, placements, units


class SqlUnits:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._tree: UnitTree | None = None

    def tree(self) -> UnitTree:
        if self._tree is None:
            rows = self._connection.execute(sa.select(units))
            placed = self._connection.execute(sa.select(placements))
            self._tree = UnitTree(
                (Unit(row.id, row.name, UnitKind(row.kind)) for row in rows),
                (Placement(row.unit_id, row.parent_id, row.since, row.until) for row in placed),
            )
        return self._tree

    def line(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        return self.tree().line(unit_id, on)

    def names(self, unit_ids: Collection[str]) -> dict[str, str]:
        rows = self._connection.execute(sa.select(units.c.id, units.c.name).where(units.c.id.in_(unit_ids)))
        return {row.id: row.name for row in rows}

    def member_counts(self, on: dt.date) -> dict[str, int]:
        query = sa.select(memberships.c.unit_id, sa.func.count()).where(holds(on)).group_by(memberships.c.unit_id)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def add(self, added: Sequence[Unit], placed: Sequence[Placement]) -> None:
        self._tree = None
        if added:
            self._connection.execute(sa.insert(units), [asdict(unit) for unit in added])
        if placed:
            self._connection.execute(sa.insert(placements), [asdict(placement) for placement in placed])


def holds(on: dt.date) -> sa.ColumnElement[bool]:
    """The membership that counts on a date."""
    return sa.and_(memberships.c.since <= on, sa.or_(memberships.c.until.is_(None), memberships.c.until > on))


class SqlMembers:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def names(self, member_ids: Collection[str]) -> dict[str, str]:
        rows = self._connection.execute(sa.select(members.c.id, members.c.name).where(members.c.id.in_(member_ids)))
        return {row.id: row.name for row in rows}

    def add(self, added: Sequence[Member], belonging: Sequence[Membership]) -> None:
        if added:
            self._connection.execute(sa.insert(members), [asdict(member) for member in added])
        if belonging:
            self._connection.execute(sa.insert(memberships), [asdict(membership) for membership in belonging])
