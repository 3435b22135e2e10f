"""One recording's time: ticks of 90 kHz since its origin, shared by both tracks, and their UTC.

The origin is a UTC moment kept in the manifest, so a recording that goes on after a restart, even of the host, goes on
upon the same timeline.
"""

from __future__ import annotations

from dataclasses import dataclass

from recordings.boxes import AUDIO_HZ, VIDEO_HZ
from recordings.clock import Instant, rfc3339

TICKS_PER_MS = VIDEO_HZ // 1000
# Media captured this long before its arrival, or after it, has a broken clock behind it: the arrival counts instead.
OLDEST_MS = 5000.0
NEWEST_MS = 500.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """``origin_utc_ms``: tick 0. ``origin_media_ms``: the same moment on the monotonic clock."""

    origin_utc_ms: float
    origin_media_ms: float

    @classmethod
    def starting(cls, now: Instant) -> Timeline:
        return cls(now.utc_ms, now.monotonic_ms)

    @classmethod
    def continuing(cls, origin_utc_ms: float, now: Instant, not_before_ticks: int) -> Timeline:
        """Go on after a restart. Should the wall clock have stepped back, time goes on at ``not_before_ticks``."""
        elapsed_ms = max(now.utc_ms - origin_utc_ms, not_before_ticks / TICKS_PER_MS)
        return cls(origin_utc_ms, now.monotonic_ms - elapsed_ms)

    def ticks(self, media_ms: float) -> int:
        return round((media_ms - self.origin_media_ms) * TICKS_PER_MS)

    def media_ms(self, ticks: int) -> float:
        return self.origin_media_ms + ticks / TICKS_PER_MS

    def utc_ms(self, ticks: int) -> float:
        return self.origin_utc_ms + ticks / TICKS_PER_MS

    def utc(self, ticks: int) -> str:
        return rfc3339(self.utc_ms(ticks))


def plausible(media_ms: float, arrival_ms: float) -> float:
    """``media_ms``, or the arrival where the two can't both be right. Both on the node's monotonic clock."""
    return media_ms if -OLDEST_MS <= media_ms - arrival_ms <= NEWEST_MS else arrival_ms


def samples_at(ticks: int) -> int:
    """The first audio sample at or after a tick (90 kHz → 48 kHz)."""
    return -(-ticks * AUDIO_HZ // VIDEO_HZ)
