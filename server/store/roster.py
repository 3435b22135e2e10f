"""The roster, as rows; listed and counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.attendance import HERE, Standing
from server.domain.board import Cell
from server.domain.leaves import LeaveState
from server.domain.lessons import Lesson
from server.domain.members import MemberKind
from server.domain.roster import (
    PHONE,
    RosterEntry,
    RosterFilter,
    RosterState,
)
from server.domain.sign_ins import Door, SignIn
from server.store.attendance import sign_in_of
from server.store.batches import batched
from server.store.lessons import LABELLED, labelled_lesson
from server.store.places import place_of
from server.store.schema import (
    UtcTime,
    accounts,
    corrections,
    credit_rules,
    leaves,
    lessons,
    member_assignments,
    members,
    roster_entries,
    sign_ins,
    units,
)
from server.store.upserts import padded

_ENTRY = sa.select(roster_entries).where(
    roster_entries.c.lesson_id == sa.bindparam("lesson"), roster_entries.c.member_id == sa.bindparam("member")
)
_AMONG = sa.select(roster_entries.c.member_id).where(
    roster_entries.c.lesson_id == sa.bindparam("lesson"),
    roster_entries.c.member_id.in_(sa.bindparam("members", expanding=True)),
)
_PLANNED = sa.select(member_assignments.c.member_id).where(
    member_assignments.c.lesson_id == sa.bindparam("lesson"),
    member_assignments.c.member_id.in_(sa.bindparam("members", expanding=True)),
    member_assignments.c.expected,
)
_GUESTS = sa.union(_AMONG, _PLANNED)
WITH_SIGN_IN = roster_entries.outerjoin(
    sign_ins,
    sa.and_(sign_ins.c.lesson_id == roster_entries.c.lesson_id, sign_ins.c.member_id == roster_entries.c.member_id),
)
BOTH: tuple[sa.ColumnElement[Any], ...] = (
    *roster_entries.c,
    *(column.label(f"sign_in_{column.name}") for column in sign_ins.c),
)
_corrected = roster_entries.c.corrected
_SIGNED = sign_ins.c.member_id.is_not(None)
_HERE = sa.case((_corrected.is_(None), _SIGNED), else_=_corrected.in_([each.value for each in HERE]))
"""实到, as the board counts it: what a person put in place of the record (更正) goes before the record."""
_GRANTED = sa.exists().where(
    leaves.c.lesson_id == roster_entries.c.lesson_id,
    leaves.c.member_id == roster_entries.c.member_id,
    leaves.c.state == LeaveState.APPROVED.value,
)
_ON_LEAVE = sa.case(
    (_corrected.is_(None), sa.and_(sign_ins.c.member_id.is_(None), _GRANTED)),
    else_=_corrected == Standing.ON_LEAVE.value,
)
_LEFT = sa.case((_corrected.is_(None), sign_ins.c.left_at.is_not(None)), else_=_corrected == Standing.LEFT_EARLY.value)
_DOOR_COLUMNS: tuple[sa.ColumnElement[Any], ...] = (
    *(*BOTH, *LABELLED),
    credit_rules.c.late_after_minutes.label("grace_minutes"),
)
_DOORS = (
    sa.select(*_DOOR_COLUMNS)
    .select_from(
        WITH_SIGN_IN.join(lessons, lessons.c.id == roster_entries.c.lesson_id).outerjoin(
            credit_rules, credit_rules.c.id == lessons.c.rule_id
        )
    )
    .where(roster_entries.c.lesson_id == sa.bindparam("lesson"))
)
_DOOR = _DOORS.where(roster_entries.c.member_id == sa.bindparam("member"))
_SOME_DOORS = _DOORS.where(roster_entries.c.member_id.in_(sa.bindparam("members", expanding=True)))


class SqlRoster:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def among(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        found = self._connection.execute(_AMONG, {"lesson": lesson_id, "members": padded(member_ids)})
        return frozenset(found.scalars())

    def place(self, lesson_id: str, member_id: str, lesson_venue_id: str | None) -> None:
        mine = (roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id == member_id)
        there = {"lesson_venue_id": lesson_venue_id, "moved_at": None, "moved_to": None}
        self._connection.execute(sa.update(roster_entries).where(*mine).values(there))

    def correct(self, lesson_id: str, member_id: str, standing: Standing) -> None:
        mine = (roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id == member_id)
        self._connection.execute(sa.update(roster_entries).where(*mine).values(corrected=standing.value))

    def units(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, str]:
        theirs = (roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id.in_(padded(member_ids)))
        rows = self._connection.execute(sa.select(roster_entries.c.member_id, roster_entries.c.unit_id).where(*theirs))
        return {row.member_id: row.unit_id for row in rows}

    def guests(self, lesson_id: str, member_ids: Collection[str]) -> frozenset[str]:
        found = self._connection.execute(_GUESTS, {"lesson": lesson_id, "members": padded(member_ids)})
        return frozenset(found.scalars())

    def of(self, lesson_id: str) -> tuple[RosterEntry, ...]:
        query = sa.select(roster_entries).where(roster_entries.c.lesson_id == lesson_id)
        ordered = query.order_by(roster_entries.c.unit_id, roster_entries.c.name, roster_entries.c.member_id)
        return tuple(entry_of(row) for row in self._connection.execute(ordered))

    def those(self, lesson_id: str, member_ids: Collection[str]) -> tuple[RosterEntry, ...]:
        found: list[RosterEntry] = []
        for some in batched(member_ids):
            mine = (roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id.in_(some))
            found += [entry_of(row) for row in self._connection.execute(sa.select(roster_entries).where(*mine))]
        return tuple(found)

    def get(self, lesson_id: str, member_id: str) -> RosterEntry | None:
        row = self._connection.execute(_ENTRY, {"lesson": lesson_id, "member": member_id}).one_or_none()
        return None if row is None else entry_of(row)

    def door(self, lesson_id: str, member_id: str) -> Door | None:
        row = self._connection.execute(_DOOR, {"lesson": lesson_id, "member": member_id}).one_or_none()
        return None if row is None else _door(row, labelled_lesson(row))

    def doors(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Door]:
        found: dict[str, Door] = {}
        lesson: Lesson | None = None
        for some in batched(member_ids):
            rows = self._connection.execute(_SOME_DOORS, {"lesson": lesson_id, "members": padded(some)})
            for row in rows:
                lesson = lesson or labelled_lesson(row)
                door = _door(row, lesson)
                found[door.entry.member_id] = door
        return found

    def listed(
        self, lesson_id: str, narrowed: RosterFilter, after: str | None, limit: int
    ) -> tuple[tuple[RosterEntry, SignIn | None], ...]:
        entries = roster_entries.c
        order = sa.tuple_(units.c.name, entries.name, entries.member_id)
        query = (
            sa.select(*BOTH)
            .select_from(WITH_SIGN_IN.join(units, units.c.id == entries.unit_id))
            .where(entries.lesson_id == lesson_id, *_conditions(narrowed))
            .order_by(units.c.name, entries.name, entries.member_id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(order > self._place(lesson_id, after))
        rows = self._connection.execute(query)
        return tuple((entry_of(row), joined_sign_in(row)) for row in rows)

    def called(
        self, lesson_id: str, lesson_venue_id: str, asked: str, limit: int
    ) -> tuple[tuple[RosterEntry, SignIn | None], ...]:
        planned, there = place_of(roster_entries), place_of(sign_ins)
        same = (sa.func.lower(accounts.c.number) == asked, members.c.initials == asked)
        query = (
            sa.select(*BOTH)
            .select_from(
                WITH_SIGN_IN.join(members, members.c.id == roster_entries.c.member_id).outerjoin(
                    accounts, accounts.c.member_id == roster_entries.c.member_id
                )
            )
            .where(roster_entries.c.lesson_id == lesson_id, sa.or_(*same))
            .where(sa.or_(planned == lesson_venue_id, there == lesson_venue_id))
            .order_by(roster_entries.c.name, roster_entries.c.member_id)
            .limit(limit)
        )
        return tuple((entry_of(row), joined_sign_in(row)) for row in self._connection.execute(query))

    def _place(self, lesson_id: str, member_id: str) -> sa.ColumnElement[Any]:
        """Where a member stands in the list; an unknown one before all."""
        query = sa.select(units.c.name, roster_entries.c.name, roster_entries.c.member_id)
        joined = query.join(units, units.c.id == roster_entries.c.unit_id)
        mine = joined.where(roster_entries.c.lesson_id == lesson_id, roster_entries.c.member_id == member_id)
        found = self._connection.execute(mine).one_or_none()
        return sa.tuple_(*(sa.literal(text) for text in found or ("", "", "")))

    def cells(self, lesson_id: str, late_after: dt.datetime | None) -> tuple[Cell, ...]:
        entries = roster_entries.c
        each = (
            sa.select(
                entries.unit_id,
                entries.kind,
                place_of(roster_entries).label("assigned"),
                sa.case((_SIGNED, place_of(sign_ins)), (_HERE, place_of(roster_entries))).label("place"),
                entries.added_at.is_(None).label("frozen"),
                _HERE.label("present"),
                sa.func.coalesce(_late(late_after), sa.false()).label("late"),
                _LEFT.label("gone"),
                _ON_LEAVE.label("on_leave"),
                entries.loan_unit_id.is_not(None).label("on_loan"),
            )
            .select_from(WITH_SIGN_IN)
            .where(entries.lesson_id == lesson_id)
            .subquery()
        )
        columns: list[sa.ColumnElement[Any]] = [*each.c, sa.func.count().label("members")]
        counted = sa.select(*columns).group_by(*each.c)
        return tuple(_cell(row) for row in self._connection.execute(counted))

    def stamp(self, lesson_id: str) -> tuple[object, ...]:
        signed = sa.select(
            sa.func.count(),
            *_marked(sign_ins.c.left_at),
            *_marked(sign_ins.c.moved_at),
            *_marked(sign_ins.c.arrived_at),
        )
        expected = sa.select(sa.func.count(), *_marked(roster_entries.c.moved_at))
        granted = sa.select(sa.func.count(leaves.c.decided_at), sa.func.max(leaves.c.decided_at))
        corrected = sa.select(sa.func.count(), sa.func.max(corrections.c.decided_at))
        return (
            *self._connection.execute(signed.where(sign_ins.c.lesson_id == lesson_id)).one(),
            *self._connection.execute(expected.where(roster_entries.c.lesson_id == lesson_id)).one(),
            *self._connection.execute(granted.where(leaves.c.lesson_id == lesson_id)).one(),
            *self._connection.execute(corrected.where(corrections.c.lesson_id == lesson_id)).one(),
        )

    def add(self, lesson_id: str, entries: Sequence[RosterEntry]) -> None:
        if entries:
            rows = [{"lesson_id": lesson_id, **asdict(entry), "kind": entry.kind.value} for entry in entries]
            self._connection.execute(sa.insert(roster_entries), rows)


def _door(row: sa.Row[Any], lesson: Lesson) -> Door:
    return Door(lesson, entry_of(row), joined_sign_in(row), row.grace_minutes)


def _late(late_after: dt.datetime | None) -> sa.ColumnElement[bool]:
    late = sa.false() if late_after is None else sign_ins.c.at > sa.literal(late_after, UtcTime)
    return sa.case((_corrected.is_(None), late), else_=_corrected == Standing.LATE.value)


def _marked(column: sa.Column[Any]) -> tuple[sa.ColumnElement[Any], ...]:
    return sa.func.count(column), sa.func.max(column)


def _conditions(narrowed: RosterFilter) -> list[sa.ColumnElement[bool]]:
    entries = roster_entries.c
    planned, there = place_of(roster_entries), place_of(sign_ins)
    found: list[sa.ColumnElement[bool]] = []
    if narrowed.state is not None:
        found.append(_in_state(narrowed.state, narrowed.late_after))
    if narrowed.place is not None:
        place = None if narrowed.place == PHONE else narrowed.place
        found.append(sa.case((sa.and_(_HERE, _SIGNED), _same(there, place)), else_=_same(planned, place)))
    if narrowed.unit_ids is not None:
        whose: sa.ColumnElement[bool] = entries.unit_id.in_(narrowed.unit_ids)
        if narrowed.state is RosterState.ON_LOAN:
            whose = sa.or_(whose, entries.loan_unit_id.in_(narrowed.unit_ids))
        found.append(whose)
    if narrowed.venue is not None:
        found.append(sa.or_(planned == narrowed.venue, there == narrowed.venue))
    return found


def _same(column: sa.ColumnElement[Any], value: str | None) -> sa.ColumnElement[bool]:
    return column.is_(None) if value is None else sa.func.coalesce(column, "") == value


def _in_state(state: RosterState, late_after: dt.datetime | None) -> sa.ColumnElement[bool]:
    arriving = sa.and_(sign_ins.c.moved_to.is_not(None), sign_ins.c.arrived_at.is_(None))
    conditions: dict[RosterState, sa.ColumnElement[bool]] = {
        RosterState.PRESENT: _HERE,
        RosterState.MISSING: sa.and_(sa.not_(_HERE), sa.not_(_ON_LEAVE)),
        RosterState.ON_LEAVE: _ON_LEAVE,
        RosterState.ARRIVING: arriving,
        RosterState.LATE: _late(late_after),
        RosterState.LEFT: _LEFT,
        RosterState.WALKED_IN: sa.and_(_HERE, _SIGNED, sa.not_(arriving), _in_another_room()),
        RosterState.ADDED: roster_entries.c.added_at.is_not(None),
        RosterState.ON_LOAN: roster_entries.c.loan_unit_id.is_not(None),
    }
    return conditions[state]


def _in_another_room() -> sa.ColumnElement[bool]:
    """Than where somebody was expected from the start; a phone is no room."""
    planned, there = place_of(roster_entries), place_of(sign_ins)
    unexpected = sa.or_(roster_entries.c.added_at.is_not(None), sa.func.coalesce(planned, "") != there)
    return sa.and_(there.is_not(None), unexpected)


def entry_of(row: sa.Row[Any]) -> RosterEntry:
    return RosterEntry(
        row.member_id,
        row.name,
        MemberKind(row.kind),
        row.unit_id,
        row.lesson_venue_id,
        row.added_at,
        row.added_by,
        row.reason,
        row.moved_at,
        row.moved_to,
        Standing(row.corrected) if row.corrected else None,
        row.loan_unit_id,
    )


def joined_sign_in(row: sa.Row[Any]) -> SignIn | None:
    fields = {column.name: row._mapping[f"sign_in_{column.name}"] for column in sign_ins.c}
    return None if fields["member_id"] is None else sign_in_of(fields)


def _cell(row: sa.Row[Any]) -> Cell:
    return Cell(
        unit_id=row.unit_id,
        kind=MemberKind(row.kind),
        assigned=row.assigned,
        place=row.place,
        frozen=bool(row.frozen),
        present=bool(row.present),
        late=bool(row.late),
        left=bool(row.gone),
        count=row.members,
        on_leave=bool(row.on_leave),
        on_loan=bool(row.on_loan),
    )
