"""What of 三会一课 and 主题党日 is due in which branch, for its secretary and for the school: hints, no judgement."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.access import Action, Principal, held_in
from server.domain.calendar import Calendar
from server.domain.lesson_kinds import (
    REGULAR,
    Due,
    DueState,
    KindRule,
    KindRules,
    LessonKind,
    Meetings,
    conveners,
    counted_by_group,
    due_of,
)
from server.domain.lessons import HeldLesson, LessonState
from server.domain.names import in_natural_order
from server.domain.units import UnitKind, UnitTree
from server.services.records import Records, Transaction
from server.services.views import Named

_OVER = frozenset({LessonState.ENDED, LessonState.SETTLED, LessonState.ARCHIVED})
_LOOKED_BACK = dt.timedelta(days=190)
"""Over the longest period and the one before it."""


@dataclass(frozen=True, slots=True)
class DueView:
    """``since``, ``until``: the period; ``due``: the last day on which it is in time. ``owing``: of group meetings the
    groups for which not enough is held or planned.
    """

    unit: Named
    kind: LessonKind
    since: dt.date
    until: dt.date
    due: dt.date
    wanted: int
    held: int
    planned: int
    state: DueState
    owing: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class DuesView:
    """In the order of the tree, never by how much is missing."""

    on: dt.date
    items: tuple[DueView, ...]


async def list_dues(records: Records, principal: Principal, on: dt.date | None, now: dt.datetime) -> DuesView:
    """Of every branch for which the principal vouches: the periods of the day ``on`` (today), and what was not held in
    the ones before. Raises ``forbidden``.
    """
    held = held_in(principal, Action.VOUCH)

    def load(tx: Transaction) -> DuesView:
        today = tx.calendar.day(now)
        day, tree = on or today, tx.units.tree()
        branches = frozenset[str]().union(*(tree.subtree(unit, today) for unit in held))
        return DuesView(day, tuple(_dues(tx, tree, branches, day, today)))

    return await records.read(load)


def _dues(tx: Transaction, tree: UnitTree, units: frozenset[str], day: dt.date, today: dt.date) -> Iterable[DueView]:
    branches = [each for each in units if tree.unit(each).kind is UnitKind.BRANCH and tree.stands(each, day)]
    groups, names = _groups(tx, branches), tx.units.names(branches, day)
    begun, over = tx.calendar.begins(day - _LOOKED_BACK), tx.calendar.begins(day + _LOOKED_BACK)
    held = _by_convener(tx.lessons.held_regularly(begun, over), tx.calendar)
    known = _Known(tree, KindRules(tx.kind_rules.all()), held, today)
    for unit_id in sorted(branches, key=lambda each: (in_natural_order(names[each]), each)):
        for kind in REGULAR:
            for due in known.of_branch(unit_id, kind, day, tuple(groups[unit_id])):
                yield _view(due, names[unit_id], groups[unit_id], today)


def _groups(tx: Transaction, branches: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """By branch their names by id, in order. Groups have no dates: those of today."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for group in sorted(tx.units.groups(branches), key=lambda each: (in_natural_order(each.name), each.id)):
        found[group.unit_id][group.id] = group.name
    return found


_Held = Mapping[tuple[str, LessonKind], Sequence[tuple[dt.date, bool, str | None]]]
"""What each unit convenes of a kind: the days, whether it is over, and the group that holds it."""


def _by_convener(lessons: Iterable[HeldLesson], calendar: Calendar) -> _Held:
    """A year of a big house has thousands, and each of its branches asks for its own few."""
    found: dict[tuple[str, LessonKind], list[tuple[dt.date, bool, str | None]]] = {}
    for lesson in lessons:
        one = (calendar.day(lesson.starts_at), lesson.state in _OVER, lesson.group_id)
        found.setdefault((lesson.unit_id, lesson.kind), []).append(one)
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    tree: UnitTree
    rules: KindRules
    held: _Held
    today: dt.date

    def of_branch(self, unit_id: str, kind: LessonKind, day: dt.date, groups: Sequence[str]) -> Iterable[Due]:
        """The period before only where something is missing in it."""
        present = self._due(unit_id, kind, day, groups)
        if present is None:
            return
        before = self._due(unit_id, kind, present.period.since - dt.timedelta(days=1), groups)
        if before is not None and before.state(self.today) is not DueState.HELD:
            yield before
        yield present

    def _due(self, unit_id: str, kind: LessonKind, day: dt.date, groups: Sequence[str]) -> Due | None:
        """As the unit stood then. One that was founded later owes nothing."""
        if not self.tree.stands(unit_id, day):
            return None
        line = self.tree.line(unit_id, day)
        rule = self.rules.in_force(kind, line, day)
        due = due_of(rule, unit_id, day, len(groups))
        return None if due is None else self._counted(due, rule, line, groups)

    def _counted(self, due: Due, rule: KindRule, line: Sequence[str], groups: Sequence[str]) -> Due:
        held, planned = defaultdict[str | None, int](int), defaultdict[str | None, int](int)
        for unit_id in conveners(rule, line):
            for on, over, group in self.held.get((unit_id, due.kind), ()):
                if due.period.since <= on <= due.period.until:
                    held[group] += over
                    planned[group] += not over and on >= self.today
        if due.kind is LessonKind.GROUP_MEETING:
            meetings = {group: Meetings(held[group], planned[group]) for group in held}
            return counted_by_group(due, rule.times, groups, meetings)
        return replace(due, held=held[None], planned=planned[None])


def _view(due: Due, unit: str, groups: Mapping[str, str], today: dt.date) -> DueView:
    return DueView(
        unit=Named(due.unit_id, unit),
        kind=due.kind,
        since=due.period.since,
        until=due.period.until,
        due=due.due,
        wanted=due.wanted,
        held=due.held,
        planned=due.planned,
        state=due.state(today),
        owing=tuple(Named(group, groups[group]) for group in due.owing),
    )
