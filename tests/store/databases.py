"""Migrated databases on PostgreSQL, quickly."""

import asyncpg

from server.store.migration import migrate
from tests.servers.postgres import PostgresServer

TEMPLATE = "migrated"
# Whoever still holds a link loses it, as with DROP … WITH (FORCE).
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Its version, and how many columns its tables and indexes have.
SHAPE = """
SELECT (SELECT string_agg(version_num, ',') FROM alembic_version),
       (SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'public'::regnamespace)
"""
# Without the foreign keys' triggers the order is all the same; the migrations themselves put no rows anywhere.
EMPTY = """
SET session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', name);
  END LOOP;
END $$
"""


def plain(url: str) -> str:
    """As asyncpg takes it."""
    return url.replace("+asyncpg", "")


class MigratedPostgres:
    """Databases that are migrated and empty: one that was given back, emptied (a hundredth of a second), or a copy (a
    tenth of one), instead of a whole migration. One whose schema a test has changed is not used again."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template: str | None = None
        self._shape: tuple[object, ...] = ()
        self._idle: list[str] = []

    async def new_url(self, prefix: str) -> str:
        if self._idle:
            return self._idle.pop()
        if self._template is None:
            template = await self.server.create_database(TEMPLATE)
            await migrate(self.server.url(template))
            connection = await asyncpg.connect(plain(self.server.url(template)))
            self._shape = tuple(await connection.fetchrow(SHAPE))
            await connection.close()
            self._template = template
        return self.server.url(await self.server.create_database(prefix, self._template))

    async def give_back(self, url: str) -> None:
        connection = await asyncpg.connect(plain(url))
        try:
            await connection.execute(CUT)
            sound = tuple(await connection.fetchrow(SHAPE)) == self._shape
            if sound:
                await connection.execute(EMPTY)
        finally:
            await connection.close()
        if sound:
            self._idle.append(url)
        else:
            await self.drop(url)

    async def drop(self, url: str) -> None:
        await self.server.drop_database(url.rsplit("/", 1)[1])
