"""Sign-in sheets that were confirmed, as rows."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa

from server.domain.attendance_sheets import AttendanceSheet
from server.store.schema import attendance_sheets
from server.store.upserts import insert

_FIELDS = tuple(field.name for field in fields(AttendanceSheet))
_VERSION = ["lesson_id", "unit_id", "version"]


class SqlSheets:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, sheet_id: str) -> AttendanceSheet | None:
        query = sa.select(attendance_sheets).where(attendance_sheets.c.id == sheet_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _sheet(row)

    def by_digest(self, digest: str) -> AttendanceSheet | None:
        query = sa.select(attendance_sheets).where(attendance_sheets.c.digest == digest).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _sheet(row)

    def versions(self, lesson_id: str, unit_id: str) -> tuple[AttendanceSheet, ...]:
        mine = (attendance_sheets.c.lesson_id == lesson_id, attendance_sheets.c.unit_id == unit_id)
        query = sa.select(attendance_sheets).where(*mine).order_by(attendance_sheets.c.version)
        return tuple(_sheet(row) for row in self._connection.execute(query))

    def newest(self, lesson_id: str) -> dict[str, AttendanceSheet]:
        light = [column for column in attendance_sheets.c if column.name != "content"]
        query = sa.select(*light, sa.literal("").label("content")).where(attendance_sheets.c.lesson_id == lesson_id)
        rows = self._connection.execute(query.order_by(attendance_sheets.c.version))
        return {row.unit_id: _sheet(row) for row in rows}

    def add(self, sheet: AttendanceSheet) -> bool:
        added = insert(self._connection, attendance_sheets).values(asdict(sheet))
        return self._connection.execute(added.on_conflict_do_nothing(index_elements=_VERSION)).rowcount == 1


def _sheet(row: sa.Row[*tuple[Any, ...]]) -> AttendanceSheet:
    return AttendanceSheet(**{name: getattr(row, name) for name in _FIELDS})
