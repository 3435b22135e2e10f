"""One m-line towards one viewer: what it follows, how that is numbered for it, and what it gets again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rooms import rtp
from rooms.fanout import Lane
from rooms.follower import Following
from rooms.interface import Slot
from rooms.red import Form, Forms
from rooms.rtcp import ReportBlock
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.sequence import Delta, Shift, Span
from rooms.stream import ReceivedStream
from rooms.tap import AUDIO_RATE, VIDEO_RATE

# Of 1,200 bytes each: 23 Mbit/s at steps of 5 ms.
CATCH_UP_PER_STEP = 12
STANDING_STILL = 20  # packets
# A report may cover two packets, and one of them is half: loss is judged over at least so many.
LEAST_JUDGED = 30
_PADDING = bytes(254) + b"\xff"


@dataclass(frozen=True, slots=True)
class OutletPlan:
    """What offer and answer agreed on for one m-line that we send. ``number`` counts lines of its kind."""

    kind: str
    number: int
    slot: Slot | None
    codecs: tuple[Codec, ...]
    ssrc: int
    rtx_ssrc: int | None


class Track(Protocol):
    """A source's track, as far as an outlet must know it."""

    def wish(self, follower: object, rank: int | None) -> None: ...


class Outlet(Following):
    """One m-line towards one viewer."""

    def __init__(
        self,
        plan: OutletPlan,
        in_step: Callable[[ReceivedStream], Delta | None],
        make_lane: type[Lane] = Lane,
    ) -> None:
        is_video = plan.kind == "video"
        super().__init__(VIDEO_RATE if is_video else AUDIO_RATE, is_video=is_video)
        self.plan = plan
        self.lane = make_lane(("", 0), _not_live, Shift(plan.ssrc, 0, 0, 0), urgent=not is_video)
        self.catching_up_at: int | None = None
        self.keyframe_asked_at_ms = float("-inf")
        self._in_step = in_step
        self._rtx_sequence = 0
        self._rtx_reported = 0
        self._reported: tuple[int, int] | None = None
        self._expected, self._missed = 0, 0.0  # since loss was judged last
        self._wished: Track | None = None
        self._codecs = {codec.name: codec for codec in reversed(plan.codecs)}
        self._forms: Forms | None = None
        if any(codec.red_payload_type is not None for codec in plan.codecs):
            self._forms = Forms()

    def wish(self, track: Track | None, rank: int | None) -> None:
        """The layer that it would like to have, be it sent or not (None: none)."""
        if self._wished is not None and self._wished is not track:
            self._wished.wish(self, None)
        self._wished = track
        if track is not None:
            track.wish(self, rank)

    def leave_what_is_too_much(self) -> None:
        """Do not wait for the keyframe of the smaller layer: what flows until then is lost, and sound with it."""
        if self.following is not None and self.courting is not None and self.courting.rank < self.following.rank:
            self.release()

    def takes(self, stream: ReceivedStream) -> bool:
        return stream.codec.name in self._codecs

    def join(self, stream: ReceivedStream, keyframe_index: int) -> None:
        """Begin with a keyframe that has passed already; ``catch_up`` brings the rest."""
        head = stream.cache.get(keyframe_index)
        assert head is not None
        self.catching_up_at = keyframe_index
        self.adopt(stream, head)

    def silence(self) -> None:
        """Follow nothing, and repeat nothing of what was sent so far."""
        self.quit()
        self.map.forget()

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

    @property
    def repeatable(self) -> bool:
        """The viewer asks again for sound that it misses."""
        return all("nack" in codec.feedback for codec in self.plan.codecs)

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

    def again(self, sequence: int) -> bytes | None:
        """The plain packet once sent under ``sequence``, as RTX if agreed; ``None`` when it is here no more."""
        found = self._once_sent(sequence)
        with contextlib.suppress(LookupError):
            return self._repeated(*found) if found is not None else None
        return None

    def key_of(self, sequence: int) -> int | None:
        """A number that names what was once sent under ``sequence``; ``None`` when it is here no more."""
        found = self._once_sent(sequence)
        return found[0].index + found[1].delta.sequence if found is not None else None

    def in_time(self, sequence: int) -> bool:
        """Whether what is asked for went out in its turn, so that it was lost on the way to this viewer."""
        found = self._once_sent(sequence)
        return found is not None and not found[0].late

    @property
    def holes(self) -> tuple[object, int]:
        """The stream that is followed, and how much of it never came to us."""
        return self.following, self.following.holes if self.following is not None else 0

    def _once_sent(self, sequence: int) -> tuple[RtpPacket, Span] | None:
        stream = self.following
        if stream is None or stream.newest is None:
            return None
        origin = self.map.origin(sequence, stream.newest.index)
        if origin is None:
            return None
        span, index = origin
        held = span.stream.cache.get(index) if isinstance(span.stream, ReceivedStream) else None
        return None if held is None or index < span.first_index else (held, span)

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

    def lost(self, block: ReportBlock) -> float | None:
        """Share of what was sent, 0 to 1; ``None`` as long as the reports are about too few packets to tell.

        Of a stream that does not arrive at all a receiver reports no loss.
        """
        before, self._reported = self._reported, (block.highest_sequence, self.lane.packets)
        if before is None:
            return None
        expected = (block.highest_sequence - before[0]) & 0xFFFFFFFF
        if expected == 0:
            return 1.0 if self.lane.packets - before[1] >= STANDING_STILL else None
        if expected < 1 << 16:
            self._expected += expected
            self._missed += expected * block.fraction_lost / 256
        if self._expected < LEAST_JUDGED:
            return None
        fraction = min(1.0, self._missed / self._expected)
        self._expected, self._missed = 0, 0.0
        return fraction

    def padding_arrives(self, block: ReportBlock) -> bool:
        """Whether a report upon our RTX shows most of what went out since the one before it, loss apart."""
        before, self._rtx_reported = self._rtx_reported, self._rtx_sequence
        under_way = (self._rtx_sequence - block.highest_sequence) & 0xFFFF
        return under_way <= max(1, (self._rtx_sequence - before) // 2)

    def padding(self, now_ms: float) -> bytes | None:
        """A packet that does nothing but take room on the path; None when there is no way to send one.

        The newest packet once more by RTX; without one an RTX packet of padding alone (RFC 4588; RFC 3550, 5.1).
        Its timestamp is as old as it looks: receivers measure by it whether the path's queue grows.
        """
        span, stream = self.map.current, self.following
        if self.plan.rtx_ssrc is None:
            return None
        if span is not None and span.stream is stream and stream is not None and stream.newest is not None:
            last = stream.newest.index
            held = [stream.cache.get(index) for index in range(max(span.first_index, last - 3), last + 1)]
            newest = max((one for one in held if one is not None), key=lambda one: len(one.payload), default=None)
            if newest is not None and self._codecs[stream.codec.name].rtx_payload_type is not None:
                return self._repeated(newest, span)
        types = (codec.rtx_payload_type for codec in self._codecs.values())
        payload_type = next((one for one in types if one is not None), None)
        if payload_type is None:
            return None
        self._rtx_sequence += 1
        ticks = round(now_ms * VIDEO_RATE / 1000)
        empty = rtp.build(payload_type, False, self._rtx_sequence, ticks, self.plan.rtx_ssrc, _PADDING)
        return bytes((empty[0] | 0x20,)) + empty[1:]

    def timestamp_at(self, now_ms: float) -> int | None:
        """The stream's own timestamp of this moment on the room's clock, by which sound and picture stay together.

        ``None`` while there is nothing to report.
        """
        stream = self.following
        return stream.clock.timestamp_at(now_ms) if stream is not None and self.lane.packets else None


def _not_live(packet: bytes) -> bytes:
    raise ValueError("the viewer is not connected yet")
