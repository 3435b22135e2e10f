"""Where each chain ends, and the lock under which it grows."""

from __future__ import annotations

import sqlalchemy as sa

from server.domain.chain import GENESIS, Head
from server.domain.refusals import Refusal
from server.store.schema import ledger_heads
from server.store.upserts import insert


def lock_head(connection: sa.Connection, name: str) -> Head:
    """The head's row is the lock. SQLite has one writer; its dialect leaves FOR UPDATE out."""
    first = insert(connection, ledger_heads).values(name=name, position=0, hash=GENESIS)
    connection.execute(first.on_conflict_do_nothing())
    row = connection.execute(sa.select(ledger_heads).where(ledger_heads.c.name == name).with_for_update()).one()
    return Head(row.position, row.hash)


def move_head(connection: sa.Connection, name: str, head: Head, to: Head) -> None:
    here = (ledger_heads.c.name == name, ledger_heads.c.hash == head.hash)
    moved = sa.update(ledger_heads).where(*here).values(position=to.position, hash=to.hash)
    if connection.execute(moved).rowcount != 1:
        raise Refusal("internal", f"the head of {name} moved under its lock")


def read_head(connection: sa.Connection, name: str) -> Head | None:
    row = connection.execute(sa.select(ledger_heads).where(ledger_heads.c.name == name)).one_or_none()
    return Head(row.position, row.hash) if row else None
