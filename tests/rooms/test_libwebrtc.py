"""Google's own stack without a browser around it (libwebrtc, by the package ``wrtc``): simulcast in, one picture out.

It has no H264 without a download of Cisco's library, so the lesson is one of VP8.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
import webrtc

from rooms import rtp
from rooms.dtls import DtlsIdentity
from rooms.interface import NodeConfig, ProgrammeView, RoomSpec, Slot, SourcesView
from rooms.node import Node
from tests.rooms.conftest import ROOM, Connect, until
from tests.rooms.impaired import Conditions, ImpairedRelay
from tests.rooms.light_peer import AUDIO_TYPE, LightPeer
from tests.rooms.studio import AUDIO_SSRC, Camera

pytestmark = [pytest.mark.media, pytest.mark.timeout(180)]

# Of anything smaller than 960 × 540 it makes fewer than three layers.
WIDTH, HEIGHT = 960, 540
FRAME_MS = 40
LAYERS = (("q", 4.0, 100_000), ("h", 2.0, 300_000), ("f", 1.0, 1_000_000))
PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module", autouse=True)
def loopback() -> None:
    webrtc.allow_loopback()


@pytest.fixture
async def lesson() -> AsyncIterator[Node]:
    node = await Node.start(NodeConfig(host="127.0.0.1"))
    await node.open_room(RoomSpec(ROOM, "VP8"))
    await node.take(ROOM, Slot.CAMERA, "lecturer")
    yield node
    await node.close()


@pytest.fixture
async def connections() -> AsyncIterator[list[webrtc.RTCPeerConnection]]:
    made: list[webrtc.RTCPeerConnection] = []
    yield made
    for one in made:
        one.close()


class Film:
    """A picture that moves."""

    def __init__(self) -> None:
        self.generator = webrtc.VideoTrackGenerator()
        self._task = asyncio.create_task(self._film())

    async def _film(self) -> None:
        writer = self.generator.writable.getWriter()
        planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        for number in range(10_000):
            planes[:HEIGHT] = (np.arange(WIDTH) + number * 7) % 256
            init = webrtc.VideoFrameBufferInit(
                format="I420", coded_width=WIDTH, coded_height=HEIGHT, timestamp=number * FRAME_MS * 1000
            )
            await writer.write(webrtc.VideoFrame(planes.tobytes(), init))
            await asyncio.sleep(FRAME_MS / 1000)

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture
async def camera() -> AsyncIterator[Film]:
    camera = Film()
    yield camera
    await camera.close()


async def offered(pc: webrtc.RTCPeerConnection) -> str:
    await pc.setLocalDescription(await pc.createOffer())
    await until(lambda: pc.iceGatheringState == "complete", seconds=PATIENCE_SECONDS)
    return pc.localDescription.sdp


async def accept(pc: webrtc.RTCPeerConnection, answer: str) -> None:
    await pc.setRemoteDescription(webrtc.RTCSessionDescriptionInit(type="answer", sdp=answer))


async def report(pc: webrtc.RTCPeerConnection, kind: str) -> list[Any]:
    return [entry for entry in (await pc.getStats()).values() if entry.type == kind and entry.kind == "video"]


async def decoded(pc: webrtc.RTCPeerConnection, width: int, frames: int) -> Any:
    """Its incoming picture, when so many frames have been decoded and the last was so wide."""
    entry = None
    for _ in range(int(PATIENCE_SECONDS * 10)):
        entry = next(iter(await report(pc, "inbound-rtp")), None)
        if entry is not None and entry.frame_width == width and (entry.frames_decoded or 0) >= frames:
            return entry
        await asyncio.sleep(0.1)
    raise AssertionError(f"never saw {frames} frames {width} wide: {entry}")


async def frames(pc: webrtc.RTCPeerConnection) -> int:
    return sum(entry.frames_decoded or 0 for entry in await report(pc, "inbound-rtp"))


async def test_libwebrtc_sends_three_layers_and_watches_the_best_and_the_least(
    lesson: Node, camera: Film, connections: list[webrtc.RTCPeerConnection]
) -> None:
    publisher, viewer, wall = (webrtc.RTCPeerConnection() for _ in range(3))
    connections += [publisher, viewer, wall]
    encodings = [
        webrtc.RTCRtpEncodingParameters(rid=rid, scale_resolution_down_by=scale, max_bitrate=bps)
        for rid, scale, bps in LAYERS
    ]
    init = webrtc.RTCRtpTransceiverInit(direction="sendonly", send_encodings=encodings)
    publisher.addTransceiver(camera.generator.track, init)
    await accept(publisher, (await lesson.publish(ROOM, "lecturer", await offered(publisher))).sdp)
    await until(lambda: lesson.room_state(ROOM).sources[0].connected, seconds=PATIENCE_SECONDS)
    assert lesson.room_state(ROOM).sources[0].video_codec == "VP8"

    for pc, view in ((viewer, ProgrammeView()), (wall, SourcesView(("lecturer",)))):
        pc.addTransceiver("video", webrtc.RTCRtpTransceiverInit(direction="recvonly"))
        await accept(pc, (await lesson.watch(ROOM, "viewer", await offered(pc), view)).sdp)
    seen = await decoded(viewer, WIDTH, 1)
    assert seen.packets_lost == 0
    await decoded(wall, WIDTH // 4, 10)
    while await frames(viewer) < 25:  # noqa: ASYNC110 - what a decoder counts is told to nobody
        await asyncio.sleep(0.1)
    sent = {entry.rid: entry.frames_encoded for entry in await report(publisher, "outbound-rtp")}
    assert sent.keys() == {"q", "h", "f"}
    assert lesson.room_state(ROOM).sources[0].packets_lost == 0
    assert lesson.stats().datagrams_dropped == {}


SILENCE = bytes((0xF8, 0xFF, 0xFE))  # Opus, 20 ms


async def test_libwebrtc_that_loses_sound_is_sent_it_twice_and_takes_it(
    lesson: Node, connections: list[webrtc.RTCPeerConnection], identity: DtlsIdentity, connect: Connect
) -> None:
    """It offers RED by itself, and no NACK for sound: only what it reports tells of its loss."""
    await lesson.open_audio(ROOM, frozenset({"lecturer"}))
    relay = await ImpairedRelay.start(("127.0.0.1", lesson.stats().udp_port), seed=5)
    relay.set(down=Conditions(loss=0.2))
    microphone = await Camera(LightPeer(identity, "lecturer"), "lecturer").publish(lesson, connect)
    viewer = webrtc.RTCPeerConnection()
    connections.append(viewer)
    viewer.addTransceiver("audio", webrtc.RTCRtpTransceiverInit(direction="recvonly"))
    offer = await offered(viewer)
    assert "red/48000/2" in offer
    answer = await lesson.watch(ROOM, "viewer", offer, ProgrammeView())
    assert "red/48000/2" in answer.sdp
    await accept(viewer, relay.rewrite(answer.sdp))
    counters = lesson.stats().counters
    for number in range(int(PATIENCE_SECONDS * 50)):
        microphone.peer.send_rtp(rtp.build(AUDIO_TYPE, False, number, 960 * number, AUDIO_SSRC, SILENCE))
        await asyncio.sleep(0.02)
        counters = lesson.stats().counters
        if counters.get("red_sent", 0) > 100:
            break
    else:
        raise AssertionError(f"no redundant sound: {counters}")
    (inbound,) = [one for one in (await viewer.getStats()).values() if one.type == "inbound-rtp"]
    # Nobody plays it here, so what it does with the copies is not to be seen; but it takes those packets for its sound.
    assert inbound.packets_received > number * 0.8 - 60
    await relay.close()
