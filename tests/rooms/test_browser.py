"""A real Chromium publishes to the node and watches from it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from rooms.h264 import SPS, STAP_A
from rooms.interface import ProgrammePacket, Slot
from tests.rooms.conftest import ROOM, Recorder, until
from tests.rooms.stage import Scripted, Stage, decoded, stats, thrown_away, until_size

pytestmark = [pytest.mark.browser, pytest.mark.alone]


def pictures_sizes(packets: list[ProgrammePacket]) -> set[bytes]:
    """The different sequence parameter sets of an H264 recording: one per picture size."""
    found = set()
    for packet in packets:
        if packet.codec == "H264" and packet.payload[0] & 0x1F == STAP_A:
            size = int.from_bytes(packet.payload[1:3], "big")
            if packet.payload[3] & 0x1F == SPS:
                found.add(packet.payload[3 : 3 + size])
    return found


async def test_simulcast_is_published_watched_and_previewed(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.node.open_audio(ROOM, frozenset({"lecturer"}))
    recorder = Recorder()
    stage.node.subscribe(ROOM, recorder)
    publisher = await stage.publisher("lecturer")
    viewer = await stage.watcher(videos=2, audios=3)
    await until_size(viewer, 1280, frames=25)
    assert len(pictures_sizes(recorder.packets)) == 1, "the recording began with smaller layers"
    assert await stage.lost(viewer) == 0
    preview = await stage.watcher("/watch/lecturer")
    await until_size(preview, 320, frames=10)
    assert await may_send(publisher, "f", 1_000_000), "the publisher was not allowed to use its bit rate"
    assert {p.codec for p in recorder.packets} == {"H264", "opus"}
    assert stage.node.stats().datagrams_dropped == {}


async def may_send(publisher: Scripted, rid: str, bitrate_bps: int) -> bool:
    """Whether its browser gives a layer that much: the estimate may dip for a moment, and then the layer rests."""
    for _ in range(600):
        sent = {entry["rid"]: entry for entry in await stats(publisher, "publisher", "outbound-rtp")}
        assert set(sent) == {"q", "h", "f"}
        if sent[rid].get("targetBitrate", 0) > bitrate_bps:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_viewers_follow_the_highest_layer_that_is_sent(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    publisher = await stage.publisher("lecturer")
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    await publisher.evaluate("setLayer('f', false)")
    await until_size(viewer, 640)
    await publisher.evaluate("setLayer('f', true)")
    await until_size(viewer, 1280)
    assert await stage.lost(viewer) == 0


async def test_a_switch_shows_the_other_source_in_the_same_peer_connection(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.publisher("lecturer", simulcast=False)
    await stage.publisher("venue", simulcast=False, width=640)
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    before = await decoded(viewer)
    await stage.node.take(ROOM, Slot.CAMERA, "venue")
    await until_size(viewer, 640, frames=before["framesDecoded"] + 25)
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await until_size(viewer, 1280, frames=before["framesDecoded"] + 50)
    assert (await decoded(viewer))["ssrc"] == before["ssrc"]
    assert await stage.lost(viewer) == 0


async def test_vp8_is_carried_and_switched_too(stage: Stage) -> None:
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await stage.publisher("lecturer", codec="VP8", simulcast=False)
    await stage.publisher("venue", codec="VP8", simulcast=False, width=640)
    viewer = await stage.watcher()
    await until_size(viewer, 1280)
    await stage.node.take(ROOM, Slot.CAMERA, "venue")
    await until_size(viewer, 640, frames=50)
    await stage.node.take(ROOM, Slot.CAMERA, "lecturer")
    await until_size(viewer, 1280, frames=75)
    assert await stage.lost(viewer) == 0
    await until(lambda: stage.node.room_state(ROOM).sources[0].video_codec == "VP8")


def test_what_a_full_socket_throws_away_is_counted_at_its_port() -> None:
    udp = (socket.AF_INET, socket.SOCK_DGRAM)
    with socket.socket(*udp) as full, socket.socket(*udp) as other:
        full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        for each in (full, other):
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in (full, other)]
        for _ in range(200):
            other.sendto(bytes(1000), full.getsockname())
        assert thrown_away([ports[0]]) > 0
        assert thrown_away([ports[1]]) == 0
