"""Attendance over many lessons: what settling found, summed by unit, member, venue or lesson.

Every row of a report comes from the same sums, each of a lesson and a unit of that lesson's own day: a branch that
moved since stays where it stood then, in its own row and in those of whoever stood above it. Nothing is ordered by how
much somebody came, and nothing here knows how long.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from server.domain.attendance import HERE, Rates, Standing, rates
from server.domain.members import MemberKind
from server.domain.names import in_natural_order
from server.domain.units import UnitTree

FEW = 10
"""Of fewer than so many a share says nothing: one more or less would move it by a tenth."""


class By(enum.StrEnum):
    UNIT = "unit"
    MEMBER = "member"
    VENUE = "venue"
    LESSON = "lesson"


class Loans(enum.StrEnum):
    """Whether those on loan (借调) are counted."""

    ALL = "all"
    WITHOUT = "without"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """``place``: a venue's id, or ``phone``, where somebody was expected. ``standing``: of records only."""

    kind: MemberKind | None = None
    loans: Loans = Loans.ALL
    place: str | None = None
    member_id: str | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A lesson that is over. ``on``: as :func:`report_day` has it, in the school's calendar."""

    id: str
    title: str
    starts_at: dt.datetime
    on: dt.date
    settled: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Lessons of which these units are seen, ``whole``: and there are no others. Of one report no lesson is in two."""

    lesson_ids: tuple[str, ...]
    unit_ids: frozenset[str]
    whole: bool = False


@dataclass(slots=True)
class Sum:
    """Each count is of people times lessons. ``present``: in time and to the end."""

    present: int = 0
    late: int = 0
    left_early: int = 0
    on_leave: int = 0
    absent: int = 0

    @property
    def expected(self) -> int:
        return self.came + self.on_leave + self.absent

    @property
    def came(self) -> int:
        """实到."""
        return self.present + self.late + self.left_early

    @property
    def rates(self) -> Rates:
        return rates(self.expected, self.absent, self.on_leave)

    @property
    def few(self) -> bool:
        return self.expected < FEW

    def add(self, other: Sum) -> None:
        for standing in Standing:
            setattr(self, standing.value, getattr(self, standing.value) + getattr(other, standing.value))


assert {standing.value for standing in Standing} == {"present", "late", "left_early", "on_leave", "absent"} > HERE


@dataclass(frozen=True, slots=True)
class Part:
    """The sum of what one lesson had of one unit, and of one place (``key``) when it is asked by venue.

    By member it is the sum of ``lessons`` at once, as ``key`` was of that unit; ``lesson_id`` is empty then.
    """

    lesson_id: str
    unit_id: str
    key: str | None
    sum: Sum
    lessons: int = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One member at one lesson, as settled. ``lesson_venue_id``: where expected, None by phone."""

    lesson_id: str
    member_id: str
    name: str
    kind: MemberKind
    unit_id: str
    standing: Standing
    on_loan: bool
    lesson_venue_id: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """``depth``: how far below the highest one shown; ``parent``: whose row it stands under."""

    key: str
    lessons: int
    sum: Sum
    parent: str | None = None
    depth: int = 0


def sliced(
    lessons: Collection[Held], tree: UnitTree, roots: Iterable[str], below: str | None = None
) -> tuple[Slice, ...]:
    """Of each lesson the units at and below ``roots`` on its own day, and of those what stood at or below ``below``.

    Lessons of which the same is seen share a slice.
    """
    wanted, found = tuple(roots), dict[frozenset[str], list[str]]()
    of_day: dict[dt.date, frozenset[str]] = {}
    for lesson in lessons:
        if lesson.on not in of_day:
            seen = frozenset[str]().union(*(tree.subtree(root, lesson.on) for root in wanted))
            of_day[lesson.on] = seen if below is None else seen & tree.subtree(below, lesson.on)
        found.setdefault(of_day[lesson.on], []).append(lesson.id)
    of_lesson = {lesson.id: lesson.on for lesson in lessons}
    founded = [day for day in (tree.founded(unit.id) for unit in tree.units) if day is not None]

    def whole(units: frozenset[str], on: dt.date) -> bool:
        return len(units) == sum(day <= on for day in founded)

    return tuple(Slice(tuple(ids), units, whole(units, of_lesson[ids[0]])) for units, ids in found.items() if units)


def total(parts: Iterable[Part]) -> Sum:
    found = Sum()
    for part in parts:
        found.add(part.sum)
    return found


def by_unit(
    parts: Iterable[Part],
    tree: UnitTree,
    days: Mapping[str, dt.date],
    shown: Mapping[str, frozenset[str]],
    on: dt.date,
) -> tuple[Row, ...]:
    """Each unit with all that stood below it on the day of each lesson, in the order of the tree as it is ``on``.

    ``days``: of each lesson; ``shown``: of each lesson the units that are seen.
    """
    sums: dict[str, tuple[Sum, set[str]]] = {}
    for part in parts:
        for unit_id in tree.line(part.unit_id, days[part.lesson_id]):
            if unit_id in shown[part.lesson_id]:
                counted, lessons = sums.setdefault(unit_id, (Sum(), set()))
                counted.add(part.sum)
                lessons.add(part.lesson_id)
    places = in_tree_order(sums, tree, on)
    return tuple(
        Row(unit_id, len(sums[unit_id][1]), sums[unit_id][0], parent, depth) for unit_id, parent, depth in places
    )


def in_tree_order(unit_ids: Iterable[str], tree: UnitTree, on: dt.date) -> tuple[tuple[str, str | None, int], ...]:
    """Each one after what it stands under, beside its like by name: its id, that of the row above it, its depth."""
    wanted = set(unit_ids)
    under: dict[str | None, list[str]] = {}
    for unit_id in wanted:
        above = next((each for each in tree.line(unit_id, on)[1:] if each in wanted), None)
        under.setdefault(above, []).append(unit_id)

    def walk(parent: str | None, depth: int) -> Iterable[tuple[str, str | None, int]]:
        for unit_id in sorted(under.get(parent, ()), key=lambda each: (in_natural_order(tree.name(each, on)), each)):
            yield unit_id, parent, depth
            yield from walk(unit_id, depth + 1)

    return tuple(walk(None, 0))
