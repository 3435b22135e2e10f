"""Rules with dates, of units: the nearest one up the tree decides, a new version ends the one before. Never edited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import Field, dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from server.domain.refusals import Refusal


class Dated(Protocol):
    """A frozen dataclass that holds for a unit and all below from ``since`` until before ``until``."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def unit_id(self) -> str: ...
    @property
    def version(self) -> int:
        """Counts from 1 in each unit."""
        ...

    @property
    def since(self) -> dt.date: ...
    @property
    def until(self) -> dt.date | None: ...


R = TypeVar("R", bound=Dated)


def holds(rule: Dated, on: dt.date) -> bool:
    return rule.since <= on and (rule.until is None or on < rule.until)


def in_force(rules: Iterable[R], unit_line: Sequence[str], on: dt.date) -> R | None:
    """The one that holds on that day in the nearest unit of the line (unit, parent, … root)."""
    holding = [rule for rule in rules if holds(rule, on) and rule.unit_id in unit_line]
    return min(holding, key=lambda rule: (unit_line.index(rule.unit_id), -rule.version), default=None)


@dataclass(frozen=True, slots=True)
class Succession(Generic[R]):
    """A new version of a unit's rule, and the older one as it ends by that."""

    rule: R
    ended: R | None


def succeed(older: Iterable[R], rule: R) -> Succession[R]:
    """The new rule with its version; the last one ends where it begins. ``older``: all rules of the unit.

    Raises ``invalid_body`` when the new one is not a period, ``rule_overlaps`` when it would begin before the last one
    did, or on the same day: what was in force stays as it was.
    """
    if rule.until is not None and rule.until <= rule.since:
        raise Refusal("invalid_body", "until: after since")
    last = max(older, key=lambda each: each.version, default=None)
    if last is None:
        return Succession(replace(rule, version=1), None)
    if rule.since <= last.since:
        raise Refusal("rule_overlaps", f"since: after {last.since}, when the present version began")
    overlaps = last.until is None or last.until > rule.since
    return Succession(replace(rule, version=last.version + 1), replace(last, until=rule.since) if overlaps else None)
