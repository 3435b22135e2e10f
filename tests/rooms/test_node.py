"""The node over loopback, with light clients: real checks, handshakes and keys, synthetic pictures."""

from __future__ import annotations

import asyncio
import itertools
import random
import socket

import pytest

from rooms import peer as peer_module
from rooms import rtcp
from rooms.dtls import DtlsIdentity
from rooms.interface import (
    AUDIO_SLOTS,
    NodeConfig,
    ProgrammeView,
    Refusal,
    RoomSpec,
    Slot,
    SlotLive,
    SourceDown,
    SourcesView,
    SourceUp,
    ViewerDown,
    ViewerUp,
)
from rooms.node import Node
from tests.rooms.conftest import ROOM, Connect, EventLog, Recorder, until
from tests.rooms.light_peer import RTX_TYPE, VIDEO_TYPE, LightPeer, attribute, offer_sdp
from tests.rooms.studio import AUDIO_SSRC, IDR, VIDEO_SSRC, Camera, Watcher

pytestmark = pytest.mark.media


class Studio:
    """Makes cameras and watchers on one node."""

    def __init__(self, node: Node, identity: DtlsIdentity, connect: Connect) -> None:
        self.node, self.identity, self.connect = node, identity, connect

    async def camera(self, name: str, *, replace: bool = False) -> Camera:
        return await Camera(LightPeer(self.identity, name), name).publish(self.node, self.connect, replace=replace)

    async def watcher(self, name: str = "viewer", *args: object, **kwargs: object) -> Watcher:
        return await Watcher(LightPeer(self.identity, name)).watch(self.node, self.connect, *args, **kwargs)


@pytest.fixture
def studio(node: Node, identity: DtlsIdentity, connect: Connect) -> Studio:
    return Studio(node, identity, connect)


async def on_air(studio: Studio, name: str = "lecturer") -> Camera:
    camera = await studio.camera(name)
    await studio.node.take(ROOM, Slot.CAMERA, name)
    return camera


# ---- the programme -------------------------------------------------------------------------------------


async def test_what_a_source_sends_reaches_every_viewer_and_the_recorder_in_order(studio: Studio) -> None:
    camera = await on_air(studio)
    viewers = [await studio.watcher(f"viewer{n}") for n in range(3)]
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    camera.frame(IDR)
    for _ in range(20):
        camera.frame()
    await until(lambda: all(len(viewer.video) == 63 for viewer in viewers))
    for viewer in viewers:
        numbers = [packet.sequence for packet in viewer.video]
        assert numbers == list(range(numbers[0], numbers[0] + 63))
        assert [p.payload for p in viewer.video] == [p.payload for p in recorder.packets]
        assert [p.marker for p in viewer.video] == [False, False, True] * 21
    assert {p.codec for p in recorder.packets} == {"H264"}
    assert {p.epoch for p in recorder.packets} == {1}


async def test_a_viewer_sees_nothing_before_a_keyframe(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    assert viewer.video[0].payload[1] == 0x80 | IDR


async def test_a_joiner_gets_the_fresh_keyframe_and_everything_since(studio: Studio) -> None:
    camera = await on_air(studio)
    first = await studio.watcher("first")
    camera.frame(IDR)
    for _ in range(30):
        camera.frame()
    await until(lambda: len(first.video) == 93)
    asked = camera.keyframes_asked
    joiner = await studio.watcher("joiner")
    await until(lambda: len(joiner.video) == 93)
    camera.frame()
    await until(lambda: len(joiner.video) == 96)
    assert [p.payload for p in joiner.video] == [p.payload for p in first.video]
    assert camera.keyframes_asked == asked


async def test_a_joiner_without_a_fresh_keyframe_asks_for_one(studio: Studio) -> None:
    camera = await on_air(studio)
    camera.frame()
    await studio.watcher()
    await until(lambda: camera.keyframes_asked > 0)


async def test_taking_another_source_keeps_the_old_picture_until_the_new_ones_keyframe(
    studio: Studio, log: EventLog
) -> None:
    lecturer = await on_air(studio)
    venue = await studio.camera("venue")
    viewer = await studio.watcher()
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    lecturer.frame(IDR)
    venue.frame()
    await until(lambda: len(viewer.video) == 3)
    await studio.node.take(ROOM, Slot.CAMERA, "venue")
    await until(lambda: venue.keyframes_asked > 0)
    lecturer.frame()
    venue.frame()
    await until(lambda: len(viewer.video) == 6)
    assert set(viewer.seen()) == {"lecturer"}
    venue.frame(IDR)
    await until(lambda: len(viewer.video) == 9)
    lecturer.frame()
    venue.frame()
    await until(lambda: len(viewer.video) == 12)
    assert viewer.seen() == ["lecturer"] * 6 + ["venue"] * 6
    numbers = [packet.sequence for packet in viewer.video]
    assert numbers == list(range(numbers[0], numbers[0] + 12))
    assert len({packet.ssrc for packet in viewer.video}) == 1
    times = [packet.timestamp for packet in viewer.video]
    assert all(0 <= (b - a) % (1 << 32) < 90_000 * 5 for a, b in itertools.pairwise(times))
    assert [p.epoch for p in recorder.packets] == [1] * 6 + [2] * 6
    assert SlotLive(ROOM, Slot.CAMERA, "venue") in log.events


async def test_an_emptied_slot_falls_silent_at_once(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    await studio.node.take(ROOM, Slot.CAMERA, None)
    camera.frame(IDR)
    received = studio.node.room_state(ROOM).sources[0].packets_received
    await until(lambda: studio.node.room_state(ROOM).sources[0].packets_received >= received + 3)
    assert len(viewer.video) == 3


async def test_a_source_that_comes_back_is_in_its_slots_again_in_a_new_epoch(studio: Studio, log: EventLog) -> None:
    camera = await on_air(studio)
    await studio.node.open_audio(ROOM, frozenset({"lecturer"}))
    viewer = await studio.watcher()
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    camera.peer.hang_up()
    await until(lambda: any(isinstance(event, SourceDown) for event in log.events))
    assert studio.node.room_state(ROOM).slots[Slot.CAMERA] == "lecturer"
    again = await studio.camera("lecturer")
    again.frame(IDR)
    again.sound()
    await until(lambda: len(viewer.video) == 6 and len(viewer.audio) == 1)
    numbers = [packet.sequence for packet in viewer.video]
    assert numbers == list(range(numbers[0], numbers[0] + 6))
    await until(lambda: [p.epoch for p in recorder.packets if p.slot is Slot.CAMERA] == [1] * 3 + [2] * 3)


async def test_captures_of_one_moment_carry_one_media_time(studio: Studio) -> None:
    camera = await on_air(studio)
    await studio.node.open_audio(ROOM, frozenset({"lecturer"}))
    recorder = Recorder()
    studio.node.subscribe(ROOM, recorder)
    camera.frame(IDR, packets=1)
    camera.sound()
    await until(lambda: len(recorder.packets) == 2)
    for ssrc, timestamp in ((VIDEO_SSRC, camera.timestamp), (AUDIO_SSRC, camera.timestamp)):
        report = rtcp.SenderReport(ssrc, rtcp.ntp_of(5_000_000), timestamp, 1, 1)
        camera.peer.send_rtcp(rtcp.build_sender_report(report))
    camera.frame(packets=1)
    camera.timestamp -= 3600  # the same moment on the other clock
    camera.sound()
    await until(lambda: len(recorder.packets) == 4)
    video, audio = recorder.packets[2:]
    assert (video.slot, audio.slot) == (Slot.CAMERA, Slot.AUDIO_1)
    assert abs(video.media_ms - audio.media_ms) < 5


async def test_a_subscriber_that_raises_costs_the_viewers_nothing(studio: Studio) -> None:
    class Broken:
        def on_packet(self, packet: object) -> None:
            raise RuntimeError("disk on fire")

    camera, recorder = await on_air(studio), Recorder()
    studio.node.subscribe(ROOM, Broken())
    studio.node.subscribe(ROOM, recorder)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3 and len(recorder.packets) == 3)
    assert studio.node.stats().counters["sink_failed"] == 3
    assert studio.node.stats().datagrams_dropped == {}


# ---- sound ---------------------------------------------------------------------------------------------


async def test_only_opened_sources_are_heard(studio: Studio) -> None:
    cameras = [await studio.camera(name) for name in ("a", "b")]
    await studio.node.open_audio(ROOM, frozenset({"a"}))
    viewer = await studio.watcher("viewer", ProgrammeView(), ("audio", "audio"))
    for camera in cameras:
        camera.sound()
    await until(lambda: viewer.heard() == ["a"])
    await studio.node.open_audio(ROOM, frozenset({"b"}))
    for camera in cameras:
        camera.sound()
    await until(lambda: viewer.heard() == ["a", "b"])


async def test_a_venue_never_hears_itself(studio: Studio) -> None:
    venue, lecturer = await studio.camera("venue"), await studio.camera("lecturer")
    await studio.node.open_audio(ROOM, frozenset({"venue", "lecturer"}))
    hall = await studio.watcher("hall", ProgrammeView(minus_source="venue"), ("audio",) * 3)
    phone = await studio.watcher("phone", ProgrammeView(), ("audio",) * 3)
    for _ in range(10):
        venue.sound()
        lecturer.sound()
    await until(lambda: len(phone.heard()) == 20 and len(hall.heard()) == 10)
    assert set(hall.heard()) == {"lecturer"}
    assert sorted(set(phone.heard())) == ["lecturer", "venue"]


async def test_the_three_loudest_of_the_opened_are_seated(studio: Studio) -> None:
    cameras = [await studio.camera(name) for name in "abcd"]
    await studio.node.open_audio(ROOM, frozenset("abcd"))
    assert sorted(filter(None, map(studio.node.room_state(ROOM).slots.get, AUDIO_SLOTS))) == ["a", "b", "c"]

    def d_sits() -> bool:
        for camera in cameras:
            camera.sound(level=10 if camera.name == "d" else 90 if camera.name == "a" else 40)
        return "d" in studio.node.room_state(ROOM).slots.values()

    await until(d_sits)
    assert "a" not in studio.node.room_state(ROOM).slots.values()


# ---- previews ------------------------------------------------------------------------------------------


async def test_a_wall_shows_named_sources_and_looks_elsewhere_without_renegotiation(studio: Studio) -> None:
    cameras = {name: await studio.camera(name) for name in "ab"}
    wall = await studio.watcher("wall", SourcesView(("a",)), ("video", "audio"))
    cameras["a"].frame(IDR)
    cameras["a"].sound()
    cameras["b"].frame(IDR)
    await until(lambda: wall.seen() == ["a"] * 3 and wall.heard() == ["a"])
    await studio.node.look_at(wall.session_id, ("b",))
    cameras["b"].frame(IDR)
    cameras["b"].sound()
    await until(lambda: wall.seen() == ["a"] * 3 + ["b"] * 3 and wall.heard() == ["a", "b"])
    assert [p.sequence for p in wall.video] == list(range(wall.video[0].sequence, wall.video[0].sequence + 6))


# ---- repair --------------------------------------------------------------------------------------------


async def test_a_lost_packet_is_asked_for_and_forwarded_when_it_comes(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    camera.frame(lose=(1,))
    camera.frame()
    await until(lambda: len(viewer.video) == 8 and camera.nacked)
    assert set(camera.nacked) == {104}
    camera.again(104)
    await until(lambda: len(viewer.video) == 9)
    first = viewer.video[0].sequence
    assert [p.sequence - first for p in viewer.video] == [0, 1, 2, 3, 5, 6, 7, 8, 4]


@pytest.mark.parametrize("rtx", [True, False])
async def test_a_viewer_gets_a_lost_packet_again_from_the_shared_cache(studio: Studio, rtx: bool) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher("viewer", ProgrammeView(), ("video",), rtx=rtx)
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    lost = viewer.video[1]
    sealed: list[bytes] = []
    viewer.peer.on_media = sealed.append
    viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_nack(9, lost.ssrc, [lost.sequence]))
    wanted = RTX_TYPE if rtx else VIDEO_TYPE
    await until(lambda: any(datagram[1] & 0x7F == wanted for datagram in sealed))
    if rtx:
        viewer._on_media(next(datagram for datagram in sealed if datagram[1] & 0x7F == RTX_TYPE))
        assert viewer.repaired[0].payload == lost.sequence.to_bytes(2, "big") + lost.payload
    else:
        assert [datagram[2:4] for datagram in sealed] == [lost.sequence.to_bytes(2, "big")]
    assert studio.node.stats().counters["nack_served"] == 1


async def test_many_viewers_asking_for_keyframes_reach_the_source_as_one(studio: Studio) -> None:
    camera = await on_air(studio)
    viewers = [await studio.watcher(f"viewer{n}") for n in range(4)]
    camera.frame(IDR)
    await until(lambda: all(viewer.video for viewer in viewers))
    before = camera.keyframes_asked
    for _ in range(5):
        for viewer in viewers:
            viewer.peer.send_rtcp(rtcp.build_receiver_report(9) + rtcp.build_pli(9, viewer.video[0].ssrc))
    await until(lambda: camera.keyframes_asked > before)
    await until(lambda: studio.node.stats().counters.get("pli_received", 0) == 20)
    assert camera.keyframes_asked - before <= 2


async def test_viewers_get_sender_reports_on_one_clock(studio: Studio) -> None:
    camera = await on_air(studio)
    await studio.node.open_audio(ROOM, frozenset({"lecturer"}))
    viewer = await studio.watcher()

    def both_reported() -> bool:
        camera.frame(IDR, packets=1)
        camera.sound()
        reported = {r.ssrc for r in viewer.reports if isinstance(r, rtcp.SenderReport)}
        return len(reported) == 2

    await until(both_reported)
    ntps = {r.ntp for r in viewer.reports if isinstance(r, rtcp.SenderReport)}
    assert len(ntps) * 2 == len([r for r in viewer.reports if isinstance(r, rtcp.SenderReport)])


# ---- sessions ------------------------------------------------------------------------------------------


async def test_a_taken_source_is_refused_unless_it_is_to_be_replaced(studio: Studio, log: EventLog) -> None:
    first = await studio.camera("lecturer")
    other = LightPeer(studio.identity, "other")
    with pytest.raises(Refusal) as refusal:
        await studio.node.publish(ROOM, "lecturer", offer_sdp(other, "sendonly"))
    assert refusal.value.code == "source_taken"
    other.drop()
    second = await studio.camera("lecturer", replace=True)
    await asyncio.wait_for(first.peer.closed.wait(), 5)
    await until(lambda: len(log.events) == 3)
    assert log.events == [
        SourceUp(ROOM, "lecturer", first.session_id),
        SourceDown(ROOM, "lecturer", first.session_id, "replaced"),
        SourceUp(ROOM, "lecturer", second.session_id),
    ]


async def test_an_unreadable_offer_does_not_end_the_session_it_would_replace(studio: Studio) -> None:
    await studio.camera("lecturer")
    with pytest.raises(Refusal):
        await studio.node.publish(ROOM, "lecturer", "v=0", replace=True)
    assert studio.node.room_state(ROOM).sources[0].connected
    assert studio.node.stats().sessions == 1


async def test_every_end_of_a_session_is_told_with_its_reason(studio: Studio, log: EventLog) -> None:
    camera, viewer, other = await studio.camera("a"), await studio.watcher("v"), await studio.camera("b")
    camera.peer.hang_up()
    await until(lambda: SourceDown(ROOM, "a", camera.session_id, "bye") in log.events)
    await studio.node.end_session(viewer.session_id)
    await asyncio.wait_for(viewer.peer.closed.wait(), 5)
    await studio.node.close_room(ROOM)
    await studio.node.close_room(ROOM)
    await asyncio.wait_for(other.peer.closed.wait(), 5)
    await until(lambda: SourceDown(ROOM, "b", other.session_id, "room_closed") in log.events)
    assert ViewerUp(ROOM, viewer.session_id, "v") in log.events
    assert ViewerDown(ROOM, viewer.session_id, "v", "bye") in log.events
    assert studio.node.stats().sessions == 0


async def test_ice_restarts_by_patch_and_old_credentials_stay_good_meanwhile(studio: Studio) -> None:
    camera = await on_air(studio)
    peer = LightPeer(studio.identity, "v")
    answer = await studio.node.watch(ROOM, "v", offer_sdp(peer, "recvonly"), ProgrammeView())
    peer.drop()
    assert await studio.node.add_candidates(answer.session_id, "a=ice-ufrag:v\r\na=candidate:x", answer.etag) is None
    with pytest.raises(Refusal) as refusal:
        await studio.node.add_candidates(answer.session_id, "a=candidate:x", '"other"')
    assert refusal.value.code == "etag_mismatch"
    fragment = await studio.node.add_candidates(camera.session_id, "a=ice-ufrag:fresh\r\na=ice-pwd:x", "*")
    assert fragment is not None
    answered = camera.peer.checks_answered
    camera.peer.check()
    await until(lambda: camera.peer.checks_answered == answered + 1)
    camera.peer._remote = (attribute(fragment, "ice-ufrag"), attribute(fragment, "ice-pwd"))
    camera.peer.check()
    await until(lambda: camera.peer.checks_answered == answered + 2)


async def test_a_viewer_that_moves_to_another_address_is_followed(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    loop = asyncio.get_running_loop()
    remote = viewer.peer.socket.getpeername()
    loop.remove_reader(viewer.peer.socket)
    viewer.peer.socket.close()
    viewer.peer.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    viewer.peer.socket.setblocking(False)
    viewer.peer.socket.connect(remote)
    loop.add_reader(viewer.peer.socket, viewer.peer._read)
    answered = viewer.peer.checks_answered
    viewer.peer.check()
    await until(lambda: viewer.peer.checks_answered > answered)
    camera.frame()
    await until(lambda: len(viewer.video) == 6)


async def test_a_wrong_certificate_ends_the_session_before_it_begins(studio: Studio, log: EventLog) -> None:
    peer = LightPeer(studio.identity, "liar")
    offer = offer_sdp(peer, "recvonly").replace(studio.identity.fingerprint, ":".join(["00"] * 32))
    answer = await studio.node.watch(ROOM, "liar", offer, ProgrammeView())
    peer.accept(answer.sdp)
    await until(lambda: studio.node.stats().sessions == 0)
    assert log.events == []
    peer.drop()


async def test_refusals_change_nothing() -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1", max_rooms=1, max_sessions=1))
    peer = LightPeer(DtlsIdentity(), "p")
    offer = offer_sdp(peer, "sendonly")

    async def code(attempt: object) -> str:
        with pytest.raises(Refusal) as refusal:
            await attempt  # type: ignore[misc]
        return refusal.value.code

    assert await code(node.publish(ROOM, "a", offer)) == "room_unknown"
    await node.open_room(RoomSpec(ROOM))
    await node.open_room(RoomSpec(ROOM))
    assert await code(node.open_room(RoomSpec("second"))) == "node_full"
    assert await code(node.publish(ROOM, "a", "v=0" + "x" * 33 * 1024)) == "bad_sdp"
    assert await code(node.publish(ROOM, "a", offer.replace("H264", "AV1"))) == "no_known_codec"
    assert await code(node.take(ROOM, Slot.AUDIO_1, "a")) == "slot_unknown"
    assert await code(node.end_session("nobody")) == "session_unknown"
    assert node.stats().sessions == 0
    assert node.room_state(ROOM).sources == ()
    await node.publish(ROOM, "a", offer)
    assert await code(node.publish(ROOM, "b", offer)) == "node_full"
    await node.close()
    await node.close()
    assert await code(node.open_room(RoomSpec("late"))) == "draining"
    peer.drop()


async def test_closing_says_goodbye_and_frees_the_port(identity: DtlsIdentity, connect: Connect) -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM))
    camera = await Camera(LightPeer(identity, "a"), "a").publish(node, connect)
    port = node.stats().udp_port
    await node.close()
    await asyncio.wait_for(camera.peer.closed.wait(), 5)
    again = await Node.start(NodeConfig(host="127.0.0.1", udp_port=port))
    await again.close()


async def test_a_viewer_that_falls_silent_is_let_go_and_the_others_stay(
    studio: Studio, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer_module, "CONSENT_MS", 1500.0)
    camera, gone = await on_air(studio), await studio.watcher("gone")
    gone.peer.drop()

    def let_go() -> bool:
        camera.peer.check()
        return ViewerDown(ROOM, gone.session_id, "gone", "consent_expired") in log.events

    await until(let_go)
    assert studio.node.room_state(ROOM).sources[0].connected


async def test_a_dual_stack_node_serves_ipv4_and_ipv6(identity: DtlsIdentity, connect: Connect) -> None:
    node = await Node.start(NodeConfig(host="::", announced=("::1", "127.0.0.1")))
    await node.open_room(RoomSpec(ROOM))
    await node.take(ROOM, Slot.CAMERA, "six")
    six = await Camera(LightPeer(identity, "six", host="::1"), "six").publish(node, connect)
    four = await Watcher(LightPeer(identity, "four", host="127.0.0.1")).watch(node, connect)
    six.frame(IDR)
    await until(lambda: len(four.video) == 3)
    await node.close()


# ---- what comes from strangers -------------------------------------------------------------------------


def garbage(seed: int) -> list[bytes]:
    """2,500 datagrams of a kind that parsers stumble over, always the same."""
    dice = random.Random(seed)
    plain_dtls = bytes((21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40))
    kinds = (
        lambda: b"",
        lambda: dice.randbytes(dice.randint(1501, 3000)),
        lambda: dice.randbytes(dice.randint(1, 1500)),
        lambda: bytes((dice.randint(0, 3),)) + dice.randbytes(dice.randint(0, 60)),
        lambda: bytes((dice.randint(128, 191),)) + dice.randbytes(dice.randint(0, 200)),
        lambda: bytes((0x80, dice.randint(192, 223))) + dice.randbytes(dice.randint(0, 60)),
        lambda: plain_dtls,
        lambda: bytes((22, 254, 253)) + dice.randbytes(dice.randint(0, 300)),
        lambda: bytes((dice.randint(20, 63), 254, 253, 0, 1)) + dice.randbytes(dice.randint(0, 100)),
    )
    return [dice.choice(kinds)() for _ in range(2500)]


async def test_a_live_session_survives_ten_thousand_bad_datagrams(studio: Studio, log: EventLog) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.connect(camera.peer.socket.getpeername())
    forged = [peer.check_message("a guess") for peer in (camera.peer, viewer.peer)] * 50
    for seed, sender in enumerate((stranger, camera.peer.socket, viewer.peer.socket, stranger)):
        for number, datagram in enumerate(garbage(seed)):
            sender.send(datagram)
            if number % 50 == 0:
                stranger.send(forged[number // 50 % len(forged)])
                await asyncio.sleep(0.001)
    stats = studio.node.stats()
    await until(lambda: studio.node.stats().packets_received >= 10_000)
    camera.peer.check()
    for _ in range(10):
        camera.frame()
    await until(lambda: len(viewer.video) == 33)
    assert viewer.video[-1].payload == camera.sent[(camera.sequence - 1) & 0xFFFF][12:]
    dropped = studio.node.stats().datagrams_dropped
    for reason in ("empty", "oversized", "unknown_address", "bad_stun", "bad_rtp", "bad_integrity", "over_rate"):
        assert dropped[reason] > 0, (reason, dropped, stats)
    assert not any(isinstance(event, (SourceDown, ViewerDown)) for event in log.events)
    stranger.close()


async def test_a_forged_check_moves_no_media(studio: Studio) -> None:
    camera = await on_air(studio)
    viewer = await studio.watcher()
    thief = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    thief.setblocking(False)
    thief.connect(viewer.peer.socket.getpeername())
    thief.send(viewer.peer.check_message("a guess"))
    await until(lambda: studio.node.stats().datagrams_dropped.get("bad_integrity", 0) == 1)
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3)
    with pytest.raises(BlockingIOError):
        thief.recv(2000)
    thief.close()
