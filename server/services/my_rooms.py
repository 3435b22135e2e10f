"""我的会场: the rooms that somebody operates, and what comes next in each of today's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Action, Principal, Reach, operated_venue
from server.domain.lessons import Lesson, LessonFilter, LessonState
from server.domain.names import in_natural_order
from server.domain.roll_calls import RollResult
from server.domain.venues import LessonVenue, Part, Venue
from server.services.finding import MOST_LISTED, allowed_target
from server.services.records import Records, Transaction
from server.services.roll_views import mark
from server.services.views import Named

AHEAD = dt.timedelta(days=60)
MOST_LESSONS = 3
_AHEAD_STATES = (LessonState.SCHEDULED, LessonState.OPEN, LessonState.LIVE)


@dataclass(frozen=True, slots=True)
class RoomLessonView:
    """``media``: without it nothing has to be looked at beforehand. ``kiosk``: people sign in at the room's screen."""

    lesson_id: str
    lesson_venue_id: str
    title: str
    state: LessonState
    starts_at: dt.datetime
    ends_at: dt.datetime
    part: Part
    media: bool
    kiosk: bool


@dataclass(frozen=True, slots=True)
class MyRoomView:
    """``today``: it is operated now; else from ``since`` on, and nothing is told of its lessons yet."""

    venue_id: str
    name: str
    room: str
    seats: int
    unit: Named
    since: dt.date
    until: dt.date | None
    today: bool
    lessons: tuple[RoomLessonView, ...]


async def my_rooms(records: Records, principal: Principal, now: dt.datetime) -> tuple[MyRoomView, ...]:
    """Today's by name, then those to come. Nothing for a room's own login: it has its own screen."""

    def load(tx: Transaction) -> tuple[MyRoomView, ...]:
        today = tx.calendar.day(now)
        held = [one for one in tx.operators.of_accounts([principal.account_id]) if not one.over(today)]
        venues = {venue.id: venue for one in held if (venue := tx.venues.get(one.venue_id)) is not None}
        units = tx.units.names({venue.unit_id for venue in venues.values()}, today)
        views = [
            MyRoomView(
                *(venue.id, venue.name, venue.room, venue.seats, Named(venue.unit_id, units[venue.unit_id])),
                *(one.since, one.until, one.holds(today)),
                lessons=_next(tx, venue, now) if one.holds(today) else (),
            )
            for one in held
            if (venue := venues.get(one.venue_id)) is not None
        ]
        ordered = sorted(views, key=lambda view: (max(view.since, today), in_natural_order(view.name)))
        return tuple(ordered)

    return await records.read(load)


@dataclass(frozen=True, slots=True)
class RoomRollView:
    """The newest roll call, as far as it is this room's business. ``called``: it is its turn."""

    number: int
    running: bool
    called: bool
    answered_at: dt.datetime | None
    result: RollResult | None


@dataclass(frozen=True, slots=True)
class RoomNowView:
    """``online``: its own screen is connected."""

    lesson_venue_id: str
    name: str
    state: LessonState
    online: bool
    kiosk: bool
    roll: RoomRollView | None


async def see_room(
    records: Records, principal: Principal, lesson_id: str, lesson_venue_id: str | None, now: dt.datetime
) -> RoomNowView:
    """What its operator is to know of a room now. Raises ``lesson_not_found``, ``forbidden``, ``which_venue``,
    ``venue_not_found``.
    """

    def load(tx: Transaction) -> RoomNowView:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        venue = operated_venue(principal, target.lesson, lesson_venue_id)
        roll = tx.roll_calls.last(lesson_id)
        seen = mark(roll, venue, None)
        view = (
            RoomRollView(roll.number, roll.running, seen.called and roll.running, seen.answered_at, seen.result)
            if roll is not None and seen is not None
            else None
        )
        return RoomNowView(venue.id, venue.name, target.lesson.state, venue.online, venue.kiosk, view)

    return await records.read(load)


def _next(tx: Transaction, venue: Venue, now: dt.datetime) -> tuple[RoomLessonView, ...]:
    """On the air first, then the earliest. What was planned for a day that is over, and never opened, is not next."""
    there = Reach(frozenset(), "", frozenset({venue.id}))
    found = tx.lessons.listed(there, _AHEAD_STATES, None, MOST_LISTED, LessonFilter(until=now + AHEAD))
    parts = [(lesson, part) for lesson in found if (part := _part(lesson, venue)) is not None]
    coming = [pair for pair in parts if pair[0].on_air or tx.calendar.day(pair[0].ends_at) >= tx.calendar.day(now)]
    ordered = sorted(coming, key=lambda pair: (not pair[0].on_air, pair[0].starts_at, pair[0].id))
    return tuple(
        RoomLessonView(
            *(lesson.id, part.id, lesson.title, lesson.state, lesson.starts_at, lesson.ends_at),
            part=part.part,
            media=lesson.media,
            kiosk=part.kiosk,
        )
        for lesson, part in ordered[:MOST_LESSONS]
    )


def _part(lesson: Lesson, venue: Venue) -> LessonVenue | None:
    return next((part for part in lesson.venues if part.venue_id == venue.id), None)
