"""Many sessions: the right one is found at equal cost, one that is slow delays nobody, and those that left are gone."""

from __future__ import annotations

import asyncio
import gc
import random
import sys
import weakref
from collections.abc import AsyncIterator
from types import FrameType

import pytest

from rooms import rtcp, rtp
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.guard import Address
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot
from rooms.node import Node
from rooms.peer import Peer
from rooms.sdp import Offer
from tests.rooms import joins
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.dryroom import DryRoom
from tests.rooms.impaired import Conditions, ImpairedRelay
from tests.rooms.light_peer import VIDEO_TYPE, LightPeer, offer_sdp
from tests.rooms.studio import IDR, Studio, Watcher, on_air
from tests.rooms.test_packets import check

SESSIONS = 3000


# ---- 3,000 user fragments on one port --------------------------------------------------------------------


class Crowd:
    """So many sessions behind one demultiplexer."""

    def __init__(self, identity: DtlsIdentity, count: int) -> None:
        self.demultiplexer = Demultiplexer()
        self.answered: list[Address] = []
        offer = Offer((), "theirs", (("sha-256", "AB"),))
        self.peers = [
            Peer(f"{n}", offer, identity, send=self._sent, on_ended=self.demultiplexer.forget, now_ms=0.0)
            for n in range(count)
        ]
        for peer in self.peers:
            self.demultiplexer.register(peer)

    def _sent(self, datagram: bytes, to: Address) -> None:
        self.answered.append(to)

    def knock(self, number: int) -> Address:
        """An authentic check for one of them, from a place of its own."""
        own, place = self.peers[number].credentials[-1], ("192.0.2.1", 10_000 + number)
        self.demultiplexer.on_datagram(check(own.password, username=f"{own.ufrag}:theirs"), place, 1000.0 * number)
        return place


def calls(step: object, *arguments: object) -> int:
    """How many functions are called, of Python's and of C's: a measure of work that does not depend on the machine."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # what it would end in between calls functions, too
    sys.setprofile(count)
    try:
        step(*arguments)  # type: ignore[operator]
    finally:
        sys.setprofile(before)
        gc.enable()
    return counted


def test_of_3000_sessions_on_one_port_the_right_one_is_found_at_the_cost_of_ten(identity: DtlsIdentity) -> None:
    small, large = Crowd(identity, 10), Crowd(identity, SESSIONS)
    for number in range(SESSIONS):
        place = large.knock(number)
        assert large.peers[number].address == place
        assert large.answered[-1] == place
        assert large.demultiplexer.peer_at(place) is large.peers[number]
    assert len({peer.credentials[-1].ufrag for peer in large.peers}) == SESSIONS
    assert large.demultiplexer.guard.dropped == {}
    for number in range(10):
        small.knock(number)
    assert calls(large.knock, SESSIONS - 1) == calls(small.knock, 9)
    rtp = b"\x80" * 40
    work = [
        calls(crowd.demultiplexer.on_datagram, rtp, ("192.0.2.1", 10_000 + last), 1e9)
        for crowd, last in ((small, 9), (large, SESSIONS - 1))
    ]
    assert work[0] == work[1]
    for peer in large.peers:
        peer.end("bye")
    assert not large.demultiplexer._by_ufrag
    assert not large.demultiplexer._by_address


# ---- a slow viewer ---------------------------------------------------------------------------------------


@pytest.fixture
async def relay(node: Node) -> AsyncIterator[ImpairedRelay]:
    relay = await ImpairedRelay.start(("127.0.0.1", node.stats().udp_port), seed=5)
    yield relay
    await relay.close()


@pytest.mark.media
async def test_a_slow_viewer_costs_the_others_no_packet(studio: Studio, connect: Connect, relay: ImpairedRelay) -> None:
    """Its line takes a hundredth of what it is sent, and it asks for everything again."""
    camera, node = await on_air(studio), studio.node
    fast = [await studio.watcher(f"fast{n}") for n in range(3)]
    slow = Watcher(LightPeer(studio.identity, "slow"))
    answer = await node.watch(ROOM, "slow", offer_sdp(slow.peer, "recvonly", rtx=True), ProgrammeView())
    slow.peer.on_media = slow._on_media
    await connect(slow.peer, relay.rewrite(answer.sdp))
    camera.frame(IDR)
    await until(lambda: slow.video)
    relay.set(down=Conditions(rate_bps=20_000, queue_bytes=4000))
    for number in range(1, 61):
        camera.frame(IDR if number % 20 == 0 else 1)
        asked = [(slow.video[0].sequence + n) % 65_536 for n in range(60)]
        slow.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_nack(9, slow.video[0].ssrc, asked))
        await until(lambda n=number: all(len(viewer.video) == 3 * n + 3 for viewer in fast))
    assert relay.counters("down")["overflowed"] > 0, "it was not slow"
    assert node.stats().counters["nack_received"] > 1000
    for viewer in fast:
        assert [p.payload for p in viewer.video] == [camera.sent[n][12:] for n in sorted(camera.sent)]


def lecture(*, stalled: bool) -> list[list[float]]:
    """When each packet left for three viewers, by the room's clock; with a fourth that asks for everything, or not."""
    hall = DryRoom()
    lecturer = hall.microphone("lecturer", kinds=("video", "audio"))
    hall.room.open_audio(frozenset({"lecturer"}))
    fast = [hall.listener(f"fast{n}", kinds=("video", "audio")) for n in range(3)]
    slow = hall.listener("slow", kinds=("video", "audio")) if stalled else None
    hall.room.take(Slot.CAMERA, "lecturer")
    for number in range(100):
        for part in range(30 if number % 25 == 0 else 3):
            head = bytes((0x7C, (0x80 if part == 0 else 0) | (IDR if number % 25 == 0 else 1)))
            last = part == (29 if number % 25 == 0 else 2)
            sequence = 1000 + number * 40 + part
            packet = rtp.build(VIDEO_TYPE, last, sequence, number * 3600, lecturer.video_ssrc, head + bytes(1000))
            lecturer.source.on_rtp(packet, hall.now_ms)
        lecturer.sound()
        if slow is not None:
            for ssrc, sequence in {(p.ssrc, p.sequence) for _, p in slow.packets[-200:]}:
                slow.asks_again(ssrc, sequence)
            slow.reports(0.9)
        hall.advance(40)
    if slow is not None:
        assert len(slow.packets) > 2 * len(fast[0].packets), "it was not served what it asked for"
    return [[at for at, _ in listener.packets] for listener in fast]


def test_a_slow_viewer_delays_nobody_by_a_millisecond() -> None:
    free, beside = lecture(stalled=False), lecture(stalled=True)
    assert all(len(times) > 300 for times in free)
    assert free == beside


# ---- those who come and go -------------------------------------------------------------------------------


@pytest.mark.media
async def test_of_hundreds_who_came_and_went_nothing_is_left() -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM))
    identity, dice = DtlsIdentity(), random.Random(1)
    await joins.joins(node, identity, 40, dice)
    before = joins.left(node)
    peers: list[weakref.ref[Peer]] = []
    honest = node._sessions.begin

    def remembered(*arguments: object, **more: object) -> Peer:
        peer = honest(*arguments, **more)  # type: ignore[arg-type]
        peers.append(weakref.ref(peer))
        return peer

    node._sessions.begin = remembered  # type: ignore[method-assign]
    await joins.joins(node, identity, 160, dice)
    del node._sessions.begin
    await asyncio.sleep(0)
    gc.collect()
    after = joins.left(node)
    assert len(peers) == 160
    assert after.tables == before.tables == dict.fromkeys(after.tables, 0)
    assert after.sockets <= before.sockets
    assert [one for one in peers if one() is not None] == []
    await node.close()
