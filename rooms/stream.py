"""One received stream (a simulcast layer, or a source's sound): numbered, cached, cut into batches, handed on."""

from __future__ import annotations

import bisect
import contextlib
from collections.abc import Callable, Sequence
from typing import Protocol

from rooms import h264, vp8
from rooms.alignment import SenderClock, TrackClock
from rooms.cache import PacketCache
from rooms.fanout import Lane, SenderReports
from rooms.guard import Address
from rooms.heads import Heads
from rooms.keyframes import KeyframeRequests
from rooms.metronome import Paced
from rooms.nack import Gaps
from rooms.pacer import Pacer
from rooms.reception import Reception
from rooms.red import Form, Redundancy
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.sequence import Tail, Unwrapper, nearest

VIDEO_CACHE_PACKETS = 1024
AUDIO_CACHE_PACKETS = 128
MAX_BATCH = 64


class Follower(Protocol):
    """Whoever waits to begin with this stream's next keyframe. ``listened``: for somebody."""

    listened: bool

    def adopt(self, stream: ReceivedStream, head: RtpPacket) -> None: ...


_HEIGHTS: dict[str, Callable[[bytes], int | None]] = {"H264": h264.picture_height, "VP8": vp8.picture_height}


class Tap(Protocol):
    """A follower inside the process."""

    first_index: int
    listened: bool

    def on_packets(self, packets: Sequence[RtpPacket]) -> None: ...


class Outlet(Protocol):
    """A viewer's m-line, as far as a stream must know it."""

    first_index: int

    def form_at(self, index: int) -> Form | None:
        """In which form it was sent that packet, or would have been. Raises ``LookupError`` when that is forgotten."""


class Outward(Protocol):
    """Where a stream's packets go."""

    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None: ...

    def send_one(self, datagram: bytes, address: Address) -> None: ...

    def discard(self, address: Address) -> None:
        """What waits there for a slow reader is not sent any more."""

    @property
    def make_lane(self) -> type[Lane]: ...

    def report(self, reports: SenderReports, now_ms: float) -> None:
        """Leaves within the tick."""

    def hold(self, stream: ReceivedStream) -> None:
        """``stream`` has an unfinished frame: call its ``flush`` within 2 ms."""

    def pace(self, paced: Paced) -> None:
        """``paced`` has more than may leave at once: call its ``step`` every 5 ms until it answers False."""


class ReceivedStream:
    """``suitors`` wait for a keyframe, ``outlets`` and ``taps`` get every batch from their first index on.

    ``redundant`` are outlets that get it in a form of RFC 2198 instead, by form.
    """

    def __init__(self, ssrc: int, codec: Codec, rank: int, sender: SenderClock, outward: Outward) -> None:
        self.ssrc = ssrc
        self.codec = codec
        self.rank = rank
        self.is_video = codec.name != "opus"
        self.cache = PacketCache(VIDEO_CACHE_PACKETS if self.is_video else AUDIO_CACHE_PACKETS)
        self.clock = TrackClock(codec.clock_rate, sender)
        self.reception = Reception(ssrc, codec.clock_rate)
        self.gaps = Gaps()
        self.requests = KeyframeRequests()
        self.suitors: dict[Follower, None] = {}
        self.outlets: dict[Outlet, Lane] = {}
        self.redundant: dict[Form, dict[Outlet, Lane]] = {}
        self.redundancy = Redundancy(self.cache)
        self.taps: dict[Tap, None] = {}
        self.heard_at_ms = float("-inf")
        self.height: int | None = None  # lines of the picture, of the last keyframe that said so
        self.frames = 0  # pictures that came to their end
        self.newest: RtpPacket | None = None  # handed on already
        self.holes = 0  # packets that never came to us: receivers report them lost, and it is not their network
        self._sequence = Unwrapper(16)
        self._heads = Heads(codec.name, self.cache.get) if self.is_video else None
        self._pending: list[RtpPacket] = []
        self._pacer: Pacer[Outlet, Lane] = Pacer()
        self._outward = outward

    def begin_anew(self) -> None:
        """Of what has come so far nobody gets anything who does not have it: no joiner, no redundant packet."""
        newest = self._sequence.highest
        if newest is not None:
            self.flush()
            self.cache.bar(newest)
            self.redundancy.cut(newest + 1)

    def attach(self, outlet: Outlet, lane: Lane, form: Form | None = None) -> None:
        """From the next packet on, in this form (``None``: as it comes)."""
        lanes = self.outlets if form is None else self.redundant.setdefault(form, {})
        lanes[outlet] = lane

    @property
    def watched(self) -> bool:
        """Whether anybody has use for its packets, or waits for it."""
        waiting = any(suitor.listened for suitor in self.suitors)
        receivers = bool(self.outlets) or any(self.redundant.values())
        return waiting or receivers or any(tap.listened for tap in self.taps)

    @property
    def unfinished(self) -> bool:
        """Whether it holds the beginning of a frame."""
        return bool(self._pending)

    # ---- receiving

    def lacks(self, sequence: int) -> bool:
        """Whether a packet near the newest one has not come."""
        newest = self._sequence.highest
        return newest is not None and self.cache.get(nearest(sequence, newest, 1 << 16)) is None

    def receive(self, packet: RtpPacket, size: int, now_ms: float) -> bool:
        """Take a packet, original or repaired. False: a duplicate, or too late for the cache.

        ``size``: of its datagram; 0: it came within another one, so that by itself it was lost.
        """
        newest = self._sequence.highest
        packet.index = self._sequence.unwrap(packet.sequence)
        late = newest is not None and packet.index <= newest
        packet.media_ms = self.clock.media_ms(packet.timestamp, now_ms)
        packet.keyframe = self._begins_keyframe(packet)
        packet.late = late
        if not self.cache.put(packet, now_ms):
            return False
        if newest is not None:
            self.holes += (-1 if late else packet.index - newest - 1) + (not packet.payload)
        self.heard_at_ms = now_ms
        if size:
            self.reception.packet(packet.index, packet.timestamp, size, now_ms)
        self.gaps.received(packet.index, now_ms)
        if packet.payload:
            self._hand_on(packet, late, now_ms)
        return True

    def _begins_keyframe(self, packet: RtpPacket) -> bool:
        if self._heads is None:
            return bool(packet.payload)  # every packet of sound stands alone
        if not self._heads.begins(packet):
            return False
        self.height = _HEIGHTS[self.codec.name](packet.payload) or self.height
        return True

    def _hand_on(self, packet: RtpPacket, late: bool, now_ms: float) -> None:
        if late:
            self._deliver_late(packet)
            head = self._heads.found_by(packet) if self._heads is not None else None
            if head is not None:
                self.cache.note_keyframe(head.index, now_ms)
                self._begin_late(head)
            return
        if packet.keyframe:
            self._begin_keyframe(packet)
        self._pending.append(packet)
        self.frames += packet.marker and self.is_video
        if packet.marker or not self.is_video or len(self._pending) >= MAX_BATCH:
            self.flush()
        elif len(self._pending) == 1:
            self._outward.hold(self)

    def _begin_keyframe(self, packet: RtpPacket) -> None:
        self.requests.satisfied()
        if self.suitors:
            self.flush()  # a batch never straddles a cut
            self._adopted(packet)

    def _adopted(self, head: RtpPacket) -> None:
        suitors, self.suitors = self.suitors, {}
        for suitor in suitors:
            suitor.adopt(self, head)

    def _begin_late(self, head: RtpPacket) -> None:
        """Of a keyframe that went on without its first packet: who waits begins with it, and gets what followed."""
        if self.cache.keyframe_index != head.index:
            return  # there has been another since
        self.requests.satisfied()
        if not self.suitors or self.newest is None:
            return
        self.flush()
        outlets, taps = set(self.outlets), set(self.taps)
        self._adopted(head)
        held = (self.cache.get(index) for index in range(head.index, self.newest.index + 1))
        batch = [packet for packet in held if packet is not None and packet.payload]
        joined = {outlet: lane for outlet, lane in self.outlets.items() if outlet not in outlets}
        if joined:
            self._send_paced(batch, joined)
        for tap in [tap for tap in self.taps if tap not in taps]:
            tap.on_packets(batch)

    def _deliver_late(self, packet: RtpPacket) -> None:
        """A repaired packet is for those who were here already when it should have come.

        It overtakes nothing that was sent after it and still waits: receivers would miss what it has overtaken.
        """
        if self._pending and self._pending[0].index < packet.index:
            bisect.insort(self._pending, packet, key=_index)
            return
        if not self._pacer.insert(packet):
            self._outward.send([packet], _in_form(self.outlets, packet.index, None))
        for form, outlets in self.redundant.items():
            lanes = _in_form(outlets, packet.index, form)
            if lanes:
                self._outward.send([self.redundancy.packet(packet, form)], lanes)
        for tap in list(self.taps):
            if tap.first_index <= packet.index:
                tap.on_packets([packet])

    def flush(self) -> None:
        """Hand on what was collected. Harmless when there is nothing."""
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        self.newest = batch[-1]
        if self._pacer.must_wait(len(batch)):
            self._send_paced(batch, self.outlets)
        elif self.outlets:
            self._outward.send(batch, list(self.outlets.values()))
        for form, outlets in self.redundant.items():
            self._outward.send([self.redundancy.packet(packet, form) for packet in batch], list(outlets.values()))
        for tap in list(self.taps):
            tap.on_packets(batch)

    # ---- bursts

    def _send_paced(self, batch: list[RtpPacket], outlets: dict[Outlet, Lane]) -> None:
        pacer = self._pacer
        if not pacer.fits(len(batch)):
            self._send_slices(pacer.drain())
        is_first = not pacer.queued
        pacer.put(batch, outlets)
        if not is_first or self._send_next():
            self._outward.pace(self)

    def step(self, now_ms: float) -> bool:
        return self._send_next()

    def _send_next(self) -> bool:
        """The next slice of a burst. False: everything has left."""
        self._send_slices(self._pacer.step())
        return self._pacer.queued > 0

    def _send_slices(self, slices: list[tuple[list[RtpPacket], list[Lane]]]) -> None:
        for packets, lanes in slices:
            if lanes:
                self._outward.send(packets, lanes)

    def leave(self, outlet: Outlet, form: Form | None = None) -> None:
        """``outlet`` gets what was handed on before it left, at once, and nothing after. Harmless for strangers."""
        if form is not None:
            self._leave_form(outlet, form)
            return
        self.outlets.pop(outlet, None)
        owed, lane = self._pacer.leave(outlet)
        if lane is not None:
            self._outward.send(owed, [lane])

    def _leave_form(self, outlet: Outlet, form: Form) -> None:
        lanes = self.redundant.get(form, {})
        lanes.pop(outlet, None)
        if not lanes:
            self.redundant.pop(form, None)


def _index(packet: RtpPacket) -> int:
    return packet.index


def _in_form(outlets: dict[Outlet, Lane], index: int, form: Form | None) -> list[Lane]:
    """Of those who were here already, who was in that form then, too: asked for again it must be the same bytes."""
    lanes = []
    for outlet, lane in outlets.items():
        with contextlib.suppress(LookupError):
            if outlet.first_index <= index and outlet.form_at(index) == form:
                lanes.append(lane)
    return lanes


def tail_of(packet: RtpPacket, codec: str) -> Tail:
    """The numbers of a packet at which a receiver's stream is cut."""
    if codec != "VP8":
        return Tail(packet.index, packet.timestamp, packet.media_ms)
    try:
        descriptor = vp8.describe(packet.payload)
    except ValueError:
        return Tail(packet.index, packet.timestamp, packet.media_ms)
    return Tail(packet.index, packet.timestamp, packet.media_ms, descriptor.picture_id, descriptor.tl0)
