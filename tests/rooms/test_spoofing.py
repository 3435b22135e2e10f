"""Checks that are not what they seem never move a session, and clients behind one address are told apart."""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from aioice import stun as full_stun

from rooms.interface import ProgrammeView, ViewerDown
from rooms.node import Node
from rooms.peer import Peer
from rooms.question import MOST_TIMES
from rooms.seen import REMEMBERED, SeenIds
from rooms.strays import QUIET_MS
from tests.rooms.conftest import ROOM, Connect, EventLog, until
from tests.rooms.impaired import ImpairedRelay
from tests.rooms.light_peer import LightPeer, offer_sdp
from tests.rooms.studio import IDR, SLICE, Studio, Watcher, on_air

pytestmark = pytest.mark.media


class Thief:
    """Somebody else on the network, who sends what he has and listens."""

    def __init__(self, node_port: int, host: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((host, 0))
        self.socket.connect(("127.0.0.1", node_port))

    def heard(self) -> list[bytes]:
        found = []
        try:
            while True:
                found.append(self.socket.recv(2000))
        except BlockingIOError:
            return found


@pytest.fixture
def thief(node: Node) -> Iterator[Thief]:
    thief = Thief(node.stats().udp_port)
    yield thief
    thief.socket.close()


def peer_of(node: Node, session_id: str) -> Peer:
    return node._sessions.of(session_id)[0]


def claims(viewer: LightPeer, own: bytes) -> dict[str, tuple[bytes, str]]:
    """What a thief may send who knows everything but the password, and the reason for which it is dropped."""
    ufrags = full_stun.parse_message(own).attributes["USERNAME"]

    def forged(password: str, **more: object) -> bytes:
        message = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST)
        message.attributes.update({"USERNAME": ufrags, "PRIORITY": 1, "ICE-CONTROLLING": 1, **more})
        if password:
            message.add_message_integrity(password.encode())
        return bytes(message)

    bent = bytearray(own)
    bent[9] ^= 1  # of the transaction id
    message = full_stun.parse_message(own)
    # Everything else as it was, a fingerprint that is right again.
    message.transaction_id = bytes(bent[8:20])
    message.attributes.pop("FINGERPRINT")
    message.add_fingerprint()
    return {
        "wrong password": (forged("a guess"), "bad_integrity"),
        "wrong password, nominating": (forged("a guess", **{"USE-CANDIDATE": None}), "bad_integrity"),
        "no integrity": (forged(""), "no_check"),
        "their check with another id": (bytes(message), "bad_integrity"),
        "their check as it was": (own, "replayed"),
    }


async def test_nothing_that_a_thief_can_send_moves_a_session(studio: Studio, thief: Thief, log: EventLog) -> None:
    camera, node = await on_air(studio), studio.node
    viewer = await studio.watcher()
    peer = peer_of(node, viewer.session_id)
    captured = viewer.peer.check_message(viewer.peer._remote[1])
    viewer.peer.send(captured)
    await until(lambda: full_stun.parse_message(captured).transaction_id in peer._seen)
    place, consent = peer.address, peer._checked_at_ms
    for what, (datagram, reason) in claims(viewer.peer, captured).items():
        before = node.stats().datagrams_dropped.get(reason, 0)
        thief.socket.send(datagram)
        await until(lambda r=reason, b=before: node.stats().datagrams_dropped.get(r, 0) == b + 1, what)
        assert peer.address == place == viewer.peer.socket.getsockname(), what
        assert peer._checked_at_ms == consent, f"{what} renewed the consent"
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    assert thief.heard() == [], "neither media nor an answer"
    assert not any(isinstance(event, ViewerDown) for event in log.events)


async def test_a_check_that_its_sender_repeats_is_answered_again(studio: Studio) -> None:
    viewer = await studio.watcher()
    again = viewer.peer.check_message(viewer.peer._remote[1])
    answered = viewer.peer.checks_answered
    for number in range(1, 4):
        viewer.peer.send(again)
        await until(lambda n=number: viewer.peer.checks_answered == answered + n)


def test_the_memory_of_ids_is_bounded_and_forgets_the_oldest() -> None:
    seen = SeenIds()
    ids = [number.to_bytes(8, "big") + b"tail" for number in range(REMEMBERED + 10)]
    for number, one in enumerate(ids):
        assert one not in seen
        seen.add(one)
        assert one in seen
        assert (ids[0] in seen) == (number < REMEMBERED)
    assert len(seen._ids) == REMEMBERED


# ---- one address, several clients ------------------------------------------------------------------------


@pytest.fixture
async def relay(node: Node) -> AsyncIterator[ImpairedRelay]:
    """A translator of addresses: all of its clients are seen at 127.0.0.1, each at a port."""
    relay = await ImpairedRelay.start(("127.0.0.1", node.stats().udp_port))
    yield relay
    await relay.close()


async def behind(relay: ImpairedRelay, studio: Studio, connect: Connect, name: str) -> Watcher:
    """A viewer that knows only the relay."""
    peer = LightPeer(studio.identity, name)
    viewer = Watcher(peer)
    answer = await studio.node.watch(ROOM, name, offer_sdp(peer, "recvonly"), ProgrammeView())
    viewer.session_id = answer.session_id
    peer.on_media = viewer._on_media
    await connect(peer, relay.rewrite(answer.sdp))
    await until(lambda: peer_of(studio.node, viewer.session_id).srtp is not None)
    return viewer


async def test_two_clients_behind_one_address_each_get_their_own(
    studio: Studio, connect: Connect, relay: ImpairedRelay
) -> None:
    camera, node = await on_air(studio), studio.node
    viewers = [await behind(relay, studio, connect, f"viewer{n}") for n in range(2)]
    places = [peer_of(node, viewer.session_id).address for viewer in viewers]
    assert {place[0] for place in places if place} == {"127.0.0.1"}
    assert len(set(places)) == 2
    camera.frame(IDR)
    await until(lambda: all(len(viewer.video) == 3 for viewer in viewers))
    # Keys are each one's own: what opened was sealed for whoever got it.
    assert [packet.payload for packet in viewers[0].video] == [packet.payload for packet in viewers[1].video]
    assert node.stats().datagrams_dropped == {}


async def test_a_port_that_a_client_left_may_be_anothers(
    studio: Studio, connect: Connect, relay: ImpairedRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The translator gives the first one's port to the second, and another one to the first."""
    camera, node = await on_air(studio), studio.node
    first, second = [await behind(relay, studio, connect, f"viewer{n}") for n in range(2)]
    camera.frame(IDR)
    await until(lambda: len(first.video) == len(second.video) == 3)
    left = peer_of(node, first.session_id).address
    assert left is not None
    relay.clients[first.peer.socket.getsockname()].rebind()
    relay.clients[second.peer.socket.getsockname()].rebind(left[1])
    second.peer.check()
    await until(lambda: node.stats().datagrams_dropped.get("address_taken", 0) == 1)
    assert peer_of(node, second.session_id).address != left, "it is the first one's as long as he has just been there"
    first.peer.check()
    await until(lambda: peer_of(node, first.session_id).address != left)
    monkeypatch.setattr("rooms.peer.HOLDS_ADDRESS_MS", -1.0)  # a while later
    second.peer.check()
    await until(lambda: peer_of(node, second.session_id).address == left)
    camera.frame()
    await until(lambda: len(first.video) == len(second.video) == 6)
    sequences = [[packet.sequence for packet in viewer.video] for viewer in (first, second)]
    assert all(b - a == 1 for numbers in sequences for a, b in itertools.pairwise(numbers))


async def test_a_copy_of_media_from_elsewhere_turns_nothing_upon_anybody(studio: Studio) -> None:
    """It is asked about ten times at most, each smaller than what it came with; answers need the password."""
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    peer = peer_of(studio.node, camera.session_id)
    address = peer.address
    thief = Thief(studio.node.stats().udp_port)
    assert camera.peer.srtp is not None
    for number in range(30):
        peer.heard_ms -= QUIET_MS
        thief.socket.send(camera.peer.srtp.protect(camera.packet(SLICE, number % 3, 3)))
        await until(lambda number=number: len(watcher.video) == 4 + number)  # type: ignore[misc]
    questions = thief.heard()
    assert 0 < len(questions) <= MOST_TIMES
    for question in questions:
        asked = full_stun.parse_message(question)
        answer = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.RESPONSE, asked.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = ("192.0.2.1", 5000)
        answer.add_message_integrity(b"guess")
        thief.socket.send(bytes(answer))
    camera.frame()
    await until(lambda: len(watcher.video) == 36)
    assert peer.address == address
    thief.socket.close()
