"""The media plane in this process: a node and a recorder behind ``services.media.MediaPlane``, in the house's words."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import structlog

from recordings import slate
from recordings.clips import FileReader
from recordings.clock import SystemClock
from recordings.digest import Digest
from recordings.interface import Alarm, RecordingSpec
from recordings.interface import Asking as ArchiveAsking
from recordings.interface import Curtain as ArchiveCurtain
from recordings.interface import Refusal as ArchiveRefusal
from recordings.interface import Track as ArchiveTrack
from recordings.looking import Looker, Shown
from recordings.recorder import Recorder, RecorderSettings
from recordings.tail import Tail
from rooms import interface as rooms
from rooms.node import Node
from server.archive import summary_of
from server.domain.curtain import Curtain
from server.domain.recordings import RecordingSummary
from server.domain.refusals import MEANINGS, Refusal
from server.domain.talkback import TALKBACK_PREFIX
from server.link.load import CpuPerPacket, Load
from server.services import media
from server.services.media import (
    AlarmChanged,
    Asking,
    LayersWanted,
    MediaAnswer,
    MediaEvent,
    MediaReady,
    MediaStats,
    NeverLive,
    RoomState,
    SlotLive,
    SourceDown,
    SourceState,
    SourceUp,
    Track,
    ViewerDown,
    ViewerState,
    ViewerUp,
)

log = structlog.get_logger()

_MOST_EVENTS = 4096
_DISK_AWAY = frozenset({"storage_unavailable", "disk_full"})
_OURS = {
    "etag_mismatch": "precondition_failed",
    "bad_height": "invalid_body",
}  # where the planes' word is another than the house's


class LocalMediaPlane:
    """Implements :class:`server.services.media.MediaPlane` in this process. Close it once it is no longer used."""

    def __init__(self, node: Node, recorder: Recorder, instance: str) -> None:
        self._node = node
        self._recorder = recorder
        self.instance = instance
        self._recording_of: dict[str, str] = {}  # by lesson
        self._lesson_of: dict[str, str] = {}  # by recording
        self._attached: set[str] = set()  # recordings
        self._unrecorded: set[str] = set()  # recordings whose disk is away, told once
        self._curtains: dict[str, Curtain | None] = {}  # by lesson
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue(_MOST_EVENTS)
        self._cpu = CpuPerPacket()
        self._looker = Looker(node, lambda: tuple(self._recording_of), SystemClock())
        self._pumps = tuple(
            asyncio.create_task(each) for each in (self._pump_node(), self._pump_alarms(), self._looker.run())
        )

    @classmethod
    async def start(
        cls, config: rooms.NodeConfig, recordings: Path, tail: int | None = None, digest: str = "sha256"
    ) -> LocalMediaPlane:
        """``tail``: the descriptor of memory that outlives us. ``digest``: which one stands beside each file.

        Raises ``OSError`` when the UDP port is taken, ``BackendMissing`` when the hot path wanted is not there.
        """
        node = await Node.start(dataclasses.replace(config, slate=slate.units()))
        recorder = Recorder(
            node, recordings, RecorderSettings(digest=Digest(digest)), tail=None if tail is None else Tail(tail)
        )
        return cls(node, recorder, secrets.token_hex(8))

    async def close(self) -> None:
        """Recordings are flushed and left open for the next start. Idempotent."""
        tasks = (*self._pumps, *self._closing.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._recorder.close()
        await self._node.close()

    # ---- rooms and recordings --------------------------------------------------------------------------

    async def open_room(self, lesson_id: str, recording_id: str | None, video_codec: str, *, recording: bool) -> None:
        with _translated():
            self._stay_open(lesson_id)
            await self._node.open_room(rooms.RoomSpec(lesson_id, video_codec, TALKBACK_PREFIX))
            if recording_id is None:
                return
            self._recording_of[lesson_id] = recording_id
            self._lesson_of[recording_id] = lesson_id
            if recording_id not in self._attached:
                await self._attach(lesson_id, recording_id, recording=recording)

    async def _attach(self, lesson_id: str, recording_id: str, *, recording: bool) -> None:
        """The lecture goes on without its archive: the recorder raises an alarm, the house opens the room again."""
        try:
            await self._recorder.attach(RecordingSpec(recording_id, lesson_id, lesson_id), recording=recording)
        except ArchiveRefusal as refusal:
            if refusal.code not in _DISK_AWAY:
                raise
            if recording_id not in self._unrecorded:  # it is tried again every second
                self._unrecorded.add(recording_id)
                log.warning("room.not_recorded", lesson_id=lesson_id, code=refusal.code, detail=refusal.detail)
            return
        self._attached.add(recording_id)
        if recording_id in self._unrecorded:
            self._unrecorded.discard(recording_id)
            log.info("room.recorded", lesson_id=lesson_id)
        if curtain := self._curtains.get(lesson_id):
            await self._recorder.set_curtain(recording_id, ArchiveCurtain(curtain.value))

    async def close_room(self, lesson_id: str, *, grace_ms: int) -> None:
        if lesson_id not in self._closing:
            task = self._closing[lesson_id] = asyncio.create_task(self._close_later(lesson_id, grace_ms))
            task.add_done_callback(lambda done: self._closed(lesson_id, done))

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        with _translated():
            await self._recorder.set_recording(recording_id, on=on)

    async def finish_recording(self, recording_id: str) -> RecordingSummary:
        with _translated():
            summary = await self._recorder.finish(recording_id)
        self._lesson_of.pop(recording_id, None)
        self._attached.discard(recording_id)
        self._unrecorded.discard(recording_id)
        return summary_of(summary)

    def _stay_open(self, lesson_id: str) -> None:
        task = self._closing.pop(lesson_id, None)
        if task is not None:
            task.cancel()

    async def _close_later(self, lesson_id: str, grace_ms: int) -> None:
        await asyncio.sleep(grace_ms / 1000)
        await self._node.close_room(lesson_id)
        self._unrecorded.discard(self._recording_of.pop(lesson_id, ""))
        self._curtains.pop(lesson_id, None)

    def _closed(self, lesson_id: str, task: asyncio.Task[None]) -> None:
        if self._closing.get(lesson_id) is task:
            del self._closing[lesson_id]
        if not task.cancelled() and task.exception() is not None:
            log.error("room.close_failed", lesson_id=lesson_id, error=repr(task.exception()))

    # ---- connections -----------------------------------------------------------------------------------

    async def publish(self, lesson_id: str, source: str, offer_sdp: str, *, replace: bool) -> MediaAnswer:
        with _translated():
            return _answer(await self._node.publish(lesson_id, source, offer_sdp, replace=replace))

    async def watch(self, lesson_id: str, viewer_id: str, offer_sdp: str, view: media.View) -> MediaAnswer:
        with _translated():
            return _answer(await self._node.watch(lesson_id, viewer_id, offer_sdp, _view(view)))

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        with _translated():
            return await self._node.add_candidates(session_id, fragment, etag)

    async def end_session(self, session_id: str) -> None:
        with _translated():
            await self._node.end_session(session_id)

    async def resize(self, session_id: str, height: int | None) -> None:
        with _translated():
            await self._node.resize(session_id, height)

    async def look_at(self, session_id: str, sources: tuple[str, ...]) -> None:
        with _translated():
            await self._node.look_at(session_id, sources)

    async def viewer_state(self, session_id: str) -> ViewerState:
        with _translated():
            state = await self._node.viewer_state(session_id)
        return ViewerState(state.height, state.sound_only)

    async def take(self, lesson_id: str, slot: str, source: str | None) -> None:
        with _translated():
            await self._node.take(lesson_id, _slot(slot), source)

    async def open_audio(self, lesson_id: str, sources: frozenset[str]) -> None:
        with _translated():
            await self._node.open_audio(lesson_id, sources)

    async def play_clip(self, lesson_id: str, source: str, clip: media.ClipOrder) -> None:
        with _translated():
            playing = self._node.room_state(lesson_id).clip
            if playing is not None and (playing.source_id, playing.order) == (source, clip.order):
                return
            reader = FileReader(clip.file, clip.at_ms)
            await self._node.play(lesson_id, source, reader, order=clip.order, paused=clip.paused)

    async def stop_clip(self, lesson_id: str, source: str) -> None:
        with _translated():
            await self._node.stop_playing(lesson_id, source)

    async def set_curtain(self, lesson_id: str, curtain: Curtain | None) -> None:
        """The viewers' first when it falls; when it rises the recorder's, that it misses nothing."""
        recording_id = self._recording_of.get(lesson_id, "")
        with _translated():
            if curtain is not None:
                await self._node.set_curtain(lesson_id, down=True)
            if recording_id in self._attached:
                await self._recorder.set_curtain(recording_id, ArchiveCurtain(curtain.value) if curtain else None)
            if curtain is None:
                await self._node.set_curtain(lesson_id, down=False)
        self._curtains[lesson_id] = curtain

    async def adopt(self, connection: socket.socket) -> None:
        """Media over TCP that another process accepted. It is ours now. Raises ``OSError``."""
        await self._node.adopt(connection)

    # ---- looking ---------------------------------------------------------------------------------------

    async def room_state(self, lesson_id: str) -> RoomState:
        with _translated():
            state = self._node.room_state(lesson_id)
        clip = state.clip
        return RoomState(
            lesson_id=lesson_id,
            camera=state.slots[rooms.Slot.CAMERA],
            screen=state.slots[rooms.Slot.SCREEN],
            opened_audio=state.opened_audio,
            sources=tuple(_source(one, self._looker.shown(lesson_id, one.source_id)) for one in state.sources),
            viewers=state.viewers,
            recording=self._summary(lesson_id),
            clip=media.ClipState(clip.source_id, clip.order, clip.at_ms, clip.paused) if clip else None,
            curtain=self._curtains.get(lesson_id),
            storage=self._storage(),
        )

    def _storage(self) -> media.StorageState | None:
        space = self._recorder.space()
        return media.StorageState(space.free_bytes, space.low) if space else None

    def _summary(self, lesson_id: str) -> RecordingSummary | None:
        recording_id = self._recording_of.get(lesson_id)
        if recording_id is None:
            return None
        try:
            return summary_of(self._recorder.summary(recording_id))
        except ArchiveRefusal:
            return None

    def load(self) -> Load:
        """What a lesson's process is chosen by. To be asked for once a second."""
        stats, cpu_s = self._node.stats(), time.process_time()
        self._cpu.note(cpu_s, stats.packets_sent)
        return Load(stats.sessions, len(self._recording_of), stats.packets_sent, cpu_s, stats.loop_lag_ms)

    async def stats(self) -> tuple[MediaStats, ...]:
        stats = self._node.stats()
        said = MediaStats(
            backend=stats.backend,
            udp_port=stats.udp_port,
            sessions=stats.sessions,
            packets_received=stats.packets_received,
            packets_sent=stats.packets_sent,
            bytes_sent=stats.bytes_sent,
            datagrams_dropped=stats.datagrams_dropped,
            loop_lag_ms=stats.loop_lag_ms,
            counters=stats.counters,
            gauges={**self._node.gauges(), "cpu_microseconds_per_packet": self._cpu.microseconds},
            cpu_seconds=time.process_time(),
            rooms=len(self._recording_of),
        )
        return (said,)

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        theirs = ArchiveAsking(asking.blocking, asking.number) if asking is not None else None
        with _translated():
            return await self._recorder.live_playlist(recording_id, ArchiveTrack(track.value), theirs)

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        with _translated():
            return await self._recorder.ring_file(recording_id, name)

    # ---- reports ---------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MediaEvent]:
        yield MediaReady(self.instance)
        while True:
            yield await self._events.get()

    async def _pump_node(self) -> None:
        async for event in self._node.events():
            await self._events.put(_event(event))

    async def _pump_alarms(self) -> None:
        async for alarm in self._recorder.alarms():
            await self._events.put(self._alarm(alarm))

    def _alarm(self, alarm: Alarm) -> AlarmChanged:
        lesson_id = self._lesson_of.get(alarm.recording_id, "")
        return AlarmChanged(lesson_id, alarm.recording_id, alarm.code, alarm.active, alarm.detail)


# ---- one vocabulary to the other ---------------------------------------------------------------------------


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (rooms.Refusal, ArchiveRefusal) as refusal:
        code = _OURS.get(refusal.code, refusal.code)
        raise Refusal(code if code in MEANINGS else "internal", refusal.detail or refusal.code) from None


def _answer(answer: rooms.Answer) -> MediaAnswer:
    return MediaAnswer(answer.session_id, answer.sdp, answer.etag)


def _view(view: media.View) -> rooms.View:
    if isinstance(view, media.SourcesView):
        return rooms.SourcesView(view.sources, view.height)
    return rooms.ProgrammeView(view.minus_sources, view.height)


def _slot(slot: str) -> rooms.Slot:
    try:
        return rooms.Slot(slot)
    except ValueError:
        raise Refusal("slot_unknown", slot) from None


def _source(state: rooms.SourceState, shown: Shown | None) -> SourceState:
    return SourceState(
        source=state.source_id,
        connected=state.connected,
        has_video=state.has_video,
        has_audio=state.has_audio,
        video_codec=state.video_codec,
        packets_received=state.packets_received,
        packets_lost=state.packets_lost,
        bitrate_bps=state.bitrate_bps,
        audio_level_dbov=state.audio_level_dbov,
        frames=state.frames,
        unanswered=state.unanswered,
        over_tcp=state.over_tcp,
        black=shown.black if shown else None,
        still=shown.still if shown else None,
    )


def _event(event: rooms.NodeEvent) -> MediaEvent:  # noqa: PLR0911 - one line an event
    match event:
        case rooms.SourceUp(room_id, source_id, session_id):
            return SourceUp(room_id, source_id, session_id)
        case rooms.SourceDown(room_id, source_id, session_id, reason):
            return SourceDown(room_id, source_id, session_id, reason)
        case rooms.ViewerUp(room_id, session_id, viewer_id):
            return ViewerUp(room_id, session_id, viewer_id)
        case rooms.ViewerDown(room_id, session_id, viewer_id, reason):
            return ViewerDown(room_id, session_id, viewer_id, reason)
        case rooms.NeverLive(room_id, session_id, reason):
            return NeverLive(room_id, session_id, reason)
        case rooms.SlotLive(room_id, slot, source_id):
            return SlotLive(room_id, slot.value, source_id)
        case rooms.LayersWanted(room_id, source_id, session_id, rids):
            return LayersWanted(room_id, source_id, session_id, rids)
        case rooms.ClipOver(room_id, source_id, order, reason):
            return media.ClipOver(room_id, source_id, order, reason)
