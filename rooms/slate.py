"""The slate: one keyframe that is sent instead of the programme while its curtain is down, again every second.

It comes from outside as NAL units of H.264 (parameter sets first) and is a stream like any other: numbered, cached,
repaired. Whoever can't decode H.264 gets no picture instead.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from rooms.alignment import SenderClock
from rooms.h264 import FU_A, IDR, STAP_A
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.stream import Outward, ReceivedStream

EVERY_MS = 1000.0
PAYLOAD_BYTES = 1100
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
        for payload in self._payloads:
            self._sequence = (self._sequence + 1) & 0xFFFF
            marker = payload is self._payloads[-1]
            packet = RtpPacket(_CODEC.payload_type, marker, self._sequence, timestamp, self.stream.ssrc, payload)
            self.stream.receive(packet, len(payload), now_ms)

    def on_tick(self, now_ms: float) -> None:
        """While the curtain is down: for who joins, and for what was lost."""
        if now_ms - self._shown_at_ms >= EVERY_MS:
            self.show(now_ms)


def payloads(units: Sequence[bytes]) -> tuple[bytes, ...]:
    """RFC 6184: the parameter sets together (5.7.1), the picture in fragments (5.8)."""
    sets = [unit for unit in units if unit[0] & 0x1F != IDR]
    pictures = [unit for unit in units if unit[0] & 0x1F == IDR]
    together = bytes((0x60 | STAP_A,)) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in sets)
    return (together, *(piece for unit in pictures for piece in _fragments(unit)))


def _fragments(unit: bytes) -> list[bytes]:
    head, body = unit[0], unit[1:]
    pieces = [body[at : at + PAYLOAD_BYTES] for at in range(0, len(body), PAYLOAD_BYTES)]
    last = len(pieces) - 1
    marks = [(0x80 if at == 0 else 0) | (0x40 if at == last else 0) | head & 0x1F for at in range(len(pieces))]
    return [bytes((head & 0xE0 | FU_A, mark)) + piece for mark, piece in zip(marks, pieces, strict=True)]
