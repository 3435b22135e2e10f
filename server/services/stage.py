"""What is on the air: seeing it, and the director's commands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import events, programme
from server.domain.access import Action, Principal, lesson_venue_of, listener
from server.domain.alarms import Alarm
from server.domain.clips import Clip
from server.domain.curtain import Cut, Standby
from server.domain.events import Announcement, Listener
from server.domain.lessons import Lesson, LessonState, check_media
from server.domain.programme import PictureSlot, Programme, speech_of
from server.domain.recordings import Recording, RecordingState
from server.domain.refusals import Refusal
from server.domain.roll_calls import RollCall, RollResult
from server.domain.roster import PHONE
from server.domain.slides import Standing
from server.domain.venues import CLIP_SOURCE, SPARE_SOURCES, LessonVenue, Microphone
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, check_on_air, found
from server.services.house import House
from server.services.media import RoomState, SourceState
from server.services.programming import reprogram
from server.services.records import Transaction
from server.services.roll_views import mark, proposed_now, standing
from server.services.rooms import keep_room, tell
from server.services.slides import slides_view
from server.services.views import (
    AlarmView,
    ClipOnAirView,
    CutView,
    SlotsView,
    SourceView,
    StageFailoverView,
    StageRecordingView,
    StageVenueView,
    StageView,
    StandbyView,
    StorageView,
    TalkbackView,
)

SILENCE_DBOV = 127
_VERSION = TypeAdapter(int)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the record knows of the stage. ``own_venue``: of the principal who looks."""

    lesson: Lesson
    programme: Programme
    recording: Recording | None
    alarms: tuple[Alarm, ...]
    seq: int
    staff: bool
    own_venue: str | None = None
    roll: RollCall | None = None
    slides: Standing | None = None


# ---- seeing ----------------------------------------------------------------------------------------------


async def see_stage(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> StageView:
    """Raises ``lesson_not_found``. Other venues, figures of sources and alarms are shown to staff only."""

    def load(tx: Transaction) -> _Facts:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        heard = listener(principal, target)
        return _facts(tx, target.lesson, heard)

    return await _seen(house, await house.records.read(load), now)


async def staff_stage(house: House, lesson_id: str, now: dt.datetime) -> StageView:
    """For pushes to staff who were admitted already. Raises ``lesson_not_found``."""
    staff = Listener("", staff=True)
    facts = await house.records.read(lambda tx: _facts(tx, found(tx.lessons.get(lesson_id)), staff))
    return await _seen(house, facts, now)


def _facts(tx: Transaction, lesson: Lesson, by: Listener) -> _Facts:
    return _Facts(
        lesson=lesson,
        programme=tx.programmes.get(lesson.id),
        recording=tx.recordings.get(lesson.recording_id) if lesson.recording_id else None,
        alarms=tx.alarms.active(lesson.id),
        seq=tx.events.seq(lesson.id),
        staff=by.staff,
        own_venue=by.lesson_venue_id,
        roll=tx.roll_calls.last(lesson.id) if by.staff or by.lesson_venue_id else None,
        slides=tx.slides.standing(lesson.id),
    )


async def _seen(house: House, facts: _Facts, now: dt.datetime) -> StageView:
    lesson, wanted = facts.lesson, facts.programme
    room = await house.glances.state(lesson.id, now) if lesson.on_air and lesson.media else None
    online = await house.presence.counts(lesson.id, now)
    return StageView(
        lesson_id=lesson.id,
        seq=facts.seq,
        state=lesson.state,
        slots=SlotsView(wanted.camera, wanted.screen),
        desk=wanted.desk,
        opened_audio=tuple(sorted(wanted.opened)),
        on_air_venue=wanted.on_air_venue,
        sources=_sources(facts, room),
        venues=_venues(facts, proposed_now(facts.roll, lesson, room, house.watches, now) if facts.staff else None),
        viewers=room.viewers if room else 0,
        online=sum(online.values()),
        recording=_recording(facts.recording, room),
        clip=_clip(lesson.clip, room, now),
        alarms=tuple(AlarmView(a.code, a.text, a.text_en, a.since, a.source) for a in facts.alarms if facts.staff),
        media_ok=room is not None or not lesson.on_air or not lesson.media,
        cut=_cut(wanted.cut, staff=facts.staff) if lesson.on_air else None,
        standby=_standby(wanted.standby) if lesson.on_air else None,
        talkbacks=_talkbacks(facts),
        roll_call=standing(facts.roll, facts.own_venue, staff=facts.staff) if facts.roll else None,
        slides=slides_view(facts.slides),
        storage=_storage(room) if facts.staff else None,
    )


def _sources(facts: _Facts, room: RoomState | None) -> tuple[SourceView, ...]:
    """Every source that the lesson may have, connected or not, but of the spare machine only what is there or should
    be; others than staff see the ones that concern them.
    """
    if not facts.lesson.media:
        return ()
    states = {state.source: state for state in room.sources} if room else {}
    own = {venue.source for venue in facts.lesson.venues if venue.id == facts.own_venue}
    concerned = {facts.programme.camera, facts.programme.screen} | own
    clip = [CLIP_SOURCE] if facts.lesson.clip else []
    absent = set(SPARE_SOURCES) - {facts.programme.camera} - facts.programme.opened - states.keys()
    return tuple(
        _source(facts.lesson, source, states.get(source))
        for source in (*facts.lesson.sources, *clip)
        if (facts.staff or source in concerned) and source not in absent
    )


def _source(lesson: Lesson, source: str, state: SourceState | None) -> SourceView:
    label = lesson.label(source)
    if state is None:
        return SourceView(source, label, False, False, False, None, 0, 0.0, SILENCE_DBOV)
    sent = state.packets_received + state.packets_lost
    return SourceView(
        source=source,
        label=label,
        connected=state.connected,
        has_video=state.has_video,
        has_audio=state.has_audio,
        video_codec=state.video_codec,
        bitrate_bps=state.bitrate_bps,
        loss=state.packets_lost / sent if sent else 0.0,
        audio_level_dbov=state.audio_level_dbov,
    )


def _venues(facts: _Facts, proposed: RollResult | None) -> tuple[StageVenueView, ...]:
    return tuple(
        StageVenueView(
            id=venue.id,
            name=venue.name,
            part=venue.part,
            source=venue.source,
            online=venue.online,
            microphone=venue.microphone,
            speech=speech_of(facts.programme, venue.source),
            roll=mark(facts.roll, venue, proposed),
            failover=_failover(facts.lesson, venue),
        )
        for venue in facts.lesson.venues
        if facts.staff or venue.id == facts.own_venue
    )


def _failover(lesson: Lesson, venue: LessonVenue) -> StageFailoverView | None:
    if venue.failover_id is None:
        return None
    target = None if venue.failover_to == PHONE else venue.failover_to
    return StageFailoverView(venue.failover_id, target, lesson.place_name(target))


def _cut(cut: Cut | None, *, staff: bool) -> CutView | None:
    if cut is None:
        return None
    return CutView(cut.since, cut.by if staff else None, cut.reason if staff else None)


def _standby(standby: Standby | None) -> StandbyView | None:
    return StandbyView(standby.since, standby.until, standby.note) if standby is not None else None


def _talkbacks(facts: _Facts) -> tuple[TalkbackView, ...]:
    return tuple(
        TalkbackView(
            *(one.lesson_venue_id, one.source, one.by, one.since),
            account_id=one.account_id,
            confirmed=one.confirmed,
        )
        for one in facts.lesson.talkbacks
        if facts.staff or one.lesson_venue_id == facts.own_venue
    )


def _recording(recording: Recording | None, room: RoomState | None) -> StageRecordingView | None:
    """The record's state; the length so far from the media process, which writes it."""
    if recording is None:
        return None
    running = room.recording if room else None
    duration_ms = running.duration_ms if running else recording.duration_ms
    return StageRecordingView(recording.id, recording.state.value, duration_ms)


def _storage(room: RoomState | None) -> StorageView | None:
    if room is None or room.storage is None:
        return None
    return StorageView(room.storage.free_bytes, room.storage.low)


def _clip(clip: Clip | None, room: RoomState | None, now: dt.datetime) -> ClipOnAirView | None:
    """Where it is, from the media process, which plays it; by the clock while that says nothing of it."""
    if clip is None:
        return None
    playing = room.clip if room is not None and room.clip is not None and room.clip.order == clip.order else None
    at_ms = min(playing.at_ms, clip.duration_ms) if playing else clip.at_ms(now)
    return ClipOnAirView(clip.material_id, clip.name, clip.duration_ms, at_ms, clip.paused, clip.started_by)


# ---- directing -------------------------------------------------------------------------------------------

Work = Callable[[Transaction, Lesson], Sequence[Announcement]]
"""Changes something in a lesson whose row is locked; what is to be announced."""


async def take(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    slot: PictureSlot,
    source: str | None,
    now: dt.datetime,
) -> StageView:
    """Raises ``forbidden``, ``lesson_not_on_air``, ``source_unknown``, ``command_reused``."""

    def change(before: Programme, lesson: Lesson) -> Programme:
        return programme.take(before, slot, source, lesson.sources)

    asked = command(principal, command_id, "take", lesson_id=lesson_id, slot=slot.value, source=source)
    return await direct(house, principal, lesson_id, asked, _reprogramme(principal, change), now=now)


async def open_audio(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    source: str,
    opened: bool,
    now: dt.datetime,
) -> StageView:
    """Raises as :func:`take`."""

    def change(before: Programme, lesson: Lesson) -> Programme:
        return programme.open_audio(before, source, lesson.sources, opened=opened)

    asked = command(principal, command_id, "open_audio", lesson_id=lesson_id, source=source, opened=opened)
    return await direct(house, principal, lesson_id, asked, _reprogramme(principal, change), now=now)


async def mute_all(house: House, principal: Principal, lesson_id: str, command_id: str, now: dt.datetime) -> StageView:
    """Raises as :func:`take`."""

    def change(before: Programme, _lesson: Lesson) -> Programme:
        return programme.mute_all(before)

    asked = command(principal, command_id, "mute_all", lesson_id=lesson_id)
    return await direct(house, principal, lesson_id, asked, _reprogramme(principal, change), now=now)


async def pause_recording(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, paused: bool, now: dt.datetime
) -> StageView:
    """Pause or resume. Raises ``not_recorded``, and as :func:`take`."""

    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        if lesson.state is not LessonState.LIVE or not lesson.recorded or lesson.recording_id is None:
            raise Refusal("not_recorded", lesson.state)
        before = tx.programmes.get(lesson.id)
        after = programme.pause_recording(before, paused=paused)
        if after == before:
            return ()
        state = RecordingState.PAUSED if paused else RecordingState.RUNNING
        tx.programmes.save(lesson.id, after)
        tx.recordings.set_state(lesson.recording_id, state)
        return [events.recording_changed(state.value)]

    asked = command(principal, command_id, "pause_recording", lesson_id=lesson_id, paused=paused)
    return await direct(house, principal, lesson_id, asked, work, now=now)


async def set_microphone(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, microphone: Microphone, now: dt.datetime
) -> StageView:
    """The operator says what the room's microphone is set to. Raises ``forbidden`` for who stands for no venue here."""
    asked = command(principal, command_id, "set_microphone", lesson_id=lesson_id, microphone=microphone.value)

    def change(tx: Transaction) -> None:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=True)
        venue = lesson_venue_of(principal, target.lesson)
        if venue is None:
            raise Refusal("forbidden", "stands for no venue of this lesson")

        def work(tx: Transaction, _lesson: Lesson) -> Sequence[Announcement]:
            changed = tx.lessons.set_microphone(venue.id, microphone)
            return [events.venue_microphone(venue.id, microphone)] if changed else ()

        do_once(tx, asked, target.lesson, work, now)

    await house.records.write(change)
    await tell(house, lesson_id)
    return await see_stage(house, principal, lesson_id, now)


def _reprogramme(principal: Principal, change: Callable[[Programme, Lesson], Programme]) -> Work:
    def work(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        return reprogram(tx, lesson, lambda before: change(before, lesson), by=principal.name)

    return work


async def direct(
    house: House, principal: Principal, lesson_id: str, asked: Command, work: Work, *, now: dt.datetime
) -> StageView:
    """One command of who runs the lesson about its sound and picture: record, hint, media process, in this order.

    Raises ``no_media``.
    """

    def change(tx: Transaction) -> None:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)
        check_media(target.lesson)
        do_once(tx, asked, target.lesson, work, now)

    await house.records.write(change)
    await tell(house, lesson_id)
    await keep_room(house, lesson_id, now)
    return await see_stage(house, principal, lesson_id, now)


def do_once(tx: Transaction, asked: Command, lesson: Lesson, work: Work, now: dt.datetime) -> None:
    """A repetition does nothing; its result is the stage as it is now."""

    def do() -> int:
        check_on_air(lesson)
        announced = work(tx, lesson)
        return tx.events.append(lesson.id, announced, now, asked.actor) if announced else tx.events.seq(lesson.id)

    once(tx, asked, now, _VERSION, do)
