"""Shelves of sign-in sheets that were confirmed, and of archives of many."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from server.domain.attendance_sheets import AttendanceSheet
from server.domain.sheet_bundles import SheetBundle


class SheetShelf(Protocol):
    def get(self, sheet_id: str) -> AttendanceSheet | None: ...

    def by_digest(self, digest: str) -> AttendanceSheet | None: ...

    def versions(self, lesson_id: str, unit_id: str) -> tuple[AttendanceSheet, ...]:
        """The oldest first."""
        ...

    def newest(self, lesson_id: str) -> dict[str, AttendanceSheet]:
        """By unit, without their content."""
        ...

    def add(self, sheet: AttendanceSheet) -> bool:
        """Whether nobody else has confirmed this version."""
        ...


class SheetBundleShelf(Protocol):
    def get(self, bundle_id: str, *, lock: bool = False) -> SheetBundle | None: ...

    def put(self, one: SheetBundle, content: bytes | None = None) -> None:
        """Add it, or save what changed of it. ``content``: the archive."""

    def of_account(self, account_id: str, lesson_id: str, unit_id: str, limit: int) -> tuple[SheetBundle, ...]:
        """Those that the account asked for, newest first."""
        ...

    def unfinished(self) -> tuple[SheetBundle, ...]:
        """The oldest first."""
        ...

    def content(self, bundle_id: str) -> bytes | None: ...

    def forget_before(self, before: dt.datetime) -> int: ...
