"""The shelf of hands."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from server.domain.hands import Hand


class HandShelf(Protocol):
    """Of each lesson at most one hand is invited or on the air, of each speaker at most one is open: the database sees
    to it.
    """

    def get(self, hand_id: str) -> Hand | None: ...

    def waiting(self, lesson_id: str) -> tuple[Hand, ...]:
        """In the order of the queue."""
        ...

    def waiting_count(self, lesson_id: str) -> int: ...

    def active(self, lesson_id: str) -> Hand | None:
        """Who is asked to speak, or speaks."""
        ...

    def all_invited(self) -> tuple[Hand, ...]:
        """Of every lesson."""
        ...

    def open_of(self, lesson_id: str, speaker_id: str) -> Hand | None: ...

    def raised_at(self, lesson_id: str, speaker_id: str) -> tuple[dt.datetime, ...]:
        """When this speaker raised hands, whatever came of them."""
        ...

    def ended(self, lesson_id: str, limit: int) -> tuple[Hand, ...]:
        """The newest first."""
        ...

    def add(self, hand: Hand) -> None: ...

    def save(self, hand: Hand) -> None: ...
