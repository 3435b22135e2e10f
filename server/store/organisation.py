"""Members listed and counted; the history of the organisation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from server.domain.accounts import Account
from server.domain.erasures import ErasureState
from server.domain.imports import Parcel
from server.domain.listing import Change, Count, Listed, MemberFilter, Standing
from server.domain.members import MemberKind
from server.domain.personnel import MemberFile
from server.store.members import kind_on, lent, spelled
from server.store.schema import accounts, erasures, loans, member_kinds, members, memberships, organisation_changes
from server.store.units import holds

_Row = tuple[object, ...]
_ORDER = (members.c.spelling, members.c.id)


class SqlOrganisation:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def listed(self, wanted: MemberFilter, on: dt.date, after: str | None, limit: int) -> tuple[Listed, ...]:
        query = _listed(wanted, on).order_by(*_ORDER).limit(limit)
        if after is not None:
            query = query.where(sa.tuple_(*_ORDER) > self._place(after))
        return tuple(
            Listed(**{**row._mapping, "kind": MemberKind(row.kind)}) for row in self._connection.execute(query)
        )

    def _place(self, member_id: str) -> sa.Tuple:
        """Where in the order a member stands; an unknown one before all."""
        row = self._connection.execute(sa.select(*_ORDER).where(members.c.id == member_id)).one_or_none()
        return sa.tuple_(*(sa.literal(text) for text in row or ("", "")))

    def counted(self, wanted: MemberFilter, on: dt.date) -> tuple[Count, ...]:
        each = _listed(wanted, on).subquery()
        query = sa.select(each.c.kind, sa.func.count()).group_by(each.c.kind)
        found = {row[0]: row[1] for row in self._connection.execute(query)}
        return tuple(Count(kind, found[kind]) for kind in MemberKind if kind in found)

    def sizes(self, on: dt.date) -> tuple[tuple[str, Count], ...]:
        each = (
            sa.select(memberships.c.unit_id, kind_on(on).label("kind"))
            .join(members, members.c.id == memberships.c.member_id)
            .where(holds(on))
            .subquery()
        )
        rows = self._connection.execute(sa.select(*each.c, sa.func.count()).group_by(*each.c))
        return tuple((row[0], Count(MemberKind(row[1]), row[2])) for row in rows)

    def pack(self, files: Sequence[MemberFile], added: Sequence[Account], changes: Sequence[Change]) -> Parcel:
        written: tuple[tuple[sa.Table, list[dict[str, Any]]], ...] = (
            (members, [{**_fields(file.member), **spelled(file.member.name)} for file in files]),
            (memberships, [_fields(row) for file in files for row in file.memberships]),
            (member_kinds, [_fields(row) for file in files for row in file.kinds]),
            (loans, [_fields(row) for file in files for row in file.loans]),
            (accounts, [_fields(account) for account in added]),
            (organisation_changes, [_fields(change) for change in changes]),
        )
        return Parcel(tuple(_ready(table, rows, self._connection.dialect) for table, rows in written if rows))

    def unpack(self, parcel: Parcel) -> None:
        for statement, rows in parcel.statements:
            self._connection.exec_driver_sql(statement, list(rows))

    def stamp(self) -> tuple[int, int]:
        newest = sa.select(sa.func.coalesce(sa.func.max(organisation_changes.c.position), 0)).scalar_subquery()
        everybody = sa.select(sa.func.count(accounts.c.id)).scalar_subquery()
        erased = sa.select(sa.func.count(erasures.c.id)).where(erasures.c.state == ErasureState.DONE.value)
        row = self._connection.execute(sa.select(newest, everybody, erased.scalar_subquery())).one()
        return row[0], row[1] + row[2]  # neither ever grows less

    def note(self, changes: Sequence[Change]) -> None:
        if changes:
            self._connection.execute(sa.insert(organisation_changes), [asdict(change) for change in changes])

    def history(self, *, unit_id: str | None = None, member_id: str | None = None, limit: int) -> tuple[Change, ...]:
        table = organisation_changes.c
        query = sa.select(*(column for column in table if column.name != "position"))
        if unit_id is not None:
            query = query.where(table.unit_id == unit_id)
        if member_id is not None:
            query = query.where(table.member_id == member_id)
        rows = self._connection.execute(query.order_by(table.position.desc()).limit(limit))
        return tuple(Change(**row._mapping) for row in rows)


def _listed(wanted: MemberFilter, on: dt.date) -> sa.Select[Any]:
    """Each member once: by the membership that the standing asks for."""
    away = sa.and_(loans.c.member_id == members.c.id, lent(on))
    source = (
        members.join(memberships, memberships.c.member_id == members.c.id)
        .outerjoin(loans, away)
        .outerjoin(accounts, accounts.c.member_id == members.c.id)
    )
    columns: tuple[sa.ColumnElement[Any], ...] = (
        members.c.id.label("member_id"),
        members.c.name,
        accounts.c.number,
        kind_on(on).label("kind"),
        *(memberships.c.unit_id, memberships.c.since, memberships.c.until, memberships.c.ending),
        *(members.c.group_id, members.c.phone, loans.c.unit_id.label("loan_unit_id"), members.c.version),
    )
    return sa.select(*columns).select_from(source).where(*_conditions(wanted, on))


def _conditions(wanted: MemberFilter, on: dt.date) -> list[sa.ColumnElement[bool]]:
    found = [_standing(wanted.standing, on)]
    whose = loans.c.unit_id if wanted.standing is Standing.BORROWED else memberships.c.unit_id
    found.append(whose.in_(wanted.unit_ids))
    if wanted.standing is Standing.BORROWED:
        found.append(memberships.c.unit_id.not_in(wanted.unit_ids))
    if wanted.kind is not None:
        found.append(kind_on(on) == wanted.kind.value)
    if wanted.group_id is not None:
        found.append(members.c.group_id == wanted.group_id)
    if wanted.text:
        found.append(_reads(wanted.text))
    return found


def _standing(standing: Standing, on: dt.date) -> sa.ColumnElement[bool]:
    other = memberships.alias()
    of_same = other.c.member_id == memberships.c.member_id
    match standing:
        case Standing.BELONGING:
            return holds(on)
        case Standing.LENT | Standing.BORROWED:
            return sa.and_(holds(on), loans.c.unit_id.is_not(None))
        case Standing.COMING:
            earlier = sa.exists().where(of_same, other.c.since < memberships.c.since)
            return sa.and_(memberships.c.since > on, ~earlier)
        case Standing.ENDED:
            later = sa.exists().where(of_same, other.c.since > memberships.c.since)
            return sa.and_(memberships.c.ending.is_not(None), memberships.c.until <= on, ~later)


def _reads(text: str) -> sa.ColumnElement[bool]:
    asked = text.strip().lower()
    together = sa.func.replace(members.c.spelling, " ", "")
    return sa.or_(
        sa.func.lower(members.c.name).contains(asked, autoescape=True),
        accounts.c.number.startswith(asked, autoescape=True),
        together.startswith(asked.replace(" ", ""), autoescape=True),
        members.c.initials.startswith(asked, autoescape=True),
    )


def _fields(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a dataclass; asdict() copies deep, which costs most of an import
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _ready(table: sa.Table, rows: list[dict[str, Any]], dialect: sa.Dialect) -> tuple[str, tuple[_Row, ...]]:
    """As the driver takes it: to make rows ready costs ten times what writing them does."""
    names = list(rows[0])
    compiled = sa.insert(table).compile(dialect=dialect, column_keys=names)
    order = compiled.positiontup
    assert order is not None  # both drivers take rows by position
    made = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in order]
    ready = (tuple(row[name] if turn is None else turn(row[name]) for name, turn in made) for row in rows)
    return str(compiled), tuple(ready)
