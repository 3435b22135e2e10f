"""Exports of people's data, as rows; the file lies beside until it expires."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.data_exports import DataExport
from server.domain.jobs import OVER, JobState
from server.store.schema import data_exports
from server.store.upserts import insert

_exports = data_exports.c
_LIGHT = [column for column in data_exports.c if column.name != "content"]


class SqlDataExports:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, export_id: str, *, lock: bool = False) -> DataExport | None:
        query = sa.select(*_LIGHT).where(_exports.id == export_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _export(row)

    def put(self, one: DataExport, content: bytes | None = None) -> None:
        fields = {**asdict(one), "content": content}
        adding = insert(self._connection, data_exports).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def of_account(self, account_id: str, limit: int) -> tuple[DataExport, ...]:
        """Those that the person asked for."""
        own = (_exports.account_id == account_id, _exports.asked_by == account_id)
        return self._found(sa.select(*_LIGHT).where(*own).order_by(_exports.created_at.desc()).limit(limit))

    def of_others(self, limit: int) -> tuple[DataExport, ...]:
        """Those that administrators asked for."""
        theirs = _exports.account_id != _exports.asked_by
        return self._found(sa.select(*_LIGHT).where(theirs).order_by(_exports.created_at.desc()).limit(limit))

    def asked_by(self, account_id: str, since: dt.datetime) -> tuple[DataExport, ...]:
        theirs = (_exports.asked_by == account_id, _exports.account_id != account_id, _exports.created_at > since)
        return self._found(sa.select(*_LIGHT).where(*theirs))

    def unfinished(self) -> tuple[DataExport, ...]:
        open_ones = _exports.state.not_in([state.value for state in OVER])
        return self._found(sa.select(*_LIGHT).where(open_ones).order_by(_exports.created_at, _exports.id))

    def content(self, export_id: str) -> bytes | None:
        query = sa.select(_exports.content).where(_exports.id == export_id)
        return self._connection.execute(query).scalar_one_or_none()

    def forget_before(self, before: dt.datetime) -> int:
        """Files of exports that ended before; the lines that tell of them stay."""
        old = (_exports.content.is_not(None), _exports.ended_at < before)
        return self._connection.execute(sa.update(data_exports).where(*old).values(content=None)).rowcount

    def _found(self, query: sa.Select[*tuple[object, ...]]) -> tuple[DataExport, ...]:
        return tuple(_export(row) for row in self._connection.execute(query))


def _export(row: sa.Row[*tuple[object, ...]]) -> DataExport:
    return DataExport(**{**row._mapping, "state": JobState(row.state)})
