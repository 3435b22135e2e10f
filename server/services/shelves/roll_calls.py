"""Shelf of roll calls."""

from __future__ import annotations

from typing import Protocol

from server.domain.roll_calls import RollCall


class RollCallShelf(Protocol):
    def last(self, lesson_id: str) -> RollCall | None:
        """The one that counts."""
        ...

    def of(self, lesson_id: str) -> tuple[RollCall, ...]:
        """All, oldest first."""
        ...

    def add(self, roll_call: RollCall) -> None: ...

    def save(self, roll_call: RollCall) -> None:
        """The same venues as when it was added."""
