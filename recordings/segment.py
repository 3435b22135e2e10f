"""What leaves the media half of a recorder: finished segments, on their way to memory and to disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from recordings.interface import Track
from recordings.segmenter import Reason


@dataclass(frozen=True, slots=True)
class Init:
    """An init segment. Named by its content: the same format has the same name, also after a restart."""

    name: str
    data: bytes
    codecs: str  # RFC 6381
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Segment:
    """``start`` and ``end`` are ticks of 90 kHz on the recording's timeline.

    ``short``: one of those behind a curtain, after which the next comes sooner than usual.
    ``reason``: why it doesn't simply continue the segment before it, else None. ``recorded``: it belongs on disk.
    """

    track: Track
    number: int
    init: Init
    start: int
    end: int
    utc: str
    data: bytes
    independent: bool  # starts with a keyframe
    reason: Reason | None
    recorded: bool
    short: bool = False

    @property
    def name(self) -> str:
        return f"{self.track}-{self.number}.m4s"


def init_name(track: Track, data: bytes) -> str:
    return f"{track}-init-{hashlib.sha256(data).hexdigest()[:12]}.mp4"
