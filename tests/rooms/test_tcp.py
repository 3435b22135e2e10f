"""ICE-TCP: a connection is an address like any other, and a slow one is nobody else's trouble."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import candidates, rtp, tcp
from rooms.dtls import DtlsIdentity
from rooms.framing import BadFraming, Deframer, framed
from rooms.guard import MAX_DATAGRAM_BYTES, Address, network_of
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot
from rooms.node import Node
from rooms.slow_reader import ASK_FIRST_MS, ASK_MOST_MS, PICTURE_BYTES, URGENT_BYTES, SendQueue
from rooms.tcp import TcpPort
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.light_peer import LightPeer, TcpPeer, attribute, offer_sdp
from tests.rooms.studio import IDR, Camera, Studio, Watcher

pytestmark = pytest.mark.long

DATAGRAMS = st.lists(st.binary(max_size=60), max_size=20)


# ---- framing


@given(DATAGRAMS, st.lists(st.integers(0, 1500), max_size=30))
def test_datagrams_come_out_as_they_went_in_however_the_stream_is_cut(sent: list[bytes], cuts: list[int]) -> None:
    stream = framed(sent)
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    deframer = Deframer()
    got = [d for start, stop in itertools.pairwise(places) for d in deframer.feed(stream[start:stop])]
    assert got == [datagram for datagram in sent if datagram]


@given(st.binary(max_size=4000))
def test_no_bytes_make_the_deframer_hold_more_than_a_datagram(noise: bytes) -> None:
    deframer = Deframer()
    with contextlib.suppress(BadFraming):
        for byte in range(0, len(noise), 700):
            assert all(0 < len(datagram) <= MAX_DATAGRAM_BYTES for datagram in deframer.feed(noise[byte : byte + 700]))
            assert len(deframer._held) < MAX_DATAGRAM_BYTES + 2


def test_a_length_that_nobody_needs_ends_the_stream() -> None:
    with pytest.raises(BadFraming):
        list(Deframer().feed((MAX_DATAGRAM_BYTES + 1).to_bytes(2, "big")))


# ---- what waits for a slow reader


def taken(queue: SendQueue) -> list[bytes]:
    found = []
    while (datagram := queue.take()) is not None:
        found.append(datagram)
    return found


def test_sound_and_control_overtake_pictures() -> None:
    queue = SendQueue()
    queue.put_pictures([b"picture"], 7, keyframe=True)
    queue.put_urgent(b"sound")
    assert taken(queue) == [b"sound", b"picture"]


def test_pictures_that_pile_up_go_whole_and_nothing_follows_before_a_keyframe() -> None:
    queue = SendQueue()
    frame = [bytes(1000)] * 10
    while not queue.dropped:
        queue.put_pictures(frame, 7, keyframe=False)
    assert queue.octets == 0
    queue.put_pictures(frame, 7, keyframe=False)
    queue.put_repair(b"again")
    assert taken(queue) == []
    queue.put_pictures([b"key"], 7, keyframe=True)
    queue.put_pictures([b"next"], 7, keyframe=False)
    assert taken(queue) == [b"key", b"next"]


def test_a_stream_that_was_not_waiting_goes_on_when_another_is_cut() -> None:
    queue = SendQueue()
    while not queue.dropped:
        queue.put_pictures([bytes(1000)] * 10, 7, keyframe=False)
    queue.put_pictures([b"other"], 8, keyframe=False)
    assert taken(queue) == [b"other"]


def test_the_oldest_sound_goes_first() -> None:
    queue = SendQueue()
    for number in range(URGENT_BYTES // 100 + 10):
        queue.put_urgent(number.to_bytes(2, "big") * 50)
    assert queue.octets <= URGENT_BYTES
    assert taken(queue)[0] != bytes(100)
    assert queue.dropped == 10


def test_keyframes_are_asked_for_when_there_is_room_and_ever_more_seldom() -> None:
    queue = SendQueue()

    def overflow() -> None:
        before = queue.dropped
        queue.put_pictures([bytes(100)], 7, keyframe=True)
        while queue.dropped == before:
            queue.put_pictures([bytes(1000)] * 10, 7, keyframe=False)

    overflow()
    assert queue.keyframes_due(0.0) == (7,)
    assert queue.keyframes_due(ASK_FIRST_MS - 1) == ()
    at, asked = 0.0, [0.0]
    while at < 60_000:
        at += 100
        overflow()
        if queue.keyframes_due(at):
            asked.append(at)
    assert asked[1] == ASK_FIRST_MS
    assert asked[-1] - asked[-2] == ASK_MOST_MS
    assert queue.keyframes_due(at + 100_000) == (7,), "after a calm time it is asked as soon as at first"
    assert queue.keyframes_due(at + 100_000 + ASK_FIRST_MS) == (7,)


@given(st.lists(st.tuples(st.sampled_from("ukpr"), st.integers(1, 1400), st.integers(1, 40)), max_size=60))
def test_whatever_comes_the_queue_is_bounded(puts: list[tuple[str, int, int]]) -> None:
    queue = SendQueue()
    for kind, size, number in puts:
        if kind == "u":
            queue.put_urgent(bytes(size))
        elif kind == "r":
            queue.put_repair(bytes(size))
        else:
            queue.put_pictures([bytes(size)] * number, size % 3 + 1, keyframe=kind == "k")
        assert queue.octets <= URGENT_BYTES + PICTURE_BYTES
    assert sum(map(len, taken(queue))) <= URGENT_BYTES + PICTURE_BYTES
    assert queue.octets == len(queue) == 0


# ---- the port, without a node


class Desk:
    """A port whose datagrams are kept, and whose addresses are bound by a word of the test's."""

    def __init__(self) -> None:
        self.now_ms = 0.0
        self.got: list[tuple[bytes, Address]] = []
        self.welcome = False
        self.port = TcpPort(
            lambda datagram, source: self.got.append((datagram, source)),
            lambda: None,
            lambda address: self.welcome,
            lambda address, ssrc: None,
            max_connections=300,
            clock=lambda: self.now_ms,
        )
        self.sock = tcp.bound("127.0.0.1", 0)
        self.number = int(self.sock.getsockname()[1])

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.number)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    await desk.port.listen(desk.sock)
    yield desk
    desk.port.close()
    desk.port.close()


def check(identity: DtlsIdentity) -> bytes:
    peer = LightPeer(identity, "theirs")
    peer.socket.close()
    return peer.check_message("password of nobody in particular")


async def closed(reader: asyncio.StreamReader) -> bytes:
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 60)
    return b""


async def test_a_stranger_that_says_anything_but_a_check_is_shown_the_door(desk: Desk) -> None:
    for noise in (
        framed([b"\x16\x03\x01 a TLS hello"]),
        framed([bytes((0, 1)) + bytes(30)]),
        b"GET / HTTP/1.1\r\n\r\n",
    ):
        reader, writer = await desk.connect()
        writer.write(noise)
        assert await closed(reader) == b""
        writer.close()
    assert desk.got == []
    assert desk.port.counters["tcp_no_check"] + desk.port.counters["tcp_bad_framing"] == 3


async def test_a_stranger_may_guess_a_few_times_and_be_silent_a_while(desk: Desk, identity: DtlsIdentity) -> None:
    reader, writer = await desk.connect()
    writer.write(framed([check(identity)] * 100))
    await closed(reader)
    assert len(desk.got) == tcp.MAX_CHECKS_OF_STRANGER
    silent, other = await desk.connect()
    await until(lambda: len(desk.port) == 1)
    desk.now_ms = tcp.FIRST_CHECK_MS
    desk.port.on_tick(desk.now_ms)
    assert len(desk.port) == 1
    desk.port.on_tick(desk.now_ms + 1)
    await closed(silent)
    await until(lambda: len(desk.port) == 0)
    writer.close()
    other.close()


async def test_one_network_cannot_take_the_places_of_all_strangers(desk: Desk, identity: DtlsIdentity) -> None:
    many = [await desk.connect() for _ in range(tcp.MAX_STRANGERS_OF_NETWORK + 5)]
    await until(lambda: desk.port.counters["tcp_refused"] == 5)
    assert len(desk.port) == tcp.MAX_STRANGERS_OF_NETWORK
    desk.welcome = True
    for _, writer in many[:10]:
        writer.write(framed([check(identity)]))
    await until(lambda: len(desk.got) == 10)
    _, late = await desk.connect()
    await until(lambda: len(desk.port) == tcp.MAX_STRANGERS_OF_NETWORK + 1)
    for writer in (late, *(writer for _, writer in many)):
        writer.close()
    await until(lambda: len(desk.port) == 0)
    assert not desk.port._strangers


async def test_who_is_nobodys_any_more_is_hung_up_on(desk: Desk, identity: DtlsIdentity) -> None:
    desk.welcome = True
    reader, writer = await desk.connect()
    writer.write(framed([check(identity)]))
    await until(lambda: desk.got)
    desk.port.on_tick(100.0)
    assert len(desk.port) == 1
    desk.welcome = False
    desk.port.on_tick(200.0)
    await closed(reader)
    writer.close()


@pytest.mark.parametrize(
    ("host", "network"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::5", "20010db800000000")],
)
def test_a_network_is_an_ipv4_address_or_64_bits(host: str, network: str) -> None:
    assert network_of(host) == network


def test_neighbours_share_a_network() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::2") != network_of("2001:db8:1:3::1")
    assert network_of("fe80::1%eth0") == network_of("fe80::2%eth1")


# ---- with a node


async def tcp_camera(studio: Studio, name: str) -> Camera:
    return await Camera(TcpPeer(studio.identity, name), name).publish(studio.node, studio.connect)


async def tcp_watcher(studio: Studio, name: str = "behind a firewall") -> Watcher:
    return await Watcher(TcpPeer(studio.identity, name)).watch(studio.node, studio.connect)


def sent_texts(camera: Camera) -> list[bytes]:
    return [rtp.parse(packet).payload for packet in camera.sent.values()]


async def test_a_lecture_comes_and_goes_over_tcp(studio: Studio) -> None:
    camera = await tcp_camera(studio, "lecturer")
    await studio.node.take(ROOM, Slot.CAMERA, "lecturer")
    await studio.node.open_audio(ROOM, frozenset({"lecturer"}))
    watcher = await tcp_watcher(studio)
    plain = await studio.watcher("with UDP")
    camera.frame(IDR)
    for _ in range(5):
        camera.frame()
        camera.sound()
    await until(lambda: len(watcher.video) == len(plain.video) == 18 and len(watcher.audio) == len(plain.audio) == 5)
    assert [packet.payload for packet in watcher.video] == sent_texts(camera)
    counters = studio.node.stats().counters
    assert counters["tcp_connections"] == 2
    assert counters["tcp_dropped"] == counters["tcp_refused"] == 0
    watcher.peer.hang_up()
    await until(lambda: studio.node.room_state(ROOM).viewers == 1)
    await until(lambda: studio.node.stats().counters["tcp_connections"] == 1)


async def test_udp_is_preferred_and_both_have_one_number(node: Node, identity: DtlsIdentity) -> None:
    peer = LightPeer(identity, "viewer")
    answer = await node.watch(ROOM, "viewer", offer_sdp(peer, "recvonly"), ProgrammeView())
    peer.socket.close()
    lines = [line.split() for line in answer.sdp.splitlines() if line.startswith("a=candidate:")]
    assert [(line[2], line[5], line[6:]) for line in lines] == [
        ("udp", str(node.stats().udp_port), ["typ", "host"]),
        ("tcp", str(node.stats().udp_port), ["typ", "host", "tcptype", "passive"]),
    ]
    assert int(lines[0][3]) > int(lines[1][3])


async def test_the_end_of_a_session_ends_its_connection(studio: Studio) -> None:
    watcher = await tcp_watcher(studio)
    assert isinstance(watcher.peer, TcpPeer)
    await studio.node.end_session(watcher.session_id)
    await asyncio.wait_for(watcher.peer.closed.wait(), 60)
    await asyncio.wait_for(watcher.peer.closed_by_node.wait(), 60)


async def test_a_connection_that_breaks_is_no_goodbye(studio: Studio) -> None:
    """The session lives on: its peer may come back by another connection, or by UDP, within the 30 seconds."""
    watcher = await tcp_watcher(studio)
    watcher.peer.drop()
    await until(lambda: studio.node.stats().counters["tcp_connections"] == 0)
    camera = await studio.camera("lecturer")
    await studio.node.take(ROOM, Slot.CAMERA, "lecturer")
    camera.frame(IDR)
    await until(lambda: studio.node.stats().counters["send_failed"])
    assert studio.node.room_state(ROOM).viewers == 1


async def test_a_slow_reader_keeps_the_sound_and_delays_nobody(studio: Studio) -> None:
    camera = await studio.camera("lecturer")
    await studio.node.take(ROOM, Slot.CAMERA, "lecturer")
    await studio.node.open_audio(ROOM, frozenset({"lecturer"}))
    slow, quick = await tcp_watcher(studio), await studio.watcher("with UDP")
    assert isinstance(slow.peer, TcpPeer)
    slow.peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    camera.frame(IDR)
    await until(lambda: len(slow.video) == 3)
    slow.peer.read_on(False)
    filler = bytes(1000)
    while not studio.node.stats().counters["tcp_dropped"]:
        for packet in range(10):
            payload = bytes((0x7C, 1)) + filler
            camera.peer.send_rtp(rtp.build(108, packet == 9, camera.sequence, camera.timestamp, 0x1111, payload))
            camera.sequence += 1
        camera.timestamp += 3600
        await asyncio.sleep(0.002)
    asked = camera.keyframes_asked
    camera.sound()
    camera.frame()
    await until(lambda: quick.video[-1].payload.endswith(f":{camera.sequence - 1}".encode()))
    slow.peer.read_on(True)
    await until(lambda: slow.audio, "the sound that came while it did not read")
    await until(lambda: camera.keyframes_asked > asked, "a request for a keyframe")
    seen = len(slow.video)
    camera.frame()
    camera.frame(IDR)
    await until(lambda: len(slow.video) == seen + 3)
    assert slow.video[-1].payload == quick.video[-1].payload
    assert slow.video[-3].payload[1] == 0x80 | IDR, "nothing between what was dropped and the keyframe"


async def test_a_connection_accepted_elsewhere_is_as_good(identity: DtlsIdentity, connect: Connect) -> None:
    """One port for everything: a front hands over what is not HTTPS, and answers name its port only."""
    front = socket.create_server(("127.0.0.1", 0))
    front.setblocking(False)
    number = int(front.getsockname()[1])
    node = await Node.start(NodeConfig(host="127.0.0.1", handed_port=number))
    await node.open_room(RoomSpec(ROOM))
    peer = TcpPeer(identity, "viewer")
    answer = await node.watch(ROOM, "viewer", offer_sdp(peer, "recvonly"), ProgrammeView())
    assert [line.split()[2:6:3] for line in answer.sdp.splitlines() if line.startswith("a=candidate:")] == [
        ["tcp", str(number)]
    ]
    assert attribute(answer.sdp, "candidate").split()[2] == "tcp"

    async def hand_over() -> None:
        connection, _ = await asyncio.get_running_loop().sock_accept(front)
        await node.adopt(connection)

    async with asyncio.TaskGroup() as group:
        group.create_task(hand_over())
        group.create_task(connect(peer, answer.sdp))
    await until(lambda: node.room_state(ROOM).viewers == 1)
    await node.close()
    front.close()


async def test_without_tcp_nothing_of_it_is_told() -> None:
    config = NodeConfig(host="127.0.0.1", tcp=False)
    node = await Node.start(config)
    assert not any(" tcp " in line for line in candidates.of(config, node.stats().udp_port))
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", node.stats().udp_port)):
        pass
    await node.close()
