"""Small hints between processes: "something new in this lesson". The truth stays in the database."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from server.domain.events import Hint

__all__ = ["Fanout", "Hint", "Subscription"]


class Subscription(Protocol):
    """Hints of one lesson, or of all. Hints of a lesson that wait are merged into its newest: never unbounded."""

    async def next(self) -> Hint:
        """Waits for one. May be cancelled without loss."""
        ...


class Fanout(Protocol):
    async def publish(self, hint: Hint) -> None:
        """Reaches every subscriber of this process at once, other processes soon. Never raises, never waits long."""

    def subscribe(self, lesson_id: str | None = None) -> AbstractAsyncContextManager[Subscription]:
        """``None``: every lesson. Hints published from the entry on are seen."""
        ...
