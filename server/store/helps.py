"""Calls for help and notices, as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from server.domain.helps import Caller, Help, Notice, Urgency
from server.store.schema import helps, notice_receipts, notices
from server.store.upserts import insert

_SAME = ("id", "lesson_id", "text", "asked_at", "answer", "answered_at", "answered_by", "closed_at", "closed_by")


class SqlHelps:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, help_id: str) -> Help | None:
        return self._one(helps.c.id == help_id)

    def of(self, lesson_id: str) -> tuple[Help, ...]:
        query = sa.select(helps).where(helps.c.lesson_id == lesson_id).order_by(helps.c.asked_at, helps.c.id)
        return tuple(_help(row) for row in self._connection.execute(query))

    def open_of(self, lesson_id: str, caller_key: str) -> Help | None:
        mine = (helps.c.lesson_id == lesson_id, helps.c.caller_key == caller_key, helps.c.closed_at.is_(None))
        return self._one(*mine)

    def _one(self, *conditions: sa.ColumnElement[bool]) -> Help | None:
        row = self._connection.execute(sa.select(helps).where(*conditions)).one_or_none()
        return None if row is None else _help(row)

    def count(self, lesson_id: str) -> int:
        query = sa.select(sa.func.count()).select_from(helps).where(helps.c.lesson_id == lesson_id)
        return self._connection.execute(query).scalar() or 0

    def put(self, called: Help) -> None:
        values: dict[str, Any] = {name: getattr(called, name) for name in _SAME}
        values |= {"urgency": called.urgency.value, "account_id": called.caller.account_id, "name": called.caller.name}
        values |= {"lesson_venue_id": called.caller.lesson_venue_id, "caller_key": called.caller.key}
        added = insert(self._connection, helps).values(values)
        self._connection.execute(added.on_conflict_do_update(index_elements=["id"], set_=values))


class SqlNotices:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def of(self, lesson_id: str) -> tuple[Notice, ...]:
        query = sa.select(notices).where(notices.c.lesson_id == lesson_id).order_by(notices.c.sent_at, notices.c.id)
        rows = self._connection.execute(query).all()
        read = self._read([row.id for row in rows])
        return tuple(
            Notice(row.id, row.lesson_id, row.text, row.sent_at, row.sent_by, frozenset(read[row.id])) for row in rows
        )

    def _read(self, notice_ids: list[str]) -> defaultdict[str, set[str]]:
        read: defaultdict[str, set[str]] = defaultdict(set)
        query = sa.select(notice_receipts).where(notice_receipts.c.notice_id.in_(notice_ids))
        for row in self._connection.execute(query):
            read[row.notice_id].add(row.lesson_venue_id)
        return read

    def add(self, notice: Notice) -> None:
        values = {name: getattr(notice, name) for name in ("id", "lesson_id", "text", "sent_at", "sent_by")}
        self._connection.execute(sa.insert(notices).values(values))

    def read(self, notice_id: str, lesson_venue_id: str, at: dt.datetime) -> bool:
        values = {"notice_id": notice_id, "lesson_venue_id": lesson_venue_id, "read_at": at}
        added = insert(self._connection, notice_receipts).values(values).on_conflict_do_nothing()
        return self._connection.execute(added).rowcount == 1


def _help(row: sa.Row[Any]) -> Help:
    caller = Caller(row.account_id, row.lesson_venue_id, row.name)
    return Help(caller=caller, urgency=Urgency(row.urgency), **{name: getattr(row, name) for name in _SAME})
