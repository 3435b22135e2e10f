"""Bundles of sign-in sheets, as rows; the archive lies beside until it expires."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import sqlalchemy as sa

from server.domain.jobs import OVER, JobState
from server.domain.sheet_bundles import SheetBundle, SheetFormat
from server.store.schema import sheet_bundles
from server.store.upserts import insert

_its = sheet_bundles.c
_LIGHT = [column for column in sheet_bundles.c if column.name != "content"]


class SqlSheetBundles:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, bundle_id: str, *, lock: bool = False) -> SheetBundle | None:
        query = sa.select(*_LIGHT).where(_its.id == bundle_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _bundle(row)

    def put(self, one: SheetBundle, content: bytes | None = None) -> None:
        fields = {**asdict(one), "content": content}
        adding = insert(self._connection, sheet_bundles).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    def of_account(self, account_id: str, lesson_id: str, unit_id: str, limit: int) -> tuple[SheetBundle, ...]:
        mine = (_its.account_id == account_id, _its.lesson_id == lesson_id, _its.unit_id == unit_id)
        return self._found(sa.select(*_LIGHT).where(*mine).order_by(_its.created_at.desc(), _its.id).limit(limit))

    def unfinished(self) -> tuple[SheetBundle, ...]:
        open_ones = _its.state.not_in([state.value for state in OVER])
        return self._found(sa.select(*_LIGHT).where(open_ones).order_by(_its.created_at, _its.id))

    def content(self, bundle_id: str) -> bytes | None:
        query = sa.select(_its.content).where(_its.id == bundle_id)
        return self._connection.execute(query).scalar_one_or_none()

    def forget_before(self, before: dt.datetime) -> int:
        old = (_its.content.is_not(None), _its.ended_at < before)
        return self._connection.execute(sa.update(sheet_bundles).where(*old).values(content=None)).rowcount

    def _found(self, query: sa.Select[*tuple[object, ...]]) -> tuple[SheetBundle, ...]:
        return tuple(_bundle(row) for row in self._connection.execute(query))


def _bundle(row: sa.Row[*tuple[object, ...]]) -> SheetBundle:
    return SheetBundle(**{**row._mapping, "state": JobState(row.state), "format": SheetFormat(row.format)})
