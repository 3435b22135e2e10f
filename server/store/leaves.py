"""Leave, as rows. ``open_key`` is unique and set while a request stands: a member has one of these in a lesson."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.leaves import Leave, LeaveState
from server.store.schema import leaves
from server.store.upserts import insert


class SqlLeaves:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, leave_id: str) -> Leave | None:
        row = self._connection.execute(sa.select(leaves).where(leaves.c.id == leave_id)).one_or_none()
        return None if row is None else _leave(row)

    def of(self, lesson_id: str) -> tuple[Leave, ...]:
        return self._where(leaves.c.lesson_id == lesson_id)

    def last(self, lesson_id: str, member_ids: Collection[str]) -> dict[str, Leave]:
        theirs = self._where(leaves.c.lesson_id == lesson_id, leaves.c.member_id.in_(member_ids))
        return {leave.member_id: leave for leave in theirs}

    def approved(self, lesson_id: str) -> frozenset[str]:
        theirs = (leaves.c.lesson_id == lesson_id, leaves.c.state == LeaveState.APPROVED.value)
        return frozenset(self._connection.execute(sa.select(leaves.c.member_id).where(*theirs)).scalars())

    def _where(self, *conditions: sa.ColumnElement[bool]) -> tuple[Leave, ...]:
        query = sa.select(leaves).where(*conditions).order_by(leaves.c.asked_at, leaves.c.id)
        return tuple(_leave(row) for row in self._connection.execute(query))

    def add(self, leave: Leave) -> bool:
        added = insert(self._connection, leaves).values(_row(leave))
        return self._connection.execute(added.on_conflict_do_nothing(index_elements=["open_key"])).rowcount == 1

    def save(self, leave: Leave) -> None:
        self._connection.execute(sa.update(leaves).where(leaves.c.id == leave.id).values(_row(leave)))


def _row(leave: Leave) -> dict[str, Any]:
    open_key = f"{leave.lesson_id}:{leave.member_id}" if leave.stands else None
    return {**asdict(leave), "state": leave.state.value, "open_key": open_key}


def _leave(row: sa.Row[Any]) -> Leave:
    own = {name: value for name, value in row._mapping.items() if name != "open_key"}
    return Leave(**{**own, "state": LeaveState(row.state)})
