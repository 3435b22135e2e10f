"""One database: readers and one group-commit writer, on SQLite or PostgreSQL, behind the same two methods."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.store.jobs import Alike
from server.store.migration import migrate
from server.store.readers import Readers
from server.store.seen import Seen, begin_reading, end_reading, seen, watch_reads
from server.store.task_writer import TaskWriter
from server.store.thread_readers import ThreadReaders
from server.store.thread_writer import ThreadWriter

T = TypeVar("T")
SQLITE_READERS = 4
POSTGRES_READERS = 8


class Database:
    """``fn`` is a synchronous function of a :class:`sqlalchemy.Connection`; it may run more than once (a deadlock, a
    lost link), so it must have no effect beside the transaction. It runs to its end even when the caller is cancelled.
    """

    def __init__(
        self,
        readers: Readers | ThreadReaders,
        writer: ThreadWriter | TaskWriter,
        engines: list[sa.Engine | AsyncEngine],
    ) -> None:
        self._readers = readers
        self._writer = writer
        self._engines = engines
        self._closed = False

    @classmethod
    async def open(cls, url: str) -> Database:
        """Migrate, then open. ``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://…``.

        Raises :class:`~server.store.migrations.SchemaTooNew`.
        """
        await migrate(url)
        database = over_file(url) if url.startswith("sqlite") else _open_postgres(url)
        database.start()
        return database

    def start(self) -> None:
        self._writer.start()
        self._readers.start()

    async def read(self, fn: Callable[[sa.Connection], T]) -> T:
        """One snapshot. Raises ``busy``, ``unavailable``, and whatever ``fn`` raises."""
        return await self._readers.read(fn)

    async def glance(self, fn: Callable[[sa.Connection], T]) -> T:
        """As :meth:`read`, of a few rows by their keys: done at once where handing it over would cost more (0148)."""
        return await self._readers.glance(fn)

    async def read_seen(self, fn: Callable[[sa.Connection], T]) -> tuple[T, Seen | None]:
        """As :meth:`glance`, and by what to tell whether it is still so. None where others write, too (PostgreSQL)."""
        if not isinstance(self._writer, ThreadWriter):
            return await self.glance(fn), None
        changes = self._writer.changes
        count = changes.count  # before the snapshot: what is committed in between counts as later

        def watched(connection: sa.Connection) -> tuple[T, set[str]]:
            tables = begin_reading(connection)
            try:
                return fn(connection), tables
            finally:
                end_reading(connection)

        value, tables = await self.glance(watched)
        return value, seen(changes, count, tables)

    async def write(self, fn: Callable[[sa.Connection], T]) -> T:
        """Returns after the commit. What ``fn`` raises undoes its own work only. Raises ``busy``, ``unavailable``."""
        return await self._writer.write(fn)

    async def write_alike(self, alike: Alike, item: object) -> Any:  # noqa: ANN401 - whatever ``alike`` gives
        """As :meth:`write`, for work that many ask for at once: those that wait beside each other are done together."""
        return await self._writer.write_alike(alike, item)

    @property
    def batches(self) -> int:
        """Transactions committed by the writer."""
        return self._writer.batches

    async def close(self) -> None:
        """Finishes what was accepted. Idempotent."""
        await self._readers.close()
        await self._writer.close()
        if self._closed:
            return
        self._closed = True
        for engine in self._engines:
            if isinstance(engine, AsyncEngine):
                await engine.dispose()
            else:
                engine.dispose()


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def over_file(url: str, readers: int = SQLITE_READERS) -> Database:
    """A SQLite file, not yet started. The writer's engine is closed last: closing the last connection checkpoints, and
    only the writer may.
    """
    writing = sa.create_engine(
        sa.make_url(url).set(drivername="sqlite"),
        pool_size=1,
        max_overflow=0,
        json_serializer=_to_json,
        hide_parameters=True,
    )
    _on_connect(writing, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "journal_size_limit=67108864")
    _begin_with(writing, "BEGIN IMMEDIATE")
    reading = sa.create_engine(
        sa.make_url(url).set(drivername="sqlite"),
        pool_size=readers + 1,  # and one to glance by
        max_overflow=0,
        json_serializer=_to_json,
        hide_parameters=True,
    )
    _on_connect(reading, "query_only=ON", "wal_autocheckpoint=0")
    watch_reads(reading)
    return Database(ThreadReaders(reading, readers), ThreadWriter(writing), [reading, writing])


def _on_connect(engine: sa.Engine, *pragmas: str) -> None:
    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's connection has no common type
        connection.isolation_level = None  # the driver shall not begin transactions on its own
        cursor = connection.cursor()
        for pragma in ("busy_timeout=5000", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _begin_with(engine: sa.Engine, statement: str) -> None:
    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(statement)


def _open_postgres(url: str) -> Database:
    engine = postgres_engine(url)
    return over(engine, [engine])


def postgres_engine(url: str, name: str = "dangxiao") -> AsyncEngine:
    """``name``: what its connections are called in ``pg_stat_activity``."""
    return create_async_engine(
        url,
        pool_size=POSTGRES_READERS + 2,
        max_overflow=0,
        pool_pre_ping=True,
        json_serializer=_to_json,
        hide_parameters=True,
        connect_args={"timeout": 5, "command_timeout": 30, "server_settings": {"application_name": name}},
    )


def over(engine: AsyncEngine, ending: list[sa.Engine | AsyncEngine], readers: int = POSTGRES_READERS) -> Database:
    """A PostgreSQL by this engine, not yet started. ``ending``: the engines that end with it."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return Database(Readers(engine, readers, options), TaskWriter(engine), ending)
