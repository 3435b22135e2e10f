"""What holds for a unit and all below it until one nearer or newer says otherwise: usual sizes, and where a person on
loan (借调) is expected. Data with a date, never a constant: they differ by place and by plan.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.refusals import Refusal
from server.domain.units import UnitKind


class Expected(enum.StrEnum):
    """Which unit's roster expects a person on loan."""

    HOST = "host"  # 借调单位
    HOME = "home"  # 原支部


@dataclass(frozen=True, slots=True)
class Size:
    """How many members are usual; ``most`` None: no upper bound. Outside of it warns, and never blocks."""

    least: int
    most: int | None = None

    def holds(self, members: int) -> bool:
        return self.least <= members and (self.most is None or members <= self.most)


@dataclass(frozen=True, slots=True)
class UnitRule:
    """In force from ``since`` for ``unit_id`` and everything below."""

    id: str
    unit_id: str
    since: dt.date
    loans: Expected
    committee: Size
    general_branch: Size
    branch: Size

    def size(self, kind: UnitKind) -> Size:
        return {
            UnitKind.COMMITTEE: self.committee,
            UnitKind.GENERAL_BRANCH: self.general_branch,
            UnitKind.BRANCH: self.branch,
        }[kind]


USUAL = UnitRule("", "", dt.date.min, Expected.HOST, Size(100), Size(50, 99), Size(3, 50))
"""What holds where nobody has said anything: the customary sizes, and expected where on loan."""


def check_rule(rule: UnitRule) -> None:
    """Raises ``invalid_body``."""
    for size in (rule.committee, rule.general_branch, rule.branch):
        if size.least < 0 or (size.most is not None and size.most < size.least):
            raise Refusal("invalid_body", f"{size.least}…{size.most}")


class UnitRules:
    """All that were ever made; asked for a line of units and a day."""

    def __init__(self, rules: Iterable[UnitRule]) -> None:
        self._of: dict[str, tuple[UnitRule, ...]] = {}
        for rule in sorted(rules, key=lambda each: each.since):
            self._of[rule.unit_id] = (*self._of.get(rule.unit_id, ()), rule)

    def of(self, unit_id: str) -> tuple[UnitRule, ...]:
        """By date."""
        return self._of.get(unit_id, ())

    def in_force(self, line: Sequence[str], on: dt.date) -> UnitRule:
        """The newest one of the nearest unit that has any; ``line`` is the unit, its parent, … up to the root."""
        begun = ([rule for rule in self.of(unit_id) if rule.since <= on] for unit_id in line)
        return next((rules[-1] for rules in begun if rules), USUAL)


def whose_roster(home: str, host: str, lines: Mapping[str, Sequence[str]], rules: UnitRules, on: dt.date) -> str:
    """The unit that expects a person of ``home`` who is on loan to ``host``; home's rule says which."""
    rule = rules.in_force(lines[home], on)
    return host if rule.loans is Expected.HOST else home
