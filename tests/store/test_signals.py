"""Signals: one contract, in memory and on a real Redis; and no name anywhere."""

import datetime as dt

import pytest

from server.domain.signals import LASTS, Signal
from server.services.signal_box import MemorySignals
from server.services.signals import sender
from server.store.redis_commands import RedisCommands
from server.store.redis_signals import RedisSignals
from tests.store.samples import NOW

ALMOST = LASTS - dt.timedelta(milliseconds=1)
CLEAR, UNCLEAR = Signal.CLEAR, Signal.UNCLEAR


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
async def signals(request):
    if request.param == "memory":
        yield MemorySignals()
        return
    commands = RedisCommands(request.getfixturevalue("redis_url"))
    yield RedisSignals(commands, MemorySignals())
    await commands.close()


async def test_one_at_a_time_for_a_minute(signals):
    await signals.give("l", "a", CLEAR, NOW)
    await signals.give("l", "a", UNCLEAR, NOW)
    await signals.give("l", "b", UNCLEAR, NOW + LASTS / 2)
    await signals.give("other", "a", CLEAR, NOW)
    assert await signals.given("l", NOW + ALMOST) == (UNCLEAR, UNCLEAR)
    assert await signals.given("l", NOW + LASTS) == (UNCLEAR,)
    assert await signals.given("l", NOW + 2 * LASTS) == ()


async def test_said_again_it_lasts_another_minute_and_taken_back_it_is_gone(signals):
    await signals.give("l", "a", CLEAR, NOW)
    await signals.give("l", "a", CLEAR, NOW + ALMOST)
    assert await signals.given("l", NOW + ALMOST + ALMOST) == (CLEAR,)
    await signals.give("l", "a", None, NOW + ALMOST)
    assert await signals.given("l", NOW + ALMOST) == ()
    await signals.give("l", "nobody", None, NOW)


@pytest.mark.services
async def test_in_redis_there_is_nobodys_account(redis_url):
    commands = RedisCommands(redis_url)
    try:
        await RedisSignals(commands, MemorySignals()).give(
            "lesson", sender("lesson", "account-of-somebody"), UNCLEAR, NOW
        )
        keys = await commands.run(commands.client.keys("signals:*"))
        kept = [*keys, *[name for key in keys for name in await commands.run(commands.client.zrange(key, 0, -1))]]
        assert len(kept) == 2
        assert not [each for each in kept if "somebody" in each]
    finally:
        await commands.close()


async def test_while_redis_is_away_this_process_counts_its_own():
    commands = RedisCommands("redis://127.0.0.1:1/0")
    signals = RedisSignals(commands, MemorySignals())
    await signals.give("l", "a", CLEAR, NOW)
    assert await signals.given("l", NOW) == (CLEAR,)
    await commands.close()


def test_a_sender_is_the_same_in_one_lesson_and_another_in_the_next():
    assert sender("l", "a") == sender("l", "a")
    assert len({sender("l", "a"), sender("m", "a"), sender("l", "b")}) == 3
