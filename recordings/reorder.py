"""Putting RTP packets back in order (RFC 3550, 5.1: sequence numbers are 16 bit and wrap).

Sans-I/O: packets and ``now_ms`` in, packets in order out, each saying whether something before it is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

HALF = 1 << 15
MASK = 0xFFFF
# Further ahead than this is not loss but a stream that started anew (RFC 3550, A.1: MAX_DROPOUT).
MAX_DROPOUT = 3000


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    item: T
    lost_before: int  # packets given up between the previous arrival and this one


class ReorderBuffer(Generic[T]):
    """Releases items in sequence order, each at most once.

    A hole is waited for until the oldest item behind it is ``hold_ms`` old, or ``capacity`` items wait; then it counts
    as lost. What comes after its turn, or twice, is dropped and counted in ``late``.
    """

    def __init__(self, hold_ms: float, capacity: int = 1024) -> None:
        self._hold_ms = hold_ms
        self._capacity = capacity
        self._next: int | None = None  # extended sequence expected next
        self._waiting: dict[int, tuple[T, float]] = {}
        self.late = 0
        self.lost = 0

    def push(self, sequence: int, item: T, now_ms: float) -> list[Arrival[T]]:
        if self._next is None:
            self._next = sequence
        offset = ((sequence - self._next + HALF) & MASK) - HALF
        if abs(offset) > MAX_DROPOUT:
            return self._restart(sequence, item)
        extended = self._next + offset
        if offset < 0 or extended in self._waiting:
            self.late += 1
            return []
        if offset == 0 and not self._waiting:  # the common case: in order, nothing waiting
            self._next += 1
            return [Arrival(item, 0)]
        self._waiting[extended] = (item, now_ms)
        return self._release(now_ms)

    def expire(self, now_ms: float) -> list[Arrival[T]]:
        """What need not wait any longer at ``now_ms``."""
        return self._release(now_ms) if self._waiting else []

    def flush(self) -> list[Arrival[T]]:
        """Everything that waits, in order; holes count as lost."""
        released: list[Arrival[T]] = []
        while self._waiting:
            released.append(self._pop(min(self._waiting)))
        return released

    def _release(self, now_ms: float) -> list[Arrival[T]]:
        released: list[Arrival[T]] = []
        while self._waiting:
            first = min(self._waiting) if self._next not in self._waiting else self._next
            assert first is not None
            overdue = now_ms - self._waiting[first][1] >= self._hold_ms
            if first != self._next and not overdue and len(self._waiting) <= self._capacity:
                break
            released.append(self._pop(first))
        return released

    def _pop(self, extended: int) -> Arrival[T]:
        assert self._next is not None
        lost = extended - self._next
        self.lost += lost
        self._next = extended + 1
        return Arrival(self._waiting.pop(extended)[0], lost)

    def _restart(self, sequence: int, item: T) -> list[Arrival[T]]:
        released = self.flush()
        self._next = sequence + 1
        self.lost += 1
        return [*released, Arrival(item, 1)]
