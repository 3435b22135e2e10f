"""The ledger of credit, as rows that are only ever added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from server.domain.ledger import GENESIS, Entry, Head, flat
from server.domain.refusals import Refusal
from server.store.schema import credit_entries, ledger_heads, lessons
from server.store.upserts import insert

BOOK = "credit"
"""The name of the one ledger that there is."""


class SqlLedger:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self) -> Head:
        """The head's row is the lock. SQLite has one writer; its dialect leaves FOR UPDATE out."""
        first = insert(self._connection, ledger_heads).values(name=BOOK, position=0, hash=GENESIS)
        self._connection.execute(first.on_conflict_do_nothing())
        query = sa.select(ledger_heads).where(ledger_heads.c.name == BOOK).with_for_update()
        row = self._connection.execute(query).one()
        return Head(row.position, row.hash)

    def append(self, head: Head, entries: Sequence[Entry]) -> None:
        """Should the lock ever fail, the unique ``previous_hash`` forbids a fork."""
        if not entries:
            return
        self._connection.execute(sa.insert(credit_entries), [flat(entry) for entry in entries])
        here = (ledger_heads.c.name == BOOK, ledger_heads.c.hash == head.hash)
        moved = sa.update(ledger_heads).where(*here).values(position=entries[-1].position, hash=entries[-1].hash)
        if self._connection.execute(moved).rowcount != 1:
            raise Refusal("internal", "the ledger's head moved under its lock")

    def of_lesson(self, lesson_id: str) -> tuple[Entry, ...]:
        query = sa.select(credit_entries).where(credit_entries.c.lesson_id == lesson_id)
        return self._entries(query.order_by(credit_entries.c.position))

    def of_member(self, member_id: str, since: dt.datetime, until: dt.datetime) -> tuple[Entry, ...]:
        when = sa.func.coalesce(lessons.c.starts_at, credit_entries.c.at, type_=credit_entries.c.at.type)
        joined = credit_entries.outerjoin(lessons, lessons.c.id == credit_entries.c.lesson_id)
        mine = (credit_entries.c.member_id == member_id, when >= since, when < until)
        query = sa.select(credit_entries).select_from(joined).where(*mine)
        return self._entries(query.order_by(credit_entries.c.position.desc()))

    def named(self, entry_ids: Collection[str]) -> dict[str, Entry]:
        if not entry_ids:
            return {}
        return {e.id: e for e in self._entries(sa.select(credit_entries).where(credit_entries.c.id.in_(entry_ids)))}

    def _entries(self, query: sa.Select[Any]) -> tuple[Entry, ...]:
        return tuple(Entry(**row._mapping) for row in self._connection.execute(query))
