"""The organisation tree and the roster, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.members import Member, MemberKind, Membership
from server.domain.refusals import Refusal
from server.domain.roster import Person
from server.domain.units import Placement, Unit, UnitKind, UnitTree
from server.store.schema import members, memberships, placements, units


def _line() -> sa.Select[tuple[str, int]]:
    """The parents of a unit on a day, and how high above it they stand."""
    above = sa.select(placements.c.parent_id, sa.literal(1).label("height")).where(
        placements.c.unit_id == sa.bindparam("unit"), _placed(), placements.c.parent_id.is_not(None)
    )
    line = above.cte("line", recursive=True)
    further = sa.select(placements.c.parent_id, line.c.height + 1).where(
        placements.c.unit_id == line.c.parent_id, _placed(), placements.c.parent_id.is_not(None)
    )
    whole = line.union_all(further)
    return sa.select(whole.c.parent_id, whole.c.height)


def _placed() -> sa.ColumnElement[bool]:
    on = sa.bindparam("on", type_=sa.Date)
    return sa.and_(placements.c.since <= on, sa.or_(placements.c.until.is_(None), placements.c.until > on))


LINE = _line()
_LINE_UP = LINE.order_by("height")
_KNOWN = sa.select(units.c.id).where(units.c.id == sa.bindparam("unit"))


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
        """Every request asks for one: it walks up by itself instead of loading the tree."""
        if self._tree is not None:
            return self._tree.line(unit_id, on)
        steps = self._connection.execute(_LINE_UP, {"unit": unit_id, "on": on}).all()
        if not steps and self._connection.execute(_KNOWN, {"unit": unit_id}).scalar() is None:
            raise Refusal("unit_not_found", unit_id)
        return (unit_id, *(row.parent_id for row in steps))

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


def holds(on: dt.date | sa.BindParameter[dt.date]) -> sa.ColumnElement[bool]:
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

    def people(self, unit_ids: Collection[str], on: dt.date) -> tuple[Person, ...]:
        return self._people(memberships.c.unit_id.in_(unit_ids), on)

    def found(self, member_ids: Collection[str], on: dt.date) -> dict[str, Person]:
        return {person.member_id: person for person in self._people(members.c.id.in_(member_ids), on)}

    def _people(self, condition: sa.ColumnElement[bool], on: dt.date) -> tuple[Person, ...]:
        query = (
            sa.select(members, memberships.c.unit_id)
            .join(memberships, memberships.c.member_id == members.c.id)
            .where(condition, holds(on))
            .order_by(members.c.name, members.c.id)
        )
        return tuple(Person(r.id, r.name, MemberKind(r.kind), r.unit_id) for r in self._connection.execute(query))
