"""What a killed process had taken in and not yet listed, made into segments by its successor (sans-I/O)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from recordings.clock import from_rfc3339
from recordings.interface import Track
from recordings.manifest import Contents
from recordings.reel import Reel, ReelSettings
from recordings.segment import Segment
from recordings.segmenter import Reason
from recordings.tail import Kept
from recordings.timeline import TICKS_PER_MS, Timeline, plausible
from rooms.interface import Slot

STEP_MS = 40.0
MOST_SEGMENTS = 16
"""Numbers that the successor's own segments leave free for those of a rescue."""
SOUND_BEFORE_MS = 300.0
TRACK_OF = {Slot.CAMERA: Track.CAMERA, Slot.SCREEN: Track.SCREEN}


@dataclass(frozen=True, slots=True)
class Rescue:
    """The packets of one recording, oldest first, all of them recorded."""

    kept: Sequence[Kept]
    settings: ReelSettings

    def last_tick(self) -> int:
        """Until when something may be rescued, on the recording's timeline."""
        return max((round((k.at_ms - k.origin_media_ms) * TICKS_PER_MS) for k in self.kept), default=0)

    def segments(self, contents: Contents) -> list[Segment]:
        """What follows the last listed segments, without a picture where none was. Nothing twice: what is listed by
        now is left out, so an attempt that failed half-way can be made again."""
        number = contents.last_number() + 1
        done: list[Segment] = []
        for _, run in itertools.groupby(self.kept, lambda kept: kept.run):
            done += self._of_run(tuple(run), contents, number + len(done))
        return done[:MOST_SEGMENTS]

    def _of_run(self, run: Sequence[Kept], contents: Contents, number: int) -> list[Segment]:
        timeline = Timeline(from_rfc3339(contents.origin), run[0].origin_media_ms)
        wanted = [(kept, at) for kept in run if (at := _place(kept, timeline, contents)) is not None]
        if not any(kept.packet.slot in TRACK_OF for kept, _ in wanted):
            return []
        start_ms = min(timeline.media_ms(at - 1) for _, at in wanted)
        reel = Reel(timeline, start_ms, number, None, self.settings, recorded=True)
        done, advanced_ms = [], start_ms
        for kept, _ in wanted:
            if kept.at_ms - advanced_ms >= STEP_MS:
                advanced_ms = kept.at_ms
                done += reel.advance(advanced_ms)
            done += reel.packet(kept.packet, kept.at_ms)
        return [_restarted(segment) for segment in done + reel.flush(run[-1].at_ms)]


def _place(kept: Kept, timeline: Timeline, contents: Contents) -> int | None:
    """Its tick, if it is not yet in the archive."""
    at = timeline.ticks(plausible(kept.packet.media_ms, kept.at_ms))
    track = TRACK_OF.get(kept.packet.slot)
    listed = contents.end(track or Track.CAMERA) or 0
    return at if at >= (listed if track else listed - SOUND_BEFORE_MS * TICKS_PER_MS) else None


def _restarted(segment: Segment) -> Segment:
    return replace(segment, reason=Reason.RESTART) if segment.reason is Reason.START else segment
