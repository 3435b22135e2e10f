"""The shelf of planned launches."""

from __future__ import annotations

from typing import Protocol

from server.domain.planned_launches import PlannedLaunch


class PlannedShelf(Protocol):
    def get(self, planned_id: str) -> PlannedLaunch | None: ...

    def of(self, lesson_id: str) -> tuple[PlannedLaunch, ...]:
        """Of any state, the one that was planned first first."""
        ...

    def due(self) -> tuple[PlannedLaunch, ...]:
        """Of every lesson those that wait and have a time, the next one first."""
        ...

    def put(self, plan: PlannedLaunch) -> None:
        """New, or what became of it."""
