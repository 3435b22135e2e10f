"""Shelves of preflights, and of failovers with the members whom they moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from server.domain.failover import Failover, Move, Person
from server.domain.preflight import Preflight


class PreflightShelf(Protocol):
    def latest(self, lesson_id: str) -> dict[str, Preflight]:
        """The newest one of each lesson venue."""
        ...

    def count(self, lesson_venue_id: str) -> int: ...

    def put(self, preflight: Preflight) -> None:
        """Add it, or save what changed of it."""


class FailoverShelf(Protocol):
    def get(self, failover_id: str) -> Failover | None: ...

    def of(self, lesson_id: str) -> tuple[Failover, ...]:
        """Oldest first."""
        ...

    def add(self, failover: Failover) -> None:
        """And the venue's mark that it holds."""

    def undo(self, failover: Failover) -> None:
        """And the venue's mark away."""

    def people(self, lesson_id: str, lesson_venue_id: str) -> tuple[Person, ...]:
        """Whoever is expected at the venue now, or signed in there."""
        ...

    def moved(self, failover_id: str) -> tuple[Person, ...]:
        """Whoever was moved by it, as they stand now."""
        ...

    def moves(self, lesson_id: str) -> tuple[Move, ...]:
        """All of a lesson, in the order of their times."""
        ...

    def moves_of(self, failover_id: str) -> tuple[Move, ...]: ...

    def move(self, lesson_id: str, moves: Sequence[Move]) -> None:
        """All of one moment and target: written down, and where each member is expected or signed in now."""

    def arriving(self, lesson_id: str, lesson_venue_id: str) -> tuple[str, ...]:
        """Members who are to be at the venue and were not seen there yet."""
        ...

    def arrive(self, lesson_id: str, member_ids: Sequence[str], at: dt.datetime, by: str) -> int:
        """They are where they were moved to. How many were not before."""
        ...
