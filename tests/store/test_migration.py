"""Migrations make exactly the schema, back up first, and never go backwards."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing

import asyncpg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from server.store.database import Database
from server.store.migration import back_up, migrate
from server.store.migrations import SchemaTooNew
from server.store.migrations.steps import config
from server.store.schema import HEAD, metadata
from tests.store.databases import plain
from tests.store.samples import NOW

pytestmark = pytest.mark.process


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


async def test_the_migrations_make_exactly_the_schema(database):
    assert await database.read(differences) == []


def test_the_head_named_in_the_schema_is_the_newest_migration():
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


async def test_migrating_again_changes_nothing(database, database_url):
    await migrate(database_url)
    assert await database.read(
        lambda c: c.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    ) == [HEAD]


async def test_a_newer_schema_is_refused_and_left_alone(database, database_url):
    await database.write(lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(SchemaTooNew, match="9999"):
        await Database.open(database_url)
    assert (
        await database.read(lambda c: c.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()) == "9999"
    )


async def test_several_processes_that_start_at_once_migrate_once(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'fresh.sqlite3'}"
    program = f"import asyncio; from server.store.migration import migrate; asyncio.run(migrate({url!r}))"
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-W", "error", "-c", program, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    ended = [await process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], ended
    assert not list(tmp_path.glob("*.backup"))


@pytest.mark.services
async def test_several_processes_migrate_one_postgres_once(postgres_url):
    await asyncio.gather(*(migrate(postgres_url) for _ in range(3)))
    database = await Database.open(postgres_url)
    try:
        assert await database.read(differences) == []
    finally:
        await database.close()


def test_a_backup_holds_what_the_write_ahead_log_holds(tmp_path):
    path = tmp_path / "data.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (42)")
        connection.commit()
        copy = back_up(path, "0001", NOW)
    connection.close()
    assert copy.name == f"data.sqlite3.0001.{NOW:%Y%m%dT%H%M%SZ}.backup"
    restored = sqlite3.connect(copy)
    assert restored.execute("SELECT x FROM t").fetchall() == [(42,)]
    restored.close()


async def test_an_older_database_is_backed_up_before_it_is_migrated(tmp_path, monkeypatch):
    """A release to come has one migration more: the file as it was stands beside it."""
    path = tmp_path / "data.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url)
    monkeypatch.setattr("server.store.migration.HEAD", "a later one")
    await migrate(url)
    (copy,) = tmp_path.glob("*.backup")
    assert copy.name.startswith(f"data.sqlite3.{HEAD}.")
    restored = sqlite3.connect(copy)
    assert restored.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    restored.close()


async def test_a_migration_that_breaks_off_leaves_the_database_as_it_was_and_goes_on_at_the_next_start(
    tmp_path, monkeypatch
):
    """0045 fails at its last statement; 0049, before it, had made its table by then."""
    path = tmp_path / "data.sqlite3"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "0044")
    engine.dispose()

    def broken(*_said):
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(sa, "update", broken)
        with pytest.raises(OSError, match="no space"):
            await migrate(f"sqlite+aiosqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0044",)]
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'make_up_marks'").fetchall() == []
    await migrate(f"sqlite+aiosqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]


@pytest.mark.services
@pytest.mark.parametrize("change", ["UPDATE alembic_version SET version_num = '9999'", "CREATE TABLE more (x int)"])
async def test_a_database_whose_schema_a_test_has_changed_is_not_used_again(migrated_postgres, change):
    url = await migrated_postgres.new_url("changed")
    connection = await asyncpg.connect(plain(url))
    await connection.execute(change)
    await connection.close()
    await migrated_postgres.give_back(url)
    other = await migrated_postgres.new_url("sound")
    assert other != url
    await migrated_postgres.give_back(other)
    assert await migrated_postgres.new_url("again") == other
    await migrated_postgres.give_back(other)
