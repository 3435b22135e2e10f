"""The bad network itself: the same for the same seed, and as bad as it says."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.dtls import DtlsIdentity
from rooms.node import Node
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.impaired import CLEAR, Address, Conditions, ImpairedRelay, Link, both_ways
from tests.rooms.light_peer import LightPeer, attribute, offer_sdp

SHARES = st.floats(0, 1)
CONDITIONS = st.builds(
    Conditions,
    loss=SHARES,
    delay_ms=st.floats(0, 200),
    jitter_ms=st.floats(0, 50),
    reorder=SHARES,
    duplicate=SHARES,
    rate_bps=st.none() | st.floats(1e4, 1e7),
    queue_bytes=st.integers(100, 20_000),
)


def through(link: Link, count: int, gap_ms: float = 1.0, size: int = 4) -> list[tuple[float, int]]:
    """``count`` numbered datagrams, one each ``gap_ms``: when each came out, and its number."""
    out, now_ms = [], 0.0
    for number in range(count):
        now_ms = number * gap_ms
        out += [(now_ms, datagram) for datagram in link.take(now_ms)]
        link.put(number.to_bytes(4, "big") + bytes(size - 4), now_ms)
    while link.next_due_ms is not None:
        now_ms = link.next_due_ms
        out += [(now_ms, datagram) for datagram in link.take(now_ms)]
    return [(at, int.from_bytes(datagram[:4], "big")) for at, datagram in out]


def numbers(out: list[tuple[float, int]]) -> list[int]:
    return [number for _, number in out]


# ---- one direction, by its own clock ---------------------------------------------------------------------


@given(CONDITIONS, st.integers(0, 99))
def test_the_same_seed_gives_the_same_network(conditions: Conditions, seed: int) -> None:
    assert through(Link(f"{seed}", conditions), 60) == through(Link(f"{seed}", conditions), 60)


@given(CONDITIONS, st.integers(1, 100))
def test_every_datagram_is_accounted_for_and_none_is_invented(conditions: Conditions, count: int) -> None:
    link = Link("seed", conditions)
    out = numbers(through(link, count))
    assert set(out) <= set(range(count))
    counted = link.counters
    assert counted["taken"] == count == counted["lost"] + counted["overflowed"] + len(set(out))
    assert counted["passed"] == len(out) == len(set(out)) + counted["duplicated"]


def test_another_seed_loses_other_datagrams() -> None:
    lossy = Conditions(loss=0.5)
    assert numbers(through(Link("a", lossy), 100)) != numbers(through(Link("b", lossy), 100))


@pytest.mark.parametrize("kind", ["loss", "duplicate", "reorder"])
def test_shares_are_what_they_say(kind: str) -> None:
    link = Link("seed", Conditions(**{kind: 0.05}))
    through(link, 20_000)
    counted = {"loss": "lost", "duplicate": "duplicated", "reorder": "reordered"}[kind]
    assert 0.045 < link.counters[counted] / 20_000 < 0.055


def test_a_clear_link_delays_nothing() -> None:
    link = Link("seed")
    for number in range(100):
        link.put(bytes((number,)), float(number))
        assert link.take(float(number)) == [bytes((number,))]


def test_delay_and_jitter_keep_the_order_and_their_bounds() -> None:
    link = Link("seed", Conditions(delay_ms=30, jitter_ms=10))
    due: list[float] = []
    for number in range(200):
        link.put(b"x", float(number))
        due.append(max(item[0] for item in link._under_way))
    waits = [at - number for number, at in enumerate(due)]
    assert min(waits) >= 30
    assert max(waits) <= 40
    assert numbers(through(Link("seed", Conditions(delay_ms=30, jitter_ms=10)), 200)) == list(range(200))


def test_a_reordered_datagram_is_passed_by_those_behind_it() -> None:
    out = numbers(through(Link("seed", Conditions(reorder=0.1, reorder_ms=5.5)), 300))
    assert sorted(out) == list(range(300))
    late = [number for place, number in enumerate(out) if number < max(out[:place], default=0)]
    assert 10 < len(late) < 50
    assert all(out.index(number) - number in range(1, 7) for number in late)


def test_a_bottleneck_sends_at_its_rate_and_drops_at_the_tail_of_its_queue() -> None:
    """1,000 bytes a millisecond come, 100 leave, and 2,000 may wait."""
    link = Link("seed", Conditions(rate_bps=800_000, queue_bytes=2000))
    out = through(link, 500, size=1000)
    assert {later - earlier for (earlier, _), (later, _) in itertools.pairwise(out)} == {10.0}
    assert max(at - number for at, number in out) == 20
    assert len(out) == 51  # one each 10 ms of the 500, and the two that waited at the end
    assert link.counters["overflowed"] == 449


def test_conditions_change_while_it_runs_and_leave_the_other_dice_alone() -> None:
    plain, changed = Link("seed", Conditions(loss=0.3)), Link("seed", Conditions(loss=0.3))
    first = [numbers(through(link, 50)) for link in (plain, changed)]
    changed.conditions = Conditions(loss=0.3, delay_ms=10, duplicate=0.0, jitter_ms=5)
    assert first[0] == first[1]
    assert numbers(through(plain, 50)) == numbers(through(changed, 50))


def test_a_test_may_pick_out_what_is_lost() -> None:
    link = Link("seed")
    link.lose_if = lambda datagram: datagram[3] == 7
    assert numbers(through(link, 20)) == [n for n in range(20) if n != 7]
    assert link.counters["picked_out"] == 1


def test_what_is_under_way_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.rooms.impaired.MAX_HELD", 10)
    link = Link("seed", Conditions(delay_ms=1e6))
    assert len(through(link, 100)) == 10
    assert link.counters["overflowed"] == 90


# ---- over loopback ---------------------------------------------------------------------------------------


class Echo(asyncio.DatagramProtocol):
    """Says everything back, and remembers from where it came."""

    def __init__(self) -> None:
        self.sources: list[Address] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.sources.append(addr[:2])
        self.transport.sendto(data, addr)


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(Echo, ("127.0.0.1", 0))
    yield protocol
    transport.close()


@pytest.fixture
async def relay(echo: Echo) -> AsyncIterator[ImpairedRelay]:
    relay = await ImpairedRelay.start(echo.transport.get_extra_info("sockname")[:2], seed=1)
    yield relay
    await relay.close()
    await relay.close()


@pytest.fixture
async def clients(relay: ImpairedRelay) -> AsyncIterator[list[socket.socket]]:
    made = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for one in made:
        one.setblocking(False)
        one.connect(relay.address)
    yield made
    for one in made:
        one.close()


async def answer(client: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 2000), 60)


async def test_every_client_has_a_socket_of_its_own(
    relay: ImpairedRelay, echo: Echo, clients: list[socket.socket]
) -> None:
    for number, client in enumerate(clients):
        client.send(b"%d" % number)
        assert await answer(client) == b"%d" % number
    assert echo.sources == [relay.clients[client.getsockname()].seen_as for client in clients]
    assert len(set(echo.sources)) == 3


async def test_a_rebound_client_comes_from_another_port_and_is_still_answered(
    relay: ImpairedRelay, echo: Echo, clients: list[socket.socket]
) -> None:
    clients[0].send(b"before")
    await answer(clients[0])
    client = relay.clients[clients[0].getsockname()]
    client.rebind()
    clients[0].send(b"after")
    assert await answer(clients[0]) == b"after"
    assert echo.sources[1] == client.seen_as != echo.sources[0]


async def test_a_port_that_was_left_may_be_taken_by_another_client(
    relay: ImpairedRelay, echo: Echo, clients: list[socket.socket]
) -> None:
    for client in clients[:2]:
        client.send(b"x")
        await answer(client)
    first, second = (relay.clients[client.getsockname()] for client in clients[:2])
    left = first.seen_as
    first.rebind()
    second.rebind(left[1])
    clients[1].send(b"mine now")
    assert await answer(clients[1]) == b"mine now"
    assert echo.sources[-1] == left


async def test_one_client_alone_may_be_cut_off(relay: ImpairedRelay, clients: list[socket.socket]) -> None:
    for client in clients[:2]:
        client.send(b"x")
        await answer(client)
    relay.set(down=Conditions(loss=1.0), only=relay.clients[clients[0].getsockname()])
    for client in clients[:2]:
        client.send(b"y")
    assert await answer(clients[1]) == b"y"
    await until(lambda: relay.counters("down")["lost"] == 1)
    assert relay.counters("down")["passed"] == 3


async def test_who_comes_later_has_the_conditions_of_now(relay: ImpairedRelay, clients: list[socket.socket]) -> None:
    relay.set(**both_ways(rtt_ms=20, loss=0.5))
    clients[0].send(b"x")
    await until(lambda: relay.clients)
    (client,) = relay.clients.values()
    assert {link.conditions for link in client.links.values()} == {Conditions(loss=0.5, delay_ms=10)}
    relay.set(up=CLEAR)
    assert client.links["up"].conditions == CLEAR


async def test_clients_beyond_the_limit_are_turned_away(
    relay: ImpairedRelay, clients: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.rooms.impaired.MAX_CLIENTS", 2)
    for client in clients:
        client.send(b"x")
    await until(lambda: relay.turned_away == 1)
    assert len(relay.clients) == 2


@pytest.mark.media
async def test_a_peer_connects_through_loss_delay_and_another_order(
    node: Node, identity: DtlsIdentity, connect: Connect
) -> None:
    rough = both_ways(rtt_ms=20, jitter_ms=5, loss=0.1, reorder=0.1, duplicate=0.1)
    relay = await ImpairedRelay.start(("127.0.0.1", node.stats().udp_port), seed=3, **rough)
    peer = LightPeer(identity, "camera")
    told = relay.rewrite((await node.publish(ROOM, "camera", offer_sdp(peer, "sendonly"))).sdp)
    assert attribute(told, "candidate").split()[4:6] == ["127.0.0.1", str(relay.address[1])]
    await connect(peer, told)
    assert peer.socket.getpeername() == relay.address
    assert relay.counters("up")["passed"] > 2
    await relay.close()


def test_an_answer_names_the_relay_once_on_every_line() -> None:
    class Somewhere(ImpairedRelay):
        def __init__(self) -> None: ...

        address = ("192.0.2.7", 4000)

    media = "m=video 9 UDP/TLS/RTP/SAVPF 96"
    line = f"{media}\r\na=candidate:1 1 udp 9 10.0.0.1 5 typ host\r\na=candidate:2 1 tcp 8 ::1 5 typ host"
    ours = f"{media}\r\na=candidate:1 1 udp 2130706431 192.0.2.7 4000 typ host"
    assert Somewhere().rewrite(f"v=0\r\n{line}\r\n{line}\r\n") == f"v=0\r\n{ours}\r\n{ours}\r\n"


async def test_it_runs_as_a_process_of_its_own(echo: Echo) -> None:
    host, port = echo.transport.get_extra_info("sockname")[:2]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.rooms.impaired", f"{host}:{port}", "--loss", "100",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    told = json.loads(await child.stdout.readline())
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.setblocking(False)
    client.connect((told["host"], told["port"]))
    client.send(b"lost")
    child.stdin.write(b'{"down": {"delay_ms": 1}, "up": {"loss": 0}}\n')
    await child.stdin.drain()
    heard = asyncio.create_task(answer(client))
    while not heard.done():  # until the process has read its line
        client.send(b"here")
        await asyncio.sleep(0.05)
    assert heard.result() == b"here"
    child.stdin.close()
    counted, _ = await child.communicate()
    assert json.loads(counted)["up"]["lost"] >= 1
    client.close()
