"""The board (应到/实到/未到): a lesson's attendance counted, per venue, unit and kind.

Every count comes from the same cells, so a board's rows cannot disagree with its totals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from server.domain.attendance import Rates, rates
from server.domain.members import MemberKind


@dataclass(frozen=True, slots=True)
class Cell:
    """How many members of the roster are alike in everything a board looks at.

    ``assigned``: the lesson venue they are expected at, ``place``: where they signed in (None: by phone, or not
    ``present``). ``frozen``: expected at the opening, not added later. ``on_leave``: granted leave, and not present.
    ``on_loan``: expected here or at home while on loan (借调).
    """

    unit_id: str
    kind: MemberKind
    assigned: str | None
    place: str | None
    frozen: bool
    present: bool
    late: bool
    left: bool
    count: int
    on_leave: bool = False
    on_loan: bool = False


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose attendance one may see. Both None: everybody's.

    A venue sees who is expected there and who signed in there; who came from elsewhere counts as present, and who is
    expected here but signed in elsewhere is not missing.
    """

    unit_ids: frozenset[str] | None = None
    lesson_venue_id: str | None = None


@dataclass(slots=True)
class Count:
    """``expected`` is 应到 as frozen; all others include later additions. ``on_leave`` (准假) are not ``missing``.

    ``on_loan`` (借调) are among the expected.
    """

    expected: int = 0
    added: int = 0
    present: int = 0
    late: int = 0
    left: int = 0
    missing: int = 0
    on_phone: int = 0
    on_leave: int = 0
    on_loan: int = 0

    @property
    def rates(self) -> Rates:
        return rates(self.expected + self.added, self.missing, self.on_leave)

    def expect(self, cell: Cell) -> None:
        self.expected += cell.count * cell.frozen
        self.added += cell.count * (not cell.frozen)
        self.missing += cell.count * (not cell.present and not cell.on_leave)
        self.on_leave += cell.count * cell.on_leave
        self.on_loan += cell.count * (cell.frozen and cell.on_loan)

    def welcome(self, cell: Cell) -> None:
        self.present += cell.count
        self.late += cell.count * cell.late
        self.left += cell.count * cell.left
        self.on_phone += cell.count * (cell.place is None)


@dataclass(slots=True)
class Tally:
    total: Count = field(default_factory=Count)
    venues: dict[str | None, Count] = field(default_factory=dict)  # None: by phone
    units: dict[str, Count] = field(default_factory=dict)
    kinds: dict[MemberKind, Count] = field(default_factory=dict)


def tally(cells: Iterable[Cell], sight: Sight) -> Tally:
    found = Tally()
    for cell in cells:
        if sight.unit_ids is None or cell.unit_id in sight.unit_ids:
            _count(found, cell, sight.lesson_venue_id)
    return found


def _count(found: Tally, cell: Cell, venue: str | None) -> None:
    expected = venue is None or cell.assigned == venue
    came = cell.present and (venue is None or cell.place == venue)
    if expected:
        found.venues.setdefault(cell.assigned, Count()).expect(cell)
    if came:
        found.venues.setdefault(cell.place, Count()).welcome(cell)
    if expected or came:
        unit = found.units.setdefault(cell.unit_id, Count())
        kind = found.kinds.setdefault(cell.kind, Count())
        for count in (found.total, unit, kind):
            if expected:
                count.expect(cell)
            if came:
                count.welcome(cell)
