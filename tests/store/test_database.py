"""The contract of Database, on SQLite and PostgreSQL."""

import asyncio
import sqlite3
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.util import await_only

from server.domain.refusals import Refusal
from server.store.database import Database
from server.store.jobs import Alike
from server.store.schema import units
from server.store.thread_readers import ThreadReaders


def add(name):
    def job(connection):
        connection.execute(sa.insert(units).values(id=name, name=name, kind="branch"))
        return name

    return job


def names(connection):
    return set(connection.execute(sa.select(units.c.id)).scalars())


async def test_what_was_acknowledged_is_there(database):
    assert await database.write(add("a")) == "a"
    assert await database.read(names) == {"a"}


async def test_what_was_acknowledged_is_there_after_reopening(database, database_url):
    await database.write(add("a"))
    await database.close()
    again = await Database.open(database_url)
    try:
        assert await again.read(names) == {"a"}
    finally:
        await again.close()


async def test_a_glance_sees_what_was_acknowledged_and_ends_its_snapshot(database):
    await database.write(add("a"))
    assert await database.glance(names) == {"a"}
    await database.write(add("b"))
    assert await database.glance(names) == {"a", "b"}


async def test_a_glance_that_fails_leaves_the_next_one_alone(database):
    def fails(connection):
        names(connection)
        raise LookupError("ours")

    with pytest.raises(LookupError):
        await database.glance(fails)
    await database.write(add("a"))
    assert await database.glance(names) == {"a"}


async def test_nothing_is_glanced_at_after_the_end(database):
    await database.close()
    with pytest.raises(Refusal, match="draining"):
        await database.glance(names)


async def test_where_a_glance_would_have_to_wait_a_thread_does(database):
    if not isinstance(database._readers, ThreadReaders):
        pytest.skip("statements go over the network there")
    threads = []

    def in_the_way_once(connection):
        threads.append(threading.current_thread())
        if len(threads) == 1:
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise sa.exc.OperationalError("SELECT 1", None, busy)
        return names(connection)

    await database.write(add("a"))
    assert await database.glance(in_the_way_once) == {"a"}
    assert threads[0] is threading.current_thread()
    assert threads[1] is not threading.current_thread()


async def test_one_failing_job_does_not_touch_its_neighbours(database):
    def fails_after_writing(connection):
        add("lost")(connection)
        raise LookupError("ours")

    results = await asyncio.gather(
        *(database.write(add(str(n))) for n in range(20)),
        database.write(fails_after_writing),
        database.write(add("3")),  # breaks the primary key
        *(database.write(add(str(n))) for n in range(20, 40)),
        return_exceptions=True,
    )
    assert isinstance(results[20], LookupError)
    assert isinstance(results[21], sa.exc.IntegrityError)
    assert await database.read(names) == {str(n) for n in range(40)}


async def test_many_writers_share_few_commits(database):
    before = database.batches
    await asyncio.gather(*(database.write(add(str(n))) for n in range(500)))
    assert len(await database.read(names)) == 500
    assert database.batches - before < 100


async def test_jobs_run_in_the_order_they_came(database):
    seen = []
    await asyncio.gather(*(database.write(lambda _, n=n: seen.append(n)) for n in range(300)))
    assert seen == list(range(300))


async def test_a_reader_cannot_write(database):
    with pytest.raises(sa.exc.DBAPIError):
        await database.read(add("a"))
    assert await database.read(names) == set()


async def test_a_reader_sees_one_snapshot(database):
    """What is committed between two of its statements stays invisible to it."""
    await database.write(add("before"))
    on_threads = isinstance(database._readers, ThreadReaders)
    loop, looked, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def look_twice(connection):
        first = names(connection)
        if on_threads:
            loop.call_soon_threadsafe(looked.set)
            assert go_on.wait(10)
        else:
            await_only(database.write(add("during")))
        return first, names(connection)

    reading = asyncio.ensure_future(database.read(look_twice))
    if on_threads:
        await looked.wait()
        await database.write(add("during"))
        go_on.set()
    assert await reading == ({"before"}, {"before"})
    assert await database.read(names) == {"before", "during"}


async def test_a_cancelled_caller_loses_neither_the_work_nor_a_connection(database):
    for round_ in range(30):
        tasks = [asyncio.ensure_future(database.write(add(f"{round_}-{n}"))) for n in range(5)]
        tasks += [asyncio.ensure_future(database.read(names)) for _ in range(5)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await database.write(add("last"))
    assert len(await database.read(names)) == 151


async def test_a_full_queue_is_busy_and_says_when_to_come_again(database, database_url):
    gate = threading.Event()  # SQLite's writer is a thread, which might empty the queue while it is being filled
    if not database_url.startswith("sqlite"):
        gate.set()
    first = asyncio.ensure_future(database.write(lambda _: gate.wait(30)))
    asked = [asyncio.ensure_future(database.write(lambda _: 1)) for _ in range(9000)]
    await asyncio.sleep(0)
    gate.set()
    assert await first
    results = await asyncio.gather(*asked, return_exceptions=True)
    busy = [result for result in results if isinstance(result, Refusal)]
    assert busy
    assert {(refusal.code, refusal.retry_after_s) for refusal in busy} == {("busy", 1)}
    assert results.count(1) + len(busy) == 9000
    assert await database.write(lambda _: 2) == 2


async def test_closing_finishes_what_was_accepted_and_may_be_repeated(database, database_url):
    accepted = [asyncio.ensure_future(database.write(add(str(n)))) for n in range(50)]
    await asyncio.sleep(0)
    await asyncio.gather(database.close(), database.close())
    await database.close()
    assert await asyncio.gather(*accepted) == [str(n) for n in range(50)]
    with pytest.raises(Refusal, match="draining"):
        await database.write(add("late"))
    with pytest.raises(Refusal, match="draining"):
        await database.read(names)


# ---- work done together ----------------------------------------------------------------------------------


def add_all(connection, items):
    """Refuses odd ones, and breaks altogether on a negative one."""
    rows = [{"id": str(n), "name": "x", "kind": "branch"} for n in items if n % 2 == 0]
    if rows:
        connection.execute(sa.insert(units), rows)
    if min(items) < 0:
        raise LookupError("ours")
    return [Refusal("busy", str(n)) if n % 2 else n for n in items]


TOGETHER = Alike("add", add_all)


async def test_work_alike_is_done_together_and_each_hears_its_own_result(database):
    calls = []

    def counted(connection, items):
        calls.append(len(items))
        return add_all(connection, items)

    alike = Alike("add", counted)
    results = await asyncio.gather(*(database.write_alike(alike, n) for n in range(300)), return_exceptions=True)
    assert [result for result in results if not isinstance(result, Refusal)] == list(range(0, 300, 2))
    assert [result.detail for result in results if isinstance(result, Refusal)] == [str(n) for n in range(1, 300, 2)]
    assert await database.read(names) == {str(n) for n in range(0, 300, 2)}
    assert sum(calls) == 300
    assert len(calls) < 100


async def test_one_that_breaks_all_is_alone_with_its_bad_luck(database):
    await database.write(add("8"))  # one breaks a key, another raises
    some = [2, 4, -6, 8, 10]
    results = await asyncio.gather(*(database.write_alike(TOGETHER, n) for n in some), return_exceptions=True)
    assert [type(result) for result in results] == [int, int, LookupError, sa.exc.IntegrityError, int]
    assert await database.read(names) == {"2", "4", "8", "10"}


async def test_work_alike_keeps_its_place_among_other_work(database):
    seen = []

    def note(_connection, items):
        seen.extend(items)
        return items

    def alone(n):
        return database.write(lambda _: seen.append(n))

    kind = Alike("kind", note)
    await asyncio.gather(*(database.write_alike(kind, n) if n % 7 else alone(n) for n in range(400)))
    assert seen == list(range(400))


async def test_kinds_that_alternate_do_not_part_each_other(database):
    calls = []

    def note(_connection, items):
        calls.append(items)
        return items

    kinds = [Alike("even", note), Alike("odd", note)]
    await asyncio.gather(*(database.write_alike(kinds[n % 2], n) for n in range(200)))
    assert sorted(n for items in calls for n in items) == list(range(200))
    assert all(list(items) == sorted(items) and len({n % 2 for n in items}) == 1 for items in calls)
    assert len(calls) < 50


async def test_a_fault_of_the_database_tells_no_values(database):
    """Its text ends in the log, and rows hold names, addresses and digests."""
    await database.write(add("某人"))
    with pytest.raises(sa.exc.IntegrityError) as caught:
        await database.write(add("某人"))
    assert "某人" not in str(caught.value).replace(str(caught.value.orig), "")
