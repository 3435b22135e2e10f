"""Migrated databases on PostgreSQL, quickly."""

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from server.store.database import Database, over, over_file, postgres_engine
from server.store.migration import migrate
from tests.servers.postgres import PostgresServer

TEMPLATE = "migrated"
KEPT = "kept"
"""What the connections are called that stay with a database from test to test."""
FEW_READERS = 2
"""A job goes to the reader that has waited longest: each of eight would open a connection for a test's first eight.
Those of a file open theirs at once, and read the whole schema."""
# Whoever still holds a link loses it, as with DROP … WITH (FORCE).
CUT = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> '{KEPT}'
"""
# Its version, and how many columns its tables and indexes have.
SHAPE = """
SELECT (SELECT string_agg(version_num, ',') FROM alembic_version),
       (SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace)
"""
# Without the foreign keys' triggers the order is all the same; the migrations themselves put no rows anywhere.
EMPTY = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', name);
  END LOOP;
END $$
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"


def opened(url: str) -> Database:
    """A migrated SQLite file, as ``Database.open`` opens it."""
    database = over_file(url, FEW_READERS)
    database.start()
    return database


def plain(url: str) -> str:
    """As asyncpg takes it."""
    return url.replace("+asyncpg", "")


class MigratedPostgres:
    """Databases that are migrated and empty: one that was given back, emptied (a hundredth of a second), or a copy (a
    tenth of one), instead of a whole migration. One whose schema a test has changed is not used again.

    A link stays with each database, and so do the connections of :meth:`opened`: a new one would first learn all of its
    tables and prepare every statement anew, which costs more than most tests.
    """

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template: str | None = None
        self._shape: tuple[object, ...] = ()
        self._idle: list[str] = []
        self._links: dict[str, asyncpg.Connection] = {}
        self._engines: dict[str, AsyncEngine] = {}
        self._made: list[asyncpg.Connection] = []

    async def new_url(self, prefix: str, rows: str = "") -> str:
        """``rows``: what is to be in it (:func:`rows_of`)."""
        url = self._idle.pop() if self._idle else await self._copy(prefix)
        if rows:
            await (await self._link(url)).execute(rows)
        return url

    async def _copy(self, prefix: str) -> str:
        if self._template is None:
            template = await self.server.create_database(TEMPLATE)
            await migrate(self.server.url(template))
            connection = await asyncpg.connect(plain(self.server.url(template)))
            self._shape = tuple(await connection.fetchrow(SHAPE))
            await connection.close()
            self._template = template
        return self.server.url(await self.server.create_database(prefix, self._template))

    async def _link(self, url: str) -> asyncpg.Connection:
        link = self._links.get(url)
        if link is None or link.is_closed():  # some tests cut all links
            link = self._links[url] = await asyncpg.connect(plain(url))
        return link

    def opened(self, url: str) -> Database:
        """As ``Database.open``, by the connections that an earlier test left. Close it before it is given back."""
        engine = self._engines.get(url)
        if engine is None:
            engine = self._engines[url] = postgres_engine(url, KEPT)
            sa.event.listen(engine.sync_engine, "connect", lambda made, _: self._made.append(made.driver_connection))
        database = over(engine, [], FEW_READERS)
        database.start()
        return database

    async def give_back(self, url: str) -> None:
        link = await self._link(url)
        await link.execute(CUT)
        if not self._is_held(url) and tuple(await link.fetchrow(SHAPE)) == self._shape:
            await link.execute(EMPTY)
            self._idle.append(url)
        else:
            await self.drop(url)

    def _is_held(self, url: str) -> bool:
        """Whether a test left something open."""
        return url in self._engines and self._engines[url].pool.checkedout() > 0

    async def drop(self, url: str) -> None:
        if url in self._engines:
            await self._engines.pop(url).dispose()
        if url in self._links:
            await self._links.pop(url).close()
        await self.server.drop_database(url.rsplit("/", 1)[1])

    def close(self) -> None:
        for link in (*self._links.values(), *self._made):
            link.terminate()


async def rows_of(url: str) -> str:
    """All that is in this database, as statements for an empty one."""
    connection = await asyncpg.connect(plain(url))
    try:
        said = ["SET LOCAL session_replication_role = replica"]
        for table in await connection.fetch(TABLES):
            name = table["tablename"]
            rows = await connection.fetchval(f'SELECT json_agg(each) FROM "{name}" AS each')
            if rows is not None:
                given = await connection.fetchval("SELECT quote_literal($1)", rows)
                records = f'json_populate_recordset(NULL::"{name}", {given})'
                said.append(f'INSERT INTO "{name}" OVERRIDING SYSTEM VALUE SELECT * FROM {records}')
        said += [f"SELECT setval('\"{name}\"', {last})" for name, last in await connection.fetch(SEQUENCES)]
    finally:
        await connection.close()
    return ";".join(said)
