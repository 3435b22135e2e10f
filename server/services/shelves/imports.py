"""The shelf of rosters that were imported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.imports import RosterImport


class ImportShelf(Protocol):
    def get(self, import_id: str) -> RosterImport | None: ...

    def lock(self, import_id: str) -> RosterImport | None:
        """For changing it."""
        ...

    def put(self, one: RosterImport) -> None:
        """Add it, or save what changed of it."""

    def newest(self, limit: int) -> tuple[RosterImport, ...]:
        """Without what they brought."""
        ...

    def applying(self, runner: str) -> RosterImport | None:
        """The oldest that this control process has to apply."""
        ...

    def forget_before(self, before: dt.datetime, now: dt.datetime) -> int:
        """Ends those that nobody confirmed since, and drops what they brought."""
        ...

    def keeping(self) -> tuple[str, ...]:
        """Those that still have what they brought."""
        ...

    def forget_others(self, silent: Collection[str], now: dt.datetime) -> int:
        """Of all that are not ``silent`` what they brought goes; those that wait end by it. How many."""
        ...
