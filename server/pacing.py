"""Token buckets: how often somebody may ask. Pure: the time is an argument, in milliseconds of any steady clock.

A leaf, used by ``web`` (requests) and ``live`` (messages).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` at once, refilled with ``per_minute`` a minute."""

    per_minute: float
    burst: float

    @property
    def per_ms(self) -> float:
        return self.per_minute / 60_000


class Bucket:
    """One asker's tokens. Starts full."""

    __slots__ = ("_at_ms", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_ms: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at_ms = now_ms

    def take(self, now_ms: float) -> float:
        """0 when a token was taken, else the milliseconds until there is one; nothing is taken then."""
        wait_ms = self.wait_ms(now_ms)
        if wait_ms <= 0:
            self._tokens -= 1
        return wait_ms

    def wait_ms(self, now_ms: float) -> float:
        """0 when there is a token, else the milliseconds until there is one."""
        self._refill(now_ms)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate.per_ms

    def is_full(self, now_ms: float) -> bool:
        self._refill(now_ms)
        return self._tokens >= self._rate.burst

    def _refill(self, now_ms: float) -> None:
        passed = max(0.0, now_ms - self._at_ms)
        self._tokens = min(self._rate.burst, self._tokens + passed * self._rate.per_ms)
        self._at_ms = now_ms


class Buckets:
    """One bucket per asker. At most ``most`` askers: beyond it the one who was quiet longest starts afresh."""

    def __init__(self, rate: Rate, most: int) -> None:
        self._rate = rate
        self._most = most
        self._by_asker: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, asker: str, now_ms: float) -> float:
        """As :meth:`Bucket.take`."""
        bucket = self._by_asker.get(asker)
        if bucket is None:
            self._make_room(now_ms)
            bucket = self._by_asker[asker] = Bucket(self._rate, now_ms)
        self._by_asker.move_to_end(asker)
        return bucket.take(now_ms)

    def wait_ms(self, asker: str, now_ms: float) -> float:
        """As :meth:`Bucket.wait_ms`; takes nothing."""
        bucket = self._by_asker.get(asker)
        return 0.0 if bucket is None else bucket.wait_ms(now_ms)

    def __len__(self) -> int:
        return len(self._by_asker)

    def _make_room(self, now_ms: float) -> None:
        while self._by_asker:
            oldest = next(iter(self._by_asker))
            if len(self._by_asker) < self._most and not self._by_asker[oldest].is_full(now_ms):
                return
            del self._by_asker[oldest]
