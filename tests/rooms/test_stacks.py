"""Another WebRTC stack publishes to the node and watches from it: aiortc, which decodes what it gets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from aiortc import AudioStreamTrack, MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack

from rooms import dtls
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot
from rooms.node import Node
from tests.rooms.conftest import ROOM, until

pytestmark = pytest.mark.media


@pytest.fixture
async def connection() -> AsyncIterator[type[RTCPeerConnection]]:
    made: list[RTCPeerConnection] = []

    def new() -> RTCPeerConnection:
        made.append(RTCPeerConnection())
        return made[-1]

    yield new
    for one in made:
        await one.close()


async def publish(node: Node, pc: RTCPeerConnection) -> None:
    pc.addTrack(VideoStreamTrack())
    pc.addTrack(AudioStreamTrack())
    await pc.setLocalDescription(await pc.createOffer())
    answer = await node.publish(ROOM, "lecturer", pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))


async def watch(node: Node, pc: RTCPeerConnection) -> dict[str, MediaStreamTrack]:
    tracks: dict[str, MediaStreamTrack] = {}
    pc.on("track", lambda track: tracks.setdefault(track.kind, track))
    for kind in ("video", "audio"):
        pc.addTransceiver(kind, direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    answer = await node.watch(ROOM, "viewer", pc.localDescription.sdp, ProgrammeView())
    await pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
    return tracks


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_aiortc_publishes_and_decodes_what_it_watches(connection: type[RTCPeerConnection], codec: str) -> None:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM, codec))
    await node.take(ROOM, Slot.CAMERA, "lecturer")
    await node.open_audio(ROOM, frozenset({"lecturer"}))
    await publish(node, connection())
    tracks = await watch(node, connection())
    picture = await asyncio.wait_for(tracks["video"].recv(), 60)
    sound = await asyncio.wait_for(tracks["audio"].recv(), 60)
    assert (picture.width, picture.height) == (640, 480)
    assert sound.sample_rate == 48000
    state = node.room_state(ROOM)
    assert state.sources[0].video_codec == codec
    await node.close()


async def test_who_offers_neither_redundant_sound_nor_nack_for_it_is_promised_none(
    node: Node, connection: type[RTCPeerConnection]
) -> None:
    pc = connection()
    pc.addTransceiver("audio", direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    assert "red/48000" not in pc.localDescription.sdp, "aiortc has learnt it: test that it is sent"
    answer = (await node.watch(ROOM, "viewer", pc.localDescription.sdp, ProgrammeView())).sdp
    assert re.findall(r"a=rtpmap:\d+ (\S+)", answer) == ["opus/48000/2"]
    assert "a=rtcp-fb" not in answer
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def test_aiortc_closing_is_heard_as_a_goodbye(node: Node, connection: type[RTCPeerConnection]) -> None:
    pc = connection()
    await publish(node, pc)
    await until(lambda: node.room_state(ROOM).sources[0].connected and pc.connectionState == "connected")
    await pc.close()
    await until(lambda: not node.room_state(ROOM).sources)


def test_the_private_name_of_aiortc_that_we_use_is_still_there() -> None:
    identity = dtls.DtlsIdentity()
    assert identity.fingerprint.count(":") == 31
    assert hasattr(dtls.RTCCertificate, "_create_ssl_context")
    server, client = (dtls.DtlsServer(identity, [("sha-256", identity.fingerprint)], server=s) for s in (True, False))
    to_server, to_client = client.start(), list[bytes]()
    while to_server or to_client:
        to_client = [answer for datagram in to_server for answer in server.receive(datagram)]
        to_server = [answer for datagram in to_client for answer in client.receive(datagram)]
    assert server.keys is not None
    assert server.keys == client.keys
    assert server.keys.profile.openssl_name == b"SRTP_AEAD_AES_128_GCM"
