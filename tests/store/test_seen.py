"""What was read counts as still so only while nothing that it came from was written to."""

import shutil

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from server.store.database import Database
from server.store.schema import metadata, sessions, units
from server.store.seen import ADDED, CHANGED, EVERYTHING, GONE, MARKS, Changes, named, seen, touched
from tests.store.test_database import add, names

TABLES = sorted(metadata.tables)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_known_by_whatever_reads_and_writes_it(table):
    it = metadata.tables[table]
    assert table in named(str(sa.select(it)))
    assert table in named(str(sa.select(units.c.id).where(sa.exists().select_from(it))))
    assert touched(str(sa.insert(it))) == {(table, ADDED)}
    assert touched(str(sa.update(it))) == {(table, CHANGED)}
    assert touched(str(sa.delete(it))) == {(table, GONE)}


@pytest.mark.parametrize(
    ("statement", "hows"),
    [
        ("INSERT INTO units (id) VALUES (?) ON CONFLICT DO NOTHING RETURNING id", {ADDED}),
        ("INSERT OR IGNORE INTO units (id) VALUES (?)", {ADDED}),
        ("INSERT OR REPLACE INTO units (id) VALUES (?)", {ADDED, CHANGED, GONE}),
        ("INSERT INTO units (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET name = 'a'", {ADDED, CHANGED, GONE}),
        ("\n update units set name = 'a'", {CHANGED}),
        ('delete from "units"', {GONE}),
    ],
)
def test_how_a_table_is_changed(statement, hows):
    assert touched(statement) == {("units", how) for how in hows}


USED = "UPDATE sessions SET used_at=? WHERE sessions.token_digest = ?"
NUMBERED = "UPDATE lessons SET last_seq=(lessons.last_seq + ?) WHERE lessons.id = ? RETURNING last_seq"


@pytest.mark.parametrize(
    ("statement", "touch"),
    [
        (USED, ("sessions", "changed used_at")),
        (NUMBERED, ("lessons", "changed last_seq")),
        ("UPDATE sessions SET used_at=?, account_id=? WHERE sessions.token_digest = ?", ("sessions", CHANGED)),
        ("UPDATE sessions SET account_id=? WHERE sessions.token_digest = ?", ("sessions", CHANGED)),
        ("UPDATE sessions SET used_at=(SELECT 1), account_id=? WHERE 1", ("sessions", CHANGED)),
        ("UPDATE sessions SET used_at=?", ("sessions", CHANGED)),
        ("UPDATE lessons SET used_at=? WHERE lessons.id = ?", ("lessons", CHANGED)),
    ],
)
def test_a_mark_is_told_from_other_changes(statement, touch):
    assert touched(statement) == {touch}


@pytest.mark.parametrize("table", sorted(MARKS))
def test_a_mark_matters_to_who_read_the_row_unless_it_is_said_not_to(table):
    assert MARKS[table] in metadata.tables[table].c
    changes = Changes()
    read = seen(changes, changes.count, {table})
    despite = read.despite_marks(table)
    changes.note(touched({"sessions": USED, "lessons": NUMBERED}[table]))
    assert (read.holds(), despite.holds()) == (False, True)
    changes.note({(table, CHANGED)})
    assert not despite.holds()


@pytest.mark.parametrize(
    "statement", ["WITH a AS (SELECT 1) DELETE FROM units", "REPLACE INTO units VALUES (1)", "DROP"]
)
def test_what_is_not_understood_may_have_changed_everything(statement):
    assert (EVERYTHING, GONE) in touched(statement)
    changes = Changes()
    read = seen(changes, changes.count, {"members"})
    changes.note(touched(statement))
    assert not read.holds()


@pytest.mark.parametrize(
    "statement", ["SAVEPOINT job", "RELEASE SAVEPOINT job", "select 1", "BEGIN IMMEDIATE", "PRAGMA x"]
)
def test_what_only_reads_changes_nothing(statement):
    assert touched(statement) == frozenset()


TOUCHES = st.tuples(st.sampled_from(["a", "b", "c", EVERYTHING]), st.sampled_from([ADDED, CHANGED, GONE]))


@given(
    read=st.sets(st.sampled_from(["a", "b", "c"])),
    despite=st.sets(st.sampled_from(["a", "b"])),
    commits=st.lists(st.tuples(st.frozensets(TOUCHES, max_size=3), st.booleans()), max_size=12),
)
def test_it_holds_exactly_until_the_first_commit_that_matters(read, despite, commits):
    changes = Changes()
    changes.note({("a", GONE)})  # before the reading
    it, spoilt = seen(changes, changes.count, read).despite_new(*despite), False
    for touches, looks in commits:
        changes.note(touches)
        spoilt = spoilt or any(
            table in {*read, EVERYTHING} and not (how == ADDED and table in despite) for table, how in touches
        )
        if looks:  # asking in between makes no difference
            assert it.holds() is not spoilt
    assert it.holds() is not spoilt


# ---- on a database ---------------------------------------------------------------------------------------


@pytest.fixture
async def sqlite(tmp_path, migrated_sqlite):
    file = tmp_path / "test.sqlite3"
    shutil.copyfile(migrated_sqlite, file)
    database = await Database.open(f"sqlite+aiosqlite:///{file}")
    yield database
    await database.close()


async def test_a_reading_holds_until_its_table_is_written_to(sqlite):
    value, it = await sqlite.read_seen(names)
    assert (value, it.holds()) == (set(), True)
    await sqlite.write(lambda connection: connection.execute(sa.delete(sessions)))
    assert it.holds()
    despite = it.despite_new("units")
    await sqlite.write(add("a"))
    assert (it.holds(), despite.holds()) == (False, True)
    assert (await sqlite.read_seen(names))[1].holds()
    await sqlite.write(lambda connection: connection.execute(sa.update(units).values(name="b")))
    assert not despite.holds()


async def test_who_was_answered_by_the_writer_is_ahead_of_every_memory(sqlite):
    for n in range(50):
        _, it = await sqlite.read_seen(names)
        await sqlite.write(add(str(n)))
        assert not it.holds()


async def test_work_that_was_undone_may_count_but_nothing_is_missed(sqlite):
    async def fails():
        def job(connection):
            add("lost")(connection)
            raise LookupError("ours")

        with pytest.raises(LookupError):
            await sqlite.write(job)

    _, it = await sqlite.read_seen(names)
    await fails()
    value, again = await sqlite.read_seen(names)
    assert (value, again.holds()) == (set(), True)
    await sqlite.write(add("a"))
    assert not it.holds()
    assert not again.holds()


async def test_a_driver_s_own_statement_counts(sqlite):
    """As the import of a roster hands its rows over."""
    _, it = await sqlite.read_seen(names)
    statement = "INSERT INTO units (id, name, kind) VALUES (?, ?, ?)"
    await sqlite.write(lambda connection: connection.exec_driver_sql(statement, [("a", "a", "branch")]))
    assert not it.holds()


async def test_a_commit_between_the_count_and_the_snapshot_spoils_only_the_memory(sqlite):
    """The reading sees it, and is not remembered: reading once more is all that it costs."""
    count = sqlite._writer.changes.count
    await sqlite.write(add("a"))
    assert not seen(sqlite._writer.changes, count, {"units"}).holds()


@pytest.mark.services
async def test_where_others_write_too_nothing_is_known(migrated_postgres):
    database = await Database.open(await migrated_postgres.new_url("seen"))
    try:
        assert await database.read_seen(names) == (set(), None)
    finally:
        await database.close()
