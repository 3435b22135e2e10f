"""Making the media process follow the record: one lesson's room is brought to what the record wants of it.

Nobody sends the media process single orders. After every change, and after a restart, :func:`keep_room` reads the
wish, compares it with the room and mends the difference; if the wish changed meanwhile it does so again. So two
directors' commands can't leave the room in the state of the older one, and a lost order is made good later.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass
from pathlib import Path

from server.domain import events
from server.domain.clips import CLIP_FILE, Clip
from server.domain.lessons import Lesson, LessonState
from server.domain.programme import PictureSlot, Programme
from server.domain.recordings import Recording, RecordingState, RecordingSummary
from server.domain.refusals import Refusal
from server.domain.venues import CLIP_SOURCE
from server.services.chapter_index import index_chapters
from server.services.fanout import Hint
from server.services.finding import found
from server.services.house import House
from server.services.media import ClipOrder, RoomState
from server.services.records import Transaction

GRACE_MS = 10_000
"""How long a room outlives its lesson: time to say goodbye."""
_NOT_YET_FINISHED = frozenset({"recording_unknown", "storage_unavailable", "disk_full"})
"""Recovery will do it, or the next try."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the record wants of a lesson's room."""

    lesson: Lesson
    programme: Programme
    recording: Recording | None

    @property
    def on_disk(self) -> bool:
        return self.lesson.state is LessonState.LIVE and self.lesson.recorded and not self.programme.recording_paused

    @property
    def stamp(self) -> tuple[int, int, int]:
        return self.lesson.version, self.programme.version, self.lesson.clip.order if self.lesson.clip else 0


def load_wish(tx: Transaction, lesson_id: str) -> Wish:
    lesson = found(tx.lessons.get(lesson_id))
    recording = tx.recordings.get(lesson.recording_id) if lesson.recording_id else None
    return Wish(lesson, tx.programmes.get(lesson_id), recording)


async def tell(house: House, lesson_id: str, seq: int | None = None) -> None:
    """Hint at what was committed. ``seq``: where it stands in the log; None: looked up."""
    if seq is None:
        seq = await house.records.read(lambda tx: tx.events.seq(lesson_id))
    await house.fanout.publish(Hint(lesson_id, seq))


async def keep_room(house: House, lesson_id: str, now: dt.datetime) -> bool:
    """Whether the room had to be opened (again). When the media process is away nothing happens; it is called again."""
    reopened = False
    async with house.turns.of(lesson_id):
        wish = await house.records.read(lambda tx: load_wish(tx, lesson_id))
        while True:
            try:
                reopened = await _mend(house, wish, now) or reopened
            except Refusal as refusal:
                _log.warning("the room of lesson %s could not follow: %s", lesson_id, refusal.code)
                return reopened
            finally:
                house.glances.forget(lesson_id)
            newer = await house.records.read(lambda tx: load_wish(tx, lesson_id))
            if newer.stamp == wish.stamp:
                return reopened
            wish = newer


async def _mend(house: House, wish: Wish, now: dt.datetime) -> bool:
    if not wish.lesson.media:
        return False
    if wish.lesson.on_air:
        return await _mend_on_air(house, wish, now)
    if wish.recording is not None and wish.recording.state is not RecordingState.FINISHED:
        await _end(house, wish.lesson, wish.recording, now)
    return False


async def _mend_on_air(house: House, wish: Wish, now: dt.datetime) -> bool:
    lesson = wish.lesson
    assert lesson.recording_id is not None
    state = await _state(house, lesson.id)
    reopened = state is None
    if state is not None and state.recording is None:
        await _mend_programme(house, wish, state)  # its disk was away: a cut does not wait for that
    if state is None or state.recording is None:
        await house.media.open_room(lesson.id, lesson.recording_id, lesson.video_codec, recording=wish.on_disk)
        state = await house.media.room_state(lesson.id)
    await _mend_programme(house, wish, state)
    if state.recording is not None and (state.recording.state == "running") != wish.on_disk:
        await house.media.set_recording(lesson.recording_id, on=wish.on_disk)
    await _mend_clip(house, lesson, state, now)
    return reopened


async def _state(house: House, lesson_id: str) -> RoomState | None:
    try:
        return await house.media.room_state(lesson_id)
    except Refusal as refusal:
        if refusal.code != "room_unknown":
            raise
        return None


async def _mend_programme(house: House, wish: Wish, state: RoomState) -> None:
    programme, lesson_id = wish.programme, wish.lesson.id
    curtain = programme.curtain
    if curtain is not None and state.curtain is not curtain:
        await house.media.set_curtain(lesson_id, curtain)
    if state.camera != programme.camera:
        await house.media.take(lesson_id, PictureSlot.CAMERA.value, programme.camera)
    if state.screen != programme.screen:
        await house.media.take(lesson_id, PictureSlot.SCREEN.value, programme.screen)
    if state.opened_audio != programme.opened:
        await house.media.open_audio(lesson_id, programme.opened)
    if curtain is None and state.curtain is not None:
        await house.media.set_curtain(lesson_id, None)


async def _mend_clip(house: House, lesson: Lesson, state: RoomState, now: dt.datetime) -> None:
    """In a room that was made anew it goes on where it would be by now."""
    clip = lesson.clip
    if clip is None:
        if state.clip is not None:
            await house.media.stop_clip(lesson.id, CLIP_SOURCE)
    elif not clip.ended(now) and (state.clip is None or state.clip.order != clip.order):
        order = ClipOrder(await _film(house, clip), clip.order, clip.at_ms(now), clip.paused)
        await house.media.play_clip(lesson.id, CLIP_SOURCE, order)


async def _film(house: House, clip: Clip) -> Path:
    """One that is gone is ordered all the same: the media process finds that it cannot be read, and says so."""
    try:
        return await house.depot.file(clip.material_id, CLIP_FILE)
    except Refusal as refusal:
        _log.warning("the file of clip %s: %s", clip.material_id, refusal.code)
        return Path(CLIP_FILE)


async def _end(house: House, lesson: Lesson, recording: Recording, now: dt.datetime) -> None:
    """The lesson is over (or cancelled): the archive first, then the room, also when the archive's disk is away."""
    try:
        summary = await house.media.finish_recording(recording.id)
    except Refusal as refusal:
        if refusal.code not in _NOT_YET_FINISHED:
            raise
        _log.warning("recording %s is not finished yet: %s", recording.id, refusal.code)
    else:
        await take_over(house, summary, now)
    await house.media.close_room(lesson.id, grace_ms=GRACE_MS)


async def take_over(house: House, summary: RecordingSummary, now: dt.datetime) -> None:
    """A recording has ended: the record learns what is on disk; everybody learns it if there was anything to end."""

    def save(tx: Transaction) -> None:
        before = tx.recordings.get(summary.recording_id)
        if before is None or before.state is RecordingState.FINISHED:
            return
        tx.recordings.save_summary(summary)
        index_chapters(tx, found(tx.lessons.get(before.lesson_id)), before.id, now)
        if before.state is not RecordingState.OFF:
            tx.events.append(before.lesson_id, [events.recording_changed(summary.state)], now, None)

    await house.records.write(save)
    await tell(house, summary.lesson_id)
