"""Shelf of corrections of attendance."""

from __future__ import annotations

from typing import Protocol

from server.domain.corrections import Correction


class CorrectionShelf(Protocol):
    def get(self, correction_id: str) -> Correction | None: ...

    def of(self, lesson_id: str) -> tuple[Correction, ...]:
        """By number."""
        ...

    def add(self, correction: Correction) -> bool:
        """Whether none of the member waits for a second person."""
        ...

    def save(self, correction: Correction) -> None: ...
