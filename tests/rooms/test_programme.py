"""The node over loopback, with light clients: what a source sends, who sees it, and from when."""

from __future__ import annotations

import itertools

import pytest

from rooms import rtcp
from rooms.interface import Slot, SlotLive, SourceDown, SourcesView
from tests.rooms.conftest import ROOM, EventLog, Recorder, until
from tests.rooms.studio import AUDIO_SSRC, IDR, VIDEO_SSRC, Studio, on_air

pytestmark = pytest.mark.media


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
        def on_packets(self, packets: object) -> None:
            raise RuntimeError("disk on fire")

    camera, recorder = await on_air(studio), Recorder()
    studio.node.subscribe(ROOM, Broken())
    studio.node.subscribe(ROOM, recorder)
    viewer = await studio.watcher()
    camera.frame(IDR)
    await until(lambda: len(viewer.video) == 3 and len(recorder.packets) == 3)
    assert studio.node.stats().counters["sink_failed"] > 0
    assert studio.node.stats().datagrams_dropped == {}


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
