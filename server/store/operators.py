"""Operators of rooms, as rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.operators import Operator
from server.store.batches import batched
from server.store.schema import room_operators, venues
from server.store.upserts import padded


def operating(on: dt.date | sa.BindParameter[dt.date]) -> sa.ColumnElement[bool]:
    """Rows that hold on a day."""
    until = room_operators.c.until
    return sa.and_(room_operators.c.since <= on, sa.or_(until.is_(None), until > on))


_ROOMS = sa.select(room_operators.c.account_id, room_operators.c.venue_id).where(
    room_operators.c.account_id.in_(sa.bindparam("accounts", expanding=True)),
    operating(sa.bindparam("on", type_=sa.Date)),
)


def rooms_of(connection: sa.Connection, account_ids: Collection[str], on: dt.date) -> defaultdict[str, list[str]]:
    """The rooms that each of these accounts operates on that day."""
    rows = connection.execute(_ROOMS, {"accounts": padded(account_ids), "on": on})
    found: defaultdict[str, list[str]] = defaultdict(list)
    for account_id, venue_id in sorted(tuple(row) for row in rows):
        found[account_id].append(venue_id)
    return found


class SqlOperators:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def lock(self, venue_id: str) -> None:
        self._connection.execute(sa.select(venues.c.id).where(venues.c.id == venue_id).with_for_update())

    def of_venues(self, venue_ids: Collection[str]) -> tuple[Operator, ...]:
        return self._of(room_operators.c.venue_id, venue_ids)

    def of_accounts(self, account_ids: Collection[str]) -> tuple[Operator, ...]:
        return self._of(room_operators.c.account_id, account_ids)

    def _of(self, column: sa.Column[Any], ids: Collection[str]) -> tuple[Operator, ...]:
        found: list[Operator] = []
        for some in batched(ids):
            rows = self._connection.execute(sa.select(room_operators).where(column.in_(some)))
            found += [Operator(**row._asdict()) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.since, one.id)))

    def add(self, operator: Operator) -> None:
        self._connection.execute(sa.insert(room_operators).values(asdict(operator)))

    def end(self, operator: Operator) -> None:
        fields = {name: getattr(operator, name) for name in ("until", "ended_by", "ended_at")}
        self._connection.execute(sa.update(room_operators).where(room_operators.c.id == operator.id).values(fields))

    def withdraw(self, operator_id: str) -> None:
        self._connection.execute(sa.delete(room_operators).where(room_operators.c.id == operator_id))
