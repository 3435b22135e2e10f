"""Every verdict beside its entry, every entry beside its verdict; read in the snapshot in which the ledger is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from server.domain.ledger import CORRECTING
from server.domain.reconciliation import OF_VERDICTS, Beside, Discord, Mismatch, discord, together
from server.store.schema import credit_entries, entry_corrections, verdicts

_AT_ONCE = 1000


def mismatches(connection: sa.Connection) -> Iterator[Mismatch]:
    """By lesson and member, then entries that nobody points at, then corrections of nothing, by position."""
    corrected = _corrected(connection)
    yield from _of_verdicts(connection, corrected)
    yield from _strays(connection, corrected)
    yield from _loose(connection)
    yield from _notes(connection)


def _raw(column: sa.Column[Any], name: str) -> sa.ColumnElement[Any]:
    """As it lies there: SQLite may hold anything by now, which shall be named and not stumbled over."""
    return sa.type_coerce(column, sa.types.NullType()).label(name)


def _is_correcting(key: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return key.startswith(CORRECTING, autoescape=True)


def _corrected(connection: sa.Connection) -> dict[object, object]:
    """What corrections sum up to, by the idempotency key of what they correct."""
    entries = credit_entries.c
    query = sa.select(entries.corrects, sa.cast(sa.func.sum(entries.hundredths), sa.BigInteger).label("sum"))
    rows = connection.execute(query.where(_is_correcting(entries.idempotency_key)).group_by(entries.corrects))
    return {row.corrects: row.sum for row in rows}


def _of_verdicts(connection: sa.Connection, corrected: Mapping[object, object]) -> Iterator[Mismatch]:
    pointed_at = verdicts.outerjoin(credit_entries, credit_entries.c.id == verdicts.c.entry_id)
    own = ("lesson_id", "member_id", "passed", "hundredths", "entry_id")
    found = ("lesson_id", "member_id", "hundredths", "kind")
    columns = [*(_raw(verdicts.c[n], n) for n in own), *(_raw(credit_entries.c[n], f"found_{n}") for n in found)]
    columns.append(_raw(credit_entries.c.idempotency_key, "found_key"))
    query = sa.select(*columns).select_from(pointed_at).where(sa.not_(sa.func.coalesce(_agrees(), sa.false())))
    query = query.order_by(verdicts.c.lesson_id, verdicts.c.member_id)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        values = dict(row._mapping)
        more = corrected.get(values.pop("found_key"), 0)
        beside = Beside(**values, found_corrected=more)
        wrong = discord(beside)
        if wrong is not None:
            yield Mismatch(beside.lesson_id, beside.member_id, wrong, beside.hundredths, beside.found_hundredths)


def _agrees() -> sa.ColumnElement[bool]:
    """What need not be looked at one by one: by the database a million pairs are compared in a few seconds. Whatever
    it is not sure of (NULL), and every verdict whose entry was corrected, is judged by the rule itself.
    """
    own, entry = verdicts.c, credit_entries.c
    nothing = sa.and_(own.hundredths == 0, own.entry_id.is_(None))
    same = (entry.lesson_id == own.lesson_id, entry.member_id == own.member_id, entry.hundredths == own.hundredths)
    granted = sa.and_(own.passed, own.hundredths != 0, *same, entry.kind.in_(OF_VERDICTS))
    other = credit_entries.alias("correcting").c
    touched = sa.select(other.corrects).where(_is_correcting(other.idempotency_key), other.corrects.is_not(None))
    return sa.or_(nothing, sa.and_(granted, entry.idempotency_key.not_in(touched)))


def _strays(connection: sa.Connection, corrected: Mapping[object, object]) -> Iterator[Mismatch]:
    """What was taken back to nothing may stand alone."""
    entries, theirs = credit_entries.c, verdicts.c
    same = sa.and_(
        theirs.lesson_id == entries.lesson_id, theirs.member_id == entries.member_id, theirs.entry_id == entries.id
    )
    query = (
        sa.select(*(_raw(entries[name], name) for name in ("lesson_id", "member_id", "hundredths", "idempotency_key")))
        .select_from(credit_entries.outerjoin(verdicts, same))
        .where(theirs.entry_id.is_(None), entries.kind.in_(OF_VERDICTS), ~_is_correcting(entries.idempotency_key))
        .order_by(entries.position)
    )
    for row in connection.execute(query):
        if together(row.hundredths, corrected.get(row.idempotency_key, 0)) != 0:
            yield Mismatch(row.lesson_id or "", row.member_id, Discord.STRAY, None, row.hundredths)


def _loose(connection: sa.Connection) -> Iterator[Mismatch]:
    entries, base = credit_entries.c, credit_entries.alias("base")
    same = sa.and_(
        base.c.idempotency_key == entries.corrects,
        base.c.kind == entries.kind,
        base.c.member_id == entries.member_id,
        base.c.unit_id == entries.unit_id,
        base.c.lesson_id.is_not_distinct_from(entries.lesson_id),
    )
    query = (
        sa.select(*(_raw(entries[name], name) for name in ("lesson_id", "member_id", "hundredths")))
        .select_from(credit_entries.outerjoin(base, same))
        .where(_is_correcting(entries.idempotency_key), base.c.id.is_(None))
        .order_by(entries.position)
    )
    for row in connection.execute(query):
        yield Mismatch(row.lesson_id or "", row.member_id, Discord.LOOSE, None, row.hundredths)


def _notes(connection: sa.Connection) -> Iterator[Mismatch]:
    """What a correction changed from what to what, and to when it counts, stands beside the ledger: it is read there,
    so it is held against it. A database from before there were any has none.
    """
    if not sa.inspect(connection).has_table(entry_corrections.name):
        return
    entries, note, base = credit_entries.c, entry_corrections.c, credit_entries.alias("base")
    told = sa.and_(
        note.member_id == entries.member_id,
        note.after - note.before == entries.hundredths,
        base.c.idempotency_key == entries.corrects,
        note.counts_at == base.c.at,
    )
    both = credit_entries.outerjoin(entry_corrections, note.entry_id == entries.id)
    both = both.outerjoin(base, base.c.id == note.corrected_id)
    wrong = sa.and_(_is_correcting(entries.idempotency_key), sa.not_(sa.func.coalesce(told, sa.false())))
    query = sa.select(entries.lesson_id, entries.member_id, _raw(entries.hundredths, "hundredths")).select_from(both)
    for row in connection.execute(query.where(wrong).order_by(entries.position)):
        yield Mismatch(row.lesson_id or "", row.member_id, Discord.NOTE, None, row.hundredths)
    alone = sa.select(note.member_id).select_from(
        entry_corrections.outerjoin(credit_entries, entries.id == note.entry_id)
    )
    for row in connection.execute(alone.where(entries.id.is_(None)).order_by(note.entry_id)):
        yield Mismatch("", row.member_id, Discord.NOTE)
