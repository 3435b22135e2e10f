"""Shelves of what members write, of who was asked to be silent, and of listed words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.chat import ChatSettings, Line, LineQuery, Mute
from server.domain.wordlist import WordList


class ChatShelf(Protocol):
    def settings(self, lesson_id: str) -> ChatSettings:
        """A lesson of which nothing was said has the first ones."""
        ...

    def set(self, lesson_id: str, settings: ChatSettings) -> None: ...

    def get(self, line_id: str) -> Line | None: ...

    def add(self, line: Line) -> None: ...

    def save(self, line: Line) -> None: ...

    def listed(self, lesson_id: str, query: LineQuery, limit: int) -> tuple[Line, ...]:
        """In order of ``seq``: the oldest after ``after``, else the newest (before ``before``)."""
        ...

    def waiting(self, lesson_id: str) -> int: ...

    def times(self, lesson_id: str, speaker_id: str, count: int) -> tuple[dt.datetime, ...]:
        """Of the speaker's last lines, newest first."""
        ...

    def count_since(self, lesson_id: str, at: dt.datetime) -> int: ...


class MuteShelf(Protocol):
    def get(self, lesson_id: str, speaker_id: str) -> Mute | None: ...

    def of(self, lesson_id: str, now: dt.datetime) -> tuple[Mute, ...]:
        """Those that last, the first to end first."""
        ...

    def put(self, mute: Mute) -> None:
        """In the place of the one before."""
        ...

    def remove(self, lesson_id: str, speaker_id: str) -> Mute | None: ...


class WordShelf(Protocol):
    def get(self, unit_id: str) -> WordList: ...

    def of(self, unit_ids: Collection[str]) -> tuple[str, ...]:
        """The words of all these units."""
        ...

    def put(self, words: WordList) -> bool:
        """False: it was not in the version before this one."""
        ...
