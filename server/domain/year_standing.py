"""Where a member stands in a year: what was earned, what of it counts, what came over, what is asked, what is missing.

Pure sums of the ledger's entries in integer hundredths. They say what is short and by how much; nobody is ranked.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.ledger import EntryKind
from server.domain.year_rules import TYPES, LoanCount, Position, YearRule, type_of

MONTHS = 12


class StandingState(enum.StrEnum):
    MET = "met"
    SHORT = "short"
    EXEMPT = "exempt"  # 免修, in all months that count
    UNASKED = "unasked"  # no rule holds, or it asks nothing of the position


@dataclass(frozen=True, slots=True)
class TypeSum:
    """``counted``: of what was earned, as much as the cap lets count. ``cap`` None: there is none."""

    type: EntryKind
    earned: int
    counted: int
    cap: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """``hundredths`` None: nothing is asked. ``months``: how many of the year count; 12 unless by month."""

    hundredths: int | None
    exempt: bool = False
    months: int = MONTHS


@dataclass(frozen=True, slots=True)
class YearStanding:
    """``total``: what counts, with what was carried over. ``short``: what is missing for the target."""

    asked: Asked
    types: tuple[TypeSum, ...]
    carried: int = 0

    @property
    def earned(self) -> int:
        return sum(each.earned for each in self.types)

    @property
    def counted(self) -> int:
        return sum(each.counted for each in self.types)

    @property
    def total(self) -> int:
        return self.counted + self.carried

    @property
    def short(self) -> int:
        return max(0, self.asked.hundredths - self.total) if self.asked.hundredths is not None else 0

    @property
    def surplus(self) -> int:
        """What the year itself gave above its target; what had come over into it is not carried on."""
        return max(0, self.counted - self.asked.hundredths) if self.asked.hundredths is not None else 0

    @property
    def state(self) -> StandingState:
        if self.asked.exempt:
            return StandingState.EXEMPT
        if self.asked.hundredths is None:
            return StandingState.UNASKED
        return StandingState.SHORT if self.short else StandingState.MET


def asked_of(rule: YearRule | None, now: Position | None, months: Sequence[Position | None] = ()) -> Asked:
    """``now``: as what the member is asked on the day of the year; None: exempt.

    ``months``: the same on the first day of each month in which the member belonged to us, for a rule by month: each
    adds a twelfth of its position's target, the sum rounded down.
    """
    if rule is None:
        return Asked(None)
    if not rule.by_month:
        return Asked(None, exempt=True) if now is None else Asked(rule.targets.get(now))
    counting = [each for each in months if each is not None]
    if not counting:
        return Asked(None, exempt=bool(months) or now is None, months=0)
    amounts = [rule.targets.get(each) for each in counting]
    if all(amount is None for amount in amounts):
        return Asked(None, months=len(counting))
    return Asked(sum(amount or 0 for amount in amounts) // MONTHS, months=len(counting))


def by_type(sums: Iterable[tuple[EntryKind, int]]) -> dict[EntryKind, int]:
    """Every type; corrections with the lessons that they stand in for."""
    found: dict[EntryKind, int] = dict.fromkeys(TYPES, 0)
    for kind, hundredths in sums:
        found[type_of(kind)] += hundredths
    return found


def standing_of(
    earned: Mapping[EntryKind, int], rule: YearRule | None, asked: Asked, before: YearStanding | None = None
) -> YearStanding:
    """``earned``: by type. ``before``: the standing of the year before, of which the rule may carry something over."""
    caps = rule.caps if rule else {}
    types = tuple(_capped(each, earned.get(each, 0), caps.get(each)) for each in TYPES)
    most = rule.carry_most_hundredths if rule else 0
    return YearStanding(asked, types, min(most, before.surplus) if before else 0)


def _capped(kind: EntryKind, earned: int, cap: int | None) -> TypeSum:
    return TypeSum(kind, earned, earned if cap is None else min(earned, cap), cap)


class Place(enum.StrEnum):
    """Where somebody stands in the figures of a unit with all below it."""

    COUNTED = "counted"
    LENT = "lent"  # 借出: beside the ratio
    BORROWED = "borrowed"  # 借入: beside the ratio


def place_in(*, home: bool, host: bool | None, loans: LoanCount) -> Place | None:
    """``home``: the own unit is in it; ``host``: the unit with which he is on loan is, None: on loan to nobody.

    None: he is none of its people. ``loans``: what the rule of the own unit says.
    """
    if host is None:
        return Place.COUNTED if home else None
    whose = {LoanCount.HOME: home, LoanCount.HOST: host, LoanCount.APART: False}[loans]
    if whose:
        return Place.COUNTED
    if home:
        return Place.LENT
    return Place.BORROWED if host and loans is LoanCount.APART else None


def in_total(place: Place, loans: LoanCount) -> bool:
    """Whether a unit's sum has him in it: of a person on loan, who is listed in both units, one sum has him; the own
    unit's, unless the rule gives him to the other one. So the sums of branches are the sum of all of them.
    """
    return place is Place.COUNTED or (place is Place.LENT and loans is LoanCount.APART)


LEAST_PEOPLE = 5
"""Of fewer no ratio is told: one person would swing it by a quarter."""


def reached(tally: Tally) -> int | None:
    """In thousandths, rounded down, of those who are asked for something; None below ``LEAST_PEOPLE``."""
    return tally.met * 1000 // tally.asked if tally.asked >= LEAST_PEOPLE else None


@dataclass(slots=True)
class Tally:
    """Of a unit and all below. The first four are whom its ratio is of; ``lent`` and ``borrowed`` stand beside it."""

    met: int = 0
    short: int = 0
    exempt: int = 0
    unasked: int = 0
    lent: int = 0
    borrowed: int = 0

    @property
    def asked(self) -> int:
        """Whom the ratio is of."""
        return self.met + self.short

    def add(self, place: Place, state: StandingState) -> None:
        name = state.value if place is Place.COUNTED else place.value
        setattr(self, name, getattr(self, name) + 1)
