"""One recording being made: the queue from the node's loop, the reel behind it, the ring and the shelving in front.

``on_packets`` and the controls run on the event loop and only append; ``turn`` runs on the media thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recordings.alarms import AlarmBoard
from recordings.clock import Clock
from recordings.interface import Asking, Curtain, RecordingSpec, Track
from recordings.reel import COMPLAINTS, Reel
from recordings.ring import Ring
from recordings.segment import Segment
from recordings.segmenter import Reason
from recordings.shelving import Mark, Shelving
from recordings.tail import Tail
from rooms.interface import ProgrammePacket, Slot

LAG_CLEARS_MS = 5000.0
HURRIED_MS = 40_000.0  # pieces have grown by then
COMES_WITHIN_MS = 2000.0  # then there is no picture behind the curtain for now
LONGEST_WAIT_S = 2.5
MOST_WAITING = 32  # questions at once; further ones are answered with what there is
MOST_AHEAD = 2  # segments (rfc8216bis, 6.2.5.2)
# After a delay of the thread, time passes in steps as it did in truth, whatever waits in the queue.
CATCH_UP_MS = 100.0


@dataclass(frozen=True, slots=True)
class Switch:
    on: bool
    at_ms: float


@dataclass(frozen=True, slots=True)
class Occupied:
    slots: Mapping[Slot, str | None]


@dataclass(frozen=True, slots=True)
class End:
    """Flush; ``mark``: the archive ends here, else it stays open for the next start."""

    at_ms: float
    mark: bool


@dataclass(frozen=True, slots=True)
class Shut:
    """``curtain`` None: it rises. ``unseen_from``: :meth:`recordings.ring.Ring.withdraw`."""

    curtain: Curtain | None
    at_ms: float
    unseen_from: str | None = None


Control = Switch | Occupied | Shut | End


@dataclass(frozen=True, slots=True)
class Arrived:
    packets: Sequence[ProgrammePacket]
    at_ms: float


class Following:
    """A :class:`rooms.interface.PacketSink`. Over ``queue_limit`` packets are dropped, counted and alarmed."""

    def __init__(
        self,
        spec: RecordingSpec,
        *,
        clock: Clock,
        reel: Reel,
        ring: Ring,
        shelving: Shelving,
        board: AlarmBoard,
        queue_limit: int,
        recording: bool,
        tail: Tail | None = None,
    ) -> None:
        self.spec = spec
        self.ring = ring
        self.shelving = shelving
        self.recording = recording
        self.curtain: Curtain | None = None  # as it was ordered
        self._shut: Curtain | None = None  # as far as the queue was worked off
        self.dropped = 0
        self.subscribed = True
        self.settled = asyncio.Event()  # for the event loop: ended, and the disk has all of it
        self._ended = False
        self._news = asyncio.Event()  # for the event loop: replaced each time
        self._waiting = 0  # on the event loop
        self._lifted_ms: float | None = None  # when the last curtain rose
        self._clock = clock
        self._reel = reel
        self._tail = tail
        self._board = board
        self._queue_limit = queue_limit
        self._queue: deque[Arrived | Control] = deque()
        self._taken_in = self._worked_off = 0  # packets; each written by one thread only
        self._was_recorded: bool | None = None
        self._told_dropped = 0
        self._dropped_ms = float("-inf")
        self._advanced_ms = clock.monotonic_ms()

    # ---- the event loop -----------------------------------------------------------------------------

    def on_packets(self, packets: Sequence[ProgrammePacket]) -> None:
        at_ms = self._clock.monotonic_ms()
        if self._tail is not None and self.recording:  # what is off record must never come onto the disk
            self._tail.keep(self.spec.recording_id, self._reel.timeline.origin_media_ms, packets, at_ms)
        number = len(packets)
        if self._taken_in - self._worked_off + number > self._queue_limit:
            self.dropped += number
        else:
            self._taken_in += number
            self._queue.append(Arrived(packets, at_ms))

    def set_curtain(self, curtain: Curtain | None) -> None:
        """What players have not fetched yet is taken back at once, before any thread has time."""
        if curtain is self.curtain:
            return
        self.curtain = curtain
        unseen_from = self.ring.withdraw() if curtain is Curtain.CUT else None
        now_ms = self._clock.monotonic_ms()
        self._lifted_ms = now_ms if curtain is None else None
        self.control(Shut(curtain, now_ms, unseen_from))

    async def until(self, track: Track, asking: Asking) -> None:
        """What is asked for is there, will not come, or has been waited for long enough; or too many wait already.

        Each holds a place among the calls under way to this process, which everybody's orders need, too.
        """
        if self._waiting >= MOST_WAITING:
            return
        self._waiting += 1
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_WAIT_S):
                    while self._awaits(track, asking):
                        await self._news.wait()
        finally:
            self._waiting -= 1

    def _awaits(self, track: Track, asking: Asking) -> bool:
        if self._ended:
            return False
        if self.curtain is not None:
            return True
        if asking.number is not None:
            newest = self.ring.newest(track)
            return self.hurried and newest is not None and newest < asking.number <= newest + MOST_AHEAD
        if self._lifted_ms is None or self._clock.monotonic_ms() - self._lifted_ms > COMES_WITHIN_MS:
            return False
        return not self.ring.begins_lifted(track, self._reel.timeline.ticks(self._lifted_ms))

    def tell(self) -> None:
        """There may be news for who waits."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    @property
    def hurried(self) -> bool:
        """A curtain rose a moment ago: pieces are short, and players wait for each. Any thread may ask."""
        lifted_ms = self._lifted_ms
        return lifted_ms is not None and self._clock.monotonic_ms() - lifted_ms < HURRIED_MS

    def control(self, control: Control) -> None:
        """Controls are few and never dropped."""
        self._queue.append(control)

    # ---- the media thread ---------------------------------------------------------------------------

    def turn(self) -> tuple[Slot, ...]:
        """Work off the queue, let time pass; gives the slots that should be asked for a keyframe."""
        if self._ended:
            return ()
        # Time is read before the queue: what arrived before it is then surely worked off.
        now_ms = self._clock.monotonic_ms()
        if self._work_off():
            return ()
        self._advance(now_ms)
        self._watch(now_ms)
        return self._reel.keyframes_wanted(now_ms)

    def _work_off(self) -> bool:
        """Take what is queued now; True when the recording ended with it."""
        for _ in range(len(self._queue)):
            item = self._queue.popleft()
            if isinstance(item, End):
                self._end(item.at_ms, mark=item.mark)
                return True
            self._take(item)
        return False

    def _advance(self, now_ms: float) -> None:
        self._advanced_ms = now_ms
        self._give_out(self._reel.advance(now_ms))
        self.ring.expire(self._reel.timeline.ticks(now_ms))

    def _take(self, item: Arrived | Switch | Occupied | Shut) -> None:
        match item:
            case Arrived(packets, at_ms):
                self._worked_off += len(packets)
                if at_ms - self._advanced_ms >= CATCH_UP_MS:
                    self._advance(at_ms)
                for packet in packets:
                    self._give_out(self._reel.packet(packet, at_ms))
            case Switch(on, at_ms):
                self._reel.switch(at_ms, on=on)
            case Occupied(slots):
                self._reel.occupied(slots)
            case Shut():
                self._draw(item)

    def _draw(self, item: Shut) -> None:
        """Before the slate begins players must not have what came before it, the archive keeps it."""
        before, self._shut = self._shut, item.curtain
        at = self._reel.timeline.utc(self._reel.timeline.ticks(item.at_ms))
        fresh: list[Segment] = []
        if item.curtain is not None:
            tail, fresh = self._reel.shut(item.at_ms, Reason(item.curtain.value))
            self._give_out(tail)
        else:
            self._reel.lift()
        if before is not None:
            self.shelving.add(Mark(f"{before}_ended", at))
        if item.curtain is not None:
            self.shelving.add(Mark(item.curtain.value, at, item.unseen_from))
        if self._shut is self.curtain:  # else another cut follows, and with it its own withdrawal
            self.ring.reopen()
        self._give_out(fresh)

    def _end(self, at_ms: float, *, mark: bool) -> None:
        try:
            self._give_out(self._reel.flush(at_ms))
        finally:
            if mark:
                timeline = self._reel.timeline
                self.shelving.add(Mark("finished", timeline.utc(timeline.ticks(at_ms))))
            self.shelving.add(Mark("close", ""))
            self._ended = True

    def _give_out(self, segments: list[Segment]) -> None:
        for segment in segments:
            began = False
            self.ring.add(segment)
            if segment.track is Track.CAMERA and segment.recorded is not self._was_recorded:
                self._was_recorded = segment.recorded
                self.shelving.add(Mark("resumed" if segment.recorded else "paused", segment.utc))
                began = segment.recorded
            if segment.recorded:
                self.shelving.add(segment)
            if began and self._shut is not None:  # an archive that begins behind the curtain
                self.shelving.add(Mark(self._shut.value, segment.utc))

    def _watch(self, now_ms: float) -> None:
        complaint = self._reel.complaint(now_ms)
        for code in COMPLAINTS:
            ours = complaint if complaint is not None and complaint.code == code else None
            self._board.set(self.spec.recording_id, code, active=ours is not None, detail=ours.detail if ours else "")
        dropped = self.dropped + self.shelving.dropped_segments
        if dropped > self._told_dropped:
            self._told_dropped, self._dropped_ms = dropped, now_ms
        lagging = now_ms - self._dropped_ms < LAG_CLEARS_MS
        detail = f"{self.dropped} packets, {self.shelving.dropped_segments} segments dropped"
        self._board.set(self.spec.recording_id, "recorder_lag", active=lagging, detail=detail)
