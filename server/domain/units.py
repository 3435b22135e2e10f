"""The organisation tree: 党委 → 党总支 → 党支部. Parentage is dated and the past never changes."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal


class UnitKind(enum.StrEnum):
    COMMITTEE = "committee"  # 党委
    GENERAL_BRANCH = "general_branch"  # 党总支
    BRANCH = "branch"  # 党支部


# Which kinds may stand directly under which.
_MAY_STAND_UNDER: dict[UnitKind, frozenset[UnitKind]] = {
    UnitKind.COMMITTEE: frozenset({UnitKind.COMMITTEE}),
    UnitKind.GENERAL_BRANCH: frozenset({UnitKind.COMMITTEE}),
    UnitKind.BRANCH: frozenset({UnitKind.COMMITTEE, UnitKind.GENERAL_BRANCH}),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """``name`` is what it was founded under; :class:`Naming` says what it is called since. ``until``: dissolved from
    that day on; its place in the tree stays, so that what it left behind is still somebody's.
    """

    id: str
    name: str
    kind: UnitKind
    until: dt.date | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Naming:
    """Called ``name`` from ``since`` on."""

    unit_id: str
    since: dt.date
    name: str


@dataclass(frozen=True, slots=True)
class Placement:
    """``unit_id`` stands under ``parent_id`` (None: a root) from ``since`` until before ``until``."""

    unit_id: str
    parent_id: str | None
    since: dt.date
    until: dt.date | None = None

    def holds(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


class UnitTree:
    """Immutable. Every question is asked for a date."""

    def __init__(self, units: Iterable[Unit], placements: Iterable[Placement], namings: Iterable[Naming] = ()) -> None:
        self._units = {unit.id: unit for unit in units}
        self._placements: dict[str, tuple[Placement, ...]] = dict.fromkeys(self._units, ())
        for placement in sorted(placements, key=lambda p: p.since):
            self._placements[placement.unit_id] += (placement,)
        self._namings: dict[str, tuple[Naming, ...]] = {}
        for naming in sorted(namings, key=lambda n: n.since):
            self._namings[naming.unit_id] = (*self._namings.get(naming.unit_id, ()), naming)

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(self._units.values())

    @property
    def placements(self) -> tuple[Placement, ...]:
        return tuple(placement for row in self._placements.values() for placement in row)

    def unit(self, unit_id: str) -> Unit:
        """Raises ``unit_not_found``."""
        try:
            return self._units[unit_id]
        except KeyError:
            raise Refusal("unit_not_found", unit_id) from None

    @property
    def namings(self) -> tuple[Naming, ...]:
        return tuple(naming for row in self._namings.values() for naming in row)

    def placements_of(self, unit_id: str) -> tuple[Placement, ...]:
        """By date."""
        return self._placements[self.unit(unit_id).id]

    def namings_of(self, unit_id: str) -> tuple[Naming, ...]:
        """By date; what it was founded under is not among them."""
        return self._namings.get(unit_id, ())

    def name(self, unit_id: str, on: dt.date) -> str:
        return next((n.name for n in reversed(self.namings_of(unit_id)) if n.since <= on), self.unit(unit_id).name)

    def founded(self, unit_id: str) -> dt.date | None:
        rows = self.placements_of(unit_id)
        return rows[0].since if rows else None

    def stands(self, unit_id: str, on: dt.date) -> bool:
        """Whether it was founded by then, and not dissolved yet."""
        unit = self.unit(unit_id)
        return any(p.holds(on) for p in self._placements[unit_id]) and (unit.until is None or on < unit.until)

    def children(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        """Those directly below it that stand."""
        return tuple(each for each in self._units if self.parent(each, on) == unit_id and self.stands(each, on))

    def parent(self, unit_id: str, on: dt.date) -> str | None:
        self.unit(unit_id)
        return next((p.parent_id for p in self._placements[unit_id] if p.holds(on)), None)

    def line(self, unit_id: str, on: dt.date) -> tuple[str, ...]:
        """The unit itself, its parent, … up to the root."""
        line: list[str] = []
        walker: str | None = unit_id
        while walker is not None:
            line.append(walker)
            walker = self.parent(walker, on)
        return tuple(line)

    def within(self, unit_id: str, scope_id: str, on: dt.date) -> bool:
        """Whether the unit is ``scope_id`` or stands somewhere below it."""
        return scope_id in self.line(unit_id, on)

    def subtree(self, scope_id: str, on: dt.date) -> frozenset[str]:
        self.unit(scope_id)
        return frozenset(unit_id for unit_id in self._units if self.within(unit_id, scope_id, on))

    def move(self, unit_id: str, parent_id: str | None, on: dt.date, earliest: dt.date) -> UnitTree:
        """The tree with ``unit_id`` under ``parent_id`` from ``on`` onwards; what was before stays as it was, and what
        was planned for ``on`` or later is replaced.

        Raises ``unit_not_found``, ``past_fixed`` for a day before ``earliest`` or before its founding,
        ``unit_dissolved``, ``unit_misplaced`` when the kinds don't fit or a circle would come about.
        """
        self.check_kinds(self.unit(unit_id).kind, parent_id)
        self._check_day(unit_id, on, earliest)
        if parent_id is not None and not self.stands(parent_id, on):
            raise Refusal("unit_dissolved", parent_id)
        earlier = [p for p in self._placements[unit_id] if p.since < on]
        closed = [replace(p, until=on) if p.holds(on) else p for p in earlier]
        others = [p for p in self.placements if p.unit_id != unit_id]
        moved = UnitTree(self.units, [*others, *closed, Placement(unit_id, parent_id, on)], self.namings)
        moved._check_circles(on)
        return moved

    def rename(self, unit_id: str, name: str, on: dt.date, earliest: dt.date) -> UnitTree:
        """Called ``name`` from ``on`` onwards. Raises ``unit_not_found``, ``past_fixed``, ``unit_dissolved``."""
        self._check_day(unit_id, on, earliest)
        kept = [n for n in self.namings if n.unit_id != unit_id or n.since < on]
        return UnitTree(self.units, self.placements, [*kept, Naming(unit_id, on, name)])

    def dissolve(self, unit_id: str, on: dt.date, earliest: dt.date) -> UnitTree:
        """No unit any more from ``on`` onwards. Raises ``unit_not_found``, ``past_fixed``, ``unit_dissolved``, and
        ``unit_not_empty`` while another one stands below it then or later. Whether people are in it, is the caller's.
        """
        self._check_day(unit_id, on, earliest)
        days = {on} | {p.since for p in self.placements if p.since > on}
        if any(self.children(unit_id, day) for day in days):
            raise Refusal("unit_not_empty", unit_id)
        units = [replace(unit, until=on) if unit.id == unit_id else unit for unit in self.units]
        return UnitTree(units, self.placements, self.namings)

    def _check_day(self, unit_id: str, on: dt.date, earliest: dt.date) -> None:
        """The past never changes."""
        founded = self.founded(unit_id)
        if on < earliest or (founded is not None and on < founded):
            raise Refusal("past_fixed", f"{unit_id}: {on}")
        if self.unit(unit_id).until is not None:
            raise Refusal("unit_dissolved", unit_id)

    def check_kinds(self, kind: UnitKind, parent_id: str | None) -> None:
        """Whether one of this kind may stand there. Raises ``unit_not_found``, ``unit_misplaced``."""
        if parent_id is not None and self.unit(parent_id).kind not in _MAY_STAND_UNDER[kind]:
            raise Refusal("unit_misplaced", f"a {kind} cannot stand under a {self.unit(parent_id).kind}")

    def _check_circles(self, on: dt.date) -> None:
        """At ``on`` and at every later start of a placement."""
        dates = {on} | {p.since for p in self.placements if p.since > on}
        for date in dates:
            for unit_id in self._units:
                self._check_circle(unit_id, date)

    def _check_circle(self, unit_id: str, on: dt.date) -> None:
        seen: set[str] = set()
        walker: str | None = unit_id
        while walker is not None:
            if walker in seen:
                raise Refusal("unit_misplaced", f"{unit_id} would stand under itself")
            seen.add(walker)
            walker = self.parent(walker, on)
