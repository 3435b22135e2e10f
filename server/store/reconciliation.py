"""Every verdict beside its entry, every entry beside its verdict; read in the snapshot in which the ledger is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from server.domain.reconciliation import OF_VERDICTS, Beside, Discord, Mismatch, discord
from server.store.schema import credit_entries, verdicts

_AT_ONCE = 1000


def mismatches(connection: sa.Connection) -> Iterator[Mismatch]:
    """By lesson and member, then entries that nobody points at, by position."""
    yield from _of_verdicts(connection)
    yield from _strays(connection)


def _raw(column: sa.Column[Any], name: str) -> sa.ColumnElement[Any]:
    """As it lies there: SQLite may hold anything by now, which shall be named and not stumbled over."""
    return sa.type_coerce(column, sa.types.NullType()).label(name)


def _of_verdicts(connection: sa.Connection) -> Iterator[Mismatch]:
    pointed_at = verdicts.outerjoin(credit_entries, credit_entries.c.id == verdicts.c.entry_id)
    own = ("lesson_id", "member_id", "passed", "hundredths", "entry_id")
    found = ("lesson_id", "member_id", "hundredths", "kind")
    columns = [*(_raw(verdicts.c[n], n) for n in own), *(_raw(credit_entries.c[n], f"found_{n}") for n in found)]
    query = sa.select(*columns).select_from(pointed_at).order_by(verdicts.c.lesson_id, verdicts.c.member_id)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        beside = Beside(**row._mapping)
        wrong = discord(beside)
        if wrong is not None:
            yield Mismatch(beside.lesson_id, beside.member_id, wrong, beside.hundredths, beside.found_hundredths)


def _strays(connection: sa.Connection) -> Iterator[Mismatch]:
    entries, theirs = credit_entries.c, verdicts.c
    same = sa.and_(
        theirs.lesson_id == entries.lesson_id, theirs.member_id == entries.member_id, theirs.entry_id == entries.id
    )
    query = (
        sa.select(*(_raw(entries[name], name) for name in ("lesson_id", "member_id", "hundredths")))
        .select_from(credit_entries.outerjoin(verdicts, same))
        .where(theirs.entry_id.is_(None), entries.kind.in_(OF_VERDICTS))
        .order_by(entries.position)
    )
    for row in connection.execute(query):
        yield Mismatch(row.lesson_id or "", row.member_id, Discord.STRAY, None, row.hundredths)
