"""A clip in play (播放短片): an uploaded video that the house itself puts on the air."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace

CLIP_FILE, POSTER_FILE = "clip.mp4", "poster.jpg"
"""What an uploaded film is made into."""
KEYFRAMES_MS = 2000
"""Clips have a keyframe so often; where one pauses and goes on there is one."""
OVERDUE = dt.timedelta(seconds=5)
"""So long after its end a clip is over, whether or not anybody said so; unless it plays on, late by a slow disk:"""
LATEST = dt.timedelta(minutes=1)
"""So late at most."""


class ClipEnd(enum.StrEnum):
    """Why a clip is over."""

    PLAYED = "played"  # to its end
    STOPPED = "stopped"  # by hand
    CUT = "cut"  # another picture was put on the air
    REPLACED = "replaced"  # by another clip
    BROKEN = "broken"  # its file could not be read


@dataclass(frozen=True, slots=True)
class Clip:
    """The one of a lesson that is in play. ``position_ms``: where in it, at ``since``.

    ``order`` differs for every start, pause and resumption within a lesson. ``former_camera`` and ``former_opened``:
    what was seen and heard before it.
    """

    material_id: str
    name: str
    duration_ms: int
    order: int
    position_ms: int
    since: dt.datetime
    paused: bool
    former_camera: str | None
    former_opened: frozenset[str]
    started_by: str

    def at_ms(self, now: dt.datetime) -> int:
        """Where in it it is, by the clock."""
        if self.paused:
            return self.position_ms
        passed = max(0, (now - self.since) // dt.timedelta(milliseconds=1))
        return min(self.duration_ms, self.position_ms + passed)

    def ended(self, now: dt.datetime) -> bool:
        """By the clock, all of it has been played."""
        return not self.paused and self.at_ms(now) >= self.duration_ms

    def overdue(self, now: dt.datetime) -> bool:
        return self.ended(now) and self.ended(now - OVERDUE)


def paused(clip: Clip, order: int, now: dt.datetime) -> Clip:
    """Its last keyframe stands. A clip that pauses already stays as it is."""
    if clip.paused:
        return clip
    at_ms = clip.at_ms(now) // KEYFRAMES_MS * KEYFRAMES_MS
    return replace(clip, order=order, position_ms=at_ms, since=now, paused=True)


def resumed(clip: Clip, order: int, now: dt.datetime) -> Clip:
    """From the picture that stands on. A clip that runs already stays as it is."""
    return replace(clip, order=order, since=now, paused=False) if clip.paused else clip
