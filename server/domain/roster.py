"""Who is expected at a lesson (应到). Frozen when the lesson opens; later additions are logged beside it.

Units are assigned to venues or to the phone, and the nearest assigned unit up the tree counts; where none is,
everybody takes part by phone. Members may be excepted: at another venue, by phone, or not expected. Who is not may
choose the own place until then.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.attendance import Standing
from server.domain.members import Loan, MemberKind
from server.domain.unit_rules import UnitRules, whose_roster


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One expected member as of the opening: name, kind and unit never change afterwards.

    ``lesson_venue_id`` None: by phone. ``added_at`` None: frozen at the opening and counted in 应到; else a later
    addition, counted beside it. ``moved_at``, ``moved_to``: the venue broke down since, expected elsewhere (None: by
    phone); the frozen place stays. ``corrected``: what a person put in place of what the record says (更正).
    ``loan_unit_id``: on loan (借调), and the unit that has the member otherwise: the own one, or where it works.
    """

    member_id: str
    name: str
    kind: MemberKind
    unit_id: str
    lesson_venue_id: str | None
    added_at: dt.datetime | None = None
    added_by: str | None = None
    reason: str = ""
    moved_at: dt.datetime | None = None
    moved_to: str | None = None
    corrected: Standing | None = None
    loan_unit_id: str | None = None

    @property
    def frozen(self) -> bool:
        return self.added_at is None

    @property
    def place(self) -> str | None:
        """Where the member is expected now."""
        return self.lesson_venue_id if self.moved_at is None else self.moved_to


class RosterState(enum.StrEnum):
    """What a list of the roster can be narrowed to."""

    PRESENT = "present"
    LATE = "late"
    MISSING = "missing"  # without leave
    ON_LEAVE = "on_leave"
    ARRIVING = "arriving"  # signed in elsewhere, moved here by a failover, not seen here yet
    LEFT = "left"
    ADDED = "added"
    WALKED_IN = "walked_in"  # to a room that didn't expect them: from another place's list, or from none
    ON_LOAN = "on_loan"  # borrowed by one of the units, or lent by it


PHONE = "phone"
"""In place of a lesson venue's id: by phone."""


@dataclass(frozen=True, slots=True)
class RosterFilter:
    """``place``: a lesson venue's id or ``PHONE``: where members are, or are expected and missing.

    ``unit_ids`` and ``venue`` are what one may see: members of these units; who is expected or signed in at the venue.
    ``late_after``: signed in after it is late; None: nobody is.
    """

    state: RosterState | None = None
    place: str | None = None
    unit_ids: frozenset[str] | None = None
    venue: str | None = None
    late_after: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A member with the unit of a certain day. ``loan_unit_id``: as of an entry."""

    member_id: str
    name: str
    kind: MemberKind
    unit_id: str
    loan_unit_id: str | None = None


@dataclass(frozen=True, slots=True)
class UnitAssignment:
    """``venue_id`` None: by phone."""

    unit_id: str
    venue_id: str | None


@dataclass(frozen=True, slots=True)
class MemberAssignment:
    """An exception from the assignment of the member's unit."""

    member_id: str
    venue_id: str | None
    expected: bool = True


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """What a member chose before the opening. ``venue_id`` None: by phone."""

    member_id: str
    venue_id: str | None


@dataclass(frozen=True, slots=True)
class Assignments:
    """The plan of one lesson, each unit and each member once. ``choices``: the members' own, where asked for."""

    units: tuple[UnitAssignment, ...] = ()
    members: tuple[MemberAssignment, ...] = ()
    choices: tuple[PlaceChoice, ...] = ()

    @property
    def venue_of_unit(self) -> dict[str, str | None]:
        return {each.unit_id: each.venue_id for each in self.units}

    @property
    def exceptions(self) -> dict[str, MemberAssignment]:
        return {each.member_id: each for each in self.members}

    @property
    def chosen(self) -> dict[str, str | None]:
        return {each.member_id: each.venue_id for each in self.choices}


def assigned_venue(line: Sequence[str], venue_of_unit: Mapping[str, str | None]) -> str | None:
    """The venue of the nearest assigned unit; ``line`` is the unit, its parent, … up to the root. None: by phone."""
    return next((venue_of_unit[unit_id] for unit_id in line if unit_id in venue_of_unit), None)


def placing(plan: Assignments, known: Collection[str]) -> Callable[[str, Sequence[str]], str | None]:
    """Where a member with that line of units is to be, by venue id: named by staff, else chosen, else the unit's place.

    ``known``: the lesson's venues. None: none of them.
    """
    venue_of_unit, exceptions, chosen = plan.venue_of_unit, plan.exceptions, plan.chosen

    def wanted(member_id: str, line: Sequence[str]) -> str | None:
        excepted = exceptions.get(member_id)
        if excepted is not None:
            venue_id = excepted.venue_id
        elif member_id in chosen and (chosen[member_id] is None or chosen[member_id] in known):
            venue_id = chosen[member_id]
        else:
            venue_id = assigned_venue(line, venue_of_unit)
        return venue_id if venue_id in known else None

    return wanted


def expected_there(
    people: Iterable[Person],
    loans: Iterable[Loan],
    lines: Mapping[str, Sequence[str]],
    rules: UnitRules,
    *,
    below: frozenset[str],
    on: dt.date,
) -> tuple[Person, ...]:
    """Those of ``people`` who are expected in one of the units ``below``, where their unit's rule says when on loan.

    ``people``: whose unit is one of them, and whoever is on loan; ``lines``: of all units in question.
    """
    hosts = {loan.member_id: loan.unit_id for loan in loans}
    found: dict[str, Person] = {}
    for person in people:
        placed, host = person, hosts.get(person.member_id)
        if host is not None and host != person.unit_id:
            unit = whose_roster(person.unit_id, host, lines, rules, on)
            placed = replace(person, unit_id=unit, loan_unit_id=person.unit_id if unit == host else host)
        if placed.unit_id in below:
            found[person.member_id] = placed
    return tuple(found.values())


def freeze(
    people: Iterable[Person],
    lines: Mapping[str, Sequence[str]],
    assignments: Assignments,
    places: Mapping[str, str],
    home: str | None = None,
) -> tuple[RosterEntry, ...]:
    """The roster at the opening, by unit and name.

    ``people``: everybody below the lesson's unit and whoever is excepted; ``lines``: of each of their units;
    ``places``: the lesson's venues, venue id → lesson venue id. A venue that is no longer one of them means the phone,
    or ``home`` where nobody takes part by phone.
    """
    wanted = placing(assignments, places)

    def entry(person: Person) -> RosterEntry:
        venue_id = wanted(person.member_id, lines[person.unit_id])
        place = places[venue_id] if venue_id else home
        return RosterEntry(
            person.member_id, person.name, person.kind, person.unit_id, place, loan_unit_id=person.loan_unit_id
        )

    unexpected = {each.member_id for each in assignments.members if not each.expected}
    expected = {person.member_id: person for person in people if person.member_id not in unexpected}
    ordered = sorted(expected.values(), key=lambda person: (person.unit_id, person.name, person.member_id))
    return tuple(entry(person) for person in ordered)
