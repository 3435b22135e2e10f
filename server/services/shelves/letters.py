"""The shelf of letters that belong to no lesson."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.letters import Letter, Reader


class LetterShelf(Protocol):
    def add(self, letters: Sequence[Letter]) -> None:
        """What somebody was told already is left as it is."""

    def told(self, abouts: Collection[str]) -> frozenset[tuple[str, str]]:
        """Account and occasion of each letter about one of these."""
        ...

    def listed(self, reader: Reader, before: tuple[dt.datetime, str] | None, limit: int) -> tuple[Letter, ...]:
        """Newest first, of one moment by id."""
        ...

    def unread(self, reader: Reader) -> int: ...

    def mark(self, reader: Reader, letter_id: str | None, read_at: dt.datetime | None) -> int:
        """One letter of the reader, or all that are unread; how many were the reader's. None: unread again."""
        ...
