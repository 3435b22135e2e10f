"""The shelf of a year's reminders and confirmed lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from server.domain.year_lists import Reminder, YearList


class YearListShelf(Protocol):
    def reminded(self, member_ids: Collection[str], year: int) -> dict[str, dt.datetime]:
        """When each was reminded last; who never was is not in it."""
        ...

    def last_reminder(self, member_id: str, year: int) -> Reminder | None: ...

    def reminders(self, reminder_ids: Collection[str]) -> tuple[Reminder, ...]: ...

    def remind(self, reminders: Sequence[Reminder]) -> None: ...

    def last_list(self, unit_id: str, year: int) -> YearList | None:
        """The newest version."""
        ...

    def add_list(self, one: YearList) -> None: ...
