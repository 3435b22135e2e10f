"""Members who mean harm: each has a session of its own and may cost nobody but itself."""

from __future__ import annotations

import pytest
from aioice import stun as full_stun

from rooms import rtcp, rtp
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.guard import PUBLISHER, VIEWER, Address
from rooms.interface import NodeConfig, ProgrammeView, Refusal, RoomSpec, Slot
from rooms.nack import LOOKED_UP_BURST, LOOKED_UP_PER_SECOND, RepairBudget, RoundTrip
from rooms.node import Node
from rooms.peer import HOLDS_ADDRESS_MS, Peer
from rooms.rtcp import MAX_NACKED
from rooms.sdp import Codec, Offer
from rooms.source import Source
from rooms.srtp import MAX_SSRCS, PROFILES, Keys, Srtp, SrtpError
from rooms.stream import ReceivedStream
from rooms.track import NEW_STREAM_MS, TrackPlan
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.light_peer import LightPeer, offer_sdp
from tests.rooms.studio import IDR, Camera, Watcher
from tests.rooms.test_settling import Nowhere

LECTURER: Address = ("192.0.2.1", 5000)


# ---- somebody else's address ---------------------------------------------------------------------------


class Entrance:
    """A demultiplexer, and checks that any of its peers may send from any address."""

    def __init__(self, identity: DtlsIdentity) -> None:
        self.identity = identity
        self.demultiplexer = Demultiplexer()

    def peer(self, name: str) -> Peer:
        offer = Offer((), name, (("sha-256", "AB"),))
        peer = Peer(name, offer, self.identity, send=lambda *_: None, on_ended=self.demultiplexer.forget, now_ms=0.0)
        self.demultiplexer.register(peer)
        return peer

    def check(self, peer: Peer, source: Address, now_ms: float) -> None:
        message = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST)
        message.attributes.update({"USERNAME": f"{peer.credentials[-1].ufrag}:theirs", "USE-CANDIDATE": None})
        message.add_message_integrity(peer.credentials[-1].password.encode())
        self.demultiplexer.on_datagram(bytes(message), source, now_ms)

    def at(self, source: Address) -> Peer | None:
        return self.demultiplexer._by_address.get(source)


@pytest.fixture
def entrance(identity: DtlsIdentity) -> Entrance:
    return Entrance(identity)


def test_a_forged_source_address_takes_no_address_from_a_peer_that_is_there(entrance: Entrance) -> None:
    lecturer, member = entrance.peer("lecturer"), entrance.peer("member")
    entrance.check(lecturer, LECTURER, 0.0)
    entrance.check(member, LECTURER, HOLDS_ADDRESS_MS)
    assert entrance.at(LECTURER) is lecturer
    assert member.address is None, "its stream must not be turned upon the lecturer"
    assert entrance.demultiplexer.guard.dropped == {"address_taken": 1}


def test_an_address_that_fell_silent_or_was_given_up_is_free(entrance: Entrance) -> None:
    before, after, last = entrance.peer("before"), entrance.peer("after"), entrance.peer("last")
    entrance.check(before, LECTURER, 0.0)
    entrance.check(after, LECTURER, HOLDS_ADDRESS_MS + 1)
    assert entrance.at(LECTURER) is after
    after.end("bye")
    entrance.check(last, LECTURER, HOLDS_ADDRESS_MS + 2)
    assert entrance.at(LECTURER) is last


def test_a_peer_that_checks_from_everywhere_is_bound_to_a_few_addresses(entrance: Entrance) -> None:
    member = entrance.peer("member")
    for port in range(1, 500):
        entrance.check(member, ("192.0.2.9", port), port * 10.0)
    assert set(entrance.demultiplexer._by_address) == set(member.addresses)


# ---- floods --------------------------------------------------------------------------------------------


def test_a_peer_that_keeps_changing_its_ssrc_fills_no_memory() -> None:
    keys = Keys(PROFILES[0], bytes(range(28)), bytes(range(28, 56)))
    ours, theirs = Srtp(keys), Srtp(keys, server=False)

    def send(ssrc: int, sequence: int) -> bytes:
        return ours.unprotect(theirs.protect(rtp.build(96, True, sequence, 0, ssrc, b"payload")))

    for ssrc in range(MAX_SSRCS):
        send(ssrc, 1)
    with pytest.raises(SrtpError):
        send(MAX_SSRCS, 1)
    with pytest.raises(SrtpError):
        ours.unprotect_rtcp(theirs.protect_rtcp(rtcp.build_receiver_report(MAX_SSRCS)))
    assert send(0, 2)


def test_ssrcs_of_strangers_use_none_up() -> None:
    ours = Srtp(Keys(PROFILES[0], bytes(range(28)), bytes(range(28, 56))))
    for ssrc in range(2 * MAX_SSRCS):
        with pytest.raises(SrtpError):
            ours.unprotect(rtp.build(96, True, 1, 0, ssrc, bytes(40)))
    theirs = Srtp(Keys(PROFILES[0], bytes(range(28)), bytes(range(28, 56))), server=False)
    assert ours.unprotect(theirs.protect(rtp.build(96, True, 1, 0, 7, b"payload")))


def test_a_compound_packet_asks_for_no_more_than_anybody_keeps() -> None:
    assert rtcp.parse(rtcp.build_nack(1, 2, range(MAX_NACKED)))
    with pytest.raises(ValueError, match="more than anybody keeps"):
        rtcp.parse(rtcp.build_nack(1, 2, range(MAX_NACKED)) + rtcp.build_nack(1, 3, [1]))


class Hall:
    """A room that counts how often all its followers are gone through."""

    def __init__(self) -> None:
        self.began = self.ended = 0

    def source_live(self, source: Source, now_ms: float) -> None: ...
    def source_ended(self, source: Source, reason: str, was_live: bool) -> None: ...
    def loudness(self, source: Source, level_dbov: int) -> None: ...

    def stream_began(self, source: Source, stream: ReceivedStream, now_ms: float) -> None:
        self.began += 1

    def stream_ended(self, stream: ReceivedStream) -> None:
        self.ended += 1


def a_source(entrance: Entrance, hall: Hall) -> Source:
    plan = TrackPlan("video", "0", Codec("H264", 96, 90_000, "", frozenset()), {}, (), ())
    return Source("lecturer", entrance.peer("lecturer"), (plan,), room=hall, outward=Nowhere())


def test_a_publisher_that_alternates_ssrcs_begins_a_layer_anew_only_so_often(entrance: Entrance) -> None:
    hall = Hall()
    source = a_source(entrance, hall)
    for number in range(1000):
        source.on_rtp(rtp.build(96, True, number, 0, 1 + number % 2, b"payload"), float(number))
    assert hall.ended <= 1000 / NEW_STREAM_MS
    assert hall.began <= 1000 / NEW_STREAM_MS + 1
    assert source.unidentified > 400


def test_saying_goodbye_between_two_ssrcs_buys_no_new_stream(entrance: Entrance) -> None:
    hall = Hall()
    source = a_source(entrance, hall)
    for number in range(1000):
        source.on_rtp(rtp.build(96, True, number, 0, number + 1, b"payload"), float(number))
        source.on_rtcp((rtcp.Bye((number + 1,)),), float(number))
    assert hall.ended <= 1000 / NEW_STREAM_MS


def test_a_publisher_that_begins_anew_is_followed_after_a_moment(entrance: Entrance) -> None:
    source = a_source(entrance, Hall())
    source.on_rtp(rtp.build(96, True, 1, 0, 1, b"payload"), 0.0)
    source.on_rtp(rtp.build(96, True, 1, 0, 2, b"payload"), NEW_STREAM_MS)
    assert [stream.ssrc for stream in source.streams()] == [2]


@pytest.mark.media
async def test_the_guard_tells_a_viewer_from_a_publisher(node: Node, identity: DtlsIdentity, connect: Connect) -> None:
    camera = await Camera(LightPeer(identity, "lecturer"), "lecturer").publish(node, connect)
    viewer = await Watcher(LightPeer(identity, "viewer")).watch(node, connect)
    peers = {peer.media.publishes: peer for peer, _ in node._sessions.peers.values() if peer.media is not None}
    assert (peers[True].standing, peers[False].standing) == (PUBLISHER, VIEWER)
    del camera, viewer


def test_asking_in_vain_is_bounded_too() -> None:
    budget = RepairBudget(RoundTrip())
    assert sum(budget.may_look(0.0) for _ in range(10_000)) == LOOKED_UP_BURST
    assert sum(budget.may_look(100.0) for _ in range(10_000)) == LOOKED_UP_PER_SECOND / 10


@pytest.mark.media
async def test_a_storm_of_questions_from_one_viewer_is_looked_up_only_so_often(
    node: Node, identity: DtlsIdentity, connect: Connect
) -> None:
    camera = await Camera(LightPeer(identity, "lecturer"), "lecturer").publish(node, connect)
    await node.take(ROOM, Slot.CAMERA, "lecturer")
    viewer = await Watcher(LightPeer(identity, "viewer")).watch(node, connect)
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    (outlet, *_) = next(iter(node._rooms[ROOM].viewers.values())).outlets
    looked_up: list[int] = []
    honest = outlet.again
    outlet.again = lambda sequence: looked_up.append(sequence) or honest(sequence)  # type: ignore[method-assign]
    ssrc, first = viewer.video[0].ssrc, viewer.video[0].sequence
    storm = rtcp.build_receiver_report(9) + rtcp.build_nack(9, ssrc, range(first, first + 1000))
    fir = rtcp._packet(rtcp.FMT_FIR, rtcp.PSFB, bytes(8) + (ssrc.to_bytes(4, "big") + bytes(4)) * 100)
    asked = node._rooms[ROOM].keyframe_wanted
    wanted: list[float] = []
    node._rooms[ROOM].keyframe_wanted = lambda stream, now: wanted.append(now) or asked(stream, now)  # type: ignore[method-assign]
    for _ in range(20):
        viewer.peer.send_rtcp(storm)
        viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + fir)
    await until(lambda: node.stats().counters.get("nack_received", 0) == 20_000)
    await until(lambda: node.stats().counters.get("pli_received", 0) == 2000)
    passed_s = (wanted[-1] - wanted[0]) / 1000 + 1
    assert len(looked_up) <= LOOKED_UP_BURST + LOOKED_UP_PER_SECOND * passed_s
    assert len(wanted) <= 10 * passed_s + 1


# ---- one member, many sessions -------------------------------------------------------------------------


@pytest.mark.media
async def test_one_viewer_cannot_take_every_place(identity: DtlsIdentity) -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1", max_sessions_per_viewer=2))
    await node.open_room(RoomSpec(ROOM))
    peer = LightPeer(identity, "peer")
    offer = offer_sdp(peer, "recvonly")
    first = await node.watch(ROOM, "member", offer, ProgrammeView())
    await node.watch(ROOM, "member", offer, ProgrammeView())
    with pytest.raises(Refusal) as refusal:
        await node.watch(ROOM, "member", offer, ProgrammeView())
    assert refusal.value.code == "node_full"
    await node.watch(ROOM, "another", offer, ProgrammeView())
    await node.end_session(first.session_id)
    await node.watch(ROOM, "member", offer, ProgrammeView())
    assert node.stats().sessions == 3
    assert len(node._sessions.shares) == 2
    await node.close()
    assert not node._sessions.shares
    peer.socket.close()
