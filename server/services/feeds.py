"""Calendars by a secret address (iCalendar): one of an account, of which only the digest is kept; revocable."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.feeds import Feed
from server.domain.lessons import Lesson, LessonFilter, LessonState
from server.domain.refusals import Refusal
from server.services.finding import report_day
from server.services.lessons import readable
from server.services.login import digest
from server.services.records import Records, Transaction

TOKEN_BYTES = 32
_DAYS = ((60, 400), (30, 100), (7, 30), (1, 7))
WINDOWS = tuple((dt.timedelta(days=past), dt.timedelta(days=ahead)) for past, ahead in _DAYS)
"""How far back and ahead a calendar tells; the next one where the one before holds too many."""
MOST = 500
SEEN_EVERY = dt.timedelta(hours=1)
"""How often it is noted that an address was used."""
_SHOWN = frozenset(LessonState) - {LessonState.DRAFT}


@dataclass(frozen=True, slots=True)
class FeedView:
    """``path``: with the secret; shown when it is made and never again."""

    created_at: dt.datetime
    used_at: dt.datetime | None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A lesson as a calendar tells it. ``places``: its rooms; ``sequence`` grows with every change."""

    lesson: Lesson
    unit: str
    lecturer: str | None
    places: tuple[str, ...]


async def see_feed(records: Records, principal: Principal) -> FeedView | None:
    feed = await records.read(lambda tx: tx.feeds.of_account(principal.account_id))
    return FeedView(feed.created_at, feed.used_at) if feed else None


async def make_feed(records: Records, principal: Principal, now: dt.datetime) -> FeedView:
    """A new address; the former one is gone."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = Feed(str(uuid.uuid4()), principal.account_id, digest(token), now)
    await records.write(lambda tx: tx.feeds.put(feed))
    return FeedView(now, None, path=f"/calendar/{token}.ics")


async def drop_feed(records: Records, principal: Principal) -> None:
    """There may be none."""
    await records.write(lambda tx: tx.feeds.drop(principal.account_id))


async def read_feed(records: Records, token: str, now: dt.datetime) -> tuple[Appointment, ...]:
    """What the account may see today, by start. Raises ``calendar_unknown``, also when the account was disabled."""
    key = digest(token)

    def load(tx: Transaction) -> tuple[Feed, tuple[Appointment, ...]]:
        feed = tx.feeds.by_digest(key)
        principal = tx.accounts.principal(feed.account_id, tx.calendar.day(now)) if feed else None
        if feed is None or principal is None:
            raise Refusal("calendar_unknown")
        return feed, _appointments(tx, principal, now)

    feed, appointments = await records.read(load)
    if feed.used_at is None or now - feed.used_at >= SEEN_EVERY:
        await records.write(lambda tx: tx.feeds.used(feed.id, now))
    return appointments


def _near(tx: Transaction, principal: Principal, now: dt.datetime) -> list[Lesson]:
    """Newest start first. Where there are too many, those that are furthest away are left out."""
    lessons: list[Lesson] = []
    for past, ahead in WINDOWS:
        within = LessonFilter(since=now - past, until=now + ahead)
        lessons = readable(tx, principal, states=_SHOWN, narrowed=within, before=None, wanted=MOST + 1, now=now)
        if len(lessons) <= MOST:
            break
    return lessons[-MOST:]


def _appointments(tx: Transaction, principal: Principal, now: dt.datetime) -> tuple[Appointment, ...]:
    lessons = _near(tx, principal, now)
    units = {each.id: (each.unit_id, min(report_day(tx, each), tx.calendar.day(now))) for each in lessons}
    days = {day for _, day in units.values()}
    names = {day: tx.units.names({unit for unit, on in units.values() if on == day}, day) for day in days}
    people = tx.accounts.names({each.lecturer_id for each in lessons if each.lecturer_id})
    return tuple(
        Appointment(
            lesson=each,
            unit=names[units[each.id][1]][each.unit_id],
            lecturer=people[each.lecturer_id] if each.lecturer_id else None,
            places=tuple(venue.name for venue in each.venues),
        )
        for each in reversed(lessons)
    )
