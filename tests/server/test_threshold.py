"""Handshakes go in turn: who waits longest first, who hung up costs nothing, who stalls keeps nobody out."""

import asyncio
import socket

import pytest

from server.web.threshold import Threshold, has_hung_up


@pytest.fixture
def pairs():
    """Connections as accepted, each with its other end."""
    made = []

    def make(host="127.0.0.1"):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            theirs = socket.create_connection(listening.getsockname(), source_address=(host, 0))
            ours, _ = listening.accept()
        made.append((ours, theirs))
        return ours, theirs

    yield make
    for pair in made:
        for each in pair:
            each.close()


class Handshakes:
    def __init__(self):
        self.begun = []
        self.entered = asyncio.Queue()
        self.ends = {}

    async def enter(self, connection):
        self.begun.append(connection)
        self.entered.put_nowait(connection)
        self.ends[connection] = asyncio.get_running_loop().create_future()
        await self.ends[connection]


async def turns():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_so_many_at_once_and_the_others_in_order(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter, most=2, place_s=60)
    connections = [pairs()[0] for _ in range(4)]
    for connection in connections:
        threshold.come(connection)
    await turns()
    assert handshakes.begun == connections[:2]
    handshakes.ends[connections[1]].set_result(None)
    await turns()
    assert handshakes.begun == connections[:3]
    await threshold.close()
    await threshold.close()
    assert connections[3].fileno() == -1


async def test_who_hung_up_while_waiting_is_not_let_in(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter, most=1, place_s=60)
    first, (gone, theirs), last = pairs()[0], pairs(), pairs()[0]
    for connection in (first, gone, last):
        threshold.come(connection)
    await turns()
    theirs.close()
    assert has_hung_up(gone)
    handshakes.ends[first].set_result(None)
    await turns()
    assert handshakes.begun == [first, last]
    assert gone.fileno() == -1
    await threshold.close()


async def test_who_stalls_keeps_nobody_out(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter, most=1, place_s=0.01)
    stalling, other = pairs()[0], pairs()[0]
    threshold.come(stalling)
    threshold.come(other)
    async with asyncio.timeout(60):
        assert await handshakes.entered.get() is stalling
        assert await handshakes.entered.get() is other
    assert not handshakes.ends[stalling].done()
    handshakes.ends[stalling].set_result(None)  # its place was given back before, and is not given back again
    await turns()
    assert threshold._places in (0, 1)
    await threshold.close()
    assert threshold._places == 0


async def test_of_too_many_the_one_that_waits_longest_goes(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter, most=1, most_waiting=2, place_s=60)
    connections = [pairs()[0] for _ in range(4)]
    for connection in connections:
        threshold.come(connection)
    assert [connection.fileno() == -1 for connection in connections] == [False, True, False, False]
    await threshold.close()


async def test_one_address_that_opens_many_keeps_nobody_else_waiting_and_loses_its_own(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter, most=1, most_waiting=4, place_s=60)
    many = [pairs()[0] for _ in range(5)]
    for connection in many:
        threshold.come(connection)
    phone, other = pairs("127.0.0.2")[0], pairs("127.0.0.3")[0]
    threshold.come(phone)
    threshold.come(other)
    assert [connection.fileno() == -1 for connection in (*many, phone, other)] == [False, True, True, *[False] * 4]
    await turns()
    for connection in (many[0], many[3], phone, other):
        assert handshakes.begun[-1] is connection
        handshakes.ends[connection].set_result(None)
        await turns()
    assert handshakes.begun[-1] is many[4]
    await threshold.close()


async def test_who_hung_up_before_it_was_seen_is_not_let_in(pairs):
    handshakes = Handshakes()
    threshold = Threshold(handshakes.enter)
    gone, _ = pairs()
    gone.shutdown(socket.SHUT_RDWR)
    threshold.come(gone)
    await turns()
    assert handshakes.begun == []
    assert gone.fileno() == -1
    await threshold.close()
