"""转到备用: a broken venue's people move in one step, come back in one, and are seen where they arrive."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import failover as rules
from server.domain.access import Action, LessonTarget, Principal, allowed, operated_venue
from server.domain.events import Announcement
from server.domain.failover import Failover, Move, Person
from server.domain.lessons import BY_PHONE, Lesson
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target, check_on_air, found
from server.services.house import House
from server.services.records import Transaction
from server.services.rooms import tell


@dataclass(frozen=True, slots=True)
class FailoverView:
    """``target`` null: phones. Members: ``moved`` all, ``signed_in`` of them, ``arriving`` not seen there yet."""

    id: str
    lesson_venue_id: str
    name: str
    target: str | None
    target_name: str
    at: dt.datetime
    by: str
    bridge_minutes: int
    moved: int
    signed_in: int
    arriving: int
    undone_at: dt.datetime | None
    undone_by: str | None


@dataclass(frozen=True, slots=True)
class FailoverChoice:
    """``target`` null: phones, without ``seats``. ``there``: expected or signed in there now."""

    target: str | None
    name: str
    online: bool
    seats: int | None
    there: int
    fits: bool


@dataclass(frozen=True, slots=True)
class FailoverPreview:
    """What would happen: ``waiting`` are expected and not signed in, ``signed_in`` are in the room."""

    lesson_venue_id: str
    name: str
    waiting: int
    signed_in: int
    fallback: str | None
    choices: tuple[FailoverChoice, ...]


_VIEW = TypeAdapter(FailoverView)


# ---- seeing ----------------------------------------------------------------------------------------------


async def preview_failover(
    house: House, principal: Principal, lesson_id: str, *, lesson_venue_id: str, now: dt.datetime
) -> FailoverPreview:
    """For who runs the lesson. Raises ``venue_not_found``, ``forbidden``, ``lesson_not_found``."""

    def load(tx: Transaction) -> FailoverPreview:
        lesson = allowed_target(tx, principal, Action.RUN, lesson_id, now).lesson
        venue = lesson.venue(lesson_venue_id)
        moves = rules.concerned(venue.id, tx.failovers.people(lesson_id, venue.id))
        signed_in = sum(there for _, there in moves)
        others = [each for each in lesson.venues if each.id != venue.id and each.failover_id is None]
        choices = (*(_choice(tx, lesson, each.id, len(moves)) for each in others), _phones())
        return FailoverPreview(venue.id, venue.name, len(moves) - signed_in, signed_in, venue.fallback, choices)

    return await house.records.read(load)


def _phones() -> FailoverChoice:
    return FailoverChoice(None, BY_PHONE, online=True, seats=None, there=0, fits=True)


def _choice(tx: Transaction, lesson: Lesson, place: str, coming: int) -> FailoverChoice:
    venue = lesson.venue(place)
    room = tx.venues.get(venue.venue_id)
    seats = room.seats if room else 0
    there = len(rules.concerned(place, tx.failovers.people(lesson.id, place)))
    return FailoverChoice(place, venue.name, venue.online, seats, there, fits=there + coming <= seats)


async def list_failovers(
    house: House, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[FailoverView, ...]:
    """Oldest first, with those that were undone. For who runs the lesson. Raises ``forbidden``."""

    def load(tx: Transaction) -> tuple[FailoverView, ...]:
        lesson = allowed_target(tx, principal, Action.RUN, lesson_id, now).lesson
        return tuple(_view(lesson, each, tx.failovers.moves_of(each.id)) for each in tx.failovers.of(lesson_id))

    return await house.records.read(load)


def _view(lesson: Lesson, failover: Failover, moves: Sequence[Move]) -> FailoverView:
    there = [move for move in moves if not move.back]
    returned = {move.member_id for move in moves if move.back}
    waits = [m for m in there if m.signed_in and m.target and not m.arrived_at and m.member_id not in returned]
    return FailoverView(
        id=failover.id,
        lesson_venue_id=failover.origin,
        name=lesson.venue(failover.origin).name,
        target=failover.target,
        target_name=lesson.place_name(failover.target),
        at=failover.at,
        by=failover.by,
        bridge_minutes=failover.bridge_minutes,
        moved=len(there),
        signed_in=sum(move.signed_in for move in there),
        arriving=len(waits),
        undone_at=failover.undone_at,
        undone_by=failover.undone_by,
    )


# ---- moving ----------------------------------------------------------------------------------------------


async def fail_over(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    target: str | None,
    now: dt.datetime,
) -> FailoverView:
    """By who runs the lesson. ``target`` None: to the phones. A room that is too small is a person's decision.

    Raises ``venue_not_found``, ``failover_*``, ``failovers_used``, ``lesson_not_on_air``, ``forbidden``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "fail_over", lesson_id=lesson_id, venue=lesson_venue_id, target=target)

    def do(tx: Transaction, lesson: Lesson) -> FailoverView:
        if len(tx.failovers.of(lesson_id)) >= rules.MOST:
            raise Refusal("failovers_used", lesson_id)
        failover = rules.begin(str(uuid4()), lesson, lesson_venue_id, target, by=principal.name, now=now)
        tx.failovers.add(failover)
        moves = rules.whom(failover, tx.failovers.people(lesson_id, failover.origin), now)
        tx.failovers.move(lesson_id, moves)
        tx.events.append(lesson_id, [_said(lesson, failover)], now, principal.account_id)
        return _view(lesson, failover, moves)

    def change(tx: Transaction) -> FailoverView:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def first() -> FailoverView:
            check_on_air(target.lesson)
            return do(tx, target.lesson)

        return once(tx, asked, now, _VIEW, first)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


def _said(lesson: Lesson, failover: Failover) -> Announcement:
    name = lesson.venue(failover.origin).name
    return events.venue_failed_over(failover.origin, name, failover.target, lesson.place_name(failover.target))


async def restore_venue(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, failover_id: str, now: dt.datetime
) -> FailoverView:
    """The room is whole again: who was moved and has not come elsewhere goes back.

    Raises ``failover_not_found``, ``lesson_not_on_air``, ``forbidden``, ``command_reused``.
    """
    asked = command(principal, command_id, "restore_venue", lesson_id=lesson_id, failover=failover_id)

    def change(tx: Transaction) -> FailoverView:
        lesson = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True).lesson

        def do() -> FailoverView:
            check_on_air(lesson)
            before = tx.failovers.get(failover_id)
            if before is None or before.lesson_id != lesson_id or before.undone_at is not None:
                raise Refusal("failover_not_found", failover_id)
            return _restored(tx, lesson, replace(before, undone_at=now, undone_by=principal.name), principal, now)

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(change)
    await tell(house, lesson_id)
    return view


def _restored(
    tx: Transaction, lesson: Lesson, failover: Failover, principal: Principal, now: dt.datetime
) -> FailoverView:
    moves = tx.failovers.moves_of(failover.id)
    going = rules.back(failover, moves, tx.failovers.moved(failover.id), now)
    tx.failovers.undo(failover)
    tx.failovers.move(lesson.id, going)
    said = events.venue_restored(failover.origin, lesson.venue(failover.origin).name, failover.target)
    tx.events.append(lesson.id, [said], now, principal.account_id)
    return _view(lesson, failover, (*moves, *going))


# ---- arriving --------------------------------------------------------------------------------------------


async def confirm_arrivals(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str | None,
    member_ids: Sequence[str] | None,
    now: dt.datetime,
) -> int:
    """The venue's operator, or staff for any venue, sees them in the room. ``member_ids`` None: all who are awaited.
    Boards follow by the message ``board``, as after a sign-in.

    How many arrived by it. Raises ``forbidden``, ``venue_not_found``, ``lesson_not_on_air``, ``command_reused``.
    """
    body = {"lesson_id": lesson_id, "venue": lesson_venue_id, "members": list(member_ids) if member_ids else None}
    asked = command(principal, command_id, "confirm_arrivals", **body)

    def change(tx: Transaction) -> int:
        target = allowed_target(tx, principal, Action.ASSIST, lesson_id, now, lock=True)
        place = _place_to_confirm(principal, target, lesson_venue_id)

        def do() -> int:
            check_on_air(target.lesson)
            awaited = tx.failovers.arriving(lesson_id, place)
            seen = [each for each in awaited if member_ids is None or each in member_ids]
            return tx.failovers.arrive(lesson_id, seen, now, principal.account_id)

        return once(tx, asked, now, TypeAdapter(int), do)

    return await house.records.write(change)


def _place_to_confirm(principal: Principal, target: LessonTarget, lesson_venue_id: str | None) -> str:
    if Action.RUN not in allowed(principal, target) or (lesson_venue_id is None and principal.rooms):
        return operated_venue(principal, target.lesson, lesson_venue_id).id
    return target.lesson.venue(lesson_venue_id or "").id


# ---- whoever comes after it ------------------------------------------------------------------------------


async def gather_stragglers(house: House, lessons: Sequence[Lesson], now: dt.datetime) -> None:
    """Whoever signed in at a broken venue after its people had moved follows them."""
    for lesson in lessons:
        for venue in lesson.venues:
            if venue.failover_id is None:
                continue
            left = await house.records.read(functools.partial(_left, lesson_id=lesson.id, place=venue.id))
            if rules.concerned(venue.id, left):
                await _gather(house, lesson.id, venue.failover_id, now)


def _left(tx: Transaction, lesson_id: str, place: str) -> tuple[Person, ...]:
    return tx.failovers.people(lesson_id, place)


async def _gather(house: House, lesson_id: str, failover_id: str, now: dt.datetime) -> None:
    def change(tx: Transaction) -> None:
        lesson, failover = found(tx.lessons.lock(lesson_id)), tx.failovers.get(failover_id)
        if failover is None or failover.undone_at is not None or not lesson.on_air:
            return
        late = rules.whom(failover, _left(tx, lesson_id, failover.origin), now)
        if late:
            tx.failovers.move(lesson_id, late)
            tx.events.append(lesson_id, [_said(lesson, failover)], now, None)

    await house.records.write(change)
    await tell(house, lesson_id)
