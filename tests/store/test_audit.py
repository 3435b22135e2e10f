"""Verifying finds every change that was made behind the server's back, on SQLite and PostgreSQL."""

import shutil
import sqlite3
from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from server.domain.chain import Fault, Flaw, Head, head_after
from server.domain.ledger import digest, extend
from server.domain.refusals import Refusal
from server.store.audit import NoLedger, audit, check_ledger, report
from server.store.database import Database
from server.store.records import SqlRecords
from server.store.schema import credit_entries, ledger_heads
from tests.store.samples import NOW, a_lesson, populate
from tests.store.test_credit_shelves import award, enter

MIDDLE = 3
COLUMNS = [column.name for column in credit_entries.c]
REFERENCES = {"member_id": "m2", "unit_id": "b2", "lesson_id": "k"}
"""Where a changed byte would be refused by a foreign key; another row's key is no smaller a forgery."""
FAULTS = {"position": Fault.POSITION, "previous_hash": Fault.LINK, "hash": Fault.HASH}


async def filled(records):
    """Five entries, no column of them empty."""
    await records.write(populate)
    await records.write(lambda tx: [tx.lessons.add(a_lesson(name)) for name in ("l", "k")])
    made = [replace(award(m, lesson), corrects=f"c-{m}") for lesson in ("k", "l") for m in ("m1", "m2")]
    made.append(replace(award("m1"), idempotency_key="review:1", corrects="lesson:l:m1"))
    return await records.write(lambda tx: enter(tx, *made))


@pytest.fixture
async def entries(records):
    return await filled(records)


UNGUARD = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS credit_entries_{name}" for name in ("change", "cut", "replace")),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


async def forge(database, statement):
    """As somebody who owns the database would do it: without its triggers."""

    def step(connection):
        for guard in UNGUARD[connection.dialect.name]:
            connection.exec_driver_sql(guard)
        connection.execute(statement)

    await database.write(step)


CHANGES = {
    "changed": sa.update(credit_entries).where(credit_entries.c.position == MIDDLE).values(hundredths=1),
    "the same again": sa.update(credit_entries).values(reason=credit_entries.c.reason),
    "deleted": sa.delete(credit_entries).where(credit_entries.c.position == 5),
    "emptied": sa.delete(credit_entries),
}


def copied(**others):
    """The middle entry once more, beside or over what is there. ``others``: SQL in place of its columns."""
    columns = [*COLUMNS, "rowid"] if "rowid" in others else COLUMNS
    values = ", ".join(others.get(name, name) for name in columns)
    return f"INTO credit_entries ({', '.join(columns)}) SELECT {values} FROM credit_entries WHERE position = 3"


FRESH = {"position": "9", "id": "'n'", "idempotency_key": "'n'", "previous_hash": "'n'", "hundredths": "1"}
OF_ONE_KIND = {
    "sqlite": {
        "replaced": "INSERT OR REPLACE " + copied(hundredths="1"),
        **{
            f"replaced by its {name}": "REPLACE " + copied(**{n: v for n, v in FRESH.items() if n != name})
            for name in ("position", "id", "idempotency_key", "previous_hash")
        },
        "replaced by its row": "REPLACE " + copied(**FRESH, rowid="rowid"),
        "updated by another": "UPDATE OR REPLACE credit_entries SET position = 3 WHERE position = 4",
        "upserted": "INSERT " + copied() + " ON CONFLICT (position) DO UPDATE SET hundredths = 1",
    },
    "postgresql": {
        "upserted": "INSERT " + copied() + " ON CONFLICT (position) DO UPDATE SET hundredths = 1",
        "truncated": "TRUNCATE credit_entries CASCADE",
    },
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_the_database_refuses_to_change_or_delete_an_entry(entries, database, database_url, change):
    with pytest.raises((SQLAlchemyError, Refusal)):
        await database.write(lambda connection: connection.execute(change))
    assert await check_ledger(database_url) == head_after(entries[-1])


async def test_nor_does_it_let_one_be_replaced_in_its_own_ways(entries, database, database_url):
    kind = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    for statement in OF_ONE_KIND[kind].values():
        with pytest.raises(SQLAlchemyError, match="only added to"):
            await database.write(lambda connection, text=statement: connection.exec_driver_sql(text))
        assert await check_ledger(database_url) == head_after(entries[-1]), statement


async def test_all_accounts_together_are_zero_and_the_database_adds_up_the_same(entries, database_url):
    found = await audit(database_url)
    assert found.balanced
    assert (found.trial.granted, found.trial.held) == (1000, 1000)
    assert found.trial.sources == {"lesson:b1": -1000}
    said, _ = await report(database_url)
    assert "1 个来源 sources, 2 名学员 members, -10.00 + 10.00 = 0" in said


async def test_who_verifies_hears_how_far_it_is(entries, database_url, monkeypatch):
    heard = []
    monkeypatch.setattr("server.store.chained._TOLD_EVERY", 2)
    await report(database_url, None, lambda done, total: heard.append((done, total)))
    assert heard == [(2, 5), (4, 5), (5, 5)]


async def test_an_entry_that_nothing_grants_is_found(records, database_url):
    def step(tx):
        populate(tx)
        head = tx.ledger.lock()
        (made,) = extend(head, [award("m1", None)], NOW)
        made = replace(made, kind="gift")
        made = replace(made, hash=digest(made))
        tx.ledger.append(head, [made])

    await records.write(step)
    found = await audit(database_url)
    assert isinstance(found.chain, Head)
    assert not found.balanced
    said, code = await report(database_url)
    assert code == 1
    assert "第 1 条 entry 1: 来源不明" in said


def of(position):
    return sa.update(credit_entries).where(credit_entries.c.position == position)


def flipped(column):
    """The least change: one bit of a number, a second of a time, the last letter of a text."""
    if column.name in REFERENCES:
        return REFERENCES[column.name]
    if column.name == "position":
        return column + 100
    if isinstance(column.type, sa.BigInteger):
        return column + 1
    if isinstance(column.type, sa.String):
        return sa.func.substr(column, 1, sa.func.length(column) - 1) + "~"
    return None


@pytest.mark.parametrize("name", COLUMNS)
async def test_a_changed_column_is_found_at_its_entry(entries, database, database_url, name):
    column = credit_entries.c[name]
    value = entries[MIDDLE - 1].at.replace(microsecond=1) if name == "at" else flipped(column)
    await forge(database, of(MIDDLE).values({name: value}))
    assert await check_ledger(database_url) == Flaw(MIDDLE, FAULTS.get(name, Fault.CONTENT))


async def test_a_missing_entry_is_found(entries, database, database_url):
    await forge(database, sa.delete(credit_entries).where(credit_entries.c.position == MIDDLE))
    assert await check_ledger(database_url) == Flaw(MIDDLE, Fault.POSITION)


async def test_a_cut_tail_is_found(entries, database, database_url):
    await forge(database, sa.delete(credit_entries).where(credit_entries.c.position >= MIDDLE))
    assert await check_ledger(database_url) == Flaw(MIDDLE, Fault.HEAD)


async def test_a_doubled_entry_is_found(entries, database, database_url):
    """Past every unique constraint, linked to the end, and with the head moved on."""
    end = entries[-1]
    twin = {column.name: column for column in credit_entries.c}
    twin |= {"position": 6, "id": "twin", "idempotency_key": "twin", "previous_hash": end.hash, "hash": "f" * 64}
    values = [sa.literal(twin[n]) if not isinstance(twin[n], sa.Column) else twin[n] for n in COLUMNS]
    query = sa.select(*values).where(credit_entries.c.position == MIDDLE)
    await forge(database, sa.insert(credit_entries).from_select(COLUMNS, query))
    assert await check_ledger(database_url) == Flaw(6, Fault.CONTENT)
    await forge(database, sa.update(ledger_heads).values(position=6, hash="f" * 64))
    assert await check_ledger(database_url) == Flaw(6, Fault.CONTENT)


async def test_entries_that_changed_places_are_found(entries, database, database_url):
    for old, new in ((2, 100), (3, 2), (100, 3)):
        await forge(database, of(old).values(position=new))
    assert await check_ledger(database_url) == Flaw(2, Fault.LINK)


@pytest.mark.parametrize("change", [{"position": 4}, {"hash": "f" * 64}, {"name": "other"}])
async def test_a_changed_head_is_found(entries, database, database_url, change):
    await forge(database, sa.update(ledger_heads).values(change))
    assert await check_ledger(database_url) == Flaw(6, Fault.HEAD)


async def test_a_ledger_written_anew_is_betrayed_by_a_head_noted_before(entries, records, database, database_url):
    noted = head_after(entries[-1]).hash
    assert await check_ledger(database_url, noted) == head_after(entries[-1])
    await forge(database, sa.delete(credit_entries))
    await forge(database, sa.delete(ledger_heads))
    await records.write(lambda tx: enter(tx, award("m1"), award("m2")))
    assert isinstance(await check_ledger(database_url), Head)
    assert await check_ledger(database_url, noted) == Flaw(0, Fault.NOTED)


async def test_verifying_changes_nothing_and_needs_nobody_to_stop(entries, records, database_url):
    before = await check_ledger(database_url)
    await records.write(lambda tx: enter(tx, replace(award("m2"), idempotency_key="later")))
    after = await check_ledger(database_url, before.hash)
    assert (before.position, after.position) == (5, 6)


# ---- what only a SQLite file can hold --------------------------------------------------------------------


class Closed:
    """A file that nobody has open, and what was entered there."""

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite+aiosqlite:///{path}"

    async def fill(self):
        database = await Database.open(self.url)
        self.entries = await filled(SqlRecords(database))
        await database.close()
        return self


@pytest.fixture
async def file(tmp_path, migrated_sqlite):
    return await Closed(shutil.copyfile(migrated_sqlite, tmp_path / "closed.sqlite3")).fill()


@pytest.mark.parametrize(
    ("column", "value", "fault"),
    [
        ("reason", b"\xff\xfe", Fault.CONTENT),  # no UTF-8
        ("reason", None, Fault.UNREADABLE),
        ("hundredths", "20O", Fault.UNREADABLE),
        ("hundredths", 2.5, Fault.UNREADABLE),
        ("at", "2026-11-22T01:00:00.000000", Fault.UNREADABLE),  # the same time, not the same text
        ("at", "2026-13-22 01:00:00.000000", Fault.UNREADABLE),
        ("at", 5, Fault.UNREADABLE),
    ],
)
async def test_a_value_of_another_kind_is_named(file, column, value, fault):
    with sqlite3.connect(file.path) as connection:
        connection.execute("PRAGMA writable_schema = on")
        connection.execute("UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'credit_entries'")
    connection.close()
    with sqlite3.connect(file.path) as connection:
        expression = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
        connection.execute("DROP TRIGGER credit_entries_change")
        connection.execute(f"UPDATE credit_entries SET {column} = {expression} WHERE position = 3", (value,))
    connection.close()
    named = column if fault is Fault.UNREADABLE else ""
    assert await check_ledger(file.url) == Flaw(MIDDLE, fault, named)


@pytest.mark.long
async def test_a_flipped_bit_in_any_byte_of_an_entry_in_the_file_is_found(file):
    """Of the row as it lies in the table's page: texts, hashes and times; in each byte another bit than in the last."""
    sound = file.path.read_bytes()
    entry = file.entries[MIDDLE - 1]
    end = sound.index(entry.previous_hash.encode() + entry.hash.encode()) + 128  # the last columns of the record
    start = sound.rindex(entry.id.encode(), 0, end)
    for offset in range(start, end):
        forged = bytearray(sound)
        forged[offset] ^= 1 << offset % 8
        file.path.write_bytes(forged)
        flaw = await check_ledger(file.url)
        assert isinstance(flaw, Flaw), offset - start
        assert flaw.position == MIDDLE
    file.path.write_bytes(sound)
    assert await check_ledger(file.url) == head_after(file.entries[-1])


async def test_a_damaged_file_is_a_flaw_not_a_traceback(file):
    page = 4096
    whole = bytearray(file.path.read_bytes())
    at = whole.index(b"review:1") // page * page
    whole[at : at + 8] = b"\xff" * 8
    file.path.write_bytes(whole)
    assert isinstance(await check_ledger(file.url), Flaw)


async def test_where_there_is_nothing_to_verify_it_says_so(tmp_path):
    with pytest.raises(NoLedger, match="no database"):
        await check_ledger(f"sqlite+aiosqlite:///{tmp_path / 'none.sqlite3'}")
    assert not list(tmp_path.iterdir()), "looking makes no file"
    (tmp_path / "empty.sqlite3").touch()
    with pytest.raises(NoLedger, match="older version"):
        await check_ledger(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}")
