"""Fixtures for everybody: a real PostgreSQL and a real Redis, started once per session when a test asks for one.

A test that uses them carries `@pytest.mark.services`; `script/check` leaves those out.
"""

import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.servers.postgres import PostgresServer
from tests.servers.redis import RedisServer

if TYPE_CHECKING:
    from server.store.database import Database
    from server.store.records import SqlRecords
    from tests.store.databases import MigratedPostgres

WHOLE = {"school", "database_url"}
"""Fixtures that bring up a whole server or a database: no unit tests, so `script/check` leaves theirs out."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if WHOLE.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.process)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look at all of it again and again (a tenth of the time)."""
    gc.collect()
    gc.freeze()


# No test is about how quick a busy machine is today.
settings.register_profile("house", max_examples=60, deadline=None)
settings.load_profile("house")
# For script/check, which repeats itself all day; script/test tries three times as many.
settings.register_profile("quick", max_examples=20, deadline=None)
# For script/soak: `--hypothesis-profile=soak`.
settings.register_profile("soak", max_examples=3000, deadline=None)


@pytest.fixture(scope="session")
def soak_seed() -> int:
    """For random input: the same in every ordinary run, another in each round of script/soak."""
    return int(os.environ.get("SOAK_SEED", "0"))


@pytest.fixture(scope="session")
def crash_rounds() -> int:
    """How often tests kill a process: ten times, 200 in each round of script/soak."""
    return int(os.environ.get("CRASH_ROUNDS", "10"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's PostgreSQL. Don't stop it: a test that must may build its own PostgresServer."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a new, empty database of this test's own."""
    name = await postgres_server.create_database(request.node.name)
    yield postgres_server.url(name)
    await postgres_server.drop_database(name)


@pytest.fixture(scope="session")
async def postgres_schema(postgres_server: PostgresServer) -> str:
    """The name of a database that all migrations have run on, for `CREATE DATABASE … TEMPLATE`."""
    # Only those who ask for it need the server's packages.
    from server.store.migration import migrate

    name = await postgres_server.create_database("schema")
    await migrate(postgres_server.url(name))
    return name


@pytest.fixture
async def migrated_postgres_url(
    postgres_server: PostgresServer, postgres_schema: str, request: pytest.FixtureRequest
) -> AsyncIterator[str]:
    """The URL of a database of this test's own with today's tables, empty (a copy, ≈ 100 ms)."""
    name = await postgres_server.create_database(request.node.name, postgres_schema)
    yield postgres_server.url(name)
    await postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The session's Redis. Don't stop it: see `own_redis_server`."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of the session's Redis, emptied for this test."""
    redis_server.flush()
    return redis_server.url


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A Redis of this test's own, to be stopped, started and killed."""
    server = RedisServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def compiled_once() -> None:
    """Engines share what they compile."""
    from tests.store.compiled import share

    share()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator["MigratedPostgres"]:
    """Makes databases that are migrated already."""
    from tests.store.databases import MigratedPostgres

    databases = MigratedPostgres(postgres_server)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
async def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed SQLite file that all migrations have run on, to be copied."""
    from server.store.database import Database

    file = tmp_path_factory.mktemp("schema") / "schema.sqlite3"
    await (await Database.open(f"sqlite+aiosqlite:///{file}")).close()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
async def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path, compiled_once: None
) -> AsyncIterator[str]:
    """A migrated, empty database: the test runs on SQLite and on a real PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "test.sqlite3"
        shutil.copyfile(migrated_sqlite, file)
        yield f"sqlite+aiosqlite:///{file}"
        return
    postgres = request.getfixturevalue("migrated_postgres")
    url = await postgres.new_url(request.node.name)
    yield url
    await postgres.give_back(url)


@pytest.fixture
async def database(database_url: str, request: pytest.FixtureRequest) -> AsyncIterator["Database"]:
    """It is open. On PostgreSQL its connections are older than the test."""
    from tests.store.databases import opened

    if database_url.startswith("sqlite"):
        database = opened(database_url)
    else:
        database = request.getfixturevalue("migrated_postgres").opened(database_url)
    yield database
    await database.close()


@pytest.fixture
def records(database: "Database") -> "SqlRecords":
    from server.store.records import SqlRecords

    return SqlRecords(database)
