"""No event appears later than one with a higher number, no matter who writes at once."""

import asyncio

import pytest

from server.domain.events import Announcement
from server.store.database import Database
from server.store.records import SqlRecords
from tests.store.samples import NOW, a_lesson, populate

WRITERS, EACH = 8, 25


def append(tx, lesson_id, name):
    return tx.events.append(lesson_id, [Announcement(name, "everyone", {})], NOW, None)


async def watch(records, lesson_id, total):
    """As a client does: ask since the last number; whatever was skipped then would never be seen."""
    seen = []
    while len(seen) < total:
        last = seen[-1] if seen else 0
        events = await records.read(lambda tx, last=last: tx.events.since(lesson_id, last, None, 1000))
        seen += [event.seq for event in events]
        await asyncio.sleep(0)
    return seen


async def write(records, lesson_id, writer):
    return [await records.write(lambda tx, n=n: append(tx, lesson_id, f"{writer}-{n}")) for n in range(EACH)]


async def test_a_client_that_asks_since_misses_nothing_while_many_write(records):
    await records.write(populate)
    await records.write(lambda tx: tx.lessons.add(a_lesson("l")))
    seen, *given = await asyncio.gather(
        watch(records, "l", WRITERS * EACH), *(write(records, "l", writer) for writer in range(WRITERS))
    )
    assert seen == list(range(1, WRITERS * EACH + 1))
    assert sorted(seq for one in given for seq in one) == seen
    for one in given:
        assert one == sorted(one)


@pytest.mark.services
async def test_nothing_is_missed_when_several_processes_write(migrated_postgres):
    """Several databases objects on one PostgreSQL stand for several control processes."""
    url = await migrated_postgres.new_url("several")
    databases = [await Database.open(url) for _ in range(3)]
    try:
        several = [SqlRecords(database) for database in databases]
        await several[0].write(populate)
        await several[0].write(lambda tx: [tx.lessons.add(a_lesson(name)) for name in ("l", "k")])
        watching = [watch(records, "l", 3 * EACH) for records in several]
        writing = [write(records, lesson, n) for n, records in enumerate(several) for lesson in ("l", "k")]
        results = await asyncio.gather(*watching, *writing)
        assert results[:3] == [list(range(1, 3 * EACH + 1))] * 3
    finally:
        for database in databases:
            await database.close()
        await migrated_postgres.drop(url)


async def test_a_refused_transaction_leaves_no_gap(records):
    await records.write(populate)
    await records.write(lambda tx: tx.lessons.add(a_lesson("l")))

    def fails(tx):
        append(tx, "l", "lost")
        raise LookupError

    results = await asyncio.gather(
        *(records.write(fails if n % 3 == 0 else lambda tx: append(tx, "l", "kept")) for n in range(30)),
        return_exceptions=True,
    )
    kept = [result for result in results if not isinstance(result, LookupError)]
    assert sorted(kept) == list(range(1, 21))
    assert [e.seq for e in await records.read(lambda tx: tx.events.since("l", 0, None, 100))] == list(range(1, 21))
