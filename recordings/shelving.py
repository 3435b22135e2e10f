"""The disk half of one recording: segments and marks in, a durable archive out.

Runs on the disk thread only, except where said. A segment waits in a bounded backlog until it is on disk; a disk that
is full or away is tried again, and what fell out of the backlog meanwhile is a gap with its reason in the manifest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from recordings import manifest
from recordings.boxes import VIDEO_HZ
from recordings.digest import Digest
from recordings.interface import RecordingSpec, Track
from recordings.rescue import Rescue
from recordings.segment import Segment
from recordings.segmenter import Reason
from recordings.storage import Shelf, Storage, StorageFull, StorageUnavailable

RETRY_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Watermarks:
    """Free bytes: below ``low`` an alarm, below ``full`` no more media is written (manifest lines still are)."""

    low_bytes: int = 2 << 30
    full_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Mark:
    """``paused``, ``resumed``, a curtain or its end, ``finished``; ``close`` lets go of the shelf and is not written.

    ``unseen_from``: of a cut, where some players may have been.
    """

    kind: str
    at: str
    unseen_from: str | None = None


Job = Segment | Mark | Rescue


class Shelving:
    """``alarm(code, active, detail)`` is called on the disk thread, ``settled()`` when the ``close`` mark is reached.

    ``origin``: tick 0 in UTC. ``left_open``: what a crash or a stop left on disk; the shelf itself is opened with the
    first job.
    """

    def __init__(
        self,
        spec: RecordingSpec,
        *,
        origin: str,
        left_open: manifest.Contents | None,
        storage: Storage,
        watermarks: Watermarks,
        backlog_bytes: int,
        alarm: Callable[[str, bool, str], None],
        settled: Callable[[], None],
        digest: Digest = Digest.SHA256,
    ) -> None:
        self._spec = spec
        self._storage = storage
        self._watermarks = watermarks
        self._backlog_bytes = backlog_bytes
        self._alarm = alarm
        self._lock = threading.Lock()
        self._backlog: deque[Job] = deque()
        self._waiting_bytes = 0
        self._shelf: Shelf | None = None
        self._contents = left_open or manifest.Contents(spec)
        self._origin = origin
        self._retry_ms = float("-inf")
        self._trouble: Reason | None = None  # why storage failed last, until a segment of each track is on disk
        self._missing = dict.fromkeys(Track, Reason.RESTART) if left_open is not None else {}
        self._lost_ticks = 0  # of the camera, since its last segment on disk
        self._settled = settled
        self._digest = digest
        self.dropped_segments = 0
        self.closed = False
        self.summary = self._contents.summary()  # replaced, never changed: any thread may read it

    # ---- any thread ---------------------------------------------------------------------------------

    def add(self, job: Job) -> None:
        """Queue it. Over the limit the oldest segments are given up."""
        with self._lock:
            self._backlog.append(job)
            self._waiting_bytes += len(job.data) if isinstance(job, Segment) else 0
            while self._waiting_bytes > self._backlog_bytes:
                self._give_up_oldest()

    def _give_up_oldest(self) -> None:
        oldest = next(job for job in self._backlog if isinstance(job, Segment))
        self._backlog.remove(oldest)
        self._waiting_bytes -= len(oldest.data)
        self._missing[oldest.track] = self._trouble or Reason.LAG
        self._lost_ticks += oldest.end - oldest.start if oldest.track is Track.CAMERA else 0
        self.dropped_segments += 1

    @property
    def waiting(self) -> bool:
        """Whether there is anything for the disk thread, be it only to be tried again."""
        return bool(self._backlog)

    def abandon(self) -> None:
        """What waits will not be written any more."""
        with self._lock:
            self._backlog = deque([Mark("close", "")])
            self._waiting_bytes = 0
            self._retry_ms = float("-inf")

    # ---- the disk thread ----------------------------------------------------------------------------

    def work(self, now_ms: float, at: str) -> None:
        """Do what waits, until done or the storage fails; then again after a second."""
        while now_ms >= self._retry_ms and (job := self._next()) is not None:
            try:
                self._do(job, at)
            except StorageFull as error:
                self._fail(Reason.DISK_FULL, "disk_full", str(error), now_ms)
            except (StorageUnavailable, manifest.UnreadableManifest) as error:
                self._fail(Reason.STORAGE_UNAVAILABLE, "storage_unavailable", str(error), now_ms)
                self._drop_shelf()

    def _next(self) -> Job | None:
        with self._lock:
            return self._backlog[0] if self._backlog else None

    def _do(self, job: Job, at: str) -> None:
        if isinstance(job, Segment):
            self._put(job, at)
        elif isinstance(job, Rescue):
            self._rescue(job, at)
        elif job.kind == "close":
            self._drop_shelf()
        elif self._contents.origin:
            self._append(self._opened(at), [self._record_of(job)])
        self._done(job)

    def _rescue(self, rescue: Rescue, at: str) -> None:
        self._opened(at)
        for segment in rescue.segments(self._contents):
            self._put(segment, at)
        self._missing = dict.fromkeys(Track, Reason.RESTART)  # what comes next is still behind the restart

    def _done(self, job: Job) -> None:
        with self._lock:
            if self._backlog and self._backlog[0] is job:  # it may have been given up meanwhile
                self._backlog.popleft()
                self._waiting_bytes -= len(job.data) if isinstance(job, Segment) else 0
        self.summary = self._contents.summary()
        if isinstance(job, Mark) and job.kind == "close":
            self.closed = True
            self._settled()
        if isinstance(job, Segment) and self._trouble is not None:
            self._trouble = None
            for code in ("disk_full", "storage_unavailable"):
                self._alarm(code, False, "")

    def _fail(self, reason: Reason, code: str, detail: str, now_ms: float) -> None:
        self._trouble = reason
        self._alarm(code, True, detail)
        if reason is Reason.DISK_FULL and self._give_up_at_end():
            return
        self._retry_ms = now_ms + RETRY_MS

    def _give_up_at_end(self) -> bool:
        """A recording that ends on a full disk ends without its last segments rather than never."""
        with self._lock:
            ending = any(isinstance(job, Mark) and job.kind in ("finished", "close") for job in self._backlog)
            segments = sum(isinstance(job, Segment) for job in self._backlog)
            for _ in range(segments if ending else 0):
                self._give_up_oldest()
        return ending and segments > 0

    def _record_of(self, job: Mark) -> manifest.Record:
        if job.kind != "finished":
            return manifest.mark(job.kind, job.at, job.unseen_from)
        return manifest.finished(job.at, recovered=False, gap_ms=round(self._lost_ticks * 1000 / VIDEO_HZ))

    def _put(self, segment: Segment, at: str) -> None:
        shelf = self._opened(at)
        self._check_space(shelf, len(segment.data))
        records = self._break_before(segment)
        if segment.init.name not in self._contents.files:
            shelf.put(segment.init.name, segment.init.data)
            records.append(manifest.init(segment.track, segment.init, self._digest))
        shelf.put(segment.name, segment.data)
        records.append(manifest.segment(segment, self._digest))
        self._append(shelf, records)
        self._missing.pop(segment.track, None)
        self._lost_ticks = 0 if segment.track is Track.CAMERA else self._lost_ticks

    def _check_space(self, shelf: Shelf, needed: int) -> None:
        free = shelf.free_bytes()
        self._alarm("disk_low", free < self._watermarks.low_bytes, f"{free >> 20} MiB free")
        if free - needed < self._watermarks.full_bytes:
            raise StorageFull(f"{free >> 20} MiB free")

    def _break_before(self, segment: Segment) -> list[manifest.Record]:
        """The discontinuity that this segment starts with, by what the archive holds before it."""
        end = self._contents.end(segment.track)
        gap = segment.start - end if end is not None else 0
        reason = segment.reason
        if end is not None and gap != 0:
            reason = self._hole(segment) or reason
        if reason is None:
            return []
        counted = segment.track is Track.CAMERA and reason in COUNTED
        gap_ms = round(max(gap, 0) * 1000 / VIDEO_HZ) if counted else 0
        return [manifest.discontinuity(segment.track, reason, gap_ms)]

    def _hole(self, segment: Segment) -> Reason | None:
        """Why something is missing: what the storage lost counts before a pause, as it must not be hidden by one."""
        lost = self._missing.get(segment.track)
        paused = segment.track in self._contents.pause_behind
        if lost is not None and not (lost is Reason.RESTART and paused):
            return lost
        return Reason.PAUSED if paused or segment.reason is None else segment.reason

    def _opened(self, at: str) -> Shelf:
        if self._shelf is None:
            shelf = self._storage.shelf(self._spec.recording_id)
            try:
                self._resume_or_open(shelf, at)
            except BaseException:
                shelf.close()
                raise
            self._shelf = shelf
        return self._shelf

    def _resume_or_open(self, shelf: Shelf, at: str) -> None:
        data = shelf.manifest()
        self._contents = manifest.Contents.of(data) if data else manifest.Contents()
        shelf.sweep(frozenset(self._contents.files))
        opening = manifest.mark("reopened", at) if data else manifest.opened(self._spec, self._origin, at)
        self._append(shelf, [opening])

    def _append(self, shelf: Shelf, records: list[manifest.Record]) -> None:
        shelf.append(b"".join(manifest.line(record) for record in records))
        for record in records:
            self._contents.add(record)

    def _drop_shelf(self) -> None:
        if self._shelf is not None:
            self._shelf.close()
            self._shelf = None


COUNTED = frozenset({Reason.RESTART, Reason.DISK_FULL, Reason.STORAGE_UNAVAILABLE, Reason.LAG})
