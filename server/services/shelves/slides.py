"""The shelf of what slides were on stage."""

from __future__ import annotations

from typing import Protocol

from server.domain.slides import Standing, Turn


class SlideShelf(Protocol):
    def last(self, lesson_id: str) -> Turn | None: ...

    def of(self, lesson_id: str) -> tuple[Turn, ...]:
        """In order."""
        ...

    def put(self, lesson_id: str, turn: Turn) -> None:
        """Add it, or replace the one of the same number."""

    def standing(self, lesson_id: str) -> Standing | None:
        """What is on stage now."""
        ...

    def reached(self, lesson_id: str) -> dict[str, int]:
        """Of each material that was ever on stage: the furthest page shown."""
        ...
