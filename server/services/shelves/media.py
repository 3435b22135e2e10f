"""Shelves of streams and what is kept of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.access import Reach
from server.domain.alarms import Alarm
from server.domain.kits import VenueKey
from server.domain.lessons import Lesson
from server.domain.recordings import Mark, Recording, RecordingFilter, RecordingState, RecordingSummary
from server.domain.streams import MediaSession


class RecordingShelf(Protocol):
    def get(self, recording_id: str) -> Recording | None: ...

    def of_lesson(self, lesson_id: str) -> tuple[Recording, ...]: ...

    def listed(
        self, reach: Reach, wanted: RecordingFilter, before: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[tuple[Recording, Lesson], ...]:
        """Of something recorded, within reach, newest lesson first, after the cursor (start, recording id)."""
        ...

    def marks(self, lesson_ids: Collection[str], text: str) -> dict[str, tuple[Mark, ...]]:
        """Of these lessons those that hold the text, by time."""
        ...

    def unfinished(self) -> tuple[tuple[Recording, Lesson], ...]: ...

    def finished(self, limit: int) -> tuple[str, ...]:
        """Ids of those with something in them, the newest first."""
        ...

    def add(self, recording: Recording) -> None: ...

    def set_state(self, recording_id: str, state: RecordingState) -> None: ...

    def untold(self, limit: int) -> tuple[tuple[Recording, Lesson], ...]:
        """Finished ones whose chapters of the log are not kept for the search yet, the newest lesson first."""
        ...

    def note_told(self, recording_id: str, now: dt.datetime | None) -> None:
        """None: they are to be told anew."""

    def save_summary(self, summary: RecordingSummary) -> None:
        """Takes over what is on disk. Unknown recordings are ignored."""


class AlarmShelf(Protocol):
    def active(self, lesson_id: str) -> tuple[Alarm, ...]: ...

    def raise_(self, lesson_id: str, alarm: Alarm) -> bool:
        """Whether it was not active yet, for its source."""
        ...

    def clear(self, lesson_id: str, code: str, source: str | None = None) -> bool:
        """Whether it was active."""
        ...


class MediaSessionShelf(Protocol):
    """Peer connections, by the digest of their resource's secret."""

    def add(self, session: MediaSession) -> None: ...

    def add_all(self, sessions: Sequence[MediaSession]) -> None: ...

    def by_resource(self, resource_digest: str, *, ended: bool = False) -> MediaSession | None:
        """None when it has ended, unless ``ended`` ones count too."""
        ...

    def publisher(self, lesson_id: str, source: str) -> MediaSession | None:
        """The newest that has not ended."""
        ...

    def published(self, lesson_id: str, source: str, client_id: str, *, before: dt.datetime) -> bool:
        """Whether this client began to send the source ``before`` then, be it over or not."""
        ...

    def open_of_lesson(self, lesson_id: str) -> tuple[MediaSession, ...]:
        """Those that have not ended."""
        ...

    def open_of_login(self, login: str) -> tuple[MediaSession, ...]: ...

    def rename(self, session_id: str, name: str) -> None:
        """It shows another view now."""

    def end(self, session_id: str, at: dt.datetime) -> None: ...

    def end_of_lesson(self, lesson_id: str, at: dt.datetime) -> int:
        """Its room is gone. How many had not ended."""
        ...

    def end_left_over(self, before: dt.datetime, at: dt.datetime) -> None:
        """Those of lessons not on the air that began ``before``: whoever could have reported their end has died."""


class VenueKeyShelf(Protocol):
    """Keys of room kits, by the digest of each."""

    def get(self, key_id: str) -> VenueKey | None: ...

    def by_digest(self, digest: str) -> VenueKey | None: ...

    def of_lesson(self, lesson_id: str) -> tuple[VenueKey, ...]:
        """Oldest first, revoked ones too."""
        ...

    def add(self, key: VenueKey) -> None: ...

    def use(self, key_id: str, at: dt.datetime) -> bool:
        """False: it was revoked meanwhile."""
        ...

    def save(self, key: VenueKey) -> None:
        """When it was revoked, and by whom."""
