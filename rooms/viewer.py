"""A viewer: its outlets, one per m-line, what it has again when it asks, and the reports it gets."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rooms import rtcp, rtp
from rooms.answer import CNAME
from rooms.fanout import Lane
from rooms.follower import Following
from rooms.interface import Slot, View
from rooms.nack import RepairBudget, RoundTrip
from rooms.peer import Peer
from rooms.protection import SoundCare
from rooms.red import Form, Forms
from rooms.rtcp import KeyframeRequest, Nack, ReceiverReport, Remb, ReportBlock, RtcpPacket, SenderReport
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.sequence import Delta, Shift, Span
from rooms.stream import Outward, ReceivedStream
from rooms.tap import AUDIO_RATE, VIDEO_RATE, SlotTap

REPORT_MS = 1000.0
# Of 1,200 bytes each: 23 Mbit/s at steps of 5 ms.
CATCH_UP_PER_STEP = 12
KEYFRAME_ASKED_EVERY_MS = 100.0


@dataclass(frozen=True, slots=True)
class OutletPlan:
    """What offer and answer agreed on for one m-line that we send. ``number`` counts lines of its kind."""

    kind: str
    number: int
    slot: Slot | None
    codecs: tuple[Codec, ...]
    ssrc: int
    rtx_ssrc: int | None


@dataclass(slots=True)
class Heard:
    """What a viewer last said about its reception: for the statistics, and for bandwidth adaptation later."""

    fraction_lost: float = 0.0
    remb_bps: int | None = None


class ViewerRoom(Protocol):
    """The room as a viewer sees it."""

    def viewer_live(self, viewer: Viewer, now_ms: float) -> None: ...
    def viewer_ended(self, viewer: Viewer, reason: str, was_live: bool) -> None: ...
    def keyframe_wanted(self, stream: ReceivedStream, now_ms: float) -> None: ...
    def tap(self, slot: Slot) -> SlotTap: ...
    def count(self, counter: str, number: int = 1) -> None: ...


class Outlet(Following):
    """One m-line towards one viewer."""

    def __init__(self, plan: OutletPlan, in_step: Callable[[ReceivedStream], Delta | None]) -> None:
        is_video = plan.kind == "video"
        super().__init__(VIDEO_RATE if is_video else AUDIO_RATE, is_video=is_video)
        self.plan = plan
        self.lane = Lane(("", 0), _not_live, Shift(plan.ssrc, 0, 0, 0), urgent=not is_video)
        self.catching_up_at: int | None = None
        self.keyframe_asked_at_ms = float("-inf")
        self._in_step = in_step
        self._rtx_sequence = 0
        self._codecs = {codec.name: codec for codec in reversed(plan.codecs)}
        self._forms: Forms | None = None
        if any(codec.red_payload_type is not None for codec in plan.codecs):
            self._forms = Forms()

    def takes(self, stream: ReceivedStream) -> bool:
        return stream.codec.name in self._codecs

    def join(self, stream: ReceivedStream, keyframe_index: int) -> None:
        """Begin with a keyframe that has passed already; ``catch_up`` brings the rest."""
        head = stream.cache.get(keyframe_index)
        assert head is not None
        self.catching_up_at = keyframe_index
        self.adopt(stream, head)

    def catch_up(self, limit: int = CATCH_UP_PER_STEP) -> list[RtpPacket]:
        """The next packets that a joiner missed. With the last of them it joins the others."""
        stream, at = self.following, self.catching_up_at
        if stream is None or at is None or stream.newest is None:
            return []
        stop = min(at + limit, stream.newest.index + 1)
        self.catching_up_at = stop
        if stop > stream.newest.index:
            self.catching_up_at = None
            stream.attach(self, self.lane)
        packets = (stream.cache.get(index) for index in range(at, stop))
        return [packet for packet in packets if packet is not None and packet.payload]

    def _last_packet(self, stream: ReceivedStream) -> RtpPacket | None:
        if self.catching_up_at is None:
            return stream.newest
        return stream.cache.get(self.catching_up_at - 1) or stream.newest

    def _in_step_with(self, stream: ReceivedStream) -> Delta | None:
        return self._in_step(stream)

    def _cut(self, stream: ReceivedStream, delta: Delta) -> None:
        self.lane.shift = self._shift(stream.codec.name, delta, self._form)
        if self.map.next_sent is not None:
            stream.redundancy.cut(self.first_index)

    # ---- redundant sound (RFC 2198)

    @property
    def _form(self) -> Form | None:
        return self._forms.now if self._forms is not None else None

    @property
    def redundant(self) -> bool:
        return self._form is not None

    def form_at(self, index: int) -> Form | None:
        span = self.map.current
        return self._forms.at(index + span.delta.sequence) if self._forms is not None and span is not None else None

    def protect(self, depth: int) -> None:
        """Send each packet of sound with ``depth`` earlier ones from now on, where that was agreed. Idempotent."""
        if self._forms is None:
            return
        form = Form(depth, self._codecs["opus"].payload_type) if depth else None
        if form == self._forms.now:
            return
        stream, before = self.following, self._forms.now
        self._forms.change(form, self._next_sent())
        if stream is not None:
            stream.leave(self, before)
            assert self.map.current is not None
            self.lane.shift = self._shift(stream.codec.name, self.map.current.delta, form)
            stream.attach(self, self.lane, form)

    def _next_sent(self) -> int | None:
        stream, span = self.following, self.map.current
        if stream is None or span is None:
            return self.map.next_sent
        newest = stream.newest.index if stream.newest is not None else -1
        return max(self.first_index, newest + 1) + span.delta.sequence

    def _shift(self, codec: str, delta: Delta, form: Form | None = None) -> Shift:
        agreed = self._codecs[codec]
        payload_type = agreed.payload_type if form is None else agreed.red_payload_type
        assert payload_type is not None
        picture, tl0 = (delta.picture, delta.tl0) if codec == "VP8" else (0, 0)
        timestamp = delta.timestamp & 0xFFFFFFFF
        return Shift(self.plan.ssrc, payload_type, delta.sequence, timestamp, picture & 0x7FFF, tl0 & 0xFF)

    def _attach(self, stream: ReceivedStream) -> None:
        if self.catching_up_at is None:
            stream.attach(self, self.lane, self._form)

    def _detach(self, stream: ReceivedStream) -> None:
        self.catching_up_at = None
        stream.leave(self, self._form)

    def again(self, sequence: int) -> tuple[bytes, int] | None:
        """The plain packet once sent under ``sequence``, as RTX if agreed, and a key that names it."""
        stream = self.following
        if stream is None or stream.newest is None:
            return None
        origin = self.map.origin(sequence, stream.newest.index)
        if origin is None:
            return None
        span, index = origin
        held = span.stream.cache.get(index) if isinstance(span.stream, ReceivedStream) else None
        if held is None or index < span.first_index:
            return None
        with contextlib.suppress(LookupError):
            return self._repeated(held, span), index + span.delta.sequence
        return None

    def _repeated(self, packet: RtpPacket, span: Span) -> bytes:
        assert isinstance(span.stream, ReceivedStream)
        codec = self._codecs[span.stream.codec.name]
        if codec.rtx_payload_type is None or self.plan.rtx_ssrc is None:
            form = self._forms.at(packet.index + span.delta.sequence) if self._forms is not None else None
            if form is not None:
                packet = span.stream.redundancy.packet(packet, form)
            return self._shift(codec.name, span.delta, form).apply(packet)
        plain = self._shift(codec.name, span.delta).apply(packet)
        self._rtx_sequence += 1
        timestamp = packet.timestamp + span.delta.timestamp
        original = plain[2:4] + plain[rtp.HEADER.size :]
        return rtp.build(
            codec.rtx_payload_type, packet.marker, self._rtx_sequence, timestamp, self.plan.rtx_ssrc, original
        )

    def report(self, now_ms: float) -> bytes:
        """A sender report on the room's clock, so that sound and picture of the programme stay together."""
        stream = self.following
        timestamp = stream.clock.timestamp_at(now_ms) if stream is not None else None
        if timestamp is None or not self.lane.packets:
            return b""
        return rtcp.build_sender_report(
            SenderReport(
                ssrc=self.plan.ssrc,
                ntp=rtcp.ntp_of(now_ms),
                timestamp=timestamp + self.lane.shift.timestamp,
                packets=self.lane.packets,
                octets=self.lane.octets,
            )
        ) + rtcp.build_cname(self.plan.ssrc, CNAME)


def _not_live(packet: bytes) -> bytes:
    raise ValueError("the viewer is not connected yet")


class Viewer:
    """The media end of a watching peer connection."""

    publishes = False

    def __init__(
        self,
        viewer_id: str,
        peer: Peer,
        view: View,
        plans: tuple[OutletPlan, ...],
        *,
        room: ViewerRoom,
        outward: Outward,
    ) -> None:
        self.viewer_id = viewer_id
        self.peer = peer
        self.view = view
        self.connected = False
        self.heard = Heard()
        self.outlets = [Outlet(plan, self._step_of(plan)) for plan in plans]
        self._by_ssrc = {outlet.plan.ssrc: outlet for outlet in self.outlets}
        self._room = room
        self._outward = outward
        self.round_trip = RoundTrip()
        self._budget = {outlet: RepairBudget(self.round_trip) for outlet in self.outlets}
        self._sound = SoundCare([outlet for outlet in self.outlets if not outlet.is_video], room.count)
        self._reported_at_ms = 0.0

    def _step_of(self, plan: OutletPlan) -> Callable[[ReceivedStream], Delta | None]:
        def in_step(stream: ReceivedStream) -> Delta | None:
            tap = self._room.tap(plan.slot) if plan.slot is not None else None
            return tap.delta if tap is not None and tap.following is stream else None

        return in_step

    # ---- the peer connection

    def on_live(self, now_ms: float) -> None:
        self.connected = True
        self._reported_at_ms = now_ms
        assert self.peer.srtp is not None
        for outlet in self.outlets:
            outlet.lane.protect = self.peer.srtp.protect
        self.on_moved()
        self._room.viewer_live(self, now_ms)

    def on_moved(self) -> None:
        if self.peer.address is not None:
            for outlet in self.outlets:
                outlet.lane.address = self.peer.address

    def on_end(self, reason: str, was_live: bool) -> None:
        self.connected = False
        for outlet in self.outlets:
            outlet.quit()
        self._room.viewer_ended(self, reason, was_live)

    def on_rtp(self, datagram: bytes, now_ms: float) -> None:
        """A viewer sends no media; what comes is dropped."""

    # ---- feedback

    def on_rtcp(self, packets: tuple[RtcpPacket, ...], now_ms: float) -> None:
        for packet in packets:
            match packet:
                case Nack(media_ssrc, sequences):
                    self._repair(media_ssrc, sequences, now_ms)
                case KeyframeRequest(media_ssrc):
                    self._keyframe(media_ssrc, now_ms)
                case ReceiverReport(_, blocks) if blocks:
                    self._reported(blocks, now_ms)
                case Remb(bitrate_bps, _):
                    self.heard.remb_bps = bitrate_bps
                case _:
                    pass

    def _reported(self, blocks: tuple[ReportBlock, ...], now_ms: float) -> None:
        self.heard.fraction_lost = max(block.fraction_lost for block in blocks) / 256
        trips = [rtcp.round_trip_ms(block, now_ms) for block in blocks if block.ssrc in self._by_ssrc]
        known = [trip for trip in trips if trip is not None]
        if known:
            self.round_trip.measured(min(known))
        self._sound.reported([block for block in blocks if block.ssrc in self._by_ssrc], now_ms)

    def _repair(self, media_ssrc: int, sequences: tuple[int, ...], now_ms: float) -> None:
        outlet = self._by_ssrc.get(media_ssrc)
        if outlet is None or self.peer.address is None:
            return
        self._room.count("nack_received", len(sequences))
        if not outlet.is_video:
            self._sound.asked(media_ssrc, sequences, now_ms)
        budget = self._budget[outlet]
        for sequence in sequences:
            if not budget.may_look(now_ms):
                return
            found = outlet.again(sequence)
            if found is None or not budget.allows(found[1], now_ms):
                continue
            self._room.count("nack_served")
            if not outlet.is_video:
                self._room.count("audio_nack_served")
            self._outward.send_one(outlet.lane.protect(found[0]), self.peer.address)

    def _keyframe(self, media_ssrc: int, now_ms: float) -> None:
        self._room.count("pli_received")
        outlet = self._by_ssrc.get(media_ssrc)
        if outlet is None or now_ms - outlet.keyframe_asked_at_ms < KEYFRAME_ASKED_EVERY_MS:
            return
        stream = outlet.following or outlet.courting
        if stream is not None:
            outlet.keyframe_asked_at_ms = now_ms
            self._room.keyframe_wanted(stream, now_ms)

    def join(self, outlet: Outlet, stream: ReceivedStream, keyframe_index: int) -> None:
        """Begin with a keyframe that has passed: its first packets go out now, the rest step by step."""
        outlet.join(stream, keyframe_index)
        if self.step():
            self._outward.pace(self)

    def step(self) -> bool:
        """The next slice of what a joiner missed. False: it has caught up."""
        joining = [outlet for outlet in self.outlets if outlet.catching_up_at is not None]
        for outlet in joining:
            packets = outlet.catch_up()
            if packets:
                self._outward.send(packets, [outlet.lane])
        return any(outlet.catching_up_at is not None for outlet in joining)

    def report(self, now_ms: float) -> None:
        """Call a few times a second; sends once a second."""
        if not self.connected or now_ms - self._reported_at_ms < REPORT_MS:
            return
        self._reported_at_ms = now_ms
        self._sound.each_second(now_ms)
        packet = b"".join(outlet.report(now_ms) for outlet in self.outlets)
        if packet:
            self.peer.send_rtcp(packet)
