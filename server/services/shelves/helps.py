"""Shelves of calls for help and of notices."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from server.domain.helps import Help, Notice


class HelpShelf(Protocol):
    def get(self, help_id: str) -> Help | None: ...

    def of(self, lesson_id: str) -> tuple[Help, ...]: ...

    def open_of(self, lesson_id: str, caller_key: str) -> Help | None:
        """The caller's call that is not closed."""
        ...

    def count(self, lesson_id: str) -> int: ...

    def put(self, called: Help) -> None:
        """Add it, or save what changed of it."""


class NoticeShelf(Protocol):
    def of(self, lesson_id: str) -> tuple[Notice, ...]:
        """Oldest first."""
        ...

    def add(self, notice: Notice) -> None: ...

    def read(self, notice_id: str, lesson_venue_id: str, at: dt.datetime) -> bool:
        """Whether it was unread."""
        ...
