"""Reading a whole chain to verify it, whatever state its rows are in. Read-only, beside a running server."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import sqlite3
import urllib.parse
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from server.domain.chain import SENTENCES, Flaw, Unreadable

T = TypeVar("T")
_AT_ONCE = 1000
_TOLD_EVERY = 20_000
Heard = Callable[[int, int], None]
"""How many have been looked at so far, of how many."""


SOUND, FLAWED, NOTHING = 0, 1, 3
"""Exit codes of the commands that verify."""


class Finding(Protocol):
    @property
    def sound(self) -> bool: ...


F = TypeVar("F", bound=Finding)


class NoLedger(Exception):
    """There is nothing to verify: one sentence why."""


async def snapshot(url: str, look: Callable[[sa.Connection], T]) -> T:
    """``look`` at one state of the database. Raises :class:`NoLedger`, and
    :class:`sqlalchemy.exc.SQLAlchemyError` when it is away.
    """
    if url.startswith("sqlite"):
        return await asyncio.to_thread(_look_at_file, Path(str(sa.make_url(url).database)), look)
    engine = create_async_engine(url, isolation_level="REPEATABLE READ", connect_args={"timeout": 5})
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(look)
    finally:
        await engine.dispose()


def _look_at_file(path: Path, look: Callable[[sa.Connection], T]) -> T:
    if not path.is_file():
        raise NoLedger(f"there is no database at {path}")
    engine = sa.create_engine("sqlite://", creator=lambda: _opened(path), poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        return look(connection)


def _opened(path: Path) -> sqlite3.Connection:
    """Read-only, so it never checkpoints; a text that is no UTF-8 any more is a text that fits no hash."""
    address = f"file:{urllib.parse.quote(str(path.resolve()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=5)
    connection.text_factory = functools.partial(str, encoding="utf-8", errors="surrogateescape")
    return connection


def rows(
    connection: sa.Connection, table: sa.Table, make: Callable[..., T], may_be_null: frozenset[str]
) -> Iterator[T | Unreadable]:
    """By position. SQLite sorts by an expression, so that the table itself is read and no copy of a column in an index.
    PostgreSQL takes every column from the table's own row anyway, and would sort a million of them on disk: it goes
    along the key's index. A row that the index leaves out breaks the chain, as one that is gone does.
    """
    columns = [_raw(column, connection.dialect.name) for column in table.c]
    names = [column.name for column in table.c]
    reader = _Reader(names, [_kinds(column, column.name in may_be_null) for column in table.c])
    along = table.c.position if connection.dialect.name == "postgresql" else table.c.position + 0
    query = sa.select(*columns).order_by(along)
    try:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            values = list(row)
            wrong = reader.wrong(values)
            yield make(**dict(zip(names, values, strict=True))) if wrong is None else Unreadable(wrong)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        yield Unreadable()


def counted(rows: Iterable[T], total: int, heard: Heard) -> Iterator[T]:
    """``rows``, and ``heard`` after every so many of them and after the last one."""
    done = 0
    for done, row in enumerate(rows, 1):
        if done % _TOLD_EVERY == 0:
            heard(done, total)
        yield row
    heard(done, total)


def _raw(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """SQLite keeps a time as text, which need not be a time any more."""
    as_text = dialect == "sqlite" and column.name == "at"
    return sa.type_coerce(column, sa.String).label(column.name) if as_text else column


class _Reader:
    """Whether every value is of its column's kind. Types that were right together once need not be looked at again:
    a million rows have a handful of combinations.
    """

    def __init__(self, names: Sequence[str], kinds: Sequence[tuple[type, ...]]) -> None:
        self._names, self._kinds, self._at = names, kinds, names.index("at")
        self._right: set[tuple[type, ...]] = set()

    def wrong(self, values: list[Any]) -> str | None:
        """The field that holds what it must not. A time that was text becomes one."""
        if isinstance(values[self._at], str):
            values[self._at] = _moment(values[self._at])
        types = tuple(map(type, values))
        if types in self._right:
            return None
        for name, value, kind in zip(self._names, values, self._kinds, strict=True):
            if not isinstance(value, kind):
                return name
        self._right.add(types)
        return None


def _kinds(column: sa.Column[Any], may_be_null: bool) -> tuple[type, ...]:
    """What its values must be, asked once for all rows."""
    kind = dt.datetime if column.name == "at" else int if isinstance(column.type, sa.Integer) else str
    return (kind, type(None)) if may_be_null else (kind,)


def _moment(text: str) -> dt.datetime | None:
    """Only the very text that was written: many others would be read as the same time."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None or moment.isoformat(" ", "microseconds") != text:
        return None
    return moment.replace(tzinfo=dt.UTC)


async def told(looked: Awaitable[F], text: Callable[[F], str]) -> tuple[str, int]:
    """What an auditor reads, Chinese and English, and the exit code of the command."""
    try:
        found = await looked
    except NoLedger as error:
        return f"dangxiao: {error}", NOTHING
    except (SQLAlchemyError, OSError) as error:
        return f"dangxiao: the database is away ({type(error).__name__})", NOTHING
    return text(found), SOUND if found.sound else FLAWED


def flaw_told(flaw: Flaw, unit: str) -> str:
    """Where and what; ``unit``: what one of the chain is called in English."""
    text, text_en = SENTENCES[flaw.fault]
    where = f"第 {flaw.position} 条 {unit} {flaw.position}: " if flaw.position else ""
    kind = f"{flaw.fault.value} {flaw.field}".strip()
    return f"{where}{text} ({kind}): {text_en}"
