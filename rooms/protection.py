"""How much redundancy one viewer's sound needs: by the loss that it reports and by what it asks for again.

Reports say what is still missing; what was asked for again and came counts as received there. The larger of the two
is the loss of the way to the viewer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Protocol

from rooms.fanout import Lane
from rooms.red import MAX_DEPTH
from rooms.rtcp import ReportBlock

# Loss from which on each packet goes out once more, and twice more; and below which it stops after ``CALM_MS``.
ON = (0.02, 0.10)
OFF = (0.01, 0.06)
CALM_MS = 10_000.0
MEMORY_MS = 4000.0
# Fewer packets say nothing about loss: one of twenty would be five per cent.
LEAST_EXPECTED = 25.0
LEAST_LOST = 1.5


class LossMeter:
    """Loss over the last seconds, weighted by packets. Sans-I/O."""

    def __init__(self) -> None:
        self._expected = self._lost = self._at_ms = 0.0

    def note(self, expected: float, lost: float, now_ms: float) -> None:
        fade = math.exp(-max(0.0, now_ms - self._at_ms) / MEMORY_MS)
        self._expected = self._expected * fade + expected
        self._lost = self._lost * fade + lost
        self._at_ms = now_ms

    @property
    def loss(self) -> float:
        if self._expected < LEAST_EXPECTED or self._lost < LEAST_LOST:
            return 0.0
        return min(1.0, self._lost / self._expected)


class Protection:
    """``depth``: how many earlier packets go along with each. Up at once, down after a calm time, step by step."""

    def __init__(self) -> None:
        self.depth = 0
        self._reported = LossMeter()
        self._repeated = LossMeter()
        self._highest: dict[int, int] = {}
        self._newest_asked: dict[int, int] = {}
        self._needed_at_ms = 0.0

    def begin(self, now_ms: float) -> None:
        """For a viewer that cannot ask again: one copy goes along until a calm time has shown that none is needed.
        Browsers report sound every 5 s, so that its loss is known late (RFC 3550, 6.2).
        """
        self.depth, self._needed_at_ms = max(1, self.depth), now_ms

    @property
    def loss(self) -> float:
        return max(self._reported.loss, self._repeated.loss)

    def report(self, block: ReportBlock, now_ms: float, holes: int = 0) -> None:
        """What a receiver report says about one of the viewer's streams. A stream that stands still says nothing.

        ``holes``: how many packets we never had to send since the report before.
        """
        before = self._highest.get(block.ssrc)
        self._highest[block.ssrc] = block.highest_sequence
        expected = (block.highest_sequence - before) & 0xFFFFFFFF if before is not None else 0
        if 0 < expected < 1 << 16:
            self._reported.note(expected, max(0.0, expected * block.fraction_lost / 256 - max(0, holes)), now_ms)
            self._judge(now_ms)

    def asked(self, ssrc: int, sequences: Sequence[int], now_ms: float) -> None:
        """A NACK for sound that was sent in its turn; what is asked for a second time is not lost a second time."""
        newest = self._newest_asked.get(ssrc)
        lost = 0
        for sequence in sequences:
            if newest is None or 0 < (sequence - newest) & 0xFFFF < 1 << 15:
                newest = sequence
                lost += 1
        if newest is not None:
            self._newest_asked[ssrc] = newest
        self._repeated.note(0, lost, now_ms)
        self._judge(now_ms)

    def sent(self, packets: int, now_ms: float) -> None:
        """So much sound went out since the last call. Call once a second."""
        self._repeated.note(packets, 0, now_ms)
        self._judge(now_ms)

    def _judge(self, now_ms: float) -> None:
        loss = self.loss
        wanted = sum(loss > limit for limit in ON)
        if wanted > self.depth:
            self.depth, self._needed_at_ms = min(wanted, MAX_DEPTH), now_ms
        elif self.depth and loss >= OFF[self.depth - 1]:
            self._needed_at_ms = now_ms
        elif self.depth and now_ms - self._needed_at_ms >= CALM_MS:
            self.depth, self._needed_at_ms = self.depth - 1, now_ms


class SoundOutlet(Protocol):
    """An m-line of sound."""

    lane: Lane

    @property
    def redundant(self) -> bool: ...

    @property
    def repeatable(self) -> bool: ...

    def protect(self, depth: int) -> None: ...


class SoundCare:
    """One viewer's sound: what it reports and asks for, and what its outlets send therefore. Counts for the room."""

    def __init__(self, outlets: Sequence[SoundOutlet], count: Callable[[str, int], None]) -> None:
        self._outlets = outlets
        self._count = count
        self._protection = Protection()
        self._sent = 0
        self._holes: dict[int, tuple[object, int]] = {}

    def begin(self, now_ms: float) -> None:
        """The viewer is there."""
        if not all(outlet.repeatable for outlet in self._outlets):
            self._protection.begin(now_ms)
            self._apply()

    def reported(self, told: Sequence[tuple[ReportBlock, tuple[object, int]]], now_ms: float) -> None:
        """Each block with the stream that it is about, and how many packets of that never came to us so far."""
        for block, (stream, holes) in told:
            followed, before = self._holes.get(block.ssrc, (None, 0))
            self._holes[block.ssrc] = (stream, holes)
            self._protection.report(block, now_ms, holes - before if stream is followed else 0)
        self._apply()

    def asked(self, ssrc: int, sequences: Sequence[int], now_ms: float) -> None:
        self._protection.asked(ssrc, sequences, now_ms)
        self._apply()

    def each_second(self, now_ms: float) -> None:
        sent = sum(outlet.lane.packets for outlet in self._outlets)
        if any(outlet.redundant for outlet in self._outlets):
            self._count("red_sent", sent - self._sent)
        self._protection.sent(sent - self._sent, now_ms)
        self._sent = sent
        self._apply()

    def _apply(self) -> None:
        for outlet in self._outlets:
            outlet.protect(self._protection.depth)
