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
    id: str
    name: str
    kind: UnitKind


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

    def __init__(self, units: Iterable[Unit], placements: Iterable[Placement]) -> None:
        self._units = {unit.id: unit for unit in units}
        self._placements: dict[str, tuple[Placement, ...]] = dict.fromkeys(self._units, ())
        for placement in sorted(placements, key=lambda p: p.since):
            self._placements[placement.unit_id] += (placement,)

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

    def move(self, unit_id: str, parent_id: str | None, on: dt.date) -> UnitTree:
        """The tree with ``unit_id`` under ``parent_id`` from ``on`` onwards; what was before stays as it was.

        Raises ``unit_not_found``, or ``invalid_body`` when the kinds don't fit, a circle would come about, or
        ``on`` lies before the start of the present placement (the past never changes).
        """
        self._check_kinds(unit_id, parent_id)
        rows = self._placements[unit_id]
        if rows and on <= rows[-1].since:
            raise Refusal("invalid_body", f"{unit_id}: the past never changes")
        closed = tuple(replace(p, until=on) if p.holds(on) else p for p in rows)
        others = [p for p in self.placements if p.unit_id != unit_id]
        moved = UnitTree(self.units, [*others, *closed, Placement(unit_id, parent_id, on)])
        moved._check_circles(on)
        return moved

    def _check_kinds(self, unit_id: str, parent_id: str | None) -> None:
        kind = self.unit(unit_id).kind
        if parent_id is not None and self.unit(parent_id).kind not in _MAY_STAND_UNDER[kind]:
            raise Refusal("invalid_body", f"a {kind} cannot stand under a {self.unit(parent_id).kind}")

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
                raise Refusal("invalid_body", f"{unit_id} would stand under itself")
            seen.add(walker)
            walker = self.parent(walker, on)
