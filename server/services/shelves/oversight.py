"""The shelf of overseen items (督办)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.oversight import Oversight, OversightStep, Shown


class OversightShelf(Protocol):
    def get(self, oversight_id: str, *, lock: bool = False) -> Oversight | None: ...

    def among(self, oversight_ids: Collection[str]) -> tuple[Oversight, ...]: ...

    def open_between(self, first: dt.date, last: dt.date, *, after: str, limit: int) -> tuple[Oversight, ...]:
        """Not answered, with their day from ``first`` to ``last``; by id, those behind ``after``."""
        ...

    def listed(
        self,
        unit_ids: Collection[str],
        today: dt.date,
        *,
        state: Shown | None,
        before: tuple[dt.datetime, str] | None,
        limit: int,
    ) -> tuple[Oversight, ...]:
        """Asked of these units, newest first, after the cursor."""
        ...

    def counts(self, unit_ids: Collection[str], today: dt.date) -> dict[Shown, int]:
        """How many of these units' are in each state; every state."""
        ...

    def lock_unit(self, unit_id: str) -> int:
        """How many of the unit's are not done, while nobody else adds one, until the end of the transaction."""
        ...

    def add(self, one: Oversight) -> None: ...

    def save(self, one: Oversight) -> None: ...

    def enter(self, step: OversightStep) -> None: ...

    def steps(self, oversight_ids: Collection[str]) -> dict[str, tuple[OversightStep, ...]]:
        """In the order in which they were taken; who has none is not in it."""
        ...
