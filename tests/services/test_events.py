"""Reading a lesson's log, and waiting for it."""

import asyncio
import datetime as dt
import time

import pytest
import sqlalchemy as sa

from server.domain.events import Announcement, Hint, Listener
from server.services.catching_up import Behind, catch_up_all
from server.services.events import PAGE, events_since, heard_since
from tests.services.conftest import refused
from tests.store.samples import NOW

LONG = dt.timedelta(seconds=20)


async def since(stage, by, seq, wait=dt.timedelta(0)):
    return await events_since(
        stage.records, stage.house.fanout, await stage.who(by), stage.lesson_id, seq, wait=wait, now=NOW
    )


async def somebody_waits(stage):
    deadline = time.monotonic() + 60
    while not stage.house.fanout._subscribers:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


async def say(stage, *audiences):
    said = [Announcement("said", audience, {"to": audience}) for audience in audiences]
    seq = await stage.records.write(lambda tx: tx.events.append(stage.lesson_id, said, NOW, None))
    await stage.house.fanout.publish(Hint(stage.lesson_id, seq))
    return seq


async def test_each_hears_what_is_meant_for_him_and_may_go_on_from_the_end(live):
    venue_id = (await live.source_of("venue1")).removeprefix("venue-")
    member = (await live.who("10001")).account_id
    start = (await live.events())[-1].seq
    end = await say(live, "everyone", "staff", f"venue:{venue_id}", f"account:{member}", "staff")

    async def heard(by):
        page = await since(live, by, start)
        assert page.seq == end
        return [event.audience.split(":")[0] for event in page.events]

    assert await heard("director") == ["everyone", "staff", "staff"]
    assert await heard("lecturer") == ["everyone", "staff", "staff"]
    assert await heard("venue1") == ["everyone", "venue"]
    assert await heard("venue2") == ["everyone"]
    assert await heard("10001") == ["everyone", "account"]


async def test_who_waits_gets_the_event_when_it_is_committed(live):
    start = (await live.events())[-1].seq
    waiting = asyncio.ensure_future(since(live, "10001", start, LONG))
    await somebody_waits(live)
    await say(live, "staff")  # not for the member: he waits on
    seq = await say(live, "everyone")
    page = await waiting
    assert ([event.seq for event in page.events], page.seq) == ([seq], seq)


async def test_waiting_ends_with_nothing_and_the_place_to_go_on_from(live):
    start = (await live.events())[-1].seq
    seq = await say(live, "staff")
    page = await since(live, "10001", start, dt.timedelta(milliseconds=50))
    assert (page.events, page.seq) == ((), seq)
    assert live.house.fanout._subscribers == {}


async def test_an_event_whose_hint_was_lost_is_found_at_the_end_of_the_wait(live):
    start = (await live.events())[-1].seq
    waiting = asyncio.ensure_future(since(live, "10001", start, dt.timedelta(milliseconds=300)))
    await somebody_waits(live)
    said = [Announcement("said", "everyone", {})]
    await live.records.write(lambda tx: tx.events.append(live.lesson_id, said, NOW, None))
    assert len((await waiting).events) == 1


async def test_a_long_log_comes_in_pages(live):
    start = (await live.events())[-1].seq
    await say(live, *["everyone"] * (PAGE + 10))
    first = await heard_since(live.records, live.lesson_id, Listener("x"), start)
    assert (len(first.events), first.seq) == (PAGE, first.events[-1].seq)
    second = await heard_since(live.records, live.lesson_id, Listener("x"), first.seq)
    assert [event.seq for event in second.events] == list(range(first.seq + 1, first.seq + 11))


@pytest.mark.parametrize("more", [0, PAGE])
async def test_who_catches_up_with_others_is_told_what_it_would_be_told_alone(live, more):
    start = (await live.events())[-1].seq
    await say(live, "everyone", "staff", "account:a", "account:b", "venues", "venue:v", *["everyone"] * more)
    listeners = [Listener("a"), Listener("b"), Listener("c", staff=True), Listener("d", lesson_venue_id="v")]
    those = [
        Behind(live.lesson_id, since, snapshot, listener)
        for since in (start, start + 3, 10_000)
        for snapshot in (True, False)
        for listener in listeners
    ]
    together = await live.records.read(lambda tx: catch_up_all(tx, [*those, *those[:2]]))
    alone = [
        await heard_since(live.records, one.lesson_id, one.listener, one.since, snapshot=one.snapshot) for one in those
    ]
    assert list(together) == [*alone, *alone[:2]]
    assert {len(page.events) for page in alone} >= ({1, 2, 3} if more == 0 else {0, PAGE})


async def test_a_hall_that_stood_at_one_place_is_read_once(live):
    start = (await live.events())[-1].seq
    await say(live, "everyone")
    hall = [Behind(live.lesson_id, start, True, Listener(f"p{n}")) for n in range(200)]
    statements = []

    def look(tx):
        sa.event.listen(tx._connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        return catch_up_all(tx, hall)

    assert {len(page.events) for page in await live.records.read(look)} == {1}
    assert len(statements) == 2


async def test_a_client_ahead_of_the_log_keeps_its_place(live):
    assert (await since(live, "10001", 10_000)).seq == 10_000


async def test_the_log_of_an_unknown_lesson_is_not_found(live):
    reading = events_since(live.records, live.house.fanout, await live.who("10001"), "nowhere", 0, now=NOW)
    assert await refused(reading) == "lesson_not_found"
