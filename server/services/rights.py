"""Rights live as long as they are held: who was let in once is looked at again, many in one reading.

A database that is away takes nobody's right: the look fails, everybody stays, and the next look decides.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterable

from server.domain.access import Action, LessonTarget, Principal, allowed
from server.domain.events import Listener
from server.domain.kits import is_kit
from server.domain.lessons import ON_AIR
from server.domain.reaches import kit_rooms
from server.domain.refusals import Refusal
from server.domain.streams import Direction, MediaSession
from server.domain.tickets import PlayGrant, Playing, viewed_sources
from server.services.finding import placed
from server.services.house import House
from server.services.login import Holder, still_here
from server.services.owing import hearing
from server.services.records import Records, Transaction
from server.services.tickets import own_source, publisher_role, viewer_role

_log = logging.getLogger(__name__)


async def readmit(
    records: Records, lesson_id: str, holders: Collection[Holder], now: dt.datetime
) -> dict[Holder, Listener | str]:
    """What each may hear of the lesson now, or the code of the refusal: ``not_logged_in``, ``lesson_not_found``.

    One reading for all of a lesson's sockets.
    """

    def look(tx: Transaction) -> dict[Holder, Listener | str]:
        lesson = tx.lessons.get(lesson_id)
        if lesson is None:
            return dict.fromkeys(holders, "lesson_not_found")
        here = still_here(tx, holders, now)
        target = placed(tx, lesson, now, here.values())
        return {holder: _heard(tx, here.get(holder), target) for holder in holders}

    return await records.read(look)


def _heard(tx: Transaction, principal: Principal | None, target: LessonTarget) -> Listener | str:
    if principal is None:
        return "not_logged_in"
    if Action.READ not in allowed(principal, target):
        return "lesson_not_found"
    return hearing(tx, principal, target)


async def may_play_on(records: Records, login: str, grant: PlayGrant, now: dt.datetime) -> bool:
    """Whether the grant's holder is the one who is logged in, and would be given the same grant again."""
    holder = Holder(grant.account_id, login)

    def look(tx: Transaction) -> bool:
        principal = still_here(tx, [holder], now).get(holder)
        recording = tx.recordings.get(grant.recording_id)
        lesson = tx.lessons.get(recording.lesson_id) if recording else None
        if principal is None or lesson is None:
            return False
        rights = allowed(principal, placed(tx, lesson, now, [principal]))
        return Action.REPLAY in rights if grant.kind is Playing.REPLAY else lesson.on_air and Action.WATCH in rights

    return await records.read(look)


async def end_lost_streams(house: House, now: dt.datetime) -> int:
    """To be called now and then: streams whose holder may no longer have them; how many were ended.

    A stream of another control process's media process is that one's to end: its record stays open here.
    """
    watching, lost = await house.records.read(lambda tx: _lost(tx, now))
    house.uses.touch_all(watching, now)
    return await end_streams(house, lost, now)


async def end_streams_of(house: House, login: str, now: dt.datetime) -> int:
    """The same at once for one login, when it has ended."""

    def left(tx: Transaction) -> tuple[MediaSession, ...]:
        return () if tx.sessions.holders([login], now) else tx.media_sessions.open_of_login(login)

    return await end_streams(house, await house.records.read(left), now)


def _lost(tx: Transaction, now: dt.datetime) -> tuple[set[str | None], list[MediaSession]]:
    """The logins that watch or send, and the streams that must end."""
    lost: list[MediaSession] = []
    watching: set[str | None] = set()
    for lesson in tx.lessons.in_states(ON_AIR):
        streams = tx.media_sessions.open_of_lesson(lesson.id)
        here = still_here(tx, {_holder(stream) for stream in streams}, now)
        target = placed(tx, lesson, now, here.values())
        watching |= {stream.login for stream in streams}
        revoked = {key.client_id for key in tx.venue_keys.of_lesson(lesson.id) if key.revoked_at is not None}
        lost += [
            stream
            for stream in streams
            if stream.client_id in revoked or not _may_still(here.get(_holder(stream)), target, stream)
        ]
    return watching, lost


def _holder(stream: MediaSession) -> Holder:
    return Holder(stream.account_id, stream.login)


def _may_still(principal: Principal | None, target: LessonTarget, stream: MediaSession) -> bool:
    """As for a new ticket; who may force a source may keep the one that was forced. A room kit's stands on the right of
    whoever issued its key.
    """
    if principal is None:
        return False
    if is_kit(stream.client_id):
        theirs = kit_rooms(principal, target)
        return any(venue.source == stream.name and venue.id in theirs for venue in target.lesson.venues)
    try:
        if stream.direction is Direction.PUBLISH:
            forced = Action.REPLACE_SOURCE in allowed(principal, target)
            publisher_role(principal, target, stream.name, replace=forced)
        else:
            own = own_source(principal, target.lesson)
            viewer_role(principal, target, viewed_sources(stream.name), own)
    except Refusal:
        return False
    return True


async def end_streams(house: House, streams: Iterable[MediaSession], now: dt.datetime) -> int:
    """How many ended. The record of one that could not be hung up from here stays open: the next look asks again."""
    ended = [stream for stream in streams if await _hung_up(house, stream)]

    def note(tx: Transaction) -> None:
        for stream in ended:
            tx.media_sessions.end(stream.session_id, now)

    if ended:
        await house.records.write(note)
    for stream in ended:
        house.glances.forget(stream.lesson_id)
    return len(ended)


async def _hung_up(house: House, stream: MediaSession) -> bool:
    try:
        await house.media.end_session(stream.session_id)
    except Refusal as refusal:
        if refusal.code != "session_unknown":
            _log.warning("stream of account %s could not be ended yet: %s", stream.account_id, refusal.code)
        return False
    _log.info(
        "stream ended with its right: lesson %s, %s, account %s", stream.lesson_id, stream.name, stream.account_id
    )
    return True
