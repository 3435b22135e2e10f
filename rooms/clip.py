"""A clip that the node itself plays: a source like any other, but with nobody at its other end.

What :mod:`rooms.playback` finds due becomes RTP and goes the way of everything that is received: the same caches,
slots, viewers and recorder. Nothing in the clip is decoded.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from rooms import rtcp, rtp
from rooms.interface import ClipFrame, ClipState
from rooms.packetise import payloads
from rooms.playback import Due, Playback, Standing
from rooms.rtcp import SenderReport
from rooms.sdp import Codec
from rooms.source import Source, SourceRoom
from rooms.stream import Outward, ReceivedStream
from rooms.track import TrackPlan

VIDEO = Codec("H264", 96, 90_000, "", frozenset())
AUDIO = Codec("opus", 97, 48_000, "", frozenset())
PLANS = (TrackPlan("video", "0", VIDEO, {}, (), ()), TrackPlan("audio", "1", AUDIO, {}, (), ()))
REPORT_MS = 1000.0
PLAYED, BROKEN = "played", "broken"


class NobodyThere:
    """Stands where other sources have their peer connection."""

    address = None

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.media: ClipSource | None = None

    def send_rtcp(self, packet: bytes) -> None:
        """Nobody hears it."""

    def end(self, reason: str) -> None:
        """Idempotent."""
        media, self.media = self.media, None
        if media is not None:
            media.on_end(reason, True)


@dataclass(slots=True)
class _Line:
    """One stream that we send ourselves."""

    codec: Codec
    ssrc: int
    sequence: int
    timestamp: int  # of ``zero_ms``
    zero_ms: float
    last: int | None = None
    reported_at_ms: float = float("-inf")

    @classmethod
    def fresh(cls, codec: Codec, now_ms: float) -> _Line:
        return cls(codec, secrets.randbits(32), secrets.randbits(15), secrets.randbits(31), now_ms)

    def ticks(self, room_ms: float) -> int:
        """Strictly growing."""
        ticks = self.timestamp + round((room_ms - self.zero_ms) * self.codec.clock_rate / 1000)
        self.last = ticks if self.last is None else max(ticks, self.last + 1)
        return self.last

    def datagrams(self, frame: ClipFrame, ticks: int) -> list[bytes]:
        parts = payloads(frame.units) if frame.is_video else list(frame.units)
        first, self.sequence = self.sequence, self.sequence + len(parts)
        return [
            rtp.build(
                self.codec.payload_type,
                frame.is_video and number == len(parts) - 1,
                first + number,
                ticks,
                self.ssrc,
                part,
            )
            for number, part in enumerate(parts)
        ]

    def report_due(self, room_ms: float, ticks: int) -> SenderReport | None:
        """Sound and picture are of one clock, the room's own."""
        if room_ms - self.reported_at_ms < REPORT_MS:
            return None
        self.reported_at_ms = room_ms
        return SenderReport(self.ssrc, rtcp.ntp_of(room_ms), ticks & 0xFFFFFFFF, 0, 0)


class ClipSource(Source):
    """``order`` counts what it was told to play: whoever told it knows by that what has ended."""

    def __init__(
        self, source_id: str, peer: NobodyThere, *, room: SourceRoom, outward: Outward, playback: Playback, order: int
    ) -> None:
        super().__init__(source_id, peer, PLANS, room=room, outward=outward)
        self.order = order
        self._clip_room = room
        self._playback = playback
        self._lines: dict[bool, _Line] = {}

    def load(self, playback: Playback, order: int) -> None:
        """Something else from now on, or the same at another place: viewers notice a keyframe, and nothing else."""
        self._playback.close()
        self._playback, self.order = playback, order

    def clip_state(self, now_ms: float) -> ClipState:
        paused = isinstance(self._playback, Standing)
        return ClipState(self.source_id, self.order, round(self._playback.position_ms(now_ms)), paused)

    def on_tick(self, now_ms: float) -> None:
        """Fifty times a second. There is nobody to report to."""
        for due in self._playback.due(now_ms):
            self._play(due)
        if self._playback.over or self._playback.broken:
            reason = BROKEN if self._playback.broken else PLAYED
            self._clip_room.clip_over(self.source_id, self.order, reason)
            self.peer.end(reason)

    def _play(self, due: Due) -> None:
        """As if it had come when it was due: that is its time on the room's clock."""
        frame, room_ms = due.frame, due.room_ms
        line = self._lines.get(frame.is_video)
        if line is None:
            line = self._lines[frame.is_video] = _Line.fresh(VIDEO if frame.is_video else AUDIO, room_ms)
        ticks = line.ticks(room_ms)
        for datagram in line.datagrams(frame, ticks):
            self.on_rtp(datagram, room_ms)
        report = line.report_due(room_ms, ticks)
        if report is not None:
            self.on_rtcp((report,), room_ms)

    def ask_keyframe(self, stream: ReceivedStream, now_ms: float) -> None:
        self._playback.want_keyframe()

    def on_end(self, reason: str, was_live: bool) -> None:
        self._playback.close()
        super().on_end(reason, was_live)
