"""名单外到场: who came to a room where nobody expected him is found there, and signed in with a reason.

Who is on the roster of another place is signed in here; who is not on it at all is added beside it, in the same
transaction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import walk_ins as rules
from server.domain.access import Action, LessonTarget, Principal
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.roster import Person
from server.domain.sign_ins import SignIn, Way, check_open, late_after
from server.domain.venues import LessonVenue
from server.services.assisting import helped_in
from server.services.commands import command, once
from server.services.finding import allowed_target, report_day
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.roster import RosterItem, added_beside, roster_items
from server.services.views import Named

_MOST_READ = 500
"""Of one name in the whole school, before those who are near are told from the others."""
_ITEM = TypeAdapter(RosterItem)


@dataclass(frozen=True, slots=True)
class WalkInName:
    """``on_roster``: expected at all, at ``lesson_venue_id`` (None: by phone). ``own``: the caller. What is of the
    sign-in tells that it is done already, and where; nothing does of who was moved here and is to be seen here yet.
    """

    member_id: str
    name: str
    number: str | None
    unit: Named
    on_roster: bool
    lesson_venue_id: str | None
    signed_in_at: dt.datetime | None
    signed_in_venue_id: str | None
    own: bool


@dataclass(frozen=True, slots=True)
class WalkInNames:
    """``more``: others are called so, too; one's number tells."""

    items: tuple[WalkInName, ...]
    more: bool


async def find_walk_ins(
    records: Records,
    principal: Principal,
    lesson_id: str,
    typed: str,
    *,
    lesson_venue_id: str | None = None,
    now: dt.datetime,
) -> WalkInNames:
    """By the whole number or the whole name: on the roster, or of the lesson's units and the caller's own.

    Raises ``lesson_not_found``, ``forbidden``, ``which_venue``, ``venue_not_found``, ``sign_in_closed``.
    """

    def load(tx: Transaction) -> WalkInNames:
        where = _room(tx, principal, lesson_id, lesson_venue_id, now)
        check_open(where[0].lesson)
        asked = rules.asked_for(typed)
        found = _found(tx, principal, where, asked, now) if asked else []
        return WalkInNames(tuple(found[: rules.MOST_FOUND]), len(found) > rules.MOST_FOUND)

    return await records.read(load)


async def walk_in(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    member_id: str,
    lesson_venue_id: str | None = None,
    reason: str,
    now: dt.datetime,
) -> RosterItem:
    """Signed in at the room, and added beside the roster where he is not on it. The first sign-in stands.

    Raises ``lesson_not_found``, ``forbidden`` (also for oneself), ``which_venue``, ``venue_not_found``,
    ``sign_in_closed``, ``member_not_found`` for who is neither on the roster nor near, ``command_reused``.
    """
    body = {"lesson_id": lesson_id, "member_id": member_id, "lesson_venue_id": lesson_venue_id, "reason": reason}
    asked = command(principal, command_id, "walk_in", **body)

    def enter(tx: Transaction) -> RosterItem:
        target, room = _room(tx, principal, lesson_id, lesson_venue_id, now, lock=True)
        if member_id == principal.member_id:
            raise Refusal("forbidden", "one's own attendance")
        came = SignIn(member_id, now, Way.ASSISTED, room.id, principal.account_id, command_id, reason=reason)
        return once(tx, asked, now, _ITEM, lambda: _enter(tx, principal, target, came))

    item = await house.records.write(enter)
    await tell(house, lesson_id)
    return item


def _room(
    tx: Transaction,
    principal: Principal,
    lesson_id: str,
    lesson_venue_id: str | None,
    now: dt.datetime,
    *,
    lock: bool = False,
) -> tuple[LessonTarget, LessonVenue]:
    target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now, lock=lock)
    return target, rules.room_of_walk_in(principal, target, lesson_venue_id)


def _enter(tx: Transaction, principal: Principal, target: LessonTarget, came: SignIn) -> RosterItem:
    lesson = target.lesson
    check_open(lesson)
    entry = tx.roster.get(lesson.id, came.member_id)
    if entry is None:
        on = tx.calendar.day(came.at)
        person = tx.members.found([came.member_id], on).get(came.member_id)
        if person is None or person.unit_id not in _near(tx, principal, lesson, on):
            raise Refusal("member_not_found", came.member_id)
        added_beside(tx, principal, lesson, person, (came.lesson_venue_id, came.reason), now=came.at)
        entry = tx.roster.get(lesson.id, came.member_id)
    assert entry is not None
    helped_in(tx, lesson, came)
    after = late_after(lesson, tx.sign_ins.grace_minutes(lesson.id))
    return roster_items(tx, lesson, [(entry, tx.sign_ins.get(lesson.id, came.member_id))], after)[0]


def _found(
    tx: Transaction, principal: Principal, where: tuple[LessonTarget, LessonVenue], asked: str, now: dt.datetime
) -> list[WalkInName]:
    """One more than is shown, when there are more; in the order of numbers."""
    lesson, on = where[0].lesson, tx.calendar.day(now)
    ids = tx.members.known_as(asked, rules.spellings(asked), _MOST_READ)
    listed, near = tx.roster.among(lesson.id, ids), _near(tx, principal, lesson, on)
    people = tx.members.found(ids, on)
    meant = [one for one in ids if one in listed or (one in people and people[one].unit_id in near)]
    shown = meant[: rules.MOST_FOUND + 1]
    numbers = tx.accounts.numbers(shown)
    return [
        _name(tx, principal, where, people.get(member_id), (member_id, numbers.get(member_id)), now=now)
        for member_id in shown
    ]


def _near(tx: Transaction, principal: Principal, lesson: Lesson, on: dt.date) -> frozenset[str]:
    tree = tx.units.tree()
    return tree.subtree(lesson.unit_id, on).union(*(tree.subtree(unit, on) for unit in rules.own_units(principal)))


def _name(
    tx: Transaction,
    principal: Principal,
    where: tuple[LessonTarget, LessonVenue],
    person: Person | None,
    who: tuple[str, str | None],
    *,
    now: dt.datetime,
) -> WalkInName:
    member_id, number = who
    lesson, room = where[0].lesson, where[1]
    entry, before = tx.roster.get(lesson.id, member_id), tx.sign_ins.get(lesson.id, member_id)
    if before is not None and before.arriving == room.id:
        before = None  # moved here, and not seen here yet: to be entered
    known = entry or person
    assert known is not None
    day = report_day(tx, lesson) if entry else tx.calendar.day(now)
    return WalkInName(
        member_id=member_id,
        name=known.name,
        number=number,
        unit=Named(known.unit_id, tx.units.names([known.unit_id], day)[known.unit_id]),
        on_roster=entry is not None,
        lesson_venue_id=entry.place if entry else None,
        signed_in_at=before.at if before else None,
        signed_in_venue_id=before.place if before else None,
        own=member_id == principal.member_id,
    )
