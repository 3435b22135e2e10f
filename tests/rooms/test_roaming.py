"""Who changes the network keeps the session: other addresses, other credentials, the same keys, the same picture."""

from __future__ import annotations

import asyncio

import pytest

from rooms import rtcp
from rooms.clock import now_ms
from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig, Refusal, RoomSpec, Slot, SourceDown, ViewerDown
from rooms.node import Node
from rooms.peer import CONSENT_MS
from rooms.strays import QUIET_MS
from tests.rooms.conftest import ROOM, Connect, EventLog, until
from tests.rooms.light_peer import LightPeer, TcpPeer
from tests.rooms.studio import IDR, Camera, Studio, Watcher, on_air


async def restart(node: Node, session_id: str, ufrag: str) -> str:
    fragment = await node.add_candidates(session_id, f"a=ice-ufrag:{ufrag}\r\na=ice-pwd:{'p' * 24}\r\n", "*")
    assert fragment is not None
    return fragment


async def sees(camera: Camera, watcher: Watcher) -> None:
    """Every packet from now on."""
    before = len(watcher.video)
    camera.frame()
    await until(lambda: len(watcher.video) == before + 3, "the picture")


@pytest.mark.parametrize("kind", [LightPeer, TcpPeer])
async def test_a_viewer_goes_on_from_another_address(studio: Studio, kind: type[LightPeer]) -> None:
    camera = await on_air(studio)
    watcher = await Watcher(kind(studio.identity, "viewer")).watch(studio.node, studio.connect)
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    srtp, answered = watcher.peer.srtp, watcher.peer.checks_answered
    watcher.peer.move()
    watcher.peer.check()
    await until(lambda: watcher.peer.checks_answered > answered)
    await sees(camera, watcher)
    assert watcher.peer.srtp is srtp, "no new handshake"
    assert studio.node.room_state(ROOM).viewers == 1


@pytest.mark.parametrize("kind", [LightPeer, TcpPeer])
async def test_a_publisher_goes_on_from_another_address(studio: Studio, log: EventLog, kind: type[LightPeer]) -> None:
    camera = await Camera(kind(studio.identity, "lecturer"), "lecturer").publish(studio.node, studio.connect)
    await studio.node.take(ROOM, Slot.CAMERA, "lecturer")
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    camera.peer.move()
    camera.peer.check()
    await sees(camera, watcher)
    assert not any(isinstance(event, SourceDown) for event in log.events)


async def test_media_from_an_address_that_nobody_has_checked_from_moves_nothing(studio: Studio) -> None:
    """It is authentic and goes on; whoever does not answer from there is still sent to where it was."""
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    peer, _ = studio.node._sessions.peers[camera.session_id]
    before = peer.address
    camera.peer.move()
    peer.heard_ms -= QUIET_MS
    camera.frame()
    await until(lambda: len(watcher.video) == 6 and camera.peer.asked == 1)
    assert peer.address == before


@pytest.mark.parametrize("publishes", [True, False])
async def test_who_answers_from_there_has_moved_without_a_check_of_its_own(studio: Studio, publishes: bool) -> None:
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    mover = camera.peer if publishes else watcher.peer
    peer, _ = studio.node._sessions.peers[camera.session_id if publishes else watcher.session_id]
    checks = mover.checks_answered
    mover.answers = True
    mover.move()
    peer.heard_ms -= QUIET_MS
    if publishes:
        camera.frame()
    else:
        mover.send_rtcp(rtcp.build_receiver_report(1))
    await until(lambda: peer.address == mover.socket.getsockname()[:2])
    await sees(camera, watcher)
    assert (mover.checks_answered, mover.asked) == (checks, 1)


async def test_after_a_restart_the_old_credentials_are_good_until_the_peer_has_moved_over(studio: Studio) -> None:
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    peer = watcher.peer
    fragment = await restart(studio.node, watcher.session_id, "again")
    answered = peer.checks_answered
    peer.check()  # still under the old ones
    await until(lambda: peer.checks_answered == answered + 1)
    await sees(camera, watcher)
    old = peer.check_message(peer._remote[1])
    peer.restarted(fragment)
    peer.move()
    peer.check()
    await until(lambda: peer.checks_answered == answered + 2)
    await sees(camera, watcher)
    peer.send(old)
    await until(lambda: studio.node.stats().datagrams_dropped.get("unknown_session") == 1)


async def test_a_restart_whose_answer_was_lost_is_followed_by_another(studio: Studio) -> None:
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    lost = await restart(studio.node, watcher.session_id, "lost")
    answered = watcher.peer.checks_answered
    fragment = await restart(studio.node, watcher.session_id, "again")
    watcher.peer.check()  # what carries the picture meanwhile is kept alive under the first credentials
    await until(lambda: watcher.peer.checks_answered == answered + 1)
    watcher.peer.restarted(lost)
    watcher.peer.check()
    await until(lambda: studio.node.stats().datagrams_dropped.get("unknown_session") == 1)
    watcher.peer.restarted(fragment)
    watcher.peer.move()
    watcher.peer.check()
    await until(lambda: watcher.peer.checks_answered == answered + 2)
    await sees(camera, watcher)


async def test_restarts_leave_nothing_behind(studio: Studio) -> None:
    watcher = await studio.watcher()
    known = studio.node._demultiplexer._by_ufrag
    for number in range(20):
        watcher.peer.restarted(await restart(studio.node, watcher.session_id, f"restart{number}"))
        assert len(known) == 2
        answered = watcher.peer.checks_answered
        watcher.peer.check()
        await until(lambda answered=answered: watcher.peer.checks_answered > answered)  # type: ignore[misc]
        assert len(known) == 1
    await restart(studio.node, watcher.session_id, "last")
    await studio.node.end_session(watcher.session_id)
    assert known == {}


async def test_from_udp_to_tcp_and_back_by_restarts(studio: Studio) -> None:
    """The Wi-Fi at the hotel lets no UDP through; the one at home does."""
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    here = watcher.peer
    for ufrag, kind in (("hotel", TcpPeer), ("home", LightPeer)):
        fragment = await restart(studio.node, watcher.session_id, ufrag)
        there = kind(studio.identity, ufrag)
        there.srtp, there.on_media, there._dtls = here.srtp, here.on_media, here._dtls
        there.socket.connect((there.host, studio.node.stats().udp_port))
        there.socket.setblocking(False)
        there.checks_answered = 1  # its handshake is behind it
        there.restarted(fragment)
        there.check()
        watcher.peer = there
        asyncio.get_running_loop().add_reader(there.socket, there._read)
        await until(lambda there=there: there.checks_answered == 2)  # type: ignore[misc]
        await sees(camera, watcher)
        here.drop()
        here = there
    await until(lambda: studio.node.stats().counters["tcp_connections"] == 0)
    here.drop()


async def test_from_ipv4_to_ipv6(identity: DtlsIdentity, connect: Connect) -> None:
    """A dual-stack node, and a phone whose next network has the other family."""
    node = await Node.start(NodeConfig(host="::", announced=("127.0.0.1", "::1")))
    await node.open_room(RoomSpec(ROOM))
    studio = Studio(node, identity, connect)
    camera = await on_air(studio)
    watcher = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(watcher.video) == 3)
    for host in ("::1", "127.0.0.1"):
        watcher.peer.host = host
        port = node.stats().udp_port
        watcher.peer.drop()
        watcher.peer.socket = watcher.peer._open()
        watcher.peer.socket.connect((host, port))
        asyncio.get_running_loop().add_reader(watcher.peer.socket, watcher.peer._read)
        answered = watcher.peer.checks_answered
        watcher.peer.check()
        await until(lambda answered=answered: watcher.peer.checks_answered > answered)  # type: ignore[misc]
        await sees(camera, watcher)
    await node.close()


# ---- the end


async def test_a_restart_of_a_session_that_is_gone_is_refused(studio: Studio) -> None:
    watcher = await studio.watcher()
    await studio.node.end_session(watcher.session_id)
    with pytest.raises(Refusal) as refusal:
        await restart(studio.node, watcher.session_id, "late")
    assert refusal.value.code == "session_unknown"


async def test_who_is_silent_for_thirty_seconds_is_gone_publisher_or_viewer(studio: Studio, log: EventLog) -> None:
    await studio.camera("lecturer")
    watcher = await studio.watcher()
    began = now_ms()
    studio.node._sessions.end_silent(began + CONSENT_MS - 10_000.0)
    assert studio.node.room_state(ROOM).viewers == 1
    studio.node._sessions.end_silent(now_ms() + CONSENT_MS + 1.0)
    assert studio.node.room_state(ROOM).viewers == 0
    assert studio.node.room_state(ROOM).sources == ()
    await until(lambda: {type(event) for event in log.events} >= {SourceDown, ViewerDown})
    ends = [event for event in log.events if isinstance(event, SourceDown | ViewerDown)]
    assert {event.reason for event in ends} == {"consent_expired"}
    await until(watcher.peer.closed.is_set)


async def test_a_check_renews_the_consent(studio: Studio) -> None:
    watcher = await studio.watcher()
    answered = watcher.peer.checks_answered
    before = now_ms()
    watcher.peer.check()
    await until(lambda: watcher.peer.checks_answered > answered)
    studio.node._sessions.end_silent(before + CONSENT_MS)
    assert studio.node.room_state(ROOM).viewers == 1


async def test_a_source_that_says_goodbye_is_down_at_once(studio: Studio, log: EventLog) -> None:
    camera = await studio.camera("lecturer")
    camera.peer.hang_up()
    await until(lambda: studio.node.room_state(ROOM).sources == ())
    await until(lambda: any(isinstance(event, SourceDown) and event.reason == "bye" for event in log.events))
