"""The sources on the air, looked at second by second; what is wrong with one becomes an alarm of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from server.domain import events
from server.domain.alarms import Alarm
from server.domain.clips import OVERDUE, Clip
from server.domain.events import Announcement
from server.domain.hands import SILENCE
from server.domain.lessons import ON_AIR, Lesson, LessonState
from server.domain.programme import Programme
from server.domain.venues import SCREENS, Microphone, venue_of_source
from server.domain.watching import PATIENCE, Look
from server.services.guests import end_silent_guest
from server.services.house import House
from server.services.media import RoomState, SourceState
from server.services.records import Transaction
from server.services.rooms import keep_room, tell
from server.services.talkbacks import review_talkbacks

EVERY_S = 1.0
_Wrong = frozenset[tuple[str, str]]
"""Source and alarm code."""


@dataclass(frozen=True, slots=True)
class _OnAir:
    lesson: Lesson
    programme: Programme
    active: _Wrong


async def watch(house: House, now: dt.datetime, silence: dt.timedelta = SILENCE) -> None:
    """To be called every ``EVERY_S``: looks at every lesson on the air. Writes only what has changed.

    ``silence``: so long nothing may come from a member's phone on the air.

    A room that its media process does not answer for keeps the alarms that it has.
    """
    lessons = await house.records.read(_on_air)
    house.watches.keep({each.lesson.id for each in lessons})
    for each in lessons:
        room = await house.glances.state(each.lesson.id, now)
        if room is not None:
            follows = _follows(room, each.programme) and _plays(room, each.lesson.clip, now)
            if room.recording is None or not follows:  # its disk was away: the lecture goes on meanwhile
                await keep_room(house, each.lesson.id, now)
            await _compare(house, each, _looked(house, each, room, now), now)
            await review_talkbacks(house, each.lesson, room, now)
            await end_silent_guest(house, each.lesson, now, silence)


def _follows(room: RoomState, programme: Programme) -> bool:
    """An order that the media process did not get, or was too slow for, is given again: an emergency cut above all."""
    wanted = (programme.curtain, programme.camera, programme.screen, programme.opened)
    return (room.curtain, room.camera, room.screen, room.opened_audio) == wanted


def _plays(room: RoomState, clip: Clip | None, now: dt.datetime) -> bool:
    """The same for a clip. In its last seconds it may have come to its end already."""
    order = room.clip.order if room.clip is not None else None
    if clip is None:
        return order is None
    return order == clip.order or clip.ended(now + OVERDUE)


def _on_air(tx: Transaction) -> list[_OnAir]:
    return [
        _OnAir(lesson, tx.programmes.get(lesson.id), _of_sources(tx.alarms.active(lesson.id)))
        for lesson in tx.lessons.in_states(ON_AIR)
        if lesson.media
    ]


def _of_sources(alarms: Iterable[Alarm]) -> _Wrong:
    return frozenset((alarm.source, alarm.code) for alarm in alarms if alarm.source and alarm.code in PATIENCE)


def _looked(house: House, on_air: _OnAir, room: RoomState, now: dt.datetime) -> _Wrong:
    states = {state.source: state for state in room.sources}
    wrong: set[tuple[str, str]] = set()
    for source in on_air.lesson.sources:
        look = look_at(on_air.lesson, on_air.programme, source, states.get(source))
        if look.expected and source == on_air.programme.desk.source:
            look = replace(look, stand_in=_stands_by(on_air, states))
        codes = house.watches.note(on_air.lesson.id, source, states.get(source), look, now)
        wrong |= {(source, code) for code in codes}
    return frozenset(wrong)


def _stands_by(on_air: _OnAir, states: Mapping[str, SourceState]) -> bool:
    """Whether the lecturer's other machine is there and sends."""
    other = on_air.programme.desk.other.source
    state = states.get(other)
    return state is not None and state.connected and (other, "no_packets") not in on_air.active


def look_at(lesson: Lesson, programme: Programme, source: str, state: SourceState | None) -> Look:
    """What the source should be doing, by lesson and programme, and what it does."""
    venue_id = venue_of_source(source)
    live = lesson.state is LessonState.LIVE
    on_air = source == programme.camera or source in programme.opened
    if venue_id is None:  # the lecturer comes before the start, and shares a screen when he likes
        expected, ready = live and on_air and source not in SCREENS, live
    else:
        venue = lesson.venue(venue_id)
        expected, ready = on_air or venue.online, venue.microphone is Microphone.READY
    if state is None:
        return Look(connected=False, expected=expected)
    return Look(
        connected=state.connected,
        expected=expected,
        has_video=state.has_video,
        has_audio=state.has_audio,
        audible=source in programme.opened and state.has_audio and ready,
        packets=state.packets_received,
        lost=state.packets_lost,
        frames=state.frames,
        level_dbov=state.audio_level_dbov,
        unanswered=state.unanswered,
        black=state.black,
        still=None if source in SCREENS else state.still,
    )


async def _compare(house: House, on_air: _OnAir, wrong: _Wrong, now: dt.datetime) -> None:
    if wrong == on_air.active:
        return
    lesson_id = on_air.lesson.id

    def change(tx: Transaction) -> None:
        lesson = tx.lessons.lock(lesson_id)
        if lesson is None or not lesson.on_air:
            return
        said = _changed(tx, lesson, wrong, now)
        if said:
            tx.events.append(lesson_id, said, now, None)

    await house.records.write(change)
    await tell(house, lesson_id)


def _changed(tx: Transaction, lesson: Lesson, wrong: _Wrong, now: dt.datetime) -> list[Announcement]:
    active = _of_sources(tx.alarms.active(lesson.id))
    said: list[Announcement] = []
    for source, code in sorted(wrong - active):
        tx.alarms.raise_(lesson.id, Alarm(code, lesson.label(source), now, source))
        said.append(events.alarm(code, lesson.label(source), source, raised=True))
    for source, code in sorted(active - wrong):
        tx.alarms.clear(lesson.id, code, source)
        said.append(events.alarm(code, lesson.label(source), source, raised=False))
    return said


def clear_sources(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[Announcement]:
    """The lesson is over: nobody is waited for any more. Its row is locked."""
    return _changed(tx, lesson, frozenset(), now)
