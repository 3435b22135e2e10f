"""Rosters that were imported, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.imports import FORGOTTEN, ImportState, RosterImport
from server.store.schema import roster_imports
from server.store.upserts import insert

_NEWEST = (roster_imports.c.created_at.desc(), roster_imports.c.id)


class SqlImports:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, import_id: str) -> RosterImport | None:
        return self._one(sa.select(roster_imports).where(roster_imports.c.id == import_id))

    def lock(self, import_id: str) -> RosterImport | None:
        return self._one(sa.select(roster_imports).where(roster_imports.c.id == import_id).with_for_update())

    def _one(self, query: sa.Select[*tuple[Any, ...]]) -> RosterImport | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _import(row)

    def put(self, one: RosterImport) -> None:
        fields = {**asdict(one), "scope": list(one.scope), "report": dict(one.report)}
        adding = insert(self._connection, roster_imports).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def newest(self, limit: int) -> tuple[RosterImport, ...]:
        columns = [column for column in roster_imports.c if column.name != "content"]
        query = sa.select(*columns, sa.null().label("content")).order_by(*_NEWEST).limit(limit)
        return tuple(_import(row) for row in self._connection.execute(query))

    def applying(self, runner: str) -> RosterImport | None:
        query = sa.select(roster_imports).where(
            roster_imports.c.runner == runner, roster_imports.c.state == ImportState.APPLYING.value
        )
        return self._one(query.order_by(roster_imports.c.created_at, roster_imports.c.id).limit(1))

    def forget_before(self, before: dt.datetime, now: dt.datetime) -> int:
        return self._forget(roster_imports.c.created_at < before, now)

    def keeping(self) -> tuple[str, ...]:
        query = sa.select(roster_imports.c.id).where(roster_imports.c.content.is_not(None))
        return tuple(self._connection.execute(query.order_by(*_NEWEST)).scalars())

    def forget_others(self, silent: Collection[str], now: dt.datetime) -> int:
        spoken = [each for each in self.keeping() if each not in silent]
        if not spoken:
            return 0
        these = roster_imports.c.id.in_(spoken)
        self._forget(these, now)
        self._connection.execute(sa.update(roster_imports).where(these).values(content=None))
        return len(spoken)

    def _forget(self, which: sa.ColumnElement[bool], now: dt.datetime) -> int:
        """Those that wait end; of one that is being applied the importer sees it, and ends it."""
        over = {"content": None, "state": ImportState.CANCELLED.value, "code": FORGOTTEN, "ended_at": now}
        waiting = (which, roster_imports.c.state == ImportState.CHECKED.value)
        return self._connection.execute(sa.update(roster_imports).where(*waiting).values(over)).rowcount


def _import(row: sa.Row[*tuple[Any, ...]]) -> RosterImport:
    return RosterImport(
        **{**row._mapping, "scope": tuple(row.scope), "state": ImportState(row.state)},
    )
