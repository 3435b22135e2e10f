"""The recorder from packets to a playable archive, with real H.264 and Opus."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from recordings.interface import RecordingSpec, Refusal, Track
from recordings.library import FolderLibrary
from rooms.interface import Refusal as NodeRefusal
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import SPEC, HandClock, Studio, decode_library, durations, live_until, recorder

pytestmark = pytest.mark.process

START = 1_000.0


def manifest_lines(root: Path) -> list[dict]:
    return [json.loads(line) for line in (root / SPEC.recording_id / "manifest.jsonl").read_text().splitlines()]


def lecture(seconds: int = 10, start: float = START + 100, flash_at: int | None = None, beeps=None, **sender):
    camera = rtp.Sender(Slot.CAMERA, **sender)
    pictures = rtp.film(camera, start, rtp.video(320, 240, seconds * 30, 60, 120, flash_at=flash_at))
    return rtp.merged(pictures, rtp.sound(rtp.voice(), start, rtp.opus(seconds * 1000, beeps=beeps)))


async def test_a_lecture_becomes_a_playable_archive(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture(10), START + 10_000)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()

    assert summary.state == "finished"
    assert summary.duration_ms == pytest.approx(9_900, abs=100)
    assert summary.gaps_ms == 0
    library = FolderLibrary(tmp_path)
    assert library.summary(SPEC.recording_id) == summary
    playlist = library.playlist(SPEC.recording_id, Track.CAMERA)
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist
    assert "DISCONTINUITY" not in playlist
    assert sum(durations(playlist)) == pytest.approx(summary.duration_ms / 1000, abs=0.001)
    decoded = decode_library(tmp_path, Track.CAMERA)
    # Every picture that had arrived is there, at its time.
    assert len(decoded.video) == pytest.approx(9_840 / rtp.FRAME_MS, abs=2)
    times = [time for time, _, _ in decoded.video]
    assert times[0] == pytest.approx(0.1, abs=0.001)
    steps = [after - before for before, after in itertools.pairwise(times)]
    assert max(steps) < 0.035
    assert min(steps) > 0.030
    assert sum(samples for _, _, samples in decoded.audio) / 48_000 == pytest.approx(9.9, abs=0.1)


async def test_sound_and_picture_stay_together(tmp_path):
    """A flash and a beep made at the same moment are at most 40 ms apart in the archive, late or early."""
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture(8, flash_at=150, beeps=((5_000, 5_100),)), START + 8_000)
    await archive.finish(SPEC.recording_id)
    await archive.close()

    decoded = decode_library(tmp_path, Track.CAMERA)
    flash = next(time for time, _, brightness in decoded.video if brightness > 180)
    beep = next(time for time, rms, _ in decoded.audio if rms > 0.05)
    assert flash == pytest.approx(0.1 + 5.0, abs=0.005)
    assert abs(flash - beep) <= 0.04


async def test_finishing_twice_gives_the_same_summary(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture(4), START + 4_000)
    first = await archive.finish(SPEC.recording_id)
    before = manifest_lines(tmp_path)
    assert await archive.finish(SPEC.recording_id) == first
    assert archive.summary(SPEC.recording_id) == first
    assert manifest_lines(tmp_path) == before
    with pytest.raises(Refusal, match="recording_finished"):
        await archive.attach(SPEC, recording=True)
    await archive.close()


async def test_closing_twice_is_harmless_and_leaves_the_archive_open(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture(4), START + 4_000)
    await archive.close()
    await archive.close()
    assert studio.sinks == []
    assert FolderLibrary(tmp_path).summary(SPEC.recording_id).state == "running"
    assert FolderLibrary(tmp_path).summary(SPEC.recording_id).duration_ms == pytest.approx(3_900, abs=100)


async def test_a_new_start_continues_the_archive_on_the_same_timeline(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture(4), START + 4_000)
    await archive.close()

    # Another process, another monotonic clock, 6 seconds later by UTC.
    later = Studio(HandClock(at_ms=500_000.0, utc_offset_ms=studio.clock.utc_offset_ms + 10_000 + START - 500_000.0))
    archive = recorder(later, tmp_path)
    await archive.attach(SPEC, recording=True)
    await later.play(lecture(4, start=500_100.0), 504_000.0)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()

    assert summary.duration_ms == pytest.approx(2 * 3_900, abs=200)
    assert summary.gaps_ms == pytest.approx(6_100, abs=100)
    assert not summary.recovered
    playlist = FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.CAMERA)
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == 1
    decoded = decode_library(tmp_path, Track.CAMERA)
    assert decoded.video[-1][0] == pytest.approx(14.0, abs=0.2)


async def test_without_camera_the_slate_stands_in_and_silence_fills(tmp_path):
    studio = Studio(slots={})
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play([], START + 7_000)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    decoded = decode_library(tmp_path, Track.CAMERA)
    assert summary.duration_ms == pytest.approx(7_000, abs=50)
    assert {size for _, size, _ in decoded.video} == {(640, 360)}
    assert max(rms for _, rms, _ in decoded.audio) == 0.0
    assert sum(samples for _, _, samples in decoded.audio) / 48_000 == pytest.approx(7.0, abs=0.05)


async def test_camera_after_slate_and_another_resolution_are_discontinuities_with_their_init(tmp_path):
    studio = Studio()
    camera = rtp.Sender(Slot.CAMERA)
    small = rtp.film(camera, START + 4_000, rtp.video(320, 240, 120, 60, 120))
    large = rtp.film(camera, START + 8_000, rtp.video(640, 480, 120, 60, 120))
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(small + large, START + 12_000)
    await archive.finish(SPEC.recording_id)
    await archive.close()

    reasons = [line["reason"] for line in manifest_lines(tmp_path) if line["t"] == "discontinuity"]
    assert reasons == ["start", "returned", "format"]
    playlist = FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.CAMERA)
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == 2
    assert playlist.count("#EXT-X-MAP:") == 3
    decoded = decode_library(tmp_path, Track.CAMERA)
    sizes = [size for _, size, _ in decoded.video]
    assert sizes.count((320, 240)) == 120
    assert sizes.count((640, 480)) == pytest.approx(118, abs=2)
    assert next(time for time, size, _ in decoded.video if size == (320, 240)) == pytest.approx(4.0, abs=0.001)
    assert next(time for time, size, _ in decoded.video if size == (640, 480)) == pytest.approx(8.0, abs=0.001)


async def test_a_source_switch_is_a_discontinuity_with_its_reason(tmp_path):
    studio = Studio()
    camera = rtp.Sender(Slot.CAMERA)
    packets = rtp.film(camera, START, rtp.video(320, 240, 100, 60, 120))
    camera.switch("venue-3")
    packets += rtp.film(camera, START + 100 * rtp.FRAME_MS, rtp.video(320, 240, 100, 60, 60))
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(packets, START + 6_700)
    await archive.finish(SPEC.recording_id)
    await archive.close()
    reasons = [line["reason"] for line in manifest_lines(tmp_path) if line["t"] == "discontinuity"]
    assert reasons == ["start", "source"]


async def test_nothing_of_a_pause_reaches_the_disk(tmp_path):
    """A tone sounds only while recording is off; the archive must be silent, and one piece of media shorter."""
    studio = Studio()
    camera = rtp.Sender(Slot.CAMERA)
    start = START + 100
    packets = rtp.merged(
        rtp.film(camera, start, rtp.video(320, 240, 450, 60, 120, flash_at=210)),
        rtp.sound(rtp.voice(), start, rtp.opus(15_000, beeps=((6_000, 8_900),))),
    )
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    before = [packet for packet in packets if packet.media_ms < START + 6_000 - 60]
    await studio.play(before, START + 6_000)
    await archive.set_recording(SPEC.recording_id, on=False)
    await archive.set_recording(SPEC.recording_id, on=False)
    assert archive.summary(SPEC.recording_id).state == "paused"
    after = packets[len(before) :]
    during = [packet for packet in after if packet.media_ms < START + 9_500 - 60]
    await studio.play(during, START + 9_500)
    await archive.set_recording(SPEC.recording_id, on=True)
    await studio.play(after[len(during) :], START + 15_000)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()

    decoded = decode_library(tmp_path, Track.CAMERA)
    assert max(rms for _, rms, _ in decoded.audio) < 0.02
    assert max(brightness for _, _, brightness in decoded.video) < 150  # the flash at 7 s is off record
    lines = manifest_lines(tmp_path)
    assert [line["t"] for line in lines if line["t"] in ("paused", "resumed")] == ["paused", "resumed"]
    assert [line["reason"] for line in lines if line["t"] == "discontinuity"] == ["start", "paused"]
    assert summary.gaps_ms == 0
    assert summary.duration_ms == pytest.approx(15_000 - 100 - 3_500, abs=2_100)
    listed = {line["name"] for line in lines if line["t"] in ("segment", "init")}
    assert {path.name for path in (tmp_path / SPEC.recording_id).iterdir()} == listed | {"manifest.jsonl"}


async def test_off_record_there_is_live_hls_and_no_folder(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=False)
    await studio.play(lecture(8), START + 8_000, pace_s=0.003)
    playlist = await live_until(archive, 6.0)
    names = [line for line in playlist.splitlines() if not line.startswith("#")]
    files = [await archive.ring_file(SPEC.recording_id, name) for name in names]
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    assert len(files) >= 3
    assert all(files)
    assert list(tmp_path.iterdir()) == []
    assert (summary.segments, summary.bytes, summary.started_at_utc) == (0, 0, None)


async def test_attaching_twice_follows_once_and_takes_the_newer_wish(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await archive.attach(SPEC, recording=False)
    assert len(studio.sinks) == 1
    assert archive.summary(SPEC.recording_id).state == "paused"
    await archive.close()


async def test_commands_for_a_recording_nobody_knows_are_refused(tmp_path):
    archive = recorder(Studio(), tmp_path)
    with pytest.raises(Refusal, match="recording_unknown"):
        await archive.set_recording("nobody", on=True)
    with pytest.raises(Refusal, match="recording_unknown"):
        await archive.finish("nobody")
    with pytest.raises(Refusal, match="recording_unknown"):
        await archive.attach(replace(SPEC, recording_id="../up"), recording=True)
    with pytest.raises(NodeRefusal, match="room_unknown"):
        await archive.attach(replace(SPEC, room_id="closed"), recording=True)
    assert await archive.live_playlist("nobody", Track.CAMERA) is None
    assert await archive.ring_file("nobody", "camera-1.m4s") is None
    await archive.close()
    with pytest.raises(Refusal, match="storage_unavailable"):
        await archive.attach(SPEC, recording=True)
    assert list(tmp_path.iterdir()) == []


async def test_finish_ends_an_archive_that_a_crash_left_without_attaching(tmp_path):
    studio = Studio(slots={})
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play([], START + 5_000)
    await archive.close()
    archive = recorder(Studio(), tmp_path)
    summary = await archive.finish(SPEC.recording_id)
    assert (summary.state, summary.recovered) == ("finished", True)
    assert await archive.finish(SPEC.recording_id) == summary
    await archive.close()


async def test_two_recordings_keep_apart_and_the_fault_of_one_does_not_end_the_other(tmp_path, caplog):
    studio = Studio(slots={})
    archive = recorder(studio, tmp_path)
    other = RecordingSpec("rec-2", "lesson-2", "room-2")
    await archive.attach(SPEC, recording=True)
    await archive.attach(other, recording=True)
    alarms = archive.alarms()
    studio.sinks[0].on_packets(["no packet at all"])
    fault = await anext(alarms)
    assert (fault.recording_id, fault.code) == (SPEC.recording_id, "recorder_fault")
    await alarms.aclose()
    await studio.play([], START + 6_000)
    for spec in (SPEC, other):
        assert (await archive.finish(spec.recording_id)).duration_ms == pytest.approx(6_000, abs=50)
    await archive.close()


async def test_a_pause_over_a_restart_is_no_gap(tmp_path):
    studio = Studio(slots={})
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play([], START + 5_000, pace_s=0.002)
    await archive.set_recording(SPEC.recording_id, on=False)
    await studio.play([], START + 9_000, pace_s=0.002)
    await archive.close()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=False)
    await studio.play([], START + 15_000, pace_s=0.002)
    await archive.set_recording(SPEC.recording_id, on=True)
    await studio.play([], START + 20_000, pace_s=0.002)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    assert summary.gaps_ms == 0
    assert summary.duration_ms == pytest.approx(10_000, abs=100)
    assert [line["reason"] for line in manifest_lines(tmp_path) if line["t"] == "discontinuity"] == ["start", "paused"]


async def test_the_screen_is_a_track_of_its_own_while_it_is_on(tmp_path):
    studio = Studio()
    screen = rtp.Sender(Slot.SCREEN)
    packets = rtp.film(screen, START + 3_000, rtp.video(320, 240, 120, 60, 120))
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    assert await archive.live_playlist(SPEC.recording_id, Track.SCREEN) is None
    await studio.play(packets, START + 12_000)
    await archive.finish(SPEC.recording_id)
    await archive.close()
    decoded = decode_library(tmp_path, Track.SCREEN)
    assert decoded.audio == []
    assert len(decoded.video) == 120
    assert decoded.video[0][0] == pytest.approx(3.0, abs=0.001)
    total = sum(durations(FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.SCREEN)))
    assert 4.0 <= total <= 6.5  # held at most the stall time, not to the end
    camera = FolderLibrary(tmp_path).playlist(SPEC.recording_id, Track.CAMERA)
    assert sum(durations(camera)) == pytest.approx(12.0, abs=0.1)


async def test_vp8_gives_slate_with_sound_and_an_alarm(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    foreign = rtp.Sender(Slot.CAMERA, codec="VP8")
    pictures = [p for n in range(240) for p in foreign.packets(START + n * rtp.FRAME_MS, [b"\x10\x00\x9d\x01\x2a"])]
    packets = rtp.merged(pictures, rtp.sound(rtp.voice(), START, rtp.opus(8_000)))
    alarms = archive.alarms()
    await studio.play(packets, START + 8_000, pace_s=0.003)
    first = await anext(alarms)
    await alarms.aclose()
    await archive.finish(SPEC.recording_id)
    await archive.close()
    assert (first.code, first.active) == ("no_known_codec", True)
    assert "VP8" in first.detail
    decoded = decode_library(tmp_path, Track.CAMERA)
    assert {size for _, size, _ in decoded.video} == {(640, 360)}
    assert sum(rms > 0.1 for _, rms, _ in decoded.audio) > 300
