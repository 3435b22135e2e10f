"""Bringing a database to this code's schema: under a lock, after a backup, never backwards."""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from server import clock
from server.store.schema import HEAD

# Any number, the same in every process: the advisory lock under which PostgreSQL is migrated.
_LOCK = 0x6461_6E67
_log = logging.getLogger(__name__)


async def migrate(url: str) -> None:
    """Idempotent, and cheap when nothing is to be done. Raises :class:`~server.store.migrations.SchemaTooNew`."""
    if url.startswith("sqlite"):
        await asyncio.to_thread(_migrate_sqlite, Path(str(sa.make_url(url).database)))
    else:
        await _migrate_postgres(url)


def _migrate_sqlite(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        engine = sa.create_engine(f"sqlite:///{path}")
        _leave_transactions_to_us(engine)
        try:
            with engine.connect() as connection:
                revision = _revision(connection)
                if revision == HEAD:
                    return
            _check_known(revision)
            if revision is not None:
                back_up(path, revision, clock.utc_now())
            with engine.begin() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                _upgrade(connection)
        finally:
            engine.dispose()


def _leave_transactions_to_us(engine: sa.Engine) -> None:
    """The driver begins none before a change of the schema: one that broke off would stay half done for ever."""

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None


async def _migrate_postgres(url: str) -> None:
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            if await connection.run_sync(_revision) == HEAD:
                return
        async with engine.begin() as connection:
            await connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_upgrade_postgres)
    finally:
        await engine.dispose()


def _upgrade_postgres(connection: sa.Connection) -> None:
    revision = _revision(connection)  # another process may have done it while we waited for the lock
    if revision != HEAD:
        _check_known(revision)
        _upgrade(connection)


def _check_known(revision: str | None) -> None:
    from server.store.migrations.steps import check_known  # noqa: PLC0415 - Alembic is slow to import, rarely needed

    check_known(revision)


def _upgrade(connection: sa.Connection) -> None:
    from server.store.migrations.steps import upgrade  # noqa: PLC0415 - as above

    upgrade(connection)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Other processes wait. The lock goes with the process, however it ends."""
    with path.with_name(path.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def back_up(path: Path, revision: str, now: dt.datetime) -> Path:
    """A consistent copy beside the file, named after ``now`` (UTC), by SQLite's own backup; returns its path."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    target = path.with_name(f"{path.name}.{revision}.{stamp}.backup")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    _log.warning("backed up the database to %s before migrating it", target.name)
    return target
