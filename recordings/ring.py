"""The last minute in memory: live HLS reads it, whether or not the segments also go to disk."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from recordings import playlist
from recordings.boxes import VIDEO_HZ
from recordings.interface import Track
from recordings.segment import Segment
from recordings.segmenter import Reason

BORDERS = (Reason.CUT, Reason.LIFTED)
"""Where a live playlist begins anew: nobody shall play up to here first."""


LEAST_TARGETS = 4


@dataclass(frozen=True, slots=True)
class Kept:
    segment: Segment
    discontinuities: int  # of this track up to and with this segment


class Ring:
    """Safe to use from several threads. Oldest segments leave by age and when the bytes are over the limit.

    ``first_discontinuity`` should grow from one start of the recorder to the next, as segment numbers do: a player
    that stays through a restart sees both counters go on.
    """

    def __init__(self, keep_ticks: int, keep_bytes: int, window: int, target_s: int, first_discontinuity: int) -> None:
        self._keep_ticks = keep_ticks
        self._keep_bytes = keep_bytes
        self._window = window
        self._target_s = target_s
        self._lock = threading.Lock()
        self._tracks: dict[Track, deque[Kept]] = {track: deque() for track in Track}
        self._counts = dict.fromkeys(Track, first_discontinuity)
        self._bytes = 0
        self._withdrawn = False

    def withdraw(self) -> str | None:
        """Nobody gets anything of what is here, or of what still comes before :meth:`reopen`.

        Gives the time (UTC) from which on some players may not have seen it yet; None: there was nothing.
        """
        with self._lock:
            self._withdrawn = True
            windows = [self._newest(track) for track in Track]
            for kept in self._tracks.values():
                kept.clear()
            self._bytes = 0
            return min((window[0].segment.utc for window in windows if window), default=None)

    def reopen(self) -> None:
        self._withdrawn = False

    def add(self, segment: Segment) -> None:
        with self._lock:
            if self._withdrawn:
                return
            self._counts[segment.track] += segment.reason is not None
            self._tracks[segment.track].append(Kept(segment, self._counts[segment.track]))
            self._bytes += len(segment.data)
            while self._bytes > self._keep_bytes and self._drop_oldest():
                pass

    def expire(self, now: int) -> None:
        """Let go of what ended more than the kept time before ``now``."""
        with self._lock:
            for kept in self._tracks.values():
                while kept and kept[0].segment.end < now - self._keep_ticks:
                    self._bytes -= len(kept.popleft().segment.data)

    def _drop_oldest(self) -> bool:
        queues = [kept for kept in self._tracks.values() if len(kept) > 1]
        if not queues:
            return False
        oldest = min(queues, key=lambda kept: kept[0].segment.start)
        self._bytes -= len(oldest.popleft().segment.data)
        return True

    def file(self, name: str) -> bytes | None:
        with self._lock:
            for kept in self._tracks.values():
                for one in reversed(kept):
                    if one.segment.name == name:
                        return one.segment.data
                    if one.segment.init.name == name:
                        return one.segment.init.data
        return None

    def newest(self, track: Track) -> int | None:
        """The number of the last segment."""
        with self._lock:
            kept = self._tracks[track]
            return kept[-1].segment.number if kept else None

    def begins_lifted(self, track: Track, since: int) -> bool:
        """Whether the playlist begins with the first picture after a curtain that rose at ``since``."""
        with self._lock:
            window = self._newest(track)
            return bool(window) and window[0].segment.reason is Reason.LIFTED and window[0].segment.end > since

    def playlist(self, track: Track, *, blocking: bool = False) -> str | None:
        """The newest segments of the track that follow each other without a hole, none from before a curtain.

        ``blocking``: while pieces are short the next one may be waited for.
        """
        with self._lock:
            window = self._newest(track)
        if not window:
            return None
        first = window[0]
        items = [
            playlist.Item(
                name=kept.segment.name,
                init=kept.segment.init.name,
                ticks=kept.segment.end - kept.segment.start,
                utc=kept.segment.utc,
                discontinuity=kept.segment.reason is not None,
                independent=kept.segment.independent,
            )
            for kept in window
        ]
        before = first.discontinuities - (first.segment.reason is not None)
        blocking = blocking and window[-1].segment.short
        return playlist.live(items, first.segment.number, before, self._target_s, blocking=blocking)

    def _newest(self, track: Track) -> list[Kept]:
        window: list[Kept] = []
        for kept in reversed(self._tracks[track]):
            hole = bool(window) and window[-1].segment.start - kept.segment.end > VIDEO_HZ
            if hole or (len(window) >= self._window and self._long_enough(window)):
                break
            window.append(kept)
            if kept.segment.reason in BORDERS:
                break
        return window[::-1]

    def _long_enough(self, window: list[Kept]) -> bool:
        """Three target durations at the least (RFC 8216, 6.2.2), also of short pieces."""
        return window[0].segment.end - window[-1].segment.start >= LEAST_TARGETS * self._target_s * VIDEO_HZ
