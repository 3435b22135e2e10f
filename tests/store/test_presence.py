"""Presence: one contract, in memory and on a real Redis."""

import datetime as dt

import pytest

from server.domain.presence import TTL, Device, Face
from server.store.memory_presence import MemoryPresence
from server.store.redis_commands import RedisCommands
from server.store.redis_presence import RedisPresence
from tests.store.samples import NOW

PHONE = Device("socket-1", "a1", Face.PHONE)
SECOND = Device("socket-2", "a1", Face.PHONE)
VENUE = Device("socket-3", "tv", Face.VENUE, "lv1")
ALMOST = TTL - dt.timedelta(milliseconds=1)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
async def presence(request):
    if request.param == "memory":
        yield MemoryPresence()
        return
    commands = RedisCommands(request.getfixturevalue("redis_url"))
    yield RedisPresence(commands)
    await commands.close()


async def test_a_device_that_beats_is_there_for_its_time_to_live(presence):
    await presence.beat("l", VENUE, NOW)
    assert await presence.devices("l", Face.VENUE, NOW + ALMOST) == (VENUE,)
    assert await presence.devices("l", Face.VENUE, NOW + TTL) == ()


async def test_each_beat_gives_it_another_while(presence):
    await presence.beat("l", PHONE, NOW)
    await presence.beat("l", PHONE, NOW + ALMOST)
    assert (await presence.counts("l", NOW + ALMOST + ALMOST))[Face.PHONE] == 1


async def test_devices_are_counted_by_face_and_two_of_one_account_are_two(presence):
    for device in (PHONE, SECOND, VENUE, PHONE):
        await presence.beat("l", device, NOW)
    counts = await presence.counts("l", NOW)
    assert counts == {Face.PHONE: 2, Face.VENUE: 1, Face.DESK: 0, Face.CONSOLE: 0, Face.BOARD: 0}
    assert await presence.devices("l", Face.PHONE, NOW) == (PHONE, SECOND)


async def test_lessons_do_not_see_each_other(presence):
    await presence.beat("l", PHONE, NOW)
    assert sum((await presence.counts("other", NOW)).values()) == 0


async def test_who_leaves_is_gone_and_may_leave_again(presence):
    await presence.beat("l", PHONE, NOW)
    await presence.beat("l", SECOND, NOW)
    for _ in range(2):
        await presence.leave("l", PHONE)
    assert await presence.devices("l", Face.PHONE, NOW) == (SECOND,)


async def test_a_name_with_a_bar_in_it_comes_back_whole(presence):
    odd = Device("a|b", "account", Face.DESK, None)
    await presence.beat("l", odd, NOW)
    assert await presence.devices("l", Face.DESK, NOW) == (odd,)


@pytest.mark.services
async def test_two_processes_see_each_others_devices(redis_url):
    commands = [RedisCommands(redis_url) for _ in range(2)]
    one, two = map(RedisPresence, commands)
    await one.beat("l", PHONE, NOW)
    await two.beat("l", SECOND, NOW)
    assert await one.devices("l", Face.PHONE, NOW) == await two.devices("l", Face.PHONE, NOW) == (PHONE, SECOND)
    for each in commands:
        await each.close()
        await each.close()


@pytest.mark.services
async def test_while_redis_is_away_a_process_counts_its_own_and_afterwards_everybody(own_redis_server):
    commands = RedisCommands(own_redis_server.url)
    presence = RedisPresence(commands)
    await presence.beat("l", PHONE, NOW)
    own_redis_server.kill()
    await presence.beat("l", SECOND, NOW)
    assert (await presence.counts("l", NOW))[Face.PHONE] == 2
    assert await presence.devices("l", Face.PHONE, NOW) == (PHONE, SECOND)
    await presence.leave("l", SECOND)
    assert (await presence.counts("l", NOW))[Face.PHONE] == 1
    own_redis_server.start()
    await presence.beat("l", PHONE, NOW)  # the next beat after the restart
    other = RedisPresence(commands)
    assert await other.devices("l", Face.PHONE, NOW) == (PHONE,)
    await commands.close()
