"""Hints: one contract, in memory and on a real Redis."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from server.domain.events import Hint
from server.store.memory_fanout import MemoryFanout
from server.store.redis_commands import RedisCommands
from server.store.redis_fanout import CHANNEL, RedisFanout

SOON_S = 60


async def heard(subscription):
    async with asyncio.timeout(SOON_S):
        return await subscription.next()


async def nothing_heard(subscription):
    waiting = asyncio.ensure_future(subscription.next())
    for _ in range(5):
        await asyncio.sleep(0)
    silent = not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return silent


async def until(holds):
    deadline = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


class Processes:
    """Several fan-outs on one Redis, as several control processes have them."""

    def __init__(self, url):
        self.url = url
        self._stack = AsyncExitStack()

    async def start(self):
        commands = RedisCommands(self.url)
        fanout = RedisFanout(commands, self.url, beat_s=0.1, lost_after_s=0.5)
        fanout.start()
        self._stack.push_async_callback(commands.close)
        self._stack.push_async_callback(fanout.close)
        async with asyncio.timeout(SOON_S):
            await fanout.listening.wait()
        return fanout

    async def close(self):
        await self._stack.aclose()


@pytest.fixture
async def processes(redis_url):
    made = Processes(redis_url)
    yield made
    await made.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
async def fanout(request):
    if request.param == "memory":
        yield MemoryFanout()
        return
    made = Processes(request.getfixturevalue("redis_url"))
    yield await made.start()
    await made.close()


async def test_a_subscriber_of_a_lesson_hears_of_that_lesson_only(fanout):
    async with fanout.subscribe("l") as subscription:
        await fanout.publish(Hint("other", 1))
        await fanout.publish(Hint("l", 7))
        assert await heard(subscription) == Hint("l", 7)
        assert await nothing_heard(subscription)


async def test_a_subscriber_of_all_lessons_hears_of_each(fanout):
    async with fanout.subscribe() as subscription:
        await fanout.publish(Hint("a", 1))
        await fanout.publish(Hint("b", 2))
        assert {await heard(subscription), await heard(subscription)} == {Hint("a", 1), Hint("b", 2)}


async def test_hints_that_wait_are_merged_into_the_newest(fanout):
    async with fanout.subscribe("l") as subscription:
        for seq in (1, 5, 3, *range(100)):
            await fanout.publish(Hint("l", seq))
        assert await heard(subscription) == Hint("l", 99)
        assert await nothing_heard(subscription)


async def test_a_cancelled_wait_loses_no_hint(fanout):
    async with fanout.subscribe("l") as subscription:
        assert await nothing_heard(subscription)
        await fanout.publish(Hint("l", 3))
        assert await heard(subscription) == Hint("l", 3)


async def test_after_the_end_of_a_subscription_nobody_is_kept(fanout):
    async with fanout.subscribe("l"):
        pass
    await fanout.publish(Hint("l", 1))
    async with fanout.subscribe("l") as subscription:
        assert await nothing_heard(subscription)


@pytest.mark.services
async def test_hints_reach_other_processes_once_and_never_echo(processes):
    one, two = await processes.start(), await processes.start()
    async with one.subscribe("l") as here, two.subscribe("l") as there:
        await one.publish(Hint("l", 4))
        assert await heard(there) == Hint("l", 4)
        assert await heard(here) == Hint("l", 4)
        await two.publish(Hint("l", 5))
        assert await heard(here) == Hint("l", 5)  # had the first come back, it would have been merged before
        assert await heard(there) == Hint("l", 5)


@pytest.mark.services
async def test_what_others_say_on_the_channel_costs_itself_only(processes):
    one, two = await processes.start(), await processes.start()
    async with two.subscribe("l") as there:
        for nonsense in ("", "[]", '{"from": 1, "lesson": "l"}', '{"from": 1, "lesson": "l", "seq": "x"}'):
            await one._commands.pipeline(lambda pipe, text=nonsense: pipe.publish(CHANNEL, text))
        await one.publish(Hint("l", 4))
        assert await heard(there) == Hint("l", 4)


@pytest.mark.services
async def test_redis_that_goes_and_comes_back_makes_everybody_resync(own_redis_server):
    processes = Processes(own_redis_server.url)
    try:
        one, two = await processes.start(), await processes.start()
        async with one.subscribe("l") as here, two.subscribe("l") as there, two.subscribe() as everything:
            own_redis_server.kill()
            await until(lambda: not one.listening.is_set() and not two.listening.is_set())
            await one.publish(Hint("l", 9))
            assert await heard(here) == Hint("l", 9)  # inside the process nothing is missed
            own_redis_server.start()
            assert await heard(there) == Hint("l", resync=True)
            assert await heard(everything) == Hint("", resync=True)
            async with asyncio.timeout(SOON_S):
                await one.listening.wait()
            await one.publish(Hint("l", 10))
            async with asyncio.timeout(SOON_S):
                while (await there.next()).seq != 10:
                    pass
    finally:
        await processes.close()
        await processes.close()


@pytest.mark.services
async def test_a_silent_link_counts_as_lost(redis_url):
    """The socket stays open, yet nothing comes: only the heartbeat can tell."""
    processes = Processes(redis_url)
    try:
        fanout = await processes.start()
        admin = RedisCommands(redis_url)
        async with fanout.subscribe("l") as subscription:
            await admin.run(admin.client.execute_command("CLIENT", "PAUSE", "1200", "ALL"))
            await until(lambda: not fanout.listening.is_set())
            assert await heard(subscription) == Hint("l", resync=True)
        await admin.close()
    finally:
        await processes.close()
