"""Attendance over many lessons, as far as somebody looks after the units: settled lessons, summed and record by record.

A lesson that is over and not settled is not counted: nobody is absent before that (缺席 only after settling).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from server.domain.access import Principal
from server.domain.attendance import Rates, Standing
from server.domain.attendance_report import (
    By,
    Held,
    Narrowed,
    Part,
    Slice,
    Sum,
    by_unit,
    in_tree_order,
    sliced,
    total,
)
from server.domain.lesson_kinds import LessonKind
from server.domain.lessons import BY_PHONE
from server.domain.members import MemberKind
from server.domain.names import in_natural_order
from server.domain.refusals import Refusal
from server.domain.roster import PHONE
from server.domain.stewards import held
from server.domain.units import UnitTree
from server.services.finding import MOST_LISTED
from server.services.records import Records, Transaction
from server.services.views import Named

MOST_DAYS = 800
MOST_LESSONS = 10_000
"""That the one who asks sees: their ids are bound in one statement."""
MOST_RECORDS = 20_000
"""In one file."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Days of the school's calendar, the last one included; None: this civil year until today."""

    since: dt.date | None = None
    until: dt.date | None = None
    unit_id: str | None = None
    lesson_kind: LessonKind | None = None
    narrowed: Narrowed = field(default_factory=Narrowed)


@dataclass(frozen=True, slots=True)
class SumView:
    """People times lessons. ``few``: too few to speak of a share."""

    expected: int
    came: int
    present: int
    late: int
    left_early: int
    on_leave: int
    absent: int
    rates: Rates
    few: bool


@dataclass(frozen=True, slots=True)
class ReportRow:
    """``id`` is of a unit, member, venue (``phone``: none) or lesson. ``under``: the row it belongs to, ``depth`` how
    far below the highest. ``unit``: a member's, as it was last in the period. ``at``: of a lesson.
    """

    id: str
    name: str
    lessons: int
    sum: SumView
    under: str | None = None
    depth: int = 0
    unit: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class AttendanceReport:
    """``lessons``: counted; ``unsettled``: over, and not counted yet."""

    by: By
    since: dt.date
    until: dt.date
    lessons: int
    unsettled: int
    total: SumView
    items: tuple[ReportRow, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class AttendanceRecord:
    lesson: Named
    at: dt.datetime
    member: Named
    number: str | None
    unit: Named
    kind: MemberKind
    on_loan: bool
    place: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class AttendanceRecords:
    items: tuple[AttendanceRecord, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Period:
    """What a report is made of, in one transaction."""

    tx: Transaction
    since: dt.date
    until: dt.date
    tree: UnitTree
    lessons: Mapping[str, Held]
    slices: tuple[Slice, ...]
    unsettled: int

    @property
    def on(self) -> dt.date:
        """The day whose tree gives the order: of the last lesson."""
        return max((lesson.on for lesson in self.lessons.values()), default=self.until)


async def report_attendance(
    records: Records,
    principal: Principal,
    by: By,
    asked: Asked,
    *,
    offset: int = 0,
    limit: int | None = None,
    now: dt.datetime,
) -> AttendanceReport:
    """By tree and name, never by how many came. ``limit`` None: all rows.

    Raises ``forbidden`` for who looks after no unit, ``unit_not_found``, ``invalid_body`` for a period too long.
    """

    def load(tx: Transaction) -> AttendanceReport:
        period = _period(tx, principal, asked, now)
        parts = tuple(tx.attendance.parts(period.slices, asked.narrowed, by)) if period.slices else ()
        rows = _ROWS[by](period, parts)
        last = len(rows) if limit is None else offset + limit
        return AttendanceReport(
            by=by,
            since=period.since,
            until=period.until,
            lessons=len(period.lessons),
            unsettled=period.unsettled,
            total=_sum(total(parts)),
            items=tuple(rows[offset:last]),
            next_cursor=str(last) if last < len(rows) else None,
        )

    return await records.read(load)


async def attendance_records(
    records: Records,
    principal: Principal,
    asked: Asked,
    *,
    offset: int = 0,
    limit: int = MOST_LISTED,
    now: dt.datetime,
) -> AttendanceRecords:
    """One line for each member and lesson, the newest lesson first. Raises as the report."""

    def load(tx: Transaction) -> AttendanceRecords:
        period = _period(tx, principal, asked, now)
        found = tx.attendance.records(period.slices, asked.narrowed, offset, limit + 1) if period.slices else ()
        shown = found[:limit]
        numbers: dict[str, str] = {}
        for start in range(0, len(shown), 500):
            numbers |= tx.accounts.numbers([each.member_id for each in shown[start : start + 500]])
        venues = tx.attendance.venues(sorted({each.lesson_id for each in shown}))
        items = []
        for each in shown:
            lesson = period.lessons[each.lesson_id]
            place = venues.get(each.lesson_venue_id or "")
            items.append(
                AttendanceRecord(
                    lesson=Named(lesson.id, lesson.title),
                    at=lesson.starts_at,
                    member=Named(each.member_id, each.name),
                    number=numbers.get(each.member_id),
                    unit=Named(each.unit_id, period.tree.name(each.unit_id, lesson.on)),
                    kind=each.kind,
                    on_loan=each.on_loan,
                    place=place[1] if place else BY_PHONE,
                    standing=each.standing,
                )
            )
        return AttendanceRecords(tuple(items), str(offset + limit) if len(found) > limit else None)

    return await records.read(load)


def _period(tx: Transaction, principal: Principal, asked: Asked, now: dt.datetime) -> _Period:
    roots, today = held(principal), tx.calendar.day(now)
    until = asked.until or today
    since = asked.since or dt.date(until.year, 1, 1)
    if not 0 <= (until - since).days <= MOST_DAYS:
        raise Refusal("invalid_body", f"since, until: at most {MOST_DAYS} days")
    tree = tx.units.tree()
    if asked.unit_id is not None:
        tree.unit(asked.unit_id)
    begin, end = tx.calendar.begins(since), tx.calendar.begins(until + dt.timedelta(days=1))
    over = tx.attendance.held((begin, end), asked.lesson_kind, tx.calendar.day)
    covered = tx.attendance.covered(sliced(over, tree, roots, asked.unit_id))
    if len(covered) > MOST_LESSONS:
        raise Refusal("invalid_body", f"since, until: more than {MOST_LESSONS} lessons")
    counted = {lesson.id: lesson for lesson in over if lesson.id in covered and lesson.settled}
    slices = sliced(counted.values(), tree, roots, asked.unit_id)
    return _Period(tx, since, until, tree, counted, slices, len(covered) - len(counted))


def _units(period: _Period, parts: Sequence[Part]) -> list[ReportRow]:
    days = {lesson.id: lesson.on for lesson in period.lessons.values()}
    shown = {lesson_id: one.unit_ids for one in period.slices for lesson_id in one.lesson_ids}
    rows = by_unit(parts, period.tree, days, shown, period.on)
    return [
        ReportRow(row.key, period.tree.name(row.key, period.on), row.lessons, _sum(row.sum), row.parent, row.depth)
        for row in rows
    ]


def _members(period: _Period, parts: Sequence[Part]) -> list[ReportRow]:
    """Who changed units in between is one row, in the unit where most of it was."""
    sums: dict[str, Sum] = {}
    counts: dict[str, dict[str, int]] = {}
    for part in parts:
        member_id = part.key or ""
        sums.setdefault(member_id, Sum()).add(part.sum)
        counts.setdefault(member_id, {})[part.unit_id] = part.lessons
    home = {member_id: max(sorted(units), key=lambda each: units[each]) for member_id, units in counts.items()}
    everywhere = in_tree_order((unit.id for unit in period.tree.units), period.tree, period.on)
    order = {unit: at for at, (unit, _, _) in enumerate(everywhere)}
    names: dict[str, str] = {}
    ids = sorted(sums)
    for start in range(0, len(ids), 500):
        names |= period.tx.members.names(ids[start : start + 500])
    rows = [
        ReportRow(
            member_id,
            names[member_id],
            sum(counts[member_id].values()),
            _sum(sums[member_id]),
            unit=period.tree.name(home[member_id], period.on),
        )
        for member_id in ids
    ]
    return sorted(rows, key=lambda row: (order[home[row.id]], in_natural_order(row.name), row.id))


def _venues(period: _Period, parts: Sequence[Part]) -> list[ReportRow]:
    """By where people were expected: who came elsewhere came."""
    known = period.tx.attendance.venues(sorted(period.lessons)) if parts else {}
    found: dict[str, tuple[str, Sum, set[str]]] = {}
    for part in parts:
        venue_id, name = known.get(part.key or "", (PHONE, BY_PHONE))
        _, counted, lessons = found.setdefault(venue_id, (name, Sum(), set()))
        counted.add(part.sum)
        lessons.add(part.lesson_id)
    rows = [ReportRow(key, name, len(lessons), _sum(counted)) for key, (name, counted, lessons) in found.items()]
    return sorted(rows, key=lambda row: (row.id == PHONE, in_natural_order(row.name), row.id))


def _lessons(period: _Period, parts: Sequence[Part]) -> list[ReportRow]:
    """In the order in which they were held."""
    sums: dict[str, Sum] = {}
    for part in parts:
        sums.setdefault(part.lesson_id, Sum()).add(part.sum)
    held_then = [lesson for lesson in period.lessons.values() if lesson.id in sums]
    return [ReportRow(each.id, each.title, 1, _sum(sums[each.id]), at=each.starts_at) for each in held_then]


_ROWS: Mapping[By, Callable[[_Period, Sequence[Part]], list[ReportRow]]] = {
    By.UNIT: _units,
    By.MEMBER: _members,
    By.VENUE: _venues,
    By.LESSON: _lessons,
}


def _sum(one: Sum) -> SumView:
    return SumView(
        one.expected, one.came, one.present, one.late, one.left_early, one.on_leave, one.absent, one.rates, one.few
    )
