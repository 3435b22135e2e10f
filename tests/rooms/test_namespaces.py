"""The kernel's bad network: as bad as it says, gone afterwards; and a viewer on another host."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator

import pytest

from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot
from rooms.node import Node
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.light_peer import LightPeer
from tests.rooms.studio import IDR, Camera, Watcher
from tests.servers.namespaces import Network, why_not

pytestmark = pytest.mark.media

BURST = 200


@pytest.fixture(scope="module")
def permitted() -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture
def network(permitted: None) -> Iterator[Network]:
    with Network() as network:
        yield network


class Line:
    """Datagrams from a socket in the namespace to one out here."""

    def __init__(self, network: Network) -> None:
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind((network.here, 0))
        self.near.settimeout(0.5)
        self.far = network.socket(socket.SOCK_DGRAM)
        self.far.connect(self.near.getsockname())

    def burst(self, size: int = 100) -> int:
        """How many of a burst arrive."""
        sent = 0
        for _ in range(BURST):
            with contextlib.suppress(PermissionError):  # nft drops what leaves where it can say so
                sent += self.far.send(bytes(size)) == size
        arrived = 0
        with contextlib.suppress(TimeoutError):
            while arrived < sent:
                self.near.recv(2000)
                arrived += 1
        return arrived

    def close(self) -> None:
        self.near.close()
        self.far.close()


@pytest.fixture
async def line(network: Network) -> AsyncIterator[Line]:
    line = Line(network)
    yield line
    line.close()


def test_loss_a_bottleneck_and_a_pulled_cable_are_what_they_say(network: Network, line: Line) -> None:
    assert line.burst() == BURST
    network.lose(0.5)
    assert BURST * 0.25 < line.burst() < BURST * 0.75
    network.lose(0.0)
    network.limit(1_000_000, queue_ms=50)
    assert 0 < line.burst(1000) < BURST / 2
    network.limit(None)
    assert line.burst() == BURST
    network.block("meta l4proto udp")
    assert line.burst() == 0
    network.lose(0.0)
    network.pull()
    assert line.burst() == 0
    network.pull(out=False)


def test_nothing_is_left_of_it(permitted: None) -> None:
    network = Network()

    def fail_inside() -> None:
        with network:
            assert network.name in listed()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    assert network.name not in listed()


def listed() -> str:
    return subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout


async def test_a_viewer_on_another_host_gets_the_picture_over_a_lossy_line(
    network: Network, identity: DtlsIdentity, connect: Connect
) -> None:
    node = await Node.start(NodeConfig(announced=(network.here,)))
    await node.open_room(RoomSpec(ROOM))
    camera = await Camera(LightPeer(identity, "camera"), "camera").publish(node, connect)
    await node.take(ROOM, Slot.CAMERA, "camera")
    network.lose(0.1)
    peer = LightPeer(identity, "viewer")
    peer.socket.close()
    peer.host, peer.socket = network.here, network.socket(socket.SOCK_DGRAM)
    peer.socket.setblocking(False)
    viewer = await Watcher(peer).watch(node, connect, ProgrammeView())
    assert peer.socket.getsockname()[0] == network.there

    def seen() -> bool:
        camera.frame(IDR)
        return len(viewer.video) > 30

    await until(seen)
    await node.close()
