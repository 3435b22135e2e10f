"""Preflights of venues, as rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from server.domain.preflight import Check, CheckName, Preflight, Result
from server.store.schema import preflights
from server.store.upserts import insert

_SAME: tuple[str, ...] = ("id", "lesson_id", "lesson_venue_id", "ran_at", "account_id", "device", "client")
_SAME += ("device_now", "signed_at", "signed_by", "reason")


class SqlPreflights:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def latest(self, lesson_id: str) -> dict[str, Preflight]:
        query = sa.select(preflights).where(preflights.c.lesson_id == lesson_id)
        rows = self._connection.execute(query.order_by(preflights.c.ran_at, preflights.c.id))
        return {row.lesson_venue_id: _preflight(row) for row in rows}

    def count(self, lesson_venue_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(preflights)
        return self._connection.execute(query.where(preflights.c.lesson_venue_id == lesson_venue_id)).scalar() or 0

    def put(self, preflight: Preflight) -> None:
        values: dict[str, Any] = {name: getattr(preflight, name) for name in _SAME}
        values["checks"] = {name.value: _told(check) for name, check in preflight.checks.items()}
        added = insert(self._connection, preflights).values(values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))


def _told(check: Check) -> dict[str, Any]:
    values = dict(check.values)
    return {"result": check.result.value, "code": check.code, "at": check.at.isoformat(), "values": values}


def _preflight(row: sa.Row[Any]) -> Preflight:
    own = {name: getattr(row, name) for name in _SAME}
    return Preflight(
        **own, checks={CheckName(name): _check(CheckName(name), told) for name, told in row.checks.items()}
    )


def _check(name: CheckName, told: dict[str, Any]) -> Check:
    return Check(name, Result(told["result"]), told["code"], dt.datetime.fromisoformat(told["at"]), told["values"])
