"""The slate: one keyframe that is sent instead of the programme while its curtain is down, again every second.

It comes from outside as NAL units of H.264 (parameter sets first) and is a stream like any other: numbered, cached,
repaired. Whoever can't decode H.264 gets no picture instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from rooms.alignment import SenderClock
from rooms.packetise import payloads
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.stream import Outward, ReceivedStream

EVERY_MS = 1000.0
_CODEC = Codec("H264", 96, 90_000, "", frozenset())
_TICKS_PER_MS = 90


class Slate:
    """Of one room: the stream that viewers are pointed at, fed by :meth:`show`."""

    def __init__(self, units: Sequence[bytes], outward: Outward) -> None:
        self._payloads = payloads(units)
        self._sequence = secrets.randbits(14)
        self._shown_at_ms = float("-inf")
        self.stream = ReceivedStream(secrets.randbits(32), _CODEC, 0, SenderClock(), outward)

    def show(self, now_ms: float) -> None:
        """Send the picture now."""
        self._shown_at_ms = now_ms
        timestamp = round(now_ms * _TICKS_PER_MS) & 0xFFFFFFFF
        for number, payload in enumerate(self._payloads, 1):
            self._sequence = (self._sequence + 1) & 0xFFFF
            marker = number == len(self._payloads)
            packet = RtpPacket(_CODEC.payload_type, marker, self._sequence, timestamp, self.stream.ssrc, payload)
            self.stream.receive(packet, len(payload), now_ms)

    def on_tick(self, now_ms: float) -> None:
        """While the curtain is down: for who joins, and for what was lost."""
        if now_ms - self._shown_at_ms >= EVERY_MS:
            self.show(now_ms)
