"""Shelf of doubts about sign-ins and what came of them."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from server.domain.findings import Finding, Flag
from server.domain.proof import Doubt


class FindingShelf(Protocol):
    def flag(self, lesson_id: str, member_id: str, doubt: Doubt, account_id: str, at: dt.datetime) -> None:
        """Once for each member and doubt: the first time stands."""

    def flags(self, lesson_id: str) -> tuple[Flag, ...]:
        """In the order of their times."""
        ...

    def add(self, finding: Finding) -> None: ...

    def of(self, lesson_id: str) -> tuple[Finding, ...]:
        """Oldest first."""
        ...
