"""The fixtures themselves: what the contract tests stand on must be the real thing."""

import asyncpg
import pytest
import redis.asyncio

from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.services


async def query(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_a_test_gets_an_empty_database_of_a_real_postgres(postgres_url: str) -> None:
    assert "PostgreSQL" in str(await query(postgres_url, "SELECT version()"))
    assert await query(postgres_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


async def test_a_database_copied_from_a_template_is_independent(postgres_server: PostgresServer) -> None:
    template = await postgres_server.create_database("template")
    await query(postgres_server.url(template), "CREATE TABLE unit (id int)")
    copy = await postgres_server.create_database("copy", template)
    await query(postgres_server.url(copy), "INSERT INTO unit VALUES (1)")
    assert await query(postgres_server.url(copy), "SELECT count(*) FROM unit") == 1
    assert await query(postgres_server.url(template), "SELECT count(*) FROM unit") == 0


async def test_a_migrated_database_has_the_tables_and_no_rows(migrated_postgres_url: str) -> None:
    tables = await query(
        migrated_postgres_url, "SELECT array_agg(tablename) FROM pg_tables WHERE schemaname = 'public'"
    )
    assert isinstance(tables, list)
    assert {"lesson", "account"} & {table.rstrip("s") for table in tables}


async def test_a_stopped_postgres_starts_again_with_its_rows() -> None:
    server = PostgresServer()
    try:
        server.start()
        name = await server.create_database()
        await query(server.url(name), "CREATE TABLE unit AS SELECT 7 AS id")
        server.stop()
        server.start()
        assert await query(server.url(name), "SELECT id FROM unit") == 7
    finally:
        server.close()
        server.close()


async def test_the_session_redis_is_empty_at_the_start_of_a_test(redis_server: RedisServer, redis_url: str) -> None:
    client = redis.asyncio.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.set("lesson", "1")
    redis_server.flush()
    assert await client.get("lesson") is None
    await client.aclose()


async def test_a_killed_redis_comes_back_empty_on_its_port(own_redis_server: RedisServer) -> None:
    client = redis.asyncio.from_url(own_redis_server.url)
    await client.set("presence", "1")
    own_redis_server.kill()
    with pytest.raises(redis.exceptions.ConnectionError):
        await client.get("presence")
    own_redis_server.start()
    assert await client.get("presence") is None
    await client.aclose()
