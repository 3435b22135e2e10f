"""Nothing acknowledged is lost: not by `kill -9` of ourselves, not by the database going away."""

import asyncio
import subprocess
import sys

import asyncpg
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.refusals import Refusal
from server.store.database import Database
from server.store.links import is_lost
from server.store.schema import units
from tests.servers.postgres import PostgresServer
from tests.store.test_database import add, names

pytestmark = pytest.mark.process


@pytest.mark.parametrize("rows", [50, 400])
async def test_kill_9_of_the_process_loses_no_acknowledged_row(tmp_path, rows):
    url = f"sqlite+aiosqlite:///{tmp_path / 'killed.sqlite3'}"
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.crashing_writer", url, stdout=subprocess.PIPE
    )
    acknowledged = [int(await writer.stdout.readline()) for _ in range(rows)]
    writer.kill()
    rest = await writer.stdout.read()
    await writer.wait()
    acknowledged += [int(line) for line in rest.decode().splitlines(keepends=True) if line.endswith("\n")]
    database = await Database.open(url)
    try:
        assert {str(number) for number in acknowledged} <= await database.read(names)
        assert await database.read(lambda c: c.execute(sa.text("PRAGMA integrity_check")).scalar()) == "ok"
    finally:
        await database.close()


async def cut_all_links(server: PostgresServer, name: str) -> None:
    """What a firewall or a failover does: every connection to the database is ended."""
    await server._administer(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )


@pytest.mark.services
async def test_lost_links_lose_and_double_nothing(migrated_postgres):
    """A row written twice would break its primary key and reach the caller as an error."""
    url = await migrated_postgres.new_url("cut")
    database = await Database.open(url)
    try:
        writing = [asyncio.ensure_future(_write_slowly(database, writer)) for writer in range(4)]
        for _ in range(10):
            await asyncio.sleep(0.05)  # a rhythm of faults, not a wait for something
            await cut_all_links(migrated_postgres.server, url.rsplit("/", 1)[1])
        written = {name for one in await asyncio.gather(*writing) for name in one}
        assert await database.read(names) == written
        assert len(written) == 4 * 150
    finally:
        await database.close()
        await migrated_postgres.drop(url)


def test_a_driver_that_heard_of_the_end_between_two_statements_has_lost_its_link():
    told = Exception("as SQLAlchemy passes it on")
    told.__cause__ = asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress")
    assert is_lost(sa.exc.InternalError("SELECT 1", {}, told))
    assert not is_lost(sa.exc.InternalError("SELECT 1", {}, Exception("of the statement")))


async def _write_slowly(database, writer):
    return [await database.write(add(f"{writer}-{n}")) for n in range(150)]


@pytest.mark.services
async def test_counting_through_lost_links_counts_each_once(migrated_postgres):
    """An increment has no key that would give a repetition away: only the outcome of COMMIT can."""
    url = await migrated_postgres.new_url("count")
    database = await Database.open(url)
    try:
        await database.write(lambda c: c.execute(sa.insert(units).values(id="u", name="0", kind="branch")))
        counting = [asyncio.ensure_future(_count(database)) for _ in range(4)]
        for _ in range(10):
            await asyncio.sleep(0.05)  # a rhythm of faults, not a wait for something
            await cut_all_links(migrated_postgres.server, url.rsplit("/", 1)[1])
        await asyncio.gather(*counting)
        assert await database.read(lambda c: c.execute(sa.select(units.c.name)).scalar()) == "400"
    finally:
        await database.close()
        await migrated_postgres.drop(url)


async def _count(database):
    for _ in range(100):
        await database.write(_increment)


def _increment(connection):
    value = connection.execute(sa.select(units.c.name).where(units.c.id == "u").with_for_update()).scalar()
    connection.execute(sa.update(units).where(units.c.id == "u").values(name=str(int(value) + 1)))


@pytest.mark.services
async def test_two_processes_that_lock_crosswise_both_get_through(migrated_postgres):
    url = await migrated_postgres.new_url("cross")
    one, two = await Database.open(url), await Database.open(url)
    try:
        await one.write(lambda c: c.execute(sa.insert(units), [{"id": i, "name": "0", "kind": "x"} for i in "ab"]))
        crosswise = [database.write(_touch(ids)) for _ in range(10) for database, ids in ((one, "ab"), (two, "ba"))]
        await asyncio.gather(*crosswise)
        assert await one.read(lambda c: c.execute(sa.select(units.c.name)).scalars().all()) == ["20", "20"]
    finally:
        await one.close()
        await two.close()
        await migrated_postgres.drop(url)


def _touch(ids):
    def job(connection):
        for unit_id in ids:
            value = connection.execute(sa.select(units.c.name).where(units.c.id == unit_id).with_for_update()).scalar()
            connection.execute(sa.update(units).where(units.c.id == unit_id).values(name=str(int(value) + 1)))

    return job


@pytest.mark.services
async def test_a_database_that_stays_away_is_unavailable_and_comes_back():
    server = PostgresServer()
    try:
        server.start()
        url = server.url(await server.create_database())
        database = await Database.open(url)
        try:
            database._writer._give_up_s = 0.5
            await database.write(add("before"))
            server.kill()
            with pytest.raises(Refusal, match="unavailable"):
                await database.read(names)
            with pytest.raises(Refusal, match="unavailable"):
                await database.write(add("lost"))
            database._writer._give_up_s = 30  # it has its own recovery to do first
            server.start()
            await database.write(add("after"))
            assert await database.read(names) == {"before", "after"}
        finally:
            await database.close()
    finally:
        server.close()


@pytest.mark.services
@pytest.mark.parametrize("held", [True, False])
async def test_a_link_lost_during_commit_is_settled_by_asking_the_database(migrated_postgres, monkeypatch, held):
    """Once the COMMIT reached the server and only its answer was lost, once it did not."""
    url = await migrated_postgres.new_url("commit")
    database = await Database.open(url)
    commit, cuts = AsyncConnection.commit, []

    async def cut_once(connection):
        if cuts:
            return await commit(connection)
        cuts.append(connection)
        if held:
            await commit(connection)
        else:
            await connection.invalidate()
        raise ConnectionResetError("the link is lost")

    try:
        await database.write(lambda c: c.execute(sa.insert(units).values(id="u", name="0", kind="branch")))
        monkeypatch.setattr(AsyncConnection, "commit", cut_once)
        await database.write(_increment)
        assert len(cuts) == 1
        assert await database.read(lambda c: c.execute(sa.select(units.c.name)).scalar()) == "1"
    finally:
        await database.close()
        await migrated_postgres.drop(url)
