"""Keeping record and media process together: reports come in, what the record wants goes out."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence

from server.domain import events
from server.domain.alarms import Alarm
from server.domain.events import Announcement
from server.domain.kits import is_rehearsal_room
from server.domain.lessons import ON_AIR, Lesson
from server.domain.recordings import Recording, RecordingState, RecordingSummary
from server.domain.refusals import Refusal
from server.domain.streams import return_window_ms
from server.domain.talkback import is_talkback
from server.domain.venues import CLIP_SOURCE, is_member_source
from server.services.checkpoints import lose_viewer, note_media_lost, note_media_ready, see_viewer
from server.services.clips import clip_over
from server.services.guests import guest_came, guest_went
from server.services.house import House
from server.services.media import (
    AlarmChanged,
    ClipOver,
    LayersWanted,
    MediaEvent,
    MediaLost,
    MediaReady,
    NeverLive,
    SlotLive,
    SourceDown,
    SourceUp,
    ViewerDown,
    ViewerUp,
)
from server.services.records import Transaction
from server.services.rooms import GRACE_MS, keep_room, take_over, tell

MEDIA_AWAY = "media_unavailable"
GRACE = 2 * dt.timedelta(milliseconds=GRACE_MS)
"""After a lesson's end no connection of it is open any more, whatever the record says."""
_Said = Callable[[Transaction, Lesson], Sequence[Announcement]]
"""Notes something down for a lesson whose row is locked; what is to be announced."""
_log = logging.getLogger(__name__)


async def follow(house: House, event: MediaEvent, now: dt.datetime) -> None:
    """One report of the media process, in order. Never raises a refusal; a report about nothing we know is dropped."""
    try:
        await _follow(house, event, now)
    except Refusal as refusal:
        _log.warning("a report of the media process came to nothing: %s (%s)", type(event).__name__, refusal)


async def _follow(house: House, event: MediaEvent, now: dt.datetime) -> None:
    match event:
        case SourceUp():
            await _source_up(house, event, now)
        case SourceDown():
            await _source_down(house, event, now)
        case ViewerUp():
            house.glances.forget(event.lesson_id)
            await see_viewer(house, event.lesson_id, event.session_id, event.viewer_id, now)
        case ViewerDown() | NeverLive():
            await house.records.write(lambda tx: tx.media_sessions.end(event.session_id, now))
            await lose_viewer(house, event.lesson_id, event.session_id, now)
        case AlarmChanged():
            alarm = Alarm(event.code, event.detail, now)
            await set_alarm(house, event.lesson_id, alarm, raised=event.active)
        case MediaLost():
            await _media_lost(house, event, now)
        case MediaReady():
            await note_media_ready(house, event.worker, now)
            await restore_media(house, now)
        case SlotLive():
            house.glances.forget(event.lesson_id)
        case ClipOver():
            await clip_over(house, event, now)
        case LayersWanted():
            await _layers_wanted(house, event, now)


# ---- sources and alarms ----------------------------------------------------------------------------------


async def _source_up(house: House, event: SourceUp, now: dt.datetime) -> None:
    house.glances.forget(event.lesson_id)
    if is_talkback(event.source):
        return  # nobody's picture, and nobody's business but the two who talk

    def said(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        if event.source == CLIP_SOURCE and lesson.clip is None:
            return ()  # over already
        return [events.source_up(event.source, lesson.label(event.source), shown=_shown(tx, event))]

    await _announce(house, event.lesson_id, said, now)
    if is_member_source(event.source):
        await guest_came(house, event.lesson_id, event.source, now)


async def _source_down(house: House, event: SourceDown, now: dt.datetime) -> None:
    house.glances.forget(event.lesson_id)
    if is_rehearsal_room(event.lesson_id):
        await house.records.write(lambda tx: tx.media_sessions.end(event.session_id, now))
        return

    def said(tx: Transaction, lesson: Lesson) -> Sequence[Announcement]:
        tx.media_sessions.end(event.session_id, now)
        if event.source not in lesson.sources:
            return ()  # of a member whose turn has ended, of a clip, of a talkback
        label = lesson.label(event.source)
        return [events.source_down(event.source, label, event.reason, shown=_shown(tx, event))]

    await _announce(house, event.lesson_id, said, now)
    if is_member_source(event.source):
        await guest_went(house, event.lesson_id, event.source, now)


async def _layers_wanted(house: House, event: LayersWanted, now: dt.datetime) -> None:
    def said(tx: Transaction, _lesson: Lesson) -> Sequence[Announcement]:
        publisher = tx.media_sessions.publisher(event.lesson_id, event.source)
        if publisher is None or publisher.session_id != event.session_id:
            return ()
        return [events.source_layers(publisher.account_id, event.source, event.rids)]

    await _announce(house, event.lesson_id, said, now)


def _shown(tx: Transaction, event: SourceUp | SourceDown) -> bool:
    programme = tx.programmes.get(event.lesson_id)
    return event.source in (programme.camera, programme.screen)


async def set_alarm(house: House, lesson_id: str, alarm: Alarm, *, raised: bool) -> None:
    """Announced only when it is a change."""

    def said(tx: Transaction, _lesson: Lesson) -> Sequence[Announcement]:
        changed = tx.alarms.raise_(lesson_id, alarm) if raised else tx.alarms.clear(lesson_id, alarm.code, alarm.source)
        return [events.alarm(alarm.code, alarm.detail, alarm.source, raised=raised)] if changed else ()

    await _announce(house, lesson_id, said, alarm.since)


async def _announce(house: House, lesson_id: str, said: _Said, now: dt.datetime) -> None:
    def work(tx: Transaction) -> None:
        lesson = tx.lessons.lock(lesson_id)
        announced = said(tx, lesson) if lesson is not None else ()
        if announced:
            tx.events.append(lesson_id, announced, now, None)

    await house.records.write(work)
    await tell(house, lesson_id)


# ---- a media process that goes and comes -----------------------------------------------------------------


async def _media_lost(house: House, lost: MediaLost, now: dt.datetime) -> None:
    await note_media_lost(house, lost, now)
    for lesson in await house.records.read(lambda tx: tx.lessons.in_states(ON_AIR)):
        if lesson.media and (lost.lessons is None or lesson.id in lost.lessons):
            house.glances.forget(lesson.id)
            await set_alarm(house, lesson.id, Alarm(MEDIA_AWAY, "", now), raised=True)


async def restore_media(house: House, now: dt.datetime) -> None:
    """Media processes that know nothing get the rooms, slots, sound and recordings of the lessons on the air.

    Appends ``media.moved`` where a room was made anew: only who was connected there is told. A lesson whose process is
    still away keeps its alarm. What lessons that are over left unfinished is finished, and their connections ended.
    Idempotent.
    """
    for lesson in await house.records.read(lambda tx: tx.lessons.in_states(ON_AIR)):
        await reopen(house, lesson.id, now)
        if await house.glances.state(lesson.id, now) is not None:
            await set_alarm(house, lesson.id, Alarm(MEDIA_AWAY, "", now), raised=False)
    await house.records.write(lambda tx: tx.media_sessions.end_left_over(now - GRACE, now))
    await finish_left(house, now)
    await recover_recordings(house, now)


async def finish_left(house: House, now: dt.datetime, after: dt.timedelta = dt.timedelta()) -> None:
    """To be called now and then as well: what could not be finished with its lesson, its disk being away.

    ``after``: whoever ended the lesson has so long to finish it.
    """
    for _, lesson in await house.records.read(lambda tx: tx.recordings.unfinished()):
        if not lesson.on_air and (lesson.ended_at is None or now - lesson.ended_at >= after):
            await keep_room(house, lesson.id, now)


async def reopen(house: House, lesson_id: str, now: dt.datetime) -> None:
    """See to it that a lesson on the air has its room; whoever was connected to the old one is told to come again."""

    def moved(tx: Transaction, _lesson: Lesson) -> Sequence[Announcement]:
        gone = tx.media_sessions.end_of_lesson(lesson_id, now)
        return [events.media_moved(return_window_ms(gone, house.return_cost.each_ms))]

    if await keep_room(house, lesson_id, now):
        await _announce(house, lesson_id, moved, now)


async def recover_recordings(house: House, now: dt.datetime) -> int:
    """Finish what a crash left open, take over the summaries; how many. Recordings of lessons on the air stay open, and
    those that were on disk while the folder of recordings is empty: then its disk is not there.
    """
    unfinished = await house.records.read(lambda tx: tx.recordings.unfinished())
    keep_open = frozenset(recording.id for recording, lesson in unfinished if lesson.on_air)
    left = [(recording, lesson) for recording, lesson in unfinished if not lesson.on_air]
    recovered = {summary.recording_id: summary for summary in await house.library.recover(keep_open)}
    missing: list[str] = []
    for recording, lesson in left:
        summary = recovered.get(recording.id) or await _on_disk(house, recording, lesson.id)
        if summary is None:
            missing.append(recording.id)
        else:
            await take_over(house, summary, now)
    if missing:
        _log.warning("the folder of recordings is empty, is its disk mounted? left unfinished: %s", ", ".join(missing))
    return len(left) - len(missing)


async def _on_disk(house: House, recording: Recording, lesson_id: str) -> RecordingSummary | None:
    """What the library knows; a recording that never reached the disk is finished with nothing in it. None: nobody can
    tell, since nothing at all is on the disk.
    """
    recording_id = recording.id
    try:
        summary = await house.library.summary(recording_id)
    except Refusal as refusal:
        if refusal.code != "recording_unknown":
            raise
        if recording.state is not RecordingState.OFF and not await house.library.holds_any():
            return None
        return RecordingSummary(recording_id, lesson_id, "finished", None, 0, 0, 0, False, 0)
    if summary.state != "finished":
        raise Refusal("storage_unavailable", f"{recording_id} is still {summary.state}")
    return summary
