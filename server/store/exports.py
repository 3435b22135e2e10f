"""Exports of recordings, as rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.exports import UNFINISHED, Export, ExportKind
from server.domain.jobs import JobState
from server.store.schema import exports
from server.store.upserts import insert

_exports = exports.c
_GOING = [state.value for state in UNFINISHED]


class SqlExports:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, export_id: str, *, lock: bool = False) -> Export | None:
        query = sa.select(exports).where(_exports.id == export_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _export(row)

    def put(self, one: Export) -> None:
        fields = {**asdict(one), "result": dict(one.result) if one.result is not None else None}
        adding = insert(self._connection, exports).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def of(self, recording_id: str) -> tuple[Export, ...]:
        query = sa.select(exports).where(_exports.recording_id == recording_id)
        return self._listed(query.order_by(_exports.created_at.desc(), _exports.id))

    def unfinished(self) -> tuple[Export, ...]:
        query = sa.select(exports).where(_exports.state.in_(_GOING))
        return self._listed(query.order_by(_exports.created_at, _exports.id))

    def not_over(self, now: dt.datetime) -> tuple[Export, ...]:
        return self._listed(sa.select(exports).where(sa.or_(_exports.state.in_(_GOING), _exports.until > now)))

    def _listed(self, query: sa.Select[tuple[object, ...]]) -> tuple[Export, ...]:
        return tuple(_export(row) for row in self._connection.execute(query))


def _export(row: sa.Row[*tuple[object, ...]]) -> Export:
    return Export(**{**row._mapping, "state": JobState(row.state), "kind": ExportKind(row.kind)})
