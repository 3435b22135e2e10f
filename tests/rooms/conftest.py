"""A node on loopback, and clients that are hung up when a test ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import pytest

from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig, NodeEvent, ProgrammePacket, RoomSpec
from rooms.node import Node
from tests.rooms.light_peer import LightPeer

if TYPE_CHECKING:
    from tests.browser.firefox import Firefox
    from tests.rooms.stage import Stage
    from tests.rooms.studio import Studio

ROOM = "lesson"
PATIENCE_SECONDS = 60.0


class Recorder:
    """A subscriber that keeps everything."""

    def __init__(self) -> None:
        self.packets: list[ProgrammePacket] = []

    def on_packets(self, packets: Sequence[ProgrammePacket]) -> None:
        self.packets += packets


class EventLog:
    """Reads a node's events as they come."""

    def __init__(self, node: Node) -> None:
        self.events: list[NodeEvent] = []
        self._task = asyncio.create_task(self._read(node))

    async def _read(self, node: Node) -> None:
        async for event in node.events():
            self.events.append(event)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def until(
    condition: Callable[[], object], what: str = "the condition", *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Waits until it holds, at most a minute (or as many seconds as are given)."""
    deadline = now_ms() + 1000 * seconds
    while not condition():
        assert now_ms() < deadline, f"{what} did not come to hold"
        await asyncio.sleep(0.005)


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM))
    yield node
    await node.close()
    await node.close()


@pytest.fixture
async def log(node: Node) -> AsyncIterator[EventLog]:
    log = EventLog(node)
    yield log
    await log.close()


@pytest.fixture(scope="session")
def identity() -> DtlsIdentity:
    return DtlsIdentity()


Connect = Callable[[LightPeer, str], Awaitable[None]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connects a client with the node's answer; all of them hang up at the end."""
    peers: list[LightPeer] = []

    async def connect(peer: LightPeer, answer: str) -> None:
        peers.append(peer)
        peer.accept(answer)
        await asyncio.wait_for(peer.connect(), PATIENCE_SECONDS)

    yield connect
    for peer in peers:
        peer.hang_up()


@pytest.fixture
def studio(node: Node, identity: DtlsIdentity, connect: Connect) -> Studio:
    from tests.rooms.studio import Studio  # here, because it imports this module

    return Studio(node, identity, connect)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A node, its HTTP routes and a Chromium."""
    from tests.rooms.stage import FLAGS, serving  # here, because only browser tests need its packages

    async with serving(*FLAGS) as stage:
        yield stage


@pytest.fixture(scope="module")
async def firefox() -> AsyncIterator[Firefox]:
    from tests.browser.firefox import Firefox

    browser = await Firefox.launch()
    yield browser
    await browser.close()
