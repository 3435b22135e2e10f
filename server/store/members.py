"""Members: their dated rows, written whole; who belongs where on a day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.members import Ending, KindChange, Loan, Member, MemberKind, Membership
from server.domain.personnel import MemberFile
from server.domain.roster import Person
from server.store.batches import batched
from server.store.schema import accounts, loans, member_kinds, members, membership_steps, memberships
from server.store.spelling import initials, spelling
from server.store.units import holds
from server.store.upserts import padded

_FIELDS = (members.c.id, members.c.name, members.c.kind, members.c.phone, members.c.group_id, members.c.version)


class SqlMembers:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def names(self, member_ids: Collection[str]) -> dict[str, str]:
        rows = self._connection.execute(sa.select(members.c.id, members.c.name).where(members.c.id.in_(member_ids)))
        return {row.id: row.name for row in rows}

    def add(self, added: Sequence[Member], belonging: Sequence[Membership]) -> None:
        if added:
            self._connection.execute(sa.insert(members), [{**asdict(each), **spelled(each.name)} for each in added])
        if belonging:
            self._connection.execute(sa.insert(memberships), [asdict(membership) for membership in belonging])

    def people(self, unit_ids: Collection[str], on: dt.date) -> tuple[Person, ...]:
        return self._people(memberships.c.unit_id.in_(unit_ids), on)

    def found(self, member_ids: Collection[str], on: dt.date) -> dict[str, Person]:
        return {
            person.member_id: person
            for some in batched(member_ids)
            for person in self._people(members.c.id.in_(some), on)
        }

    def _people(self, condition: sa.ColumnElement[bool], on: dt.date) -> tuple[Person, ...]:
        query = (
            sa.select(members.c.id, members.c.name, memberships.c.unit_id, kind_on(on).label("kind"))
            .join(memberships, memberships.c.member_id == members.c.id)
            .where(condition, holds(on))
            .order_by(members.c.name, members.c.id)
        )
        return tuple(Person(r.id, r.name, MemberKind(r.kind), r.unit_id) for r in self._connection.execute(query))

    def in_group(self, group_id: str) -> frozenset[str]:
        query = sa.select(members.c.id).where(members.c.group_id == group_id)
        return frozenset(self._connection.execute(query).scalars())

    def known_as(self, name: str, numbers: Collection[str], limit: int) -> tuple[str, ...]:
        columns = sa.select(sa.func.coalesce(accounts.c.number, "").label("number"), members.c.id)
        everybody = columns.outerjoin(accounts, accounts.c.member_id == members.c.id)
        named = everybody.where(members.c.spelling == spelling(name), _bare(members.c.name) == _plain(name))
        numbered = columns.join(accounts, accounts.c.member_id == members.c.id)
        # Two questions, each with an index: in one with OR the whole school is read.
        either = sa.union(named, numbered.where(accounts.c.number.in_(padded(numbers)))).subquery()
        query = sa.select(either.c.id).order_by(either.c.number, either.c.id).limit(limit)
        return tuple(self._connection.execute(query).scalars())

    def loans_on(self, on: dt.date) -> tuple[Loan, ...]:
        rows = self._connection.execute(sa.select(loans).where(lent(on)).order_by(loans.c.member_id))
        return tuple(Loan(**row._mapping) for row in rows)

    # ---- files -------------------------------------------------------------------------------------------

    def lock(self, member_id: str) -> MemberFile | None:
        row = members.c.id == member_id
        if self._connection.execute(sa.select(members.c.id).where(row).with_for_update()).scalar() is None:
            return None
        return self.files([member_id]).get(member_id)

    def files(self, member_ids: Collection[str]) -> dict[str, MemberFile]:
        found: dict[str, MemberFile] = {}
        for some in batched(member_ids):
            belonging = self._rows(memberships, some, _membership)
            kinds, lendings = self._rows(member_kinds, some, _kind), self._rows(loans, some, _loan)
            for row in self._connection.execute(sa.select(*_FIELDS).where(members.c.id.in_(some))):
                member = Member(**{**row._mapping, "kind": MemberKind(row.kind)})
                found[row.id] = MemberFile(member, belonging[row.id], kinds[row.id], lendings[row.id])
        return found

    def _rows(self, table: sa.Table, member_ids: Sequence[str], make: Any) -> Mapping[str, tuple[Any, ...]]:  # noqa: ANN401 - three row types
        found: defaultdict[str, tuple[Any, ...]] = defaultdict(tuple)
        query = sa.select(table).where(table.c.member_id.in_(member_ids)).order_by(table.c.member_id, table.c.since)
        for row in self._connection.execute(query):
            found[row.member_id] = (*found[row.member_id], make(row))
        return found

    def enter(self, files: Sequence[MemberFile]) -> None:
        self.add([file.member for file in files], [])
        self._write(files)

    def save(self, files: Sequence[MemberFile]) -> None:
        change = sa.update(members).where(members.c.id == sa.bindparam("key"))
        values = ("name", "phone", "group_id", "spelling", "initials")
        change = change.values(
            {**{name: sa.bindparam(f"new_{name}") for name in values}, "version": members.c.version + 1}
        )
        changed = [_changed(file.member) for file in files]
        if changed:
            self._connection.execute(change, changed)
        for table in (memberships, member_kinds, loans):
            for some in batched([file.member.id for file in files]):
                self._connection.execute(sa.delete(table).where(table.c.member_id.in_(some)))
        self._write(files)

    def _write(self, files: Sequence[MemberFile]) -> None:
        written: tuple[tuple[sa.Table, Iterable[Any]], ...] = (
            (memberships, [row for file in files for row in file.memberships]),
            (member_kinds, [row for file in files for row in file.kinds]),
            (loans, [row for file in files for row in file.loans]),
        )
        for table, rows in written:
            listed = [asdict(row) for row in rows]
            if listed:
                self._connection.execute(sa.insert(table), listed)

    def remind(self, member_ids: Collection[str], days: Collection[tuple[str, dt.date]], today: dt.date) -> None:
        for some in batched(member_ids):
            coming = (membership_steps.c.member_id.in_(some), membership_steps.c.day > today)
            self._connection.execute(sa.delete(membership_steps).where(*coming))
        rows = [{"member_id": member_id, "day": day} for member_id, day in sorted(days)]
        if rows:
            self._connection.execute(sa.insert(membership_steps), rows)

    def due(self, today: dt.date, limit: int) -> tuple[tuple[str, dt.date], ...]:
        query = sa.select(membership_steps).where(membership_steps.c.day <= today)
        query = query.order_by(membership_steps.c.day, membership_steps.c.member_id).limit(limit)
        return tuple((row.member_id, row.day) for row in self._connection.execute(query))

    def done(self, member_id: str, day: dt.date) -> None:
        row = (membership_steps.c.member_id == member_id, membership_steps.c.day == day)
        self._connection.execute(sa.delete(membership_steps).where(*row))

    def anybody(self, unit_id: str, on: dt.date) -> bool:
        """Whether somebody belongs to it or is on loan there, on that day or later."""
        later = [
            sa.select(table.c.member_id).where(
                table.c.unit_id == unit_id, sa.or_(table.c.until.is_(None), table.c.until > on)
            )
            for table in (memberships, loans)
        ]
        return self._connection.execute(sa.union_all(*later).limit(1)).first() is not None


def kind_on(on: dt.date) -> sa.ColumnElement[str]:
    """What the member of the row is on a date."""
    newest = (
        sa.select(member_kinds.c.kind)
        .where(member_kinds.c.member_id == members.c.id, member_kinds.c.since <= on)
        .order_by(member_kinds.c.since.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(newest, members.c.kind)


def lent(on: dt.date | sa.BindParameter[dt.date]) -> sa.ColumnElement[bool]:
    """The loan that counts on a date."""
    return sa.and_(loans.c.since <= on, sa.or_(loans.c.until.is_(None), loans.c.until > on))


def _plain(name: str) -> str:
    """张　三, as two signs are written under three, is 张三."""
    return name.replace(" ", "").replace("\u3000", "")


def _bare(name: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    return sa.func.replace(sa.func.replace(name, " ", ""), "\u3000", "")


def spelled(name: str) -> dict[str, str]:
    return {"spelling": spelling(name), "initials": initials(name)}


def _changed(member: Member) -> dict[str, Any]:
    fields = {"name": member.name, "phone": member.phone, "group_id": member.group_id, **spelled(member.name)}
    return {"key": member.id, **{f"new_{name}": value for name, value in fields.items()}}


def _membership(row: sa.Row[Any]) -> Membership:
    ending = Ending(row.ending) if row.ending else None
    return Membership(row.member_id, row.unit_id, row.since, row.until, ending, row.note)


def _kind(row: sa.Row[Any]) -> KindChange:
    return KindChange(row.member_id, row.since, MemberKind(row.kind))


def _loan(row: sa.Row[Any]) -> Loan:
    return Loan(row.member_id, row.unit_id, row.since, row.until, row.note)
