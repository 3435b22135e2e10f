"""Numbers that wrap, and the map from a source's numbering to the continuous numbering a receiver sees."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from rooms import rtp, vp8
from rooms.rtp import RtpPacket

REMEMBERED_SPANS = 8
# SRTP receivers guess the roll-over counter from the first packet they see (RFC 3711, 3.3.1): a stream that
# begins just before the wrap and loses its first packets would never decrypt.
LAST_SAFE_START = 0xF000


class Unwrapper:
    """Turns numbers modulo ``2**bits`` into indexes that never wrap; late numbers map to smaller indexes."""

    def __init__(self, bits: int) -> None:
        self._modulus = 1 << bits
        self.highest: int | None = None

    def unwrap(self, value: int) -> int:
        if self.highest is None:
            self.highest = value
            return value
        index = nearest(value, self.highest, self._modulus)
        self.highest = max(index, self.highest)
        return index


def nearest(value: int, reference: int, modulus: int) -> int:
    """The index congruent to ``value`` that lies nearest to ``reference``."""
    half = modulus >> 1
    return reference + (value - reference + half) % modulus - half


class Shift(NamedTuple):
    """How packets of one stream become packets of one receiver's stream. Equal shifts give equal bytes."""

    ssrc: int
    payload_type: int
    sequence: int
    timestamp: int
    picture: int = 0
    tl0: int = 0

    def apply(self, packet: RtpPacket) -> bytes:
        payload = packet.payload
        if self.picture or self.tl0:
            payload = vp8.shifted(payload, self.picture, self.tl0)
        return rtp.build(
            self.payload_type,
            packet.marker,
            packet.index + self.sequence,
            packet.timestamp + self.timestamp,
            self.ssrc,
            payload,
        )


@dataclass(frozen=True, slots=True)
class Delta:
    """What is added to a stream's own numbers."""

    sequence: int
    timestamp: int
    picture: int = 0
    tl0: int = 0


@dataclass(frozen=True, slots=True)
class Tail:
    """The newest numbers of a stream, in its own numbering. ``picture`` and ``tl0`` only for VP8."""

    index: int
    timestamp: int
    media_ms: float
    picture: int | None = None
    tl0: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From ``first_index`` of ``stream`` on, ``delta`` was in force."""

    stream: object
    first_index: int
    delta: Delta

    @property
    def first_sent(self) -> int:
        return self.first_index + self.delta.sequence


class StreamMap:
    """One receiver's continuous stream, cut together from spans of several streams.

    Sequence numbers have no gap at a cut, gaps inside a stream are preserved, timestamps advance by the
    capture time that passed (at least one tick).
    """

    def __init__(self, clock_rate: int) -> None:
        self._ticks_per_ms = clock_rate / 1000
        self._spans: deque[Span] = deque(maxlen=REMEMBERED_SPANS)
        self._end: tuple[int, int, float, int, int] | None = None  # what followed the last span, receiver's numbers

    @property
    def current(self) -> Span | None:
        return self._spans[-1] if self._spans else None

    @property
    def next_sent(self) -> int | None:
        """The number that follows the last span that was left; ``None`` when none was."""
        return self._end[0] if self._end else None

    def leave(self, tail: Tail) -> None:
        """The current span ends after ``tail`` (the last packet of its stream that was sent)."""
        span = self.current
        if span is None or tail.index < span.first_index:
            return
        delta = span.delta
        self._end = (
            tail.index + delta.sequence + 1,
            tail.timestamp + delta.timestamp,
            tail.media_ms,
            (tail.picture or 0) + delta.picture + 1,
            (tail.tl0 or 0) + delta.tl0 + 1,
        )

    def forget(self) -> None:
        """Nothing that was sent can be traced back any more. Only between spans; the numbering goes on all the same."""
        self._spans.clear()

    def enter(self, stream: object, head: Tail, in_step: Delta | None = None) -> Delta:
        """Begin a span at ``head``. A receiver that has nothing yet goes ``in_step`` with another if it may."""
        delta = self._continuation(head) if self._end else _fresh(head, in_step)
        self._spans.append(Span(stream, head.index, delta))
        return delta

    def _continuation(self, head: Tail) -> Delta:
        assert self._end is not None
        sequence, timestamp, media_ms, picture, tl0 = self._end
        ticks = max(1, round((head.media_ms - media_ms) * self._ticks_per_ms))
        return Delta(
            sequence=sequence - head.index,
            timestamp=timestamp + ticks - head.timestamp,
            picture=0 if head.picture is None else picture - head.picture,
            tl0=0 if head.tl0 is None else tl0 - head.tl0,
        )

    def origin(self, sequence: int, newest_index: int) -> tuple[Span, int] | None:
        """The span, and the index in its stream, of what was sent under a 16-bit ``sequence``."""
        span = self.current
        if span is None:
            return None
        sent = nearest(sequence, newest_index + span.delta.sequence, 1 << 16)
        for candidate in reversed(self._spans):
            if sent >= candidate.first_sent:
                return candidate, sent - candidate.delta.sequence
        return None


def _fresh(head: Tail, in_step: Delta | None) -> Delta:
    delta = in_step or Delta(0, 0)
    if (head.index + delta.sequence) & 0xFFFF <= LAST_SAFE_START:
        return delta
    return Delta(delta.sequence - 0x8000, delta.timestamp, delta.picture, delta.tl0)
