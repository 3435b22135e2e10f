"""The audit log in the database: written with what it tells of, only ever added to, on SQLite and PostgreSQL."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from server.domain.audit import CUT, ERASED, AuditQuery, Deed, of_the_house
from server.domain.chain import EMPTY, Fault, Flaw, head_after
from server.domain.refusals import Refusal
from server.store.schema import audit_lines
from server.store.trail_check import report, verify
from tests.store.samples import NOW

UNGUARD = {
    "sqlite": tuple(f"DROP TRIGGER IF EXISTS audit_lines_{name}" for name in ("change", "cut", "replace")),
    "postgresql": ("SET LOCAL session_replication_role = replica",),
}


def deed(number=1, **changes):
    values = {"actor": "a1", "address": "10.0.0.1", "login": "l", "request_id": f"r{number}", "action": "POST /x"}
    given = {"about": "lesson/1", "result": "done", "detail": f'{{"number":{number}}}', "salt": "s"}
    return Deed(**{"at": NOW, **values, **given, **changes})


async def write(records, *deeds):
    for each in deeds:
        await records.write(lambda tx, each=each: tx.audit.add(each))


async def lines(records, wanted=AuditQuery()):  # noqa: B008 - a frozen value
    return await records.read(lambda tx: tx.audit.page(wanted, None, 100))


async def test_lines_are_chained_in_the_order_of_their_transactions(records, database_url):
    await write(records, *(deed(number) for number in range(1, 6)))
    assert [line.request_id for line in await lines(records)] == ["r5", "r4", "r3", "r2", "r1"]
    found = await verify(database_url)
    assert found.sound
    assert found.count == 5


async def test_many_at_once_share_their_commits_and_one_chain(records, database_url):
    await asyncio.gather(*(write(records, deed(number)) for number in range(100)))
    found = await verify(database_url)
    assert found.sound
    assert found.count == 100


async def test_what_is_undone_leaves_no_line(records, database_url):
    def fail(tx):
        tx.audit.add(deed(1))
        raise Refusal("forbidden")

    results = await asyncio.gather(
        records.write(fail), write(records, deed(2)), records.write(fail), return_exceptions=True
    )
    assert [type(result) for result in results] == [Refusal, type(None), Refusal]
    assert [line.request_id for line in await lines(records)] == ["r2"]
    assert (await verify(database_url)).sound


CHANGES = {
    "changed": sa.update(audit_lines).where(audit_lines.c.position == 2).values(result="forbidden"),
    "moved": sa.update(audit_lines).where(audit_lines.c.position == 2).values(position=9),
    "new detail": sa.update(audit_lines).where(audit_lines.c.position == 2).values(detail="{}"),
    "deleted": sa.delete(audit_lines).where(audit_lines.c.position == 2),
    "emptied": sa.delete(audit_lines),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_the_database_refuses_to_change_or_delete_a_line(records, database, database_url, change):
    await write(records, deed(1), deed(2), deed(3))
    with pytest.raises((SQLAlchemyError, Refusal)):
        await database.write(lambda connection: connection.execute(change))
    assert (await verify(database_url)).count == 3


COLUMNS = [column.name for column in audit_lines.c]
FRESH = {"position": "9", "previous_hash": "'n'", "result": "'forbidden'"}


@pytest.mark.parametrize("kept", ["position", "previous_hash", "rowid"])
async def test_sqlite_lets_no_line_be_replaced(records, database, database_url, kept):
    if not database_url.startswith("sqlite"):
        return
    await write(records, deed(1), deed(2), deed(3))
    others = {name: value for name, value in FRESH.items() if name != kept}
    columns = [*COLUMNS, "rowid"] if kept == "rowid" else COLUMNS
    forged = (
        f"REPLACE INTO audit_lines ({', '.join(columns)})"
        f" SELECT {', '.join(others.get(name, name) for name in columns)} FROM audit_lines WHERE position = 2"
    )
    with pytest.raises(SQLAlchemyError, match="only added to"):
        await database.write(lambda connection: connection.exec_driver_sql(forged))
    found = await verify(database_url)
    assert found.sound
    assert found.count == 3


async def unguarded(database, *statements):
    """As somebody who owns the database would do it."""

    def forge(connection):
        for step in UNGUARD[connection.dialect.name]:
            connection.exec_driver_sql(step)
        for statement in statements:
            connection.execute(statement)

    await database.write(forge)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_verifying_finds_what_was_done_without_the_guard(records, database, database_url, change):
    await write(records, deed(1), deed(2), deed(3))
    await unguarded(database, change)
    found = await verify(database_url)
    assert not found.sound
    assert found.chain.position == (1 if change is CHANGES["emptied"] else 2)
    said, code = await report(database_url)
    assert code == 1
    assert "NOT sound" in said


async def test_verifying_finds_lines_that_were_swapped_or_added(records, database, database_url):
    await write(records, deed(1), deed(2), deed(3))
    at = audit_lines.c.position
    swap = [sa.update(audit_lines).where(at == old).values(position=new) for old, new in ((2, 9), (3, 2), (9, 3))]
    await unguarded(database, *swap)
    assert (await verify(database_url)).chain == Flaw(2, Fault.LINK)
    await unguarded(database, *swap)
    assert (await verify(database_url)).sound
    (last,) = (await lines(records))[:1]
    row = {name: getattr(last, name) for name in last.__slots__} | {"position": 4, "previous_hash": last.hash}
    await database.write(lambda c: c.execute(sa.insert(audit_lines).values(row)))
    assert not (await verify(database_url)).sound


async def test_a_time_that_is_no_time_is_found_too(records, database, database_url):
    await write(records, deed(1), deed(2))
    if database_url.startswith("sqlite"):
        await unguarded(database, sa.text("UPDATE audit_lines SET at = 'noon' WHERE position = 2"))
        assert (await verify(database_url)).chain == Flaw(2, Fault.UNREADABLE, "at")


async def test_details_are_erased_and_the_log_stays_sound(records, database_url):
    await write(records, deed(1, detail='{"name":"张三"}'), deed(2), deed(3, actor="a2"))
    positions = await records.write(lambda tx: erase(tx, ("张三",), "a2"))
    assert positions == (1, 3)
    by_position = {line.position: line for line in await lines(records)}
    assert [by_position[n].detail is None for n in (1, 2, 3, 4)] == [True, False, True, False]
    found = await verify(database_url)
    assert (found.sound, found.erased) == (True, 2)


def erase(tx, words, actor):
    positions = tx.audit.erase_details(words, actor)
    tx.audit.add(of_the_house(NOW, ERASED, "", "s", positions=list(positions)))
    return positions


async def test_old_lines_are_cut_and_the_rest_verifies(records, database, database_url):
    old = NOW - dt.timedelta(days=400)
    await write(records, deed(1, at=old), deed(2, at=old), deed(3))

    def cut(tx):
        to = tx.audit.last_before(NOW - dt.timedelta(days=365))
        tx.audit.add(of_the_house(NOW, CUT, "", "s", position=to.position, hash=to.hash))
        return tx.audit.cut(to)

    assert await records.write(cut) == 2
    found = await verify(database_url)
    assert (found.sound, found.count, found.since.position) == (True, 2, 2)
    with pytest.raises((SQLAlchemyError, Refusal)):
        await database.write(lambda c: c.execute(CHANGES["emptied"]))
    assert await records.read(lambda tx: tx.audit.last_before(NOW - dt.timedelta(days=365))) is None


async def test_what_another_process_did_further_is_not_taken_back(records, database_url):
    """Two processes keep house: the slower one cuts, and notes what it sent, up to where it had looked."""
    await write(records, *(deed(number) for number in range(1, 5)))
    heads = {line.position: head_after(line) for line in await lines(records)}

    def cut(tx, to):
        tx.audit.add(of_the_house(NOW, CUT, "", "s", position=to.position, hash=to.hash))
        return tx.audit.cut(to)

    assert await records.write(lambda tx: cut(tx, heads[3])) == 3
    assert await records.write(lambda tx: cut(tx, heads[2])) == 0
    found = await verify(database_url)
    assert (found.sound, found.since) == (True, heads[3])
    for position in (3, 2):
        await records.write(lambda tx, to=heads[position]: tx.audit.move_sent(to))
    assert await records.read(lambda tx: tx.audit.sent()) == heads[3]


async def test_lines_are_found_by_who_what_when_and_result(records):
    await write(records, deed(1, actor="a2"), deed(2, result="forbidden"), deed(3, action="POST /y", about="unit/u"))

    async def found(**wanted):
        return [line.position for line in await lines(records, AuditQuery(**wanted))]

    assert await found(actors=("a2",)) == [1]
    assert await found(actors=()) == []
    assert await found(result="refused") == [2]
    assert await found(result="done") == [3, 1]
    assert await found(what="unit/u") == [3]
    assert await found(what="POST /y") == [3]
    assert await found(since=NOW + dt.timedelta(seconds=1)) == []
    assert await found(until=NOW) == []


async def test_an_empty_log_is_sound(records, database_url):
    assert (await verify(database_url)).sound
    assert await records.read(lambda tx: tx.audit.head()) == EMPTY
