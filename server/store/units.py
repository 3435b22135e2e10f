"""The organisation tree, its names, groups and rules, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.members import Group
from server.domain.refusals import Refusal
from server.domain.unit_rules import Expected, Size, UnitRule, UnitRules
from server.domain.units import Naming, Placement, Unit, UnitKind, UnitTree
from server.store.batches import batched
from server.store.schema import lessons, members, memberships, placements, unit_groups, unit_names, unit_rules, units


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
            named = self._connection.execute(sa.select(unit_names))
            self._tree = UnitTree(
                (Unit(row.id, row.name, UnitKind(row.kind), row.until, row.version) for row in rows),
                (Placement(row.unit_id, row.parent_id, row.since, row.until) for row in placed),
                (Naming(row.unit_id, row.since, row.name) for row in named),
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

    def names(self, unit_ids: Collection[str], on: dt.date) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in batched(unit_ids):
            rows = self._connection.execute(
                sa.select(units.c.id, name_on(on).label("name")).where(units.c.id.in_(some))
            )
            found.update({row.id: row.name for row in rows})
        return found

    def member_counts(self, on: dt.date) -> dict[str, int]:
        query = sa.select(memberships.c.unit_id, sa.func.count()).where(holds(on)).group_by(memberships.c.unit_id)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def add(self, added: Sequence[Unit], placed: Sequence[Placement]) -> None:
        self._tree = None
        if added:
            self._connection.execute(sa.insert(units), [asdict(unit) for unit in added])
        if placed:
            self._connection.execute(sa.insert(placements), [asdict(placement) for placement in placed])

    def lock(self, unit_id: str) -> Unit:
        """With every root: of two units that are moved at once in two processes each could come under the other, and a
        circle has no end to walk up to. Whoever only refers to a unit is not kept waiting (FOR NO KEY UPDATE).
        """
        roots = sa.select(placements.c.unit_id).where(placements.c.parent_id.is_(None))
        query = sa.select(units).where(sa.or_(units.c.id == unit_id, units.c.id.in_(roots))).order_by(units.c.id)
        rows = self._connection.execute(query.with_for_update(key_share=True))
        row = next((row for row in rows if row.id == unit_id), None)
        if row is None:
            raise Refusal("unit_not_found", unit_id)
        self._tree = None
        return Unit(row.id, row.name, UnitKind(row.kind), row.until, row.version)

    def save(self, tree: UnitTree, unit_id: str) -> None:
        unit = tree.unit(unit_id)
        change = sa.update(units).where(units.c.id == unit_id)
        self._connection.execute(change.values(until=unit.until, version=units.c.version + 1))
        for table, rows in ((placements, tree.placements_of(unit_id)), (unit_names, tree.namings_of(unit_id))):
            self._connection.execute(sa.delete(table).where(table.c.unit_id == unit_id))
            if rows:
                self._connection.execute(sa.insert(table), [asdict(row) for row in rows])
        self._tree = None

    # ---- rules and groups --------------------------------------------------------------------------------

    def rules(self) -> UnitRules:
        return UnitRules(_rule(row) for row in self._connection.execute(sa.select(unit_rules)))

    def put_rule(self, rule: UnitRule) -> None:
        same = (unit_rules.c.unit_id == rule.unit_id, unit_rules.c.since == rule.since)
        self._connection.execute(sa.delete(unit_rules).where(*same))
        sizes = {kind: [rule.size(kind).least, rule.size(kind).most] for kind in UnitKind}
        values = {"id": rule.id, "unit_id": rule.unit_id, "since": rule.since, "loans": rule.loans.value}
        self._connection.execute(sa.insert(unit_rules).values(**values, sizes=sizes))

    def groups(self, unit_ids: Collection[str]) -> tuple[Group, ...]:
        query = sa.select(unit_groups).order_by(unit_groups.c.name, unit_groups.c.id)
        found = [
            Group(**row._mapping)
            for some in batched(unit_ids)
            for row in self._connection.execute(query.where(unit_groups.c.unit_id.in_(some)))
        ]
        return tuple(found)

    def group(self, group_id: str) -> Group | None:
        row = self._connection.execute(sa.select(unit_groups).where(unit_groups.c.id == group_id)).one_or_none()
        return None if row is None else Group(**row._mapping)

    def put_group(self, group: Group) -> None:
        self._connection.execute(sa.delete(unit_groups).where(unit_groups.c.id == group.id))
        self._connection.execute(sa.insert(unit_groups).values(asdict(group)))
        planned = sa.update(lessons).where(lessons.c.group_id == group.id, lessons.c.opened_at.is_(None))
        self._connection.execute(planned.values(group_name=group.name))

    def drop_group(self, group_id: str) -> None:
        self._connection.execute(sa.update(members).where(members.c.group_id == group_id).values(group_id=None))
        self._connection.execute(sa.delete(unit_groups).where(unit_groups.c.id == group_id))


def holds(on: dt.date | sa.BindParameter[dt.date]) -> sa.ColumnElement[bool]:
    """The membership that counts on a date."""
    return sa.and_(memberships.c.since <= on, sa.or_(memberships.c.until.is_(None), memberships.c.until > on))


def name_on(on: dt.date) -> sa.ColumnElement[str]:
    """What the unit of the row is called on a date."""
    named = unit_names.alias()
    newest = (
        sa.select(named.c.name)
        .where(named.c.unit_id == units.c.id, named.c.since <= on)
        .order_by(named.c.since.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(newest, units.c.name)


def _rule(row: sa.Row[Any]) -> UnitRule:
    sizes = {UnitKind(kind): Size(*bounds) for kind, bounds in row.sizes.items()}
    return UnitRule(
        id=row.id,
        unit_id=row.unit_id,
        since=row.since,
        loans=Expected(row.loans),
        committee=sizes[UnitKind.COMMITTEE],
        general_branch=sizes[UnitKind.GENERAL_BRANCH],
        branch=sizes[UnitKind.BRANCH],
    )
