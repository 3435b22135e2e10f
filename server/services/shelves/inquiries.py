"""Shelves of inquiries, how a lesson shows them, and of chapters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from server.domain.chapters import Chapter
from server.domain.inquiries import Desk, Inquiry
from server.domain.told_chapters import Told


class InquiryShelf(Protocol):
    def get(self, inquiry_id: str) -> Inquiry | None: ...

    def named(self, inquiry_ids: Collection[str]) -> dict[str, Inquiry]: ...

    def listed(
        self, lesson_id: str, asker: str | None, after: tuple[dt.datetime, str] | None, limit: int
    ) -> tuple[Inquiry, ...]:
        """In the order of asking. ``asker``: what others may see, and what this account asked; None: all."""
        ...

    def shown(self, lesson_id: str) -> tuple[Inquiry, ...]:
        """What everybody may see."""
        ...

    def on_stage(self, lesson_id: str) -> Inquiry | None: ...

    def pace(self, lesson_id: str, member_id: str, since: dt.datetime) -> tuple[int, tuple[dt.datetime, ...]]:
        """How many of the member's are waiting, and when those since then were asked."""
        ...

    def count(self, lesson_id: str) -> int: ...

    def waiting(self, lesson_id: str) -> int: ...

    def add(self, inquiry: Inquiry) -> None: ...

    def save(self, inquiry: Inquiry) -> None:
        """All but its votes, which :meth:`recount` keeps."""

    def take_along(self, old_target: str, new_target: str) -> None:
        """What was merged into the one goes with it into the other."""

    def order(self, lesson_id: str, ids: Sequence[str]) -> None:
        """By hand: these get their places, all others lose theirs."""

    def vote(self, inquiry_id: str, member_id: str, *, up: bool) -> None:
        """Nothing happens when it is so already."""

    def voted(self, lesson_id: str, member_id: str) -> frozenset[str]:
        """What the member voted for."""
        ...

    def recount(self, inquiry_id: str) -> int:
        """Its votes as :func:`server.domain.inquiries.support` counts them, kept beside it."""
        ...

    def untold(self, lesson_id: str, most: int | None) -> Mapping[str, int]:
        """Votes of what is shown that the log does not say yet, ``most`` of them, None for all."""
        ...

    def note_told(self, votes: Mapping[str, int]) -> None:
        """The log says so."""

    def desk(self, lesson_id: str) -> Desk: ...

    def set_desk(self, lesson_id: str, desk: Desk) -> None: ...


class ChapterShelf(Protocol):
    def get(self, chapter_id: str) -> Chapter | None: ...

    def of(self, lesson_id: str) -> tuple[Chapter, ...]:
        """By time."""
        ...

    def of_inquiry(self, inquiry_id: str) -> Chapter | None: ...

    def add(self, chapter: Chapter) -> None: ...

    def save(self, chapter: Chapter) -> None: ...

    def remove(self, chapter_id: str) -> None: ...

    def retell(self, lesson_id: str, told: Sequence[Told]) -> None:
        """Those that follow from the log, for the search; in the place of all that there were."""
