"""The node over loopback, with light clients: how sessions begin, move and end."""

from __future__ import annotations

import asyncio

import pytest

from rooms import peer as peer_module
from rooms.dtls import DtlsIdentity
from rooms.interface import (
    NeverLive,
    NodeConfig,
    ProgrammeView,
    Refusal,
    RoomSpec,
    Slot,
    SourceDown,
    SourceUp,
    ViewerDown,
    ViewerUp,
)
from rooms.node import Node
from tests.rooms.conftest import ROOM, Connect, EventLog, until
from tests.rooms.light_peer import LightPeer, attribute, offer_sdp
from tests.rooms.studio import IDR, Camera, Studio, Watcher, on_air

pytestmark = pytest.mark.media


async def test_a_taken_source_is_refused_unless_it_is_to_be_replaced(studio: Studio, log: EventLog) -> None:
    first = await studio.camera("lecturer")
    other = LightPeer(studio.identity, "other")
    with pytest.raises(Refusal) as refusal:
        await studio.node.publish(ROOM, "lecturer", offer_sdp(other, "sendonly"))
    assert refusal.value.code == "source_taken"
    other.drop()
    second = await studio.camera("lecturer", replace=True)
    await asyncio.wait_for(first.peer.closed.wait(), 60)
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
    await asyncio.wait_for(viewer.peer.closed.wait(), 60)
    await studio.node.close_room(ROOM)
    await studio.node.close_room(ROOM)
    await asyncio.wait_for(other.peer.closed.wait(), 60)
    await until(lambda: SourceDown(ROOM, "b", other.session_id, "room_closed") in log.events)
    assert ViewerUp(ROOM, viewer.session_id, "v") in log.events
    assert ViewerDown(ROOM, viewer.session_id, "v", "bye") in log.events
    assert studio.node.stats().sessions == 0


async def test_a_session_that_never_went_live_is_told_too(studio: Studio, log: EventLog) -> None:
    peer = LightPeer(studio.identity, "nobody")
    viewer = await studio.node.watch(ROOM, "v", offer_sdp(peer, "recvonly"), ProgrammeView())
    source = await studio.node.publish(ROOM, "s", offer_sdp(peer, "sendonly"))
    await studio.node.publish(ROOM, "s", offer_sdp(peer, "sendonly"))
    await studio.node.end_session(viewer.session_id)
    await until(lambda: len(log.events) == 2)
    assert log.events == [NeverLive(ROOM, source.session_id, "replaced"), NeverLive(ROOM, viewer.session_id, "bye")]
    peer.drop()


async def test_ice_restarts_by_patch_and_old_credentials_stay_good_meanwhile(studio: Studio) -> None:
    camera = await on_air(studio)
    peer = LightPeer(studio.identity, "viewer")
    answer = await studio.node.watch(ROOM, "v", offer_sdp(peer, "recvonly"), ProgrammeView())
    peer.drop()
    assert (
        await studio.node.add_candidates(
            answer.session_id, f"a=ice-ufrag:viewer\r\na=ice-pwd:{'p' * 22}\r\na=candidate:x", answer.etag
        )
        is None
    )
    with pytest.raises(Refusal) as refusal:
        await studio.node.add_candidates(answer.session_id, "a=candidate:x", '"other"')
    assert refusal.value.code == "etag_mismatch"
    fragment = await studio.node.add_candidates(camera.session_id, f"a=ice-ufrag:fresh\r\na=ice-pwd:{'p' * 22}", "*")
    assert fragment is not None
    answered = camera.peer.checks_answered
    camera.peer.check()
    await until(lambda: camera.peer.checks_answered == answered + 1)
    camera.peer._remote = (attribute(fragment, "ice-ufrag"), attribute(fragment, "ice-pwd"))
    camera.peer.check()
    await until(lambda: camera.peer.checks_answered == answered + 2)


async def test_a_wrong_certificate_ends_the_session_before_it_begins(studio: Studio, log: EventLog) -> None:
    peer = LightPeer(studio.identity, "liar")
    offer = offer_sdp(peer, "recvonly").replace(studio.identity.fingerprint, ":".join(["00"] * 32))
    answer = await studio.node.watch(ROOM, "liar", offer, ProgrammeView())
    peer.accept(answer.sdp)
    await until(lambda: log.events)
    assert log.events == [NeverLive(ROOM, answer.session_id, "dtls")]
    assert studio.node.stats().sessions == 0
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
    await asyncio.wait_for(camera.peer.closed.wait(), 60)
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
