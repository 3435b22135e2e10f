"""Shelves of make-up study."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.make_ups import Attempt, MakeUp
from server.domain.marks import MarkAnswer
from server.domain.replays import Span, Watch


class MakeUpShelf(Protocol):
    def get(self, make_up_id: str) -> MakeUp | None: ...

    def lock(self, make_up_id: str) -> MakeUp | None:
        """For changing it."""
        ...

    def of(self, lesson_id: str, member_id: str) -> MakeUp | None:
        """For changing it."""
        ...

    def seen(self, lesson_id: str, member_id: str) -> MakeUp | None: ...

    def of_lesson(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, MakeUp]:
        """By member."""
        ...

    def of_member(self, member_id: str, limit: int) -> tuple[MakeUp, ...]:
        """The last deadline first."""
        ...

    def among(self, make_up_ids: Collection[str], *, lock: bool = False) -> tuple[MakeUp, ...]: ...

    def listed(
        self,
        unit_ids: Collection[str],
        *,
        lesson_id: str | None,
        open_at: dt.datetime | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[MakeUp, ...]:
        """Of members of these units, the last deadline first, after the cursor. ``open_at``: only those open then, the
        nearest deadline first.
        """
        ...

    def add(self, made: Sequence[MakeUp]) -> None:
        """One that is there already stays as it is."""

    def save(self, make_up: MakeUp) -> None: ...

    def attempts(self, make_up_id: str) -> tuple[Attempt, ...]:
        """By number."""
        ...

    def tried(self, lesson_id: str) -> tuple[tuple[MakeUp, tuple[Attempt, ...]], ...]:
        """Of a lesson those with attempts, each with them by number."""
        ...

    def add_attempt(self, attempt: Attempt) -> None: ...

    def save_attempt(self, attempt: Attempt) -> None: ...

    def marked(self, make_up_ids: Collection[str]) -> dict[str, tuple[MarkAnswer, ...]]:
        """By make-up, its answers at marks by time; one without is not named."""
        ...

    def mark(self, make_up_id: str, answer: MarkAnswer) -> None:
        """The first one stays."""


class WatchShelf(Protocol):
    """What was watched of recordings, and the media that went out for it; rows are made with the offers."""

    def add(self, recording_id: str, member_ids: Collection[str]) -> None:
        """One that is there already stays as it is."""

    def is_kept(self, recording_id: str, member_id: str) -> bool: ...

    def get(self, recording_id: str, member_id: str, *, lock: bool = False) -> tuple[Watch, tuple[Span, ...]] | None:
        """With what was fetched."""
        ...

    def save(self, recording_id: str, member_id: str, watch: Watch) -> None: ...

    def fetch(self, recording_id: str, member_id: str, spans: Sequence[Span]) -> None:
        """These went out, too."""
