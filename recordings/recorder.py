"""The recorder follows rooms of a media node and keeps their archives (:class:`recordings.interface.Archive`).

Two threads do the work, so that neither packets nor each other wait: *media* (reorder, mix, cut, fill the ring) and
*disk* (write, sync, list). The event loop only appends to bounded queues and reads the ring.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from recordings import manifest, slate
from recordings.alarms import AlarmBoard
from recordings.boxes import VIDEO_HZ
from recordings.clock import Clock, SystemClock, from_rfc3339, rfc3339
from recordings.digest import Digest
from recordings.following import End, Following, Occupied, Switch
from recordings.interface import Alarm, Asking, Curtain, RecordingSpec, Refusal, Space, Summary, Track
from recordings.library import finish_shelf
from recordings.playlist import rounded_seconds
from recordings.reel import Reel, ReelSettings, limits_of
from recordings.rescue import MOST_SEGMENTS, Rescue
from recordings.ring import Ring
from recordings.shelving import Shelving, Watermarks
from recordings.space import SpaceNote
from recordings.storage import FolderStorage, Storage, StorageFull, StorageUnavailable, is_recording_id
from recordings.tail import Kept, Tail
from recordings.timeline import TICKS_PER_MS, Timeline
from rooms.interface import MediaNode, Slot
from rooms.interface import Refusal as NodeRefusal

log = logging.getLogger(__name__)

# Each turn of a thread costs the same whatever there is to do: a fifth of a second is little beside a segment.
TURN_S = 0.2
DISK_TURN_S = 1.0  # if nothing wakes it before
HURRIED_TURN_S = 0.04  # while players wait for the programme behind a curtain
LOOK_EVERY_TURNS = 3  # at the room's slots: about twice a second
KEPT_SUMMARIES = 256
STORAGE_AWAY = "storage_unavailable"
ASKED_AGAIN_S = 0.1  # of what has been waited for in vain already
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """``queue_packets`` is about half a minute of a lecture; ``attach_s``, ``finish_s``: how long attach() and finish()
    wait for a slow disk."""

    segment_ms: int = 2000
    live_segments: int = 6
    ring_ms: int = 60_000
    ring_bytes: int = 48 << 20
    queue_packets: int = 30_000
    backlog_bytes: int = 64 << 20
    attach_s: float = 2.0
    finish_s: float = 8.0
    watermarks: Watermarks = field(default_factory=Watermarks)
    media: ReelSettings | None = None  # None: from segment_ms
    digest: Digest = Digest.SHA256


class Recorder:
    """One per media process. Needs a running event loop, the node's."""

    def __init__(
        self,
        node: MediaNode,
        root: Path,
        settings: RecorderSettings | None = None,
        clock: Clock | None = None,
        storage: Storage | None = None,
        *,
        tail: Tail | None = None,
    ) -> None:
        self._node = node
        self._tail = tail
        self._kept = _by_recording(tail.read()) if tail is not None else {}
        self._settings = settings or RecorderSettings()
        self._clock = clock or SystemClock()
        self._storage = storage or FolderStorage(root)
        self._media_settings = self._settings.media or ReelSettings(limits=limits_of(self._settings.segment_ms))
        self._board = AlarmBoard()
        self._space = SpaceNote(self._storage, self._settings.watermarks.low_bytes)
        self._followings: dict[str, Following] = {}
        self._finished: OrderedDict[str, Summary] = OrderedDict()
        self._at_disk: dict[tuple[str, str], asyncio.Task[Any]] = {}  # by what is done there, and for which recording
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self._media_wake = threading.Event()
        self._disk_wake = threading.Event()
        self._shelvings: dict[str, Shelving] = {}  # what the disk thread serves
        self._closed = False

    # ---- Archive ------------------------------------------------------------------------------------

    async def attach(self, spec: RecordingSpec, *, recording: bool) -> None:
        """Also raises the node's Refusal when the room isn't open there. A disk that is away is an alarm as well."""
        if not is_recording_id(spec.recording_id):
            raise Refusal("recording_unknown", f"no archive can be named {spec.recording_id!r}")
        async with self._lock(spec.recording_id):
            if spec.recording_id not in self._followings:
                with self._told(spec.recording_id):
                    await self._follow(spec, recording=recording)
        await self.set_recording(spec.recording_id, on=recording)

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        following = self._following(recording_id)
        if following.recording is not on:
            following.recording = on
            following.control(Switch(on, self._clock.monotonic_ms()))
            self._media_wake.set()

    async def set_curtain(self, recording_id: str, curtain: Curtain | None) -> None:
        self._following(recording_id).set_curtain(curtain)
        self._media_wake.set()

    async def finish(self, recording_id: str) -> Summary:
        async with self._lock(recording_id):
            if recording_id in self._finished:
                return self._finished[recording_id]
            following = self._followings.get(recording_id)
            if following is None:
                self._board.clear(recording_id)
                summary = await self._from_disk(self._finish_left_open, recording_id, self._settings.finish_s)
            else:
                summary = await self._end(following, mark=True)
            self._remember(summary)
            return summary

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        following = self._followings.get(recording_id)
        return following.ring.file(name) if following is not None else None

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        following = self._followings.get(recording_id)
        if following is None:
            return None
        if asking is not None:
            await following.until(track, asking)
        return following.ring.playlist(track, blocking=asking is not None and asking.blocking)

    def summary(self, recording_id: str) -> Summary:
        if recording_id in self._finished:
            return self._finished[recording_id]
        following = self._following(recording_id)
        return replace(following.shelving.summary, state="running" if following.recording else "paused")

    def space(self) -> Space | None:
        return self._space.read(self._clock.monotonic_ms())

    def alarms(self) -> AsyncIterator[Alarm]:
        return self._board.listen()

    async def close(self) -> None:
        self._closed = True
        async with asyncio.TaskGroup() as group:
            for recording_id in tuple(self._followings):
                group.create_task(self._leave(recording_id))
        for task in self._at_disk.values():
            task.cancel()
        self._stopping = True
        self._media_wake.set()
        self._disk_wake.set()
        threads, self._threads = self._threads, []
        for thread in threads:
            await asyncio.to_thread(thread.join, self._settings.finish_s)  # a hung disk must not hang us
        self._board.close()

    # ---- starting and ending ------------------------------------------------------------------------

    def _lock(self, recording_id: str) -> asyncio.Lock:
        """One command at a time for each recording. The lock lives as long as somebody holds it."""
        lock = self._locks.get(recording_id)
        if lock is None:
            lock = self._locks[recording_id] = asyncio.Lock()
        return lock

    def _following(self, recording_id: str) -> Following:
        following = self._followings.get(recording_id)
        if following is None:
            code = "recording_finished" if recording_id in self._finished else "recording_unknown"
            raise Refusal(code, recording_id)
        return following

    @contextlib.contextmanager
    def _told(self, recording_id: str) -> Iterator[None]:
        """Once, however often it is tried."""
        try:
            yield
        except Refusal as refusal:
            if refusal.code == STORAGE_AWAY:
                self._board.set(recording_id, STORAGE_AWAY, active=True, detail=refusal.detail)
            raise
        self._board.set(recording_id, STORAGE_AWAY, active=False)

    async def _from_disk(self, work: Callable[[str], T], recording_id: str, most_s: float) -> T:
        """A disk that hangs costs one thread however often it is tried, and nobody waits for it for long: what it says
        in the end counts for whoever asks then. Raises Refusal."""
        key = (work.__name__, recording_id)
        task = self._at_disk.get(key)
        if task is None:
            task = self._at_disk[key] = asyncio.create_task(asyncio.to_thread(work, recording_id))
        else:
            most_s = ASKED_AGAIN_S
        await asyncio.wait({task}, timeout=most_s)
        if not task.done():
            raise Refusal(STORAGE_AWAY, "the disk does not answer")
        del self._at_disk[key]
        result: T = task.result()
        return result

    async def _follow(self, spec: RecordingSpec, *, recording: bool) -> None:
        left_open = await self._from_disk(self._left_open, spec.recording_id, self._settings.attach_s)
        if self._closed:
            raise Refusal("storage_unavailable", "the recorder is closed")
        following = self._build(spec, left_open, recording=recording)
        self._loop = asyncio.get_running_loop()
        self._node.subscribe(spec.room_id, following)
        self._shelvings[spec.recording_id] = following.shelving
        self._followings[spec.recording_id] = following
        if not self._threads:
            self._threads = [
                threading.Thread(target=self._media_thread, name="recorder-media", daemon=True),
                threading.Thread(target=self._disk_thread, name="recorder-disk", daemon=True),
            ]
            for thread in self._threads:
                thread.start()

    def _left_open(self, recording_id: str) -> manifest.Contents | None:
        """What an earlier run left on disk; None for a new recording."""
        try:
            if not self._storage.exists(recording_id):
                return None
            shelf = self._storage.shelf(recording_id)
            try:
                data = shelf.manifest()
            finally:
                shelf.close()
            contents = manifest.Contents.of(data) if data else None
        except (StorageFull, StorageUnavailable, manifest.UnreadableManifest) as error:
            raise Refusal("storage_unavailable", str(error)) from error
        if contents is not None and contents.finished:
            raise Refusal("recording_finished", recording_id)
        return contents

    def _build(self, spec: RecordingSpec, left_open: manifest.Contents | None, *, recording: bool) -> Following:
        now = self._clock.now()
        rescue = Rescue(self._kept.pop(spec.recording_id, ()), self._media_settings)
        if left_open is None:
            timeline = Timeline.starting(now)
        else:
            last_plus_frame = max(left_open.last_tick(), rescue.last_tick()) + VIDEO_HZ // 10
            timeline = Timeline.continuing(from_rfc3339(left_open.origin), now, last_plus_frame)
        # Numbers count on from the seconds of UTC: they never repeat over restarts, though what was in memory only is
        # forgotten by then. A segment lasts more than a second on average, those behind curtains included.
        number = int(now.utc_ms // 1000)
        if left_open is not None:
            number = max(number, left_open.last_number() + 1 + MOST_SEGMENTS)
        settings, media = self._settings, self._media_settings
        reel = Reel(timeline, now.monotonic_ms, number, slate.load(), media, recorded=recording)
        target_s = rounded_seconds(media.limits.limit)
        keep_ticks = settings.ring_ms * TICKS_PER_MS
        # Players index arrays by this one, so it stays small: it grows with the recording's age.
        discontinuity = timeline.ticks(now.monotonic_ms) // (10 * VIDEO_HZ)
        ring = Ring(keep_ticks, settings.ring_bytes, settings.live_segments, target_s, discontinuity)
        origin = rfc3339(timeline.origin_utc_ms)
        alarm = self._alarm_of(spec.recording_id)
        shelving = Shelving(
            spec,
            origin=origin,
            left_open=left_open,
            storage=self._storage,
            watermarks=settings.watermarks,
            backlog_bytes=settings.backlog_bytes,
            alarm=alarm,
            settled=lambda: self._on_loop(following.settled.set),
            digest=settings.digest,
        )
        if left_open is not None and rescue.kept:
            shelving.add(rescue)
        following = Following(
            spec,
            clock=self._clock,
            reel=reel,
            ring=ring,
            shelving=shelving,
            board=self._board,
            queue_limit=settings.queue_packets,
            recording=recording,
            tail=self._tail,
        )
        return following

    def _alarm_of(self, recording_id: str) -> Callable[[str, bool, str], None]:
        def alarm(code: str, active: bool, detail: str) -> None:
            self._board.set(recording_id, code, active=active, detail=detail)

        return alarm

    async def _leave(self, recording_id: str) -> None:
        async with self._lock(recording_id):
            following = self._followings.get(recording_id)
            if following is not None:
                with contextlib.suppress(Refusal):  # what the disk didn't take stays a gap
                    await self._end(following, mark=False)

    async def _end(self, following: Following, *, mark: bool) -> Summary:
        """Flush, and detach whatever the disk says. Raises Refusal when the disk took too long."""
        recording_id = following.spec.recording_id
        if following.subscribed:
            following.subscribed = False
            with contextlib.suppress(NodeRefusal):
                self._node.unsubscribe(following.spec.room_id, following)
            following.control(End(self._clock.monotonic_ms(), mark))
            self._media_wake.set()
        try:
            async with asyncio.timeout(self._settings.finish_s):
                await following.settled.wait()
        except TimeoutError as error:
            following.shelving.abandon()
            raise Refusal("storage_unavailable", "the end of the recording could not be written") from error
        finally:
            self._followings.pop(recording_id, None)
            self._board.clear(recording_id)
        return replace(following.shelving.summary, state="finished" if mark else "paused")

    def _finish_left_open(self, recording_id: str) -> Summary:
        try:
            if not self._storage.exists(recording_id):
                raise Refusal("recording_unknown", recording_id)
            shelf = self._storage.shelf(recording_id)
            try:
                summary = finish_shelf(shelf, rfc3339(self._clock.now().utc_ms))
            finally:
                shelf.close()
        except StorageFull as error:
            raise Refusal("disk_full", str(error)) from error
        except (StorageUnavailable, manifest.UnreadableManifest) as error:
            raise Refusal("storage_unavailable", str(error)) from error
        if summary is None:
            raise Refusal("recording_unknown", recording_id)
        return summary

    def _remember(self, summary: Summary) -> None:
        self._finished[summary.recording_id] = summary
        if len(self._finished) > KEPT_SUMMARIES:
            self._finished.popitem(last=False)

    # ---- the media thread ---------------------------------------------------------------------------

    def _media_thread(self) -> None:
        turns = 0
        while not self._stopping:
            self._media_wake.wait(self._turn_s())
            self._media_wake.clear()
            for following in tuple(self._followings.values()):
                self._turn(following)
            if turns % LOOK_EVERY_TURNS == 0:
                self._on_loop(self._look)
            turns += 1

    def _turn_s(self) -> float:
        hurried = any(following.hurried for following in tuple(self._followings.values()))
        return HURRIED_TURN_S if hurried else TURN_S

    def _turn(self, following: Following) -> None:
        recording_id = following.spec.recording_id
        try:
            for slot in following.turn():
                self._on_loop(self._ask, following.spec.room_id, slot)
            if following.hurried:
                self._on_loop(following.tell)
            if following.shelving.waiting:
                self._disk_wake.set()
        except Exception:
            log.exception("recording %s: fault in the media thread", recording_id)
            self._board.set(recording_id, "recorder_fault", active=True, detail="see the log")

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone: the process ends
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call, *arguments)

    # ---- back on the event loop ---------------------------------------------------------------------

    def _ask(self, room_id: str, slot: Slot) -> None:
        with contextlib.suppress(NodeRefusal):  # the room just closed
            self._node.request_keyframe(room_id, slot)

    def _look(self) -> None:
        for following in self._followings.values():
            try:
                slots = self._node.room_state(following.spec.room_id).slots
            except NodeRefusal:
                slots = {}
            following.control(Occupied(slots))

    # ---- the disk thread ----------------------------------------------------------------------------

    def _disk_thread(self) -> None:
        while not self._stopping:
            self._disk_wake.wait(DISK_TURN_S)
            self._disk_wake.clear()
            now = self._clock.now()
            self._space.measure(now.monotonic_ms)
            for recording_id, shelving in tuple(self._shelvings.items()):
                if shelving.closed and self._shelvings.get(recording_id) is shelving:
                    del self._shelvings[recording_id]
                try:
                    shelving.work(now.monotonic_ms, rfc3339(now.utc_ms))
                except Exception:
                    log.exception("recording %s: fault in the disk thread", recording_id)
                    self._board.set(recording_id, "recorder_fault", active=True, detail="see the log")


def _by_recording(kept: list[Kept]) -> dict[str, tuple[Kept, ...]]:
    """What a killed process leaves to this one."""
    found: dict[str, list[Kept]] = {}
    for each in kept:
        found.setdefault(each.recording_id, []).append(each)
    return {recording_id: tuple(each) for recording_id, each in found.items()}
