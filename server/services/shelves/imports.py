"""The shelf of rosters that were imported."""

from __future__ import annotations

import datetime as dt
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

    def forget_before(self, before: dt.datetime) -> int:
        """Drops what those brought that nobody confirmed since."""
        ...
