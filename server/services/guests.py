"""Members' phones on the air: the media process reports them, the clock ends an invitation that nobody answers."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from server.domain import events
from server.domain.events import Announcement
from server.domain.hands import Hand, HandState, HandStep, gone_silent, missed
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services import hand_steps
from server.services.house import House
from server.services.media import SourceState
from server.services.records import Transaction
from server.services.rooms import keep_room, tell

_log = logging.getLogger(__name__)


async def guest_came(house: House, lesson_id: str, source: str, now: dt.datetime) -> None:
    """A phone that was asked is connected: into the picture with it, or opened for its sound. Again after a loss."""
    state = await _state(house, lesson_id, source, now)
    picture = state is not None and state.has_video

    def bring(tx: Transaction, lesson: Lesson, hand: Hand) -> list[Announcement]:
        if hand.state is HandState.INVITED:
            return hand_steps.connect(tx, lesson, hand, now, picture=picture, by=hand.name).announced
        return hand_steps.bring_on(tx, lesson, hand, picture=picture, by=hand.name)

    await _change(house, lesson_id, source, bring, now)


async def guest_went(house: House, lesson_id: str, source: str, now: dt.datetime) -> None:
    """Its connection is gone: nobody looks at a frozen picture. The hand stays on the air, the phone may come back."""
    state = await _state(house, lesson_id, source, now)
    if state is not None and state.connected:
        return  # replaced by a newer connection

    def leave(tx: Transaction, lesson: Lesson, hand: Hand) -> list[Announcement]:
        return hand_steps.take_off(tx, lesson, hand, by="") if hand.state is HandState.ON_AIR else []

    await _change(house, lesson_id, source, leave, now)


async def expire_invitations(house: House, now: dt.datetime) -> int:
    """To be called every second; how many nobody answered."""
    invited = await house.records.read(lambda tx: tx.hands.all_invited())
    over = [hand for hand in invited if missed(hand, now)]

    def expire(tx: Transaction, lesson: Lesson, hand: Hand) -> list[Announcement]:
        return hand_steps.end(tx, lesson, hand, HandStep.EXPIRE, now).announced if missed(hand, now) else []

    for hand in over:
        await _change(house, hand.lesson_id, hand.source, expire, now)
        await hang_up(house, hand.lesson_id, hand.source, now)
    return len(over)


async def end_silent_guest(house: House, lesson: Lesson, now: dt.datetime, patience: dt.timedelta) -> bool:
    """To be called every second for a lesson on the air: the turn of a phone that was lost ends, and staff is told."""
    guest = lesson.guest
    if guest is None:
        return False
    heard_at = house.watches.packets_at(lesson.id, guest.source)
    lost = False

    def end(tx: Transaction, current: Lesson, hand: Hand) -> list[Announcement]:
        nonlocal lost
        lost = gone_silent(hand, heard_at, now, patience)
        if not lost:
            return []
        ended = hand_steps.end(tx, current, hand, HandStep.EXPIRE, now).announced
        return [*ended, events.guest_lost(hand.name, round(patience.total_seconds()))]

    on_air = await house.records.read(lambda tx: tx.hands.active(lesson.id))
    if on_air is None or not gone_silent(on_air, heard_at, now, patience):
        return False
    await _change(house, lesson.id, guest.source, end, now)
    if lost:
        await hang_up(house, lesson.id, guest.source, now)
    return lost


async def hang_up(house: House, lesson_id: str, source: str, now: dt.datetime) -> None:
    """End the phone's connection, if it has one. Idempotent. One that cannot be ended now stays in the record as open:
    the next look at who has lost a right asks again.
    """
    stream = await house.records.read(lambda tx: tx.media_sessions.publisher(lesson_id, source))
    if stream is None:
        return
    try:
        await house.media.end_session(stream.session_id)
    except Refusal as refusal:
        if refusal.code != "session_unknown":
            _log.warning("%s of lesson %s could not be hung up yet: %s", source, lesson_id, refusal.code)
            return
        _log.info("%s of lesson %s was gone", source, lesson_id)
    await house.records.write(lambda tx: tx.media_sessions.end(stream.session_id, now))


async def _state(house: House, lesson_id: str, source: str, now: dt.datetime) -> SourceState | None:
    house.glances.forget(lesson_id)
    room = await house.glances.state(lesson_id, now)
    return next((each for each in room.sources if each.source == source), None) if room else None


async def _change(
    house: House,
    lesson_id: str,
    source: str,
    work: Callable[[Transaction, Lesson, Hand], list[Announcement]],
    now: dt.datetime,
) -> None:
    """Does ``work`` to the active hand, if it is this source's."""

    def change(tx: Transaction) -> bool:
        lesson = tx.lessons.lock(lesson_id)
        hand = tx.hands.active(lesson_id) if lesson is not None and lesson.on_air else None
        if lesson is None or hand is None or hand.source != source:
            return False
        announced = work(tx, lesson, hand)
        if announced:
            tx.events.append(lesson_id, announced, now, None)
        return bool(announced)

    if await house.records.write(change):
        await tell(house, lesson_id)
        await keep_room(house, lesson_id, now)
