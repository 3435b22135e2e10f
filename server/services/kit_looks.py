"""What arrives of room kits: in the lesson's room, or before it is open in the room of rehearsals."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.kits import rehearsal_room
from server.domain.lessons import Lesson
from server.domain.preflight import Arriving, Check
from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue
from server.services.house import House
from server.services.media import RoomState, SourceState


@dataclass(frozen=True, slots=True)
class KitView:
    """A venue's room kit. ``rehearses``: the lesson is not open yet. ``checks``: none while it does not send, nor at
    the first look.
    """

    sends: bool
    rehearses: bool
    checks: tuple[Check, ...] = ()


async def look_at_kit(house: House, lesson: Lesson, venue: LessonVenue, now: dt.datetime) -> Arriving:
    """Raises ``media_unavailable``."""
    room = await _room(house, lesson, now)
    if room is None:
        raise Refusal("media_unavailable", lesson.id)
    return _came(house, lesson, venue, room, now)


async def kits_seen(house: House, lesson: Lesson, kits: Mapping[str, bool], now: dt.datetime) -> dict[str, KitView]:
    """``kits``: of which venues, by their ids, and whether it is the kit that sends there. A media process that is
    away leaves them as if none did.
    """
    room = None
    if any(kits.values()):
        with contextlib.suppress(Refusal):
            room = await _room(house, lesson, now)
    return {id_: _seen(house, lesson, lesson.venue(id_), room if sent else None, now) for id_, sent in kits.items()}


def _seen(house: House, lesson: Lesson, venue: LessonVenue, room: RoomState | None, now: dt.datetime) -> KitView:
    arriving = _came(house, lesson, venue, room, now) if room is not None else Arriving(connected=False)
    if not arriving.connected:
        house.kit_readings.forget(venue.id)
        return KitView(sends=False, rehearses=not lesson.on_air)
    return KitView(True, not lesson.on_air, house.kit_readings.note(venue.id, arriving, now, house.thresholds))


async def _room(house: House, lesson: Lesson, now: dt.datetime) -> RoomState | None:
    """None: the lesson's is not answered for. Nobody has rehearsed: a room without sources."""
    if lesson.on_air:
        return await house.glances.state(lesson.id, now)
    try:
        return await house.media.room_state(rehearsal_room(lesson.id))
    except Refusal as refusal:
        if refusal.code != "room_unknown":
            raise
        return RoomState(lesson.id, None, None, frozenset(), (), 0)


def _came(house: House, lesson: Lesson, venue: LessonVenue, room: RoomState, now: dt.datetime) -> Arriving:
    state = next((one for one in room.sources if one.source == venue.source), None)
    return arriving_of(state, moves=house.watches.moves(lesson.id, venue.source, now))


def arriving_of(state: SourceState | None, *, moves: bool) -> Arriving:
    if state is None:
        return Arriving(connected=False)
    return Arriving(
        connected=state.connected,
        picture=state.has_video,
        sound=state.has_audio,
        frames=state.frames,
        moves=moves,
        black=state.black is True,
        level_db=-state.audio_level_dbov,
        packets=state.packets_received,
        lost=state.packets_lost,
        bitrate_bps=state.bitrate_bps,
        over_tcp=state.over_tcp,
    )
