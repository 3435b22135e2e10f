"""Reading the whole ledger to verify it, whatever state its rows are in. Read-only, beside a running server."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from server.domain.chain import SENTENCES, Flaw, Head, Unreadable
from server.domain.ledger import Entry, check
from server.domain.reconciliation import SENTENCES as DISCORDS
from server.domain.reconciliation import Mismatch
from server.store.ledger import BOOK
from server.store.reconciliation import mismatches
from server.store.schema import credit_entries, ledger_heads

_AT_ONCE = 1000
_NUMBERS = frozenset({"position", "hundredths"})
_MAY_BE_NULL = frozenset({"lesson_id", "corrects", "actor"})


class NoLedger(Exception):
    """There is nothing to verify: one sentence why."""


@dataclass(frozen=True, slots=True)
class Findings:
    """``chain``: the head of a sound ledger, or its first flaw. ``mismatches``: the first of them; ``more``: beside.

    ``readable`` False: the verdicts could not be read to their end.
    """

    chain: Head | Flaw
    mismatches: tuple[Mismatch, ...] = ()
    more: int = 0
    readable: bool = True

    @property
    def sound(self) -> bool:
        return isinstance(self.chain, Head) and not self.mismatches and self.readable


async def check_ledger(url: str, noted: str | None = None) -> Head | Flaw:
    """The chain alone, of :func:`audit`."""
    return (await audit(url, noted)).chain


async def audit(url: str, noted: str | None = None) -> Findings:
    """One snapshot of the ledger at ``url``, from its first entry to its head, and of the verdicts beside it.

    ``noted`` as :func:`check` has it. Raises :class:`NoLedger`, and :class:`sqlalchemy.exc.SQLAlchemyError` when the
    database is away.
    """
    if url.startswith("sqlite"):
        return await asyncio.to_thread(_check_file, Path(str(sa.make_url(url).database)), noted)
    engine = create_async_engine(url, isolation_level="REPEATABLE READ", connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_check, noted)
    finally:
        await engine.dispose()


MOST_NAMED = 20
SOUND, FLAWED, NOTHING = 0, 1, 3
_ADVICE = (
    "请停止核定学时，保留数据库现状，并与最近一份验证通过的备份比对。"
    "Stop settling, keep the database as it is, and compare with the newest backup that verifies."
)


async def report(url: str, noted: str | None = None) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    try:
        found = await audit(url, noted)
    except NoLedger as error:
        return f"dangxiao: {error}", NOTHING
    except (SQLAlchemyError, OSError) as error:
        return f"dangxiao: the database is away ({type(error).__name__})", NOTHING
    return _text(found), SOUND if found.sound else FLAWED


def _text(found: Findings) -> str:
    chain = found.chain
    said = _flaw_text(chain) if isinstance(chain, Flaw) else _sound_text(chain)
    return "\n".join((said, *_mismatch_lines(found), *(() if found.sound else (_ADVICE,))))


def _sound_text(head: Head) -> str:
    return f"学时账完好 The ledger is sound: {head.position} 条 entries\n账头 head: {head.hash}"


def _flaw_text(flaw: Flaw) -> str:
    text, text_en = SENTENCES[flaw.fault]
    where = f"第 {flaw.position} 条 entry {flaw.position}: " if flaw.position else ""
    kind = f"{flaw.fault.value} {flaw.field}".strip()
    return f"学时账有误 The ledger is NOT sound\n{where}{text} ({kind}): {text_en}"


def _mismatch_lines(found: Findings) -> Iterator[str]:
    if not found.readable:
        yield "核定无法读取 The verdicts cannot be read"
    if not found.mismatches:
        return
    count = len(found.mismatches) + found.more
    yield f"核定与入账不符 Verdicts and entries do NOT agree: {count}"
    for each in found.mismatches:
        text, text_en = DISCORDS[each.discord]
        amounts = f"{each.verdict_hundredths} / {each.entry_hundredths}"
        who = f"课 lesson {each.lesson_id} 学员 member {each.member_id}"
        yield f"{who}: {text} ({each.discord.value}, {amounts}): {text_en}"
    if found.more:
        yield f"另有 {found.more} 处 and {found.more} more"


def _check_file(path: Path, noted: str | None) -> Findings:
    if not path.is_file():
        raise NoLedger(f"there is no database at {path}")
    engine = sa.create_engine("sqlite://", creator=lambda: _opened(path), poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        return _check(connection, noted)


def _opened(path: Path) -> sqlite3.Connection:
    """Read-only, so it never checkpoints; a text that is no UTF-8 any more is a text that fits no hash."""
    address = f"file:{urllib.parse.quote(str(path.resolve()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return connection


def _check(connection: sa.Connection, noted: str | None) -> Findings:
    if not sa.inspect(connection).has_table(ledger_heads.name):
        raise NoLedger("the database is from an older version: start the server once")
    row = connection.execute(sa.select(ledger_heads).where(ledger_heads.c.name == BOOK)).one_or_none()
    chain = check(_rows(connection), Head(row.position, row.hash) if row else None, noted)
    found: list[Mismatch] = []
    readable = True
    try:
        found.extend(mismatches(connection))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        readable = False
    return Findings(chain, tuple(found[:MOST_NAMED]), len(found[MOST_NAMED:]), readable)


def _rows(connection: sa.Connection) -> Iterator[Entry | Unreadable]:
    """By position. Sorted by an expression, so that the table itself is read and no copy of it in an index."""
    columns = [_raw(column, connection.dialect.name) for column in credit_entries.c]
    query = sa.select(*columns).order_by(credit_entries.c.position + 0)
    try:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            yield _entry(dict(row._mapping))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        yield Unreadable()


def _raw(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """SQLite keeps a time as text, which need not be a time any more."""
    as_text = dialect == "sqlite" and column.name == "at"
    return sa.type_coerce(column, sa.String).label(column.name) if as_text else column


def _entry(values: dict[str, Any]) -> Entry | Unreadable:
    if isinstance(values["at"], str):
        values["at"] = _moment(values["at"])
    for name, value in values.items():
        if not _fits(name, value):
            return Unreadable(name)
    return Entry(**values)


def _fits(name: str, value: object) -> bool:
    if value is None:
        return name in _MAY_BE_NULL
    if name == "at":
        return isinstance(value, dt.datetime)
    return isinstance(value, int if name in _NUMBERS else str)


def _moment(text: str) -> dt.datetime | None:
    """Only the very text that was written: many others would be read as the same time."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None or moment.isoformat(" ", "microseconds") != text:
        return None
    return moment.replace(tzinfo=dt.UTC)
