"""What settling kept of everybody, summed over many lessons in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from server.domain.attendance import Standing
from server.domain.attendance_report import By, Held, Loans, Narrowed, Part, Record, Slice, Sum
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import LessonState
from server.domain.members import MemberKind
from server.domain.roster import PHONE
from server.store.batches import batched
from server.store.places import place_of
from server.store.schema import lesson_venues, lessons, roster_entries

_entries = roster_entries.c
_SUMS = tuple(
    sa.func.sum(sa.case((_entries.standing == standing.value, 1), else_=0)).label(standing.value)
    for standing in Standing
)
_KEYS: Mapping[By, sa.ColumnElement[Any]] = {By.VENUE: place_of(roster_entries), By.MEMBER: _entries.member_id}


class SqlAttendance:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def settle(self, lesson_id: str, standings: Mapping[str, Standing]) -> None:
        change = sa.update(roster_entries).where(_entries.lesson_id == lesson_id)
        for standing in Standing:
            theirs = [member_id for member_id, found in standings.items() if found is standing]
            for some in batched(theirs):
                self._connection.execute(change.where(_entries.member_id.in_(some)).values(standing=standing.value))

    def held(
        self,
        within: tuple[dt.datetime, dt.datetime],
        kind: LessonKind | None,
        day: Callable[[dt.datetime], dt.date],
    ) -> tuple[Held, ...]:
        since, until = within
        over = sa.or_(lessons.c.settled_at.is_not(None), lessons.c.state == LessonState.ENDED.value)
        columns = (lessons.c.id, lessons.c.title, lessons.c.starts_at, lessons.c.opened_at, lessons.c.settled_at)
        query = sa.select(*columns).where(lessons.c.starts_at >= since, lessons.c.starts_at < until, over)
        if kind is not None:
            query = query.where(lessons.c.kind == kind.value)
        return tuple(
            Held(row.id, row.title, row.starts_at, day(row.opened_at or row.starts_at), row.settled_at is not None)
            for row in self._connection.execute(query.order_by(lessons.c.starts_at, lessons.c.id))
        )

    def covered(self, slices: Sequence[Slice]) -> frozenset[str]:
        found: set[str] = set()
        for one in slices:
            theirs = [] if one.whole else [_entries.unit_id.in_(sorted(one.unit_ids))]
            there = sa.exists().where(_entries.lesson_id == lessons.c.id, *theirs)
            for some in batched(one.lesson_ids):
                query = sa.select(lessons.c.id).where(lessons.c.id.in_(some), there)
                found |= set(self._connection.execute(query).scalars())
        return frozenset(found)

    def parts(self, slices: Sequence[Slice], narrowed: Narrowed, by: By) -> Iterator[Part]:
        key = _KEYS.get(by, sa.null()).label("key")
        # Of a member all lessons are counted together: 3,000 rows instead of 300,000.
        lesson = sa.literal("") if by is By.MEMBER else _entries.lesson_id
        grouped = [_entries.unit_id, *([lesson] if by is not By.MEMBER else []), *([key] if by in _KEYS else [])]
        counted = sa.func.count().label("lessons")
        query = sa.select(lesson.label("lesson_id"), _entries.unit_id, key, *_SUMS, counted)
        for row in self._connection.execute(query.where(*_conditions(slices, narrowed)).group_by(*grouped)):
            yield Part(row[0], row[1], row[2], Sum(*row[3:8]), row[8] if by is By.MEMBER else 1)

    def records(self, slices: Sequence[Slice], narrowed: Narrowed, offset: int, limit: int) -> tuple[Record, ...]:
        columns = (_entries.lesson_id, _entries.member_id, _entries.name, _entries.kind, _entries.unit_id)
        query = (
            sa.select(*columns, _entries.standing, _entries.loan_unit_id, place_of(roster_entries).label("place"))
            .join(lessons, lessons.c.id == _entries.lesson_id)
            .where(*_conditions(slices, narrowed))
            .order_by(lessons.c.starts_at.desc(), lessons.c.id, _entries.unit_id, _entries.name, _entries.member_id)
            .offset(offset)
            .limit(limit)
        )
        return tuple(
            Record(
                *(row.lesson_id, row.member_id, row.name, MemberKind(row.kind), row.unit_id, Standing(row.standing)),
                on_loan=row.loan_unit_id is not None,
                lesson_venue_id=row.place,
            )
            for row in self._connection.execute(query)
        )

    def venues(self, lesson_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        columns = (lesson_venues.c.id, lesson_venues.c.venue_id, lesson_venues.c.name)
        query = sa.select(*columns).where(lesson_venues.c.lesson_id.in_(lesson_ids))
        return {row.id: (row.venue_id, row.name) for row in self._connection.execute(query)}


def _conditions(slices: Sequence[Slice], narrowed: Narrowed) -> list[sa.ColumnElement[bool]]:
    found = [_entries.standing.is_not(None), sa.or_(sa.false(), *map(_within, slices))]
    if narrowed.kind is not None:
        found.append(_entries.kind == narrowed.kind.value)
    if narrowed.loans is not Loans.ALL:
        lent = _entries.loan_unit_id.is_not(None)
        found.append(lent if narrowed.loans is Loans.ONLY else sa.not_(lent))
    if narrowed.member_id is not None:
        found.append(_entries.member_id == narrowed.member_id)
    if narrowed.standing is not None:
        found.append(_entries.standing == narrowed.standing.value)
    if narrowed.place is not None:
        found.append(_at(narrowed.place))
    return found


def _within(one: Slice) -> sa.ColumnElement[bool]:
    lesson = _entries.lesson_id.in_(one.lesson_ids)
    return lesson if one.whole else sa.and_(lesson, _entries.unit_id.in_(sorted(one.unit_ids)))


def _at(place: str) -> sa.ColumnElement[bool]:
    there = place_of(roster_entries)
    if place == PHONE:
        return there.is_(None)
    return there.in_(sa.select(lesson_venues.c.id).where(lesson_venues.c.venue_id == place))
