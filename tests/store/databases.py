"""Migrated databases on PostgreSQL, quickly."""

from server.store.migration import migrate
from tests.servers.postgres import PostgresServer

TEMPLATE = "migrated"


class MigratedPostgres:
    """New databases by copy of a migrated one: a tenth of a second instead of a whole migration."""

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._template: str | None = None

    async def new_url(self, prefix: str) -> str:
        if self._template is None:
            template = await self.server.create_database(TEMPLATE)
            await migrate(self.server.url(template))
            self._template = template
        return self.server.url(await self.server.create_database(prefix, self._template))

    async def drop(self, url: str) -> None:
        await self.server.drop_database(url.rsplit("/", 1)[1])
