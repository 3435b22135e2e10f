"""Who is to be where: planned before the lesson opens (units to venues or the phone), frozen when it does."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, LessonTarget, Principal, allowed, scope
from server.domain.events import Announcement
from server.domain.lessons import Lesson, check_editable
from server.domain.members import MemberKind
from server.domain.refusals import Refusal
from server.domain.roster import (
    Assignments,
    MemberAssignment,
    Person,
    RosterEntry,
    UnitAssignment,
    assigned_venue,
    expected_there,
    freeze,
    placing,
)
from server.domain.unit_rules import whose_roster
from server.domain.units import UnitTree
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.records import Records, Transaction
from server.services.views import Named

_DONE = TypeAdapter(int)


@dataclass(frozen=True, slots=True)
class AssignedUnit:
    """``venue_id`` None: by phone; ``inherited``: from a unit above, or from nobody."""

    unit: Named
    parent_id: str | None
    members: int  # of the whole subtree
    venue_id: str | None
    inherited: bool


@dataclass(frozen=True, slots=True)
class AssignedMember:
    member_id: str
    number: str | None
    name: str
    kind: MemberKind
    unit: Named
    venue_id: str | None
    expected: bool


@dataclass(frozen=True, slots=True)
class AssignedVenue:
    """How many would be expected there now; more than ``seats`` is a warning, no more."""

    venue: Named
    seats: int
    expected: int


@dataclass(frozen=True, slots=True)
class AssignmentsView:
    """``members``: the exceptions. ``expected``: how many would be frozen now, ``venues``: at each."""

    units: tuple[AssignedUnit, ...]
    members: tuple[AssignedMember, ...]
    expected: int
    venues: tuple[AssignedVenue, ...] = ()


@dataclass(frozen=True, slots=True)
class Whom:
    """A member, by id or by login number."""

    member_id: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class Excepted:
    whom: Whom
    venue_id: str | None
    expected: bool


async def get_assignments(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> AssignmentsView:
    """Raises ``lesson_not_found``, or ``forbidden`` for who neither plans nor runs it."""

    def load(tx: Transaction) -> AssignmentsView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        if not allowed(principal, target) & {Action.EDIT, Action.RUN}:
            raise Refusal("forbidden", "assignments")
        return _assignments(tx, target.lesson, now)

    return await records.read(load)


async def put_assignments(
    records: Records,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    units: Sequence[UnitAssignment],
    members: Sequence[Excepted],
    now: dt.datetime,
) -> AssignmentsView:
    """Replaces all. Raises ``not_editable``, ``unit_not_found``, ``venue_not_found``, ``member_not_found``,
    ``invalid_body`` for somebody named twice, and as reading.
    """
    body = {"units": [asdict(each) for each in units], "members": [asdict(each) for each in members]}
    asked = command(principal, command_id, "put_assignments", lesson_id=lesson_id, **body)

    def change(tx: Transaction) -> AssignmentsView:
        target = allowed_target(tx, principal, Action.EDIT, lesson_id, now, lock=True)

        def do() -> int:
            check_editable(target.lesson)
            tx.assignments.replace(lesson_id, _planned(tx, principal, target, units, members, now=now))
            return target.lesson.version

        once(tx, asked, now, _DONE, do)
        return _assignments(tx, target.lesson, now)

    return await records.write(change)


def _planned(
    tx: Transaction,
    principal: Principal,
    target: LessonTarget,
    units: Sequence[UnitAssignment],
    members: Sequence[Excepted],
    *,
    now: dt.datetime,
) -> Assignments:
    known = {venue.venue_id for venue in target.lesson.venues}
    for venue_id in (*(each.venue_id for each in units), *(each.venue_id for each in members)):
        if venue_id is not None and venue_id not in known:
            raise Refusal("venue_not_found", venue_id)
    below = tx.units.tree().subtree(target.lesson.unit_id, tx.calendar.day(now))
    for unit in units:
        if unit.unit_id not in below:
            raise Refusal("unit_not_found", unit.unit_id)
    people = people_of(tx, principal, target.lesson, [each.whom for each in members], tx.calendar.day(now))
    excepted = [
        MemberAssignment(person.member_id, each.venue_id, each.expected)
        for person, each in zip(people, members, strict=True)
    ]
    plan = Assignments(tuple(units), tuple(excepted))
    if len(plan.venue_of_unit) < len(units) or len(plan.exceptions) < len(members):
        raise Refusal("invalid_body", "each unit and each member once")
    return plan


def people_of(
    tx: Transaction, principal: Principal, lesson: Lesson, wanted: Sequence[Whom], on: dt.date
) -> tuple[Person, ...]:
    """Of the lesson's units or of the principal's own scope, in the order asked for. Raises ``member_not_found``:
    whether somebody exists elsewhere is not told.
    """
    ids = [_member_id(tx, whom) for whom in wanted]
    found = tx.members.found(ids, on)
    tree = tx.units.tree()
    near = tree.subtree(lesson.unit_id, on).union(*(tree.subtree(unit, on) for unit in scope(principal)))
    for member_id in ids:
        if member_id not in found or found[member_id].unit_id not in near:
            raise Refusal("member_not_found", member_id)
    return tuple(found[member_id] for member_id in ids)


def _member_id(tx: Transaction, whom: Whom) -> str:
    if whom.member_id is not None:
        return whom.member_id
    account = tx.accounts.by_number(whom.number or "")
    if account is None or account.member_id is None:
        raise Refusal("member_not_found", "by number")
    return account.member_id


def _assignments(tx: Transaction, lesson: Lesson, now: dt.datetime) -> AssignmentsView:
    on, tree, plan = tx.calendar.day(now), tx.units.tree(), tx.assignments.of(lesson.id)
    below = tree.subtree(lesson.unit_id, on)
    direct, totals = tx.units.member_counts(on), dict.fromkeys(below, 0)
    lines = {unit_id: tree.line(unit_id, on) for unit_id in below}
    for unit_id, line in lines.items():
        for above in line:
            if above in totals:
                totals[above] += direct.get(unit_id, 0)
    ordered = sorted(below, key=lambda unit_id: (len(lines[unit_id]), tree.name(unit_id, on), unit_id))
    known = {venue.venue_id for venue in lesson.venues}

    def one(unit_id: str) -> AssignedUnit:
        parent, venue_id = tree.parent(unit_id, on), assigned_venue(lines[unit_id], plan.venue_of_unit)
        return AssignedUnit(
            unit=Named(unit_id, tree.name(unit_id, on)),
            parent_id=parent if parent in below else None,
            members=totals[unit_id],
            venue_id=venue_id if venue_id in known else None,
            inherited=unit_id not in plan.venue_of_unit,
        )

    entries = _frozen(tx, lesson, plan, on)
    return AssignmentsView(
        units=tuple(one(unit_id) for unit_id in ordered),
        members=_excepted(tx, plan, known, on),
        expected=len(entries),
        venues=_seated(tx, lesson, entries),
    )


def _seated(tx: Transaction, lesson: Lesson, entries: Sequence[RosterEntry]) -> tuple[AssignedVenue, ...]:
    rooms, there = tx.venues.of_places([venue.id for venue in lesson.venues]), Counter(one.place for one in entries)
    return tuple(
        AssignedVenue(Named(venue.venue_id, venue.name), rooms[venue.id].seats, there[venue.id])
        for venue in lesson.venues
    )


def _excepted(tx: Transaction, plan: Assignments, known: Collection[str], on: dt.date) -> tuple[AssignedMember, ...]:
    people = tx.members.found(list(plan.exceptions), on)
    numbers = tx.accounts.numbers(list(people))
    names = tx.units.names({person.unit_id for person in people.values()}, on)

    def one(person: Person, excepted: MemberAssignment) -> AssignedMember:
        return AssignedMember(
            member_id=person.member_id,
            number=numbers.get(person.member_id),
            name=person.name,
            kind=person.kind,
            unit=Named(person.unit_id, names[person.unit_id]),
            venue_id=excepted.venue_id if excepted.venue_id in known else None,
            expected=excepted.expected,
        )

    ordered = sorted(people.values(), key=lambda person: (names[person.unit_id], person.name, person.member_id))
    return tuple(one(person, plan.exceptions[person.member_id]) for person in ordered)


def _frozen(tx: Transaction, lesson: Lesson, plan: Assignments, on: dt.date) -> tuple[RosterEntry, ...]:
    tree = tx.units.tree()
    below = tree.subtree(lesson.unit_id, on)
    loans = [loan for loan in tx.members.loans_on(on) if tree.stands(loan.unit_id, on)]
    lent = tx.members.found([loan.member_id for loan in loans], on)
    lines = _Lines(tree, on)
    known = {person.member_id: person for person in (*tx.members.people(below, on), *lent.values())}
    people = [*expected_there(known.values(), loans, lines, tx.units.rules(), below=below, on=on)]
    if lesson.group is not None:
        own = tx.members.in_group(lesson.group.id)
        people = [person for person in people if person.member_id in own]
    there = {person.member_id for person in people}
    excepted = tx.members.found([member_id for member_id in plan.exceptions if member_id not in there], on)
    people += excepted.values()
    home = lesson.home.id if lesson.home else None
    plan = replace(plan, choices=tx.assignments.choices(lesson.id))
    return freeze(people, lines, plan, {venue.venue_id: venue.id for venue in lesson.venues}, home)


class _Lines(dict[str, tuple[str, ...]]):
    """Of any unit, found when it is first asked for."""

    def __init__(self, tree: UnitTree, on: dt.date) -> None:
        super().__init__()
        self._tree, self._on = tree, on

    def __missing__(self, unit_id: str) -> tuple[str, ...]:
        self[unit_id] = self._tree.line(unit_id, self._on)
        return self[unit_id]


def planned_roster(tx: Transaction, lesson: Lesson, now: dt.datetime) -> tuple[RosterEntry, ...]:
    """Who would be frozen now."""
    return _frozen(tx, lesson, tx.assignments.of(lesson.id), tx.calendar.day(now))


def freeze_roster(tx: Transaction, lesson: Lesson, now: dt.datetime) -> Announcement:
    """At the opening, in its transaction."""
    entries = planned_roster(tx, lesson, now)
    tx.roster.add(lesson.id, entries)
    return events.roster_frozen(len(entries))


def expected_place(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> tuple[bool, str | None]:
    """Of a member before the opening: whether expected as planned now, and at which lesson venue."""
    member_id, plan = principal.member_id, tx.assignments.of(lesson.id)
    line = roster_line(tx, principal, now)
    excepted = plan.exceptions.get(member_id or "")
    if member_id is None or (excepted is None and lesson.unit_id not in line):
        return False, None
    if excepted is not None and not excepted.expected:
        return False, None
    if excepted is None and lesson.group is not None and member_id not in tx.members.in_group(lesson.group.id):
        return False, None
    plan = replace(plan, choices=tx.assignments.choices(lesson.id, member_id))
    wanted = placing(plan, {venue.venue_id for venue in lesson.venues})(member_id, line)
    home = lesson.home.id if lesson.home else None
    return True, next((venue.id for venue in lesson.venues if venue.venue_id == wanted), home)


def roster_line(tx: Transaction, principal: Principal, now: dt.datetime) -> tuple[str, ...]:
    """Of the unit whose roster expects the principal today: the own one's, or where it is on loan."""
    home, host = principal.unit_line, principal.loan_line
    if not home or not host:
        return home
    lines = {home[0]: home, host[0]: host}
    return lines[whose_roster(home[0], host[0], lines, tx.units.rules(), tx.calendar.day(now))]
