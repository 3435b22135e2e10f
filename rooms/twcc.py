"""Transport-wide feedback to a publisher: when each of its packets arrived.

draft-holmer-rmcat-transport-wide-cc-extensions-01. The numbers stand in a header extension and run through everything
that the publisher sends: sound, pictures and repairs.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from rooms.sequence import Unwrapper

INTERVAL_MS = 60.0  # a sender wants to hear within 100 ms; our clock ticks every 20
MAX_STATUSES = 500  # in one packet of feedback, which then is no longer than a datagram may be
MAX_PENDING = 2000  # between two feedbacks: no publisher may send so fast
RTPFB, FMT_TRANSPORT_CC = 205, 15
TICK_MS = 0.25
REFERENCE_MS = 64.0
NOT_RECEIVED, SMALL, LARGE = 0, 1, 2
_MAX_RUN = 0x1FFF
_SYMBOLS_OF_TWO_BITS, _SYMBOLS_OF_ONE_BIT = 7, 14
_SHORTEST_RUN = 15  # less fits into one vector as well
_HEAD = struct.Struct("!BBHIIHH")


class TransportFeedback:
    """Takes arrivals, gives a packet of feedback when one is due. Bounded in what it remembers and in what it says."""

    def __init__(self) -> None:
        self._unwrap = Unwrapper(16)
        self._arrivals: dict[int, float] = {}
        self._next: int | None = None  # the first number that no feedback has spoken of
        self._count = 0
        self._said_at_ms = float("-inf")

    def received(self, number: int, now_ms: float) -> None:
        """A packet with this transport-wide number arrived. What was told of already is not told anew."""
        index = self._unwrap.unwrap(number)
        if self._next is not None and index < self._next:
            return
        if len(self._arrivals) < MAX_PENDING:
            self._arrivals.setdefault(index, now_ms)

    def due(self, ssrc: int, media_ssrc: int, now_ms: float) -> list[bytes]:
        """Call every tick. Empty when there is nothing to say, or it has just been said."""
        if not self._arrivals or now_ms - self._said_at_ms < INTERVAL_MS:
            return []
        self._said_at_ms = now_ms
        said = []
        while self._arrivals:
            said.append(self._one(ssrc, media_ssrc))
        return said

    def _one(self, ssrc: int, media_ssrc: int) -> bytes:
        first, last = min(self._arrivals), max(self._arrivals)
        if self._next is not None and first - self._next < MAX_STATUSES // 2:
            first = self._next  # what is missing since the last feedback is told as such
        last = min(last, first + MAX_STATUSES - 1)
        arrivals = [self._arrivals.pop(index, None) for index in range(first, last + 1)]
        while arrivals and arrivals[-1] is None:
            arrivals.pop()
        self._next = first + len(arrivals)
        self._count = (self._count + 1) & 0xFF
        return build(ssrc, media_ssrc, first, arrivals, self._count - 1 & 0xFF)


def build(ssrc: int, media_ssrc: int, first: int, arrivals: Sequence[float | None], count: int) -> bytes:
    """Section 3.1. ``arrivals``: milliseconds of any clock, by number from ``first`` on, None for the lost."""
    known = next(arrival for arrival in arrivals if arrival is not None)
    reference = int(known // REFERENCE_MS)
    symbols, deltas = _measured(arrivals, reference * REFERENCE_MS)
    body = b"".join(chunk.to_bytes(2, "big") for chunk in _chunks(symbols)) + deltas
    body += bytes(-(len(body) + 8) % 4)
    words = (len(body) + 8) // 4 + 2
    head = _HEAD.pack(0x80 | FMT_TRANSPORT_CC, RTPFB, words, ssrc, media_ssrc, first & 0xFFFF, len(symbols))
    return head + (reference & 0xFFFFFF).to_bytes(3, "big") + bytes((count,)) + body


def _measured(arrivals: Sequence[float | None], since_ms: float) -> tuple[list[int], bytes]:
    """The symbol of each packet, and the receive deltas (3.1.5): a byte of quarter milliseconds, else two signed ones.

    Rounding does not add up: each delta is counted from where the ones before it have led.
    """
    symbols: list[int] = []
    deltas = bytearray()
    ticks = 0
    for arrival in arrivals:
        if arrival is None:
            symbols.append(NOT_RECEIVED)
            continue
        delta = max(-0x8000, min(0x7FFF, round((arrival - since_ms) / TICK_MS) - ticks))
        ticks += delta
        symbols.append(SMALL if 0 <= delta <= 0xFF else LARGE)
        deltas += delta.to_bytes(1, "big") if 0 <= delta <= 0xFF else delta.to_bytes(2, "big", signed=True)
    return symbols, bytes(deltas)


def _chunks(symbols: Sequence[int]) -> list[int]:
    """Runs (3.1.3) where they are long, else vectors of one or two bits a packet (3.1.4)."""
    chunks = []
    at = 0
    while at < len(symbols):
        run = _run(symbols, at)
        if run >= _SHORTEST_RUN or at + run == len(symbols):
            chunks.append(symbols[at] << 13 | run)
            at += run
            continue
        bits = 1 if LARGE not in symbols[at : at + _SYMBOLS_OF_ONE_BIT] else 2
        number = _SYMBOLS_OF_ONE_BIT if bits == 1 else _SYMBOLS_OF_TWO_BITS
        chunk = 0x8000 if bits == 1 else 0xC000
        for place, symbol in enumerate(symbols[at : at + number]):
            chunk |= symbol << (bits * (number - 1 - place))
        chunks.append(chunk)
        at += number
    return chunks


def _run(symbols: Sequence[int], at: int) -> int:
    end = at
    while end < len(symbols) and symbols[end] == symbols[at] and end - at < _MAX_RUN:
        end += 1
    return end - at
