"""What was seen and heard of the sources a moment ago, by lesson and source. In memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from server.domain.watching import Look, Watch
from server.services.media import SourceState

HEARD_DBOV = 55
"""As loud as this (0 is the loudest) somebody speaks; rooms hum below it."""
MOVES_WITHIN = dt.timedelta(seconds=3)
BLIND = dt.timedelta(seconds=5)
"""Looks further apart than this saw nothing of what was between them: we were away, or the media process was."""


@dataclass(slots=True)
class _Seen:
    since: dt.datetime  # it is looked at without a break
    looked_at: dt.datetime
    watch: Watch = field(default_factory=Watch)
    frames: int = 0
    moved_at: dt.datetime | None = None
    heard_at: dt.datetime | None = None


class Watches:
    """Holds lessons on the air only, so never more than their sources."""

    def __init__(self) -> None:
        self._lessons: dict[str, dict[str, _Seen]] = {}

    def note(
        self, lesson_id: str, source: str, state: SourceState | None, look: Look, now: dt.datetime
    ) -> frozenset[str]:
        """What is wrong with the source now. ``look`` says what it should be doing, ``state`` what it does."""
        seen = self._lessons.setdefault(lesson_id, {}).setdefault(source, _Seen(now, now))
        if now - seen.looked_at > BLIND:
            seen.since = now
        seen.looked_at = now
        if state is not None and state.frames != seen.frames:
            seen.frames, seen.moved_at = state.frames, now
        if state is not None and state.connected and state.has_audio and state.audio_level_dbov <= HEARD_DBOV:
            seen.heard_at = now
        seen.watch.note(look, now)
        return seen.watch.alarms

    def heard_at(self, lesson_id: str, source: str) -> dt.datetime | None:
        seen = self._lessons.get(lesson_id, {}).get(source)
        return seen.heard_at if seen else None

    def packets_at(self, lesson_id: str, source: str) -> dt.datetime | None:
        """When something came from it for the last time; not before we look: nobody is silent while we are away."""
        seen = self._lessons.get(lesson_id, {}).get(source)
        if seen is None:
            return None
        return max(seen.since, seen.watch.packets_at or seen.since)

    def moves(self, lesson_id: str, source: str, now: dt.datetime) -> bool:
        """Whether pictures have come just now."""
        seen = self._lessons.get(lesson_id, {}).get(source)
        return seen is not None and seen.moved_at is not None and now - seen.moved_at <= MOVES_WITHIN

    def keep(self, lesson_ids: Collection[str]) -> None:
        """The others are off the air."""
        for lesson_id in [each for each in self._lessons if each not in lesson_ids]:
            del self._lessons[lesson_id]
