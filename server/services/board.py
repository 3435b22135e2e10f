"""The board (应到/实到/未到): asked for, and watched for pushes. One counting serves every audience."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.domain.attendance import Rates
from server.domain.board import Cell, Count, Sight, tally
from server.domain.lessons import BY_PHONE, Lesson
from server.domain.members import MemberKind
from server.domain.reaches import board_reach
from server.domain.sign_ins import late_after
from server.services.finding import allowed_target, found, report_day
from server.services.records import Records, Transaction
from server.services.roster import units_below


@dataclass(frozen=True, slots=True)
class VenueCount:
    lesson_venue_id: str | None
    name: str
    expected: int
    present: int
    late: int
    missing: int
    on_leave: int
    rates: Rates


@dataclass(frozen=True, slots=True)
class UnitCount:
    """``on_loan``: how many of the expected are on loan (借调)."""

    unit_id: str
    name: str
    expected: int
    present: int
    late: int
    missing: int
    on_leave: int
    rates: Rates
    on_loan: int


@dataclass(frozen=True, slots=True)
class KindCount:
    kind: MemberKind
    expected: int
    present: int


@dataclass(frozen=True, slots=True)
class BoardView:
    lesson_id: str
    at: dt.datetime
    expected: int
    added: int
    present: int
    late: int
    left: int
    missing: int
    on_phone: int
    on_leave: int
    on_loan: int
    rates: Rates
    venues: tuple[VenueCount, ...]
    units: tuple[UnitCount, ...]
    kinds: tuple[KindCount, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A lesson's attendance, counted once; ``stamp`` tells whether it is still the same."""

    stamp: tuple[object, ...]
    lesson: Lesson
    cells: tuple[Cell, ...]
    unit_names: Mapping[str, str]

    def seen(self, sight: Sight, at: dt.datetime) -> BoardView:
        counted = tally(self.cells, sight)
        total = counted.total
        return BoardView(
            lesson_id=self.lesson.id,
            at=at,
            expected=total.expected,
            added=total.added,
            present=total.present,
            late=total.late,
            left=total.left,
            missing=total.missing,
            on_phone=total.on_phone,
            on_leave=total.on_leave,
            on_loan=total.on_loan,
            rates=total.rates,
            venues=self._venues(counted.venues, sight),
            units=self._units(counted.units),
            kinds=tuple(
                KindCount(kind, counted.kinds[kind].expected, counted.kinds[kind].present)
                for kind in MemberKind
                if kind in counted.kinds
            ),
        )

    def _venues(self, counts: Mapping[str | None, Count], sight: Sight) -> tuple[VenueCount, ...]:
        """In the lesson's order, those without anybody too; the phone last."""
        named: list[tuple[str | None, str]] = [(venue.id, venue.name) for venue in self.lesson.venues]
        shown = [*named, (None, BY_PHONE)] if sight.lesson_venue_id is None else named
        return tuple(
            VenueCount(place, name, *_numbers(count))
            for place, name in shown
            if sight.lesson_venue_id in {None, place}
            for count in [counts.get(place, Count())]
        )

    def _units(self, counts: Mapping[str, Count]) -> tuple[UnitCount, ...]:
        rows = (
            UnitCount(unit_id, self.unit_names[unit_id], *_numbers(count), count.on_loan)
            for unit_id, count in counts.items()
        )
        return tuple(sorted(rows, key=lambda row: (row.name, row.unit_id)))


def _numbers(count: Count) -> tuple[int, int, int, int, int, Rates]:
    return count.expected, count.present, count.late, count.missing, count.on_leave, count.rates


def snapshot(tx: Transaction, lesson: Lesson) -> Snapshot:
    cells = tx.roster.cells(lesson.id, late_after(lesson, tx.sign_ins.grace_minutes(lesson.id)))
    names = tx.units.names({cell.unit_id for cell in cells}, report_day(tx, lesson))
    return Snapshot(tx.roster.stamp(lesson.id), lesson, cells, names)


async def see_board(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime, *, lesson_venue_id: str | None = None
) -> BoardView:
    """As far as the principal may see; of several rooms that he operates the named one.

    Raises ``forbidden``, ``lesson_not_found``.
    """

    def load(tx: Transaction) -> BoardView:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        reach = board_reach(principal, target, lesson_venue_id)
        sight = Sight(units_below(tx, reach.unit_ids, report_day(tx, target.lesson)), reach.lesson_venue_id)
        return snapshot(tx, target.lesson).seen(sight, now)

    return await records.read(load)


async def watch_board(records: Records, lesson_id: str, before: tuple[object, ...] | None) -> Snapshot | None:
    """Counted anew when it may differ from the one with the stamp ``before``, else None. For who was admitted.

    Raises ``lesson_not_found``.
    """

    def load(tx: Transaction) -> Snapshot | None:
        if before is not None and tx.roster.stamp(lesson_id) == before:
            return None
        return snapshot(tx, found(tx.lessons.get(lesson_id)))

    return await records.read(load)
