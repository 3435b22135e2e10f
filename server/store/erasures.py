"""Erasures asked and done, and legal holds, as rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from server.domain.erasures import Erasure, ErasureState, Hold
from server.store.schema import accounts, erasures, legal_holds
from server.store.upserts import insert

_its, _holds = erasures.c, legal_holds.c


class SqlErasures:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def get(self, erasure_id: str, *, lock: bool = False) -> Erasure | None:
        query = sa.select(erasures).where(_its.id == erasure_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else _erasure(row)

    def open_of(self, account_id: str) -> Erasure | None:
        row = self._connection.execute(sa.select(erasures).where(_its.open_key == account_id)).one_or_none()
        return None if row is None else _erasure(row)

    def erased(self, account_id: str) -> bool:
        query = sa.select(_its.id).where(_its.account_id == account_id, _its.state == ErasureState.DONE.value)
        return self._connection.execute(query.limit(1)).first() is not None

    def erased_members(self) -> frozenset[str]:
        done = sa.select(_its.account_id).where(_its.state == ErasureState.DONE.value)
        query = sa.select(accounts.c.member_id).where(accounts.c.id.in_(done), accounts.c.member_id.is_not(None))
        return frozenset(self._connection.execute(query).scalars())

    def newest(self, limit: int, account_id: str | None = None) -> tuple[Erasure, ...]:
        """Those that wait first."""
        mine = sa.true() if account_id is None else _its.account_id == account_id
        waiting = sa.case((_its.open_key.is_(None), 1), else_=0)
        query = sa.select(erasures).where(mine).order_by(waiting, _its.asked_at.desc()).limit(limit)
        return tuple(_erasure(row) for row in self._connection.execute(query))

    def put(self, one: Erasure) -> None:
        fields = {**asdict(one), "counts": None if one.counts is None else dict(one.counts)}
        adding = insert(self._connection, erasures).values(fields)
        changed = {name: adding.excluded[name] for name in fields if name != "id"}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=changed))

    # ---- holds -----------------------------------------------------------------------------------------

    def hold(self, hold_id: str, *, lock: bool = False) -> Hold | None:
        query = sa.select(legal_holds).where(_holds.id == hold_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else Hold(**row._mapping)

    def holds(self, lifted: int) -> tuple[Hold, ...]:
        """All that hold, then the last ``lifted`` of the others."""
        newest = sa.select(legal_holds).order_by(_holds.set_at.desc(), _holds.id)
        queries = newest.where(_holds.lifted_at.is_(None)), newest.where(_holds.lifted_at.is_not(None)).limit(lifted)
        return tuple(Hold(**row._mapping) for query in queries for row in self._connection.execute(query))

    def lesson_held_since(self, lesson_id: str) -> Hold | None:
        query = sa.select(legal_holds).where(_holds.lesson_id == lesson_id, _holds.lifted_at.is_(None))
        row = self._connection.execute(query.order_by(_holds.set_at).limit(1)).one_or_none()
        return None if row is None else Hold(**row._mapping)

    def put_hold(self, one: Hold) -> None:
        fields = asdict(one)
        adding = insert(self._connection, legal_holds).values(fields)
        lifted = {name: adding.excluded[name] for name in ("lifted_by", "lifted_at")}
        self._connection.execute(adding.on_conflict_do_update(index_elements=["id"], set_=lifted))


def _erasure(row: sa.Row[*tuple[Any, ...]]) -> Erasure:
    return Erasure(**{**row._mapping, "state": ErasureState(row.state)})
