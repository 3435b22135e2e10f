"""Kinds of lessons (三会一课, 主题党日) and how often each is to be held: dated data, never constants.

What is not held in time is a hint to whoever looks after the unit. Nothing is punished, and nobody is ranked.
"""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal

MOST_TIMES = 31


class LessonKind(enum.StrEnum):
    LECTURE = "lecture"  # 党校课: what the school convenes; never due
    MEMBERS_MEETING = "members_meeting"  # 党员大会
    COMMITTEE_MEETING = "committee_meeting"  # 支委会
    GROUP_MEETING = "group_meeting"  # 党小组会
    PARTY_CLASS = "party_class"  # 党课
    THEME_DAY = "theme_day"  # 主题党日


REGULAR = tuple(kind for kind in LessonKind if kind is not LessonKind.LECTURE)
"""Those of which a rule may say how often."""


class Every(enum.StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    PLANNED = "planned"  # as planned locally: never due


@dataclass(frozen=True, slots=True)
class KindRule:
    """In force from ``since`` for ``unit_id`` and everything below, until a newer or nearer one says otherwise.

    ``times`` in each period; of group meetings: of each group. ``day``: the fixed day of the month, in a shorter month
    its last; None: by the end of the period. ``above``: what a unit above convenes counts for those below.
    """

    id: str
    unit_id: str
    kind: LessonKind
    since: dt.date
    every: Every
    times: int = 1
    day: int | None = None
    above: bool = False


def _usual(kind: LessonKind, every: Every, *, above: bool = False) -> KindRule:
    return KindRule("", "", kind, dt.date.min, every, above=above)


USUAL = {
    rule.kind: rule
    for rule in (
        _usual(LessonKind.MEMBERS_MEETING, Every.QUARTER),
        _usual(LessonKind.COMMITTEE_MEETING, Every.MONTH),
        _usual(LessonKind.GROUP_MEETING, Every.MONTH),
        _usual(LessonKind.PARTY_CLASS, Every.PLANNED, above=True),
        _usual(LessonKind.THEME_DAY, Every.MONTH, above=True),
    )
}
"""What holds where nobody has said anything: the customary rhythm, without a fixed day."""


def check_kind_rule(rule: KindRule) -> None:
    """Raises ``invalid_body``."""
    if rule.kind not in USUAL:
        raise Refusal("invalid_body", "kind: none that is held regularly")
    if not 1 <= rule.times <= MOST_TIMES:
        raise Refusal("invalid_body", f"times: 1 to {MOST_TIMES}")
    if rule.day is not None and (rule.every is not Every.MONTH or not 1 <= rule.day <= 31):
        raise Refusal("invalid_body", "day: 1 to 31, of a month")


class KindRules:
    """All that were ever made; asked for a line of units and a day."""

    def __init__(self, rules: Iterable[KindRule]) -> None:
        self._of: dict[tuple[str, LessonKind], tuple[KindRule, ...]] = {}
        for rule in sorted(rules, key=lambda each: each.since):
            key = (rule.unit_id, rule.kind)
            self._of[key] = (*self._of.get(key, ()), rule)

    def in_force(self, kind: LessonKind, line: Sequence[str], on: dt.date) -> KindRule:
        """The newest one of the nearest unit that has any; ``line`` is the unit, its parent, … up to the root."""
        begun = ([rule for rule in self._of.get((unit_id, kind), ()) if rule.since <= on] for unit_id in line)
        return next((rules[-1] for rules in begun if rules), USUAL[kind])


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it."""

    since: dt.date
    until: dt.date


def period_of(every: Every, on: dt.date) -> Period | None:
    """The one that holds the day; None: there are none."""
    if every is Every.PLANNED:
        return None
    months = 3 if every is Every.QUARTER else 1
    first = (on.month - 1) // months * months + 1
    last = first + months - 1
    return Period(on.replace(month=first, day=1), dt.date(on.year, last, _days(on.year, last)))


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]


def due_day(rule: KindRule, period: Period) -> dt.date:
    if rule.day is None:
        return period.until
    return period.until.replace(day=min(rule.day, period.until.day))


# ---- what is due -----------------------------------------------------------------------------------------


class DueState(enum.StrEnum):
    HELD = "held"
    PLANNED = "planned"  # enough is planned for the rest of the period
    OPEN = "open"  # nothing planned yet, and still time
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Due:
    """What a unit is to hold of a kind in a period. ``due``: the last day on which it is in time. ``owing``: the
    groups for which not enough is held or planned; :func:`counted_by_group`.
    """

    unit_id: str
    kind: LessonKind
    period: Period
    due: dt.date
    wanted: int
    held: int = 0
    planned: int = 0
    owing: tuple[str, ...] = ()

    def state(self, today: dt.date) -> DueState:
        if self.held >= self.wanted:
            return DueState.HELD
        if self.held + self.planned >= self.wanted:
            return DueState.PLANNED
        return DueState.OPEN if today <= self.due else DueState.OVERDUE


def due_of(rule: KindRule, unit_id: str, on: dt.date, groups: int) -> Due | None:
    """In the period of that day. None: nothing is; of a unit without groups no group meeting."""
    period = period_of(rule.every, on)
    wanted = rule.times * groups if rule.kind is LessonKind.GROUP_MEETING else rule.times
    if period is None or wanted == 0:
        return None
    return Due(unit_id, rule.kind, period, due_day(rule, period), wanted)


@dataclass(frozen=True, slots=True)
class Meetings:
    """Of one group in a period, or of those that name no group."""

    held: int = 0
    planned: int = 0


def counted_by_group(due: Due, times: int, groups: Sequence[str], meetings: Mapping[str | None, Meetings]) -> Due:
    """Each group needs ``times`` of its own: one that meets oftener does it for no other. What names no group (None)
    counts for whichever group lacks one. Groups that are none of these count for nothing.
    """
    none = Meetings()
    own = {group: meetings.get(group, none) for group in groups}
    held = sum(min(one.held, times) for one in own.values())
    both = sum(min(one.held + one.planned, times) for one in own.values())
    free = meetings.get(None, none)
    planned = both - held + free.planned
    lacking = due.wanted - both - free.held - free.planned
    short = tuple(group for group, one in own.items() if one.held + one.planned < times)
    return replace(due, held=held + free.held, planned=planned, owing=short if lacking > 0 else ())


def conveners(rule: KindRule, unit_line: Sequence[str]) -> Sequence[str]:
    """The units of which what they hold counts for the one at the beginning of ``unit_line``."""
    return unit_line if rule.above else unit_line[:1]
