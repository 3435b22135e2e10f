"""The node over loopback, with light clients: lost packets, keyframe requests and reports."""

from __future__ import annotations

import pytest

from rooms import rtcp
from rooms.interface import ProgrammeView
from tests.rooms.conftest import ROOM, until
from tests.rooms.light_peer import RTX_TYPE, VIDEO_TYPE
from tests.rooms.studio import AUDIO_SSRC, IDR, VIDEO_SSRC, Studio, on_air

pytestmark = pytest.mark.media


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
        for ssrc in (VIDEO_SSRC, AUDIO_SSRC):
            report = rtcp.SenderReport(ssrc, rtcp.ntp_of(5_000_000), camera.timestamp, 1, 1)
            camera.peer.send_rtcp(rtcp.build_sender_report(report))
        reported = {r.ssrc for r in viewer.reports if isinstance(r, rtcp.SenderReport)}
        return len(reported) == 2

    await until(both_reported)
    ntps = {r.ntp for r in viewer.reports if isinstance(r, rtcp.SenderReport)}
    assert len(ntps) * 2 == len([r for r in viewer.reports if isinstance(r, rtcp.SenderReport)])
