"""Shelves of the calendar: courses, series, the rhythm of kinds of lessons, secret addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.courses import Course, Series
from server.domain.feeds import Feed
from server.domain.lesson_kinds import KindRule


class CourseShelf(Protocol):
    def get(self, course_id: str) -> Course | None: ...

    def lock(self, course_id: str) -> Course | None: ...

    def of_units(self, unit_ids: Collection[str]) -> tuple[Course, ...]:
        """By title and id."""
        ...

    def titles(self, course_ids: Collection[str]) -> dict[str, str]: ...

    def add(self, course: Course) -> None: ...

    def save(self, course: Course) -> None: ...

    def series(self, series_id: str) -> Series | None:
        """Its row locked until the end of the transaction."""
        ...

    def add_series(self, series: Series) -> None: ...

    def undo_series(self, series_id: str, at: dt.datetime) -> None: ...


class KindRuleShelf(Protocol):
    def all(self) -> tuple[KindRule, ...]: ...

    def put(self, rule: KindRule) -> None:
        """In the place of one of the same unit, kind and day."""


class FeedShelf(Protocol):
    def of_account(self, account_id: str) -> Feed | None: ...

    def by_digest(self, token_digest: str) -> Feed | None: ...

    def put(self, feed: Feed) -> None:
        """In the place of the account's former one."""

    def drop(self, account_id: str) -> None: ...

    def used(self, feed_id: str, at: dt.datetime) -> None: ...
