"""Letters that belong to no lesson, as rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.letters import Letter, Reader, Topic
from server.store.batches import batched
from server.store.schema import letters
from server.store.upserts import insert

_its = letters.c
_ROWS_AT_ONCE = 1000


class SqlLetters:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, added: Sequence[Letter]) -> None:
        rows = [{**asdict(one), "topic": one.topic.value} for one in added]
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            writing = insert(self._connection, letters).on_conflict_do_nothing()
            self._connection.execute(writing, rows[first : first + _ROWS_AT_ONCE])

    def told(self, abouts: Collection[str]) -> frozenset[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for some in batched(abouts):
            query = sa.select(_its.account_id, _its.occasion).where(_its.about.in_(some), _its.account_id.is_not(None))
            found.update((row.account_id, row.occasion) for row in self._connection.execute(query))
        return frozenset(found)

    def listed(self, reader: Reader, before: tuple[dt.datetime, str] | None, limit: int) -> tuple[Letter, ...]:
        query = sa.select(letters).where(_of(reader))
        if before is not None:
            at, last_id = before
            query = query.where(sa.or_(_its.sent_at < at, sa.and_(_its.sent_at == at, _its.id > last_id)))
        rows = self._connection.execute(query.order_by(_its.sent_at.desc(), _its.id).limit(limit))
        return tuple(Letter(**{**row._mapping, "topic": Topic(row.topic)}) for row in rows)

    def unread(self, reader: Reader) -> int:
        query = sa.select(sa.func.count()).select_from(letters).where(_of(reader), _its.read_at.is_(None))
        return int(self._connection.execute(query).scalar_one())

    def mark(self, reader: Reader, letter_id: str | None, read_at: dt.datetime | None) -> int:
        which: list[Any] = [_of(reader), _its.read_at.is_(None) if letter_id is None else _its.id == letter_id]
        return self._connection.execute(sa.update(letters).where(*which).values(read_at=read_at)).rowcount


def _of(reader: Reader) -> sa.ColumnElement[bool]:
    own = _its.account_id == reader.account_id
    return own if reader.member_id is None else sa.or_(own, _its.member_id == reader.member_id)
