"""Talkback: begun and ended by who runs the lesson, ended by itself where it would be heard by all, or by nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from server.domain import events
from server.domain import talkback as rules
from server.domain.access import Principal
from server.domain.events import STAFF, Announcement, to_venue
from server.domain.lessons import Lesson
from server.domain.talkback import Talkback
from server.services.commands import command
from server.services.guests import hang_up
from server.services.house import House
from server.services.media import RoomState
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.stage import direct
from server.services.views import StageView


async def begin_talkback(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    confirmed: bool,
    now: dt.datetime,
) -> StageView:
    """Raises ``forbidden``, ``lesson_not_on_air``, ``venue_not_found``, ``talkback_away``, ``talkback_on_air``,
    ``talkback_busy``, ``command_reused``.
    """
    left: list[Talkback] = []

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        venue = lesson.venue(lesson_venue_id)
        rules.check_venue(venue, tx.programmes.get(lesson.id), confirmed=confirmed)
        running, begun = rules.begin(
            lesson.talkbacks, venue, principal.account_id, principal.name, now, confirmed=confirmed
        )
        left[:] = [one for one in lesson.talkbacks if one not in running]
        tx.lessons.set_talkbacks(lesson.id, running)
        return [*_ended(left, "moved"), *_begun(begun)]

    asked = command(
        principal, command_id, "begin_talkback", lesson_id=lesson_id, venue=lesson_venue_id, confirmed=confirmed
    )
    view = await direct(house, principal, lesson_id, asked, work, now=now)
    await _cut(house, lesson_id, left, now)
    return view


async def end_talkback(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    lesson_venue_id: str,
    source: str | None = None,
    now: dt.datetime,
) -> StageView:
    """One's own, or a colleague's; there may be none any more. ``source``: that one and no other that came after it.

    Raises ``forbidden``, ``lesson_not_on_air``, ``command_reused``.
    """
    left: list[Talkback] = []

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        left[:] = [one for one in lesson.talkbacks if rules.is_meant(one, lesson_venue_id, source)]
        return _end(tx, lesson, left, "ended", by=principal.name)

    asked = command(principal, command_id, "end_talkback", lesson_id=lesson_id, venue=lesson_venue_id, source=source)
    view = await direct(house, principal, lesson_id, asked, work, now=now)
    await _cut(house, lesson_id, left, now)
    return view


async def review_talkbacks(house: House, lesson: Lesson, room: RoomState, now: dt.datetime) -> None:
    """To be called every second for a lesson on the air."""
    if not lesson.talkbacks:
        return
    connected = {source.source for source in room.sources if source.connected}
    left: list[Talkback] = []

    def work(tx: Transaction) -> bool:
        current = tx.lessons.lock(lesson.id)
        if current is None or not current.talkbacks:
            return False
        heard = tuple(replace(one, heard_at=now) if one.source in connected else one for one in current.talkbacks)
        programme = tx.programmes.get(lesson.id)
        reasons = {one: rules.over(one, current.venue(one.lesson_venue_id), programme, now) for one in heard}
        left[:] = [one for one, reason in reasons.items() if reason is not None]
        tx.lessons.set_talkbacks(lesson.id, rules.without(heard, left))
        said = [each for one in left for each in _ended([one], reasons[one] or "")]
        if said:
            tx.events.append(lesson.id, said, now, None)
        return bool(said)

    if await house.records.write(work):
        await tell(house, lesson.id)
        await _cut(house, lesson.id, left, now)


def close_talkbacks(tx: Transaction, lesson: Lesson) -> list[Announcement]:
    """The lesson is over. Its row is locked; the room ends with it."""
    return _end(tx, lesson, lesson.talkbacks, "over")


def _end(
    tx: Transaction, lesson: Lesson, ended: Collection[Talkback], reason: str, *, by: str | None = None
) -> list[Announcement]:
    if not ended:
        return []
    tx.lessons.set_talkbacks(lesson.id, rules.without(lesson.talkbacks, ended))
    return _ended(ended, reason, by=by)


def _begun(talkback: Talkback) -> list[Announcement]:
    venue_id = talkback.lesson_venue_id
    return [events.talkback_begun(who, venue_id, talkback.by) for who in (STAFF, to_venue(venue_id))]


def _ended(talkbacks: Iterable[Talkback], reason: str, *, by: str | None = None) -> list[Announcement]:
    """``by``: who ended them, unless they end with whoever talks."""
    return [
        events.talkback_ended(who, one.lesson_venue_id, by or one.by, reason)
        for one in talkbacks
        for who in (STAFF, to_venue(one.lesson_venue_id))
    ]


async def _cut(house: House, lesson_id: str, ended: Iterable[Talkback], now: dt.datetime) -> None:
    """The voice's connections end with it."""
    for one in ended:
        await hang_up(house, lesson_id, one.source, now)
