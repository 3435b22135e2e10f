"""The shelf of sign-in sheets that were confirmed."""

from __future__ import annotations

from typing import Protocol

from server.domain.attendance_sheets import AttendanceSheet


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
