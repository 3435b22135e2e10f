"""Bursts leave in slices: a keyframe of a hundred packets is spread over some steps of a clock, not sent at once.

Sans-I/O and without a clock of its own: whoever owns the steps (5 ms, :mod:`rooms.metronome`) asks for the next slice.
Per batch and stream, never per viewer: everybody who was there when a batch was handed on gets the same slices.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from rooms.rtp import RtpPacket

# Of 1,200 bytes each: 31 Mbit/s at steps of 5 ms. What is no longer than a slice leaves at once, as most frames do.
SLICE_PACKETS = 16
# A batch has left after so many steps, its first slice at once: 35 ms at steps of 5 ms.
STEPS = 8
# Half of the cache (rooms.stream), so that whoever misses a packet of a slice finds it there. More: all leaves at once.
MAX_QUEUED = 512

Who = TypeVar("Who")
Lane = TypeVar("Lane")


@dataclass(slots=True)
class _Batch(Generic[Who, Lane]):
    packets: list[RtpPacket]
    lanes: dict[Who, Lane]
    steps_left: int


class Pacer(Generic[Who, Lane]):
    """The batches of one stream that have not left yet, oldest first. Bounded in packets and in steps."""

    def __init__(self) -> None:
        self._batches: deque[_Batch[Who, Lane]] = deque()
        self.queued = 0

    def must_wait(self, number: int) -> bool:
        """Whether a batch of ``number`` packets has to be put here: it is long, or others are before it."""
        return number > SLICE_PACKETS or bool(self._batches)

    def fits(self, number: int) -> bool:
        return self.queued + number <= MAX_QUEUED

    def put(self, packets: list[RtpPacket], lanes: Mapping[Who, Lane]) -> None:
        """``lanes``: who was there when the batch was handed on, whoever comes later. Call ``fits`` first."""
        self._batches.append(_Batch(packets, dict(lanes), STEPS))
        self.queued += len(packets)

    def insert(self, packet: RtpPacket) -> bool:
        """A late packet takes its place in front of newer ones. False when all that waits is newer: send it now."""
        for batch in reversed(self._batches):
            if batch.packets[0].index < packet.index:
                bisect.insort(batch.packets, packet, key=_index)
                self.queued += 1
                return True
        return False

    def step(self) -> list[tuple[list[RtpPacket], list[Lane]]]:
        """The next slice, cut where its receivers differ. Nothing is left once this answers an empty list."""
        return self._take(self._due())

    def drain(self) -> list[tuple[list[RtpPacket], list[Lane]]]:
        """Everything, now."""
        return self._take(self.queued)

    def leave(self, who: Who) -> tuple[list[RtpPacket], Lane | None]:
        """Somebody stops following the stream: what is still due to it, and where that goes (``None``: nowhere)."""
        owed: list[RtpPacket] = []
        lane: Lane | None = None
        for batch in self._batches:
            if who in batch.lanes:
                lane = batch.lanes.pop(who)
                owed += batch.packets
        return owed, lane

    def _due(self) -> int:
        """As many packets as every batch needs to have left in time."""
        due, before = SLICE_PACKETS, 0
        for batch in self._batches:
            before += len(batch.packets)
            due = max(due, -(-before // batch.steps_left))
            batch.steps_left = max(1, batch.steps_left - 1)
        return due

    def _take(self, number: int) -> list[tuple[list[RtpPacket], list[Lane]]]:
        slices = []
        while number > 0 and self._batches:
            batch = self._batches[0]
            piece, batch.packets = batch.packets[:number], batch.packets[number:]
            if not batch.packets:
                self._batches.popleft()
            number -= len(piece)
            self.queued -= len(piece)
            slices.append((piece, list(batch.lanes.values())))
        return slices


def _index(packet: RtpPacket) -> int:
    return packet.index
