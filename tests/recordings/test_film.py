"""MP4s to take along: what the archive holds, without its pauses, with picture and sound in step."""

from __future__ import annotations

import contextlib
import itertools
import os
from array import array
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import assembling, film, manifest, slate
from recordings.aac import AacEncoder
from recordings.assembling import Assembly
from recordings.boxes import AudioRun, Sample, VideoRun, init_segment, media_segment
from recordings.film import Clock, Cut
from recordings.fragment import Damaged, read_fragment, read_init
from recordings.interface import Track
from recordings.manifest import Entry
from recordings.segment import Init, Segment, init_name
from recordings.storage import StorageFull
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import SPEC, Decoded, Studio, brightness, recorder

pytestmark = pytest.mark.process
START = 1_000.0


def made(root: Path, *, keep_free: int = 0) -> dict[str, Path]:
    into = root / "out"
    into.mkdir(exist_ok=True)
    found = Assembly(root / SPEC.recording_id, into, keep_free, lambda percent: None).make()
    for one in found:
        assert (into / one.name).stat().st_size == one.bytes
    assert {path.name for path in into.iterdir()} == {one.name for one in found}
    return {one.name: into / one.name for one in found}


def watched(path: Path) -> Decoded:
    decoded = Decoded([], [])
    with av.open(str(path)) as container:
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                decoded.video.append((float(frame.time), (frame.width, frame.height), brightness(frame)))
            else:
                rms = float((frame.to_ndarray().astype("float64") ** 2).mean() ** 0.5)
                decoded.audio.append((float(frame.time), rms, frame.samples))
    return decoded


def top_level(path: Path) -> list[bytes]:
    kinds, at, data = [], 0, path.read_bytes()
    while at < len(data):
        kinds.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4], "big")
    assert at == len(data)
    return kinds


async def test_a_lecture_with_pauses_is_one_film_in_step(tmp_path):
    """A flash and a beep at the same moment in each of five stretches, which pauses of odd lengths keep apart."""
    studio, archive = Studio(), None
    camera, voice = rtp.Sender(Slot.CAMERA), rtp.voice()
    at, packets, switches = START + 100, [], []
    for pause in (700, 1_013, 491, 877, 0):
        packets += rtp.film(camera, at, rtp.video(320, 240, 90, 30, 120, flash_at=60))
        packets += rtp.sound(voice, at, rtp.opus(3_000, beeps=((2_000, 2_100),)))
        switches += [(at + 2_700, False), (at + 3_000 + pause, True)]
        at += 3_100 + pause
    packets.sort(key=lambda packet: packet.media_ms)
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    given_until = 0.0
    for until, on in switches:
        await studio.play([p for p in packets if given_until <= p.media_ms < until - 60], until, pace_s=0.001)
        given_until = until - 60
        await archive.set_recording(SPEC.recording_id, on=on)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()

    files = made(tmp_path)
    assert list(files) == ["camera.mp4"]
    assert top_level(files["camera.mp4"]) == [b"ftyp", b"moov", b"mdat"]
    seen = watched(files["camera.mp4"])
    times = [time for time, _, _ in seen.video]
    assert times[0] == 0.0
    assert all(before < after for before, after in itertools.pairwise(times))
    assert times[-1] == pytest.approx(summary.duration_ms / 1000, abs=0.1)
    flashes = [time for time, _, bright in seen.video if bright > 180]
    loud = [time for time, rms, _ in seen.audio if rms > 0.05]
    beeps = [time for time, before in zip(loud, [-1.0, *loud], strict=False) if time - before > 0.5]
    assert len(flashes) == len(beeps) == 5
    assert max(abs(flash - beep) for flash, beep in zip(flashes, beeps, strict=True)) <= 0.04


async def test_formats_and_the_screen_follow_one_timeline(tmp_path):
    studio = Studio()
    camera, screen = rtp.Sender(Slot.CAMERA), rtp.Sender(Slot.SCREEN)
    packets = rtp.merged(
        rtp.film(camera, START + 4_000, rtp.video(320, 240, 120, 60, 120)),
        rtp.film(camera, START + 8_000, rtp.video(640, 480, 120, 60, 120)),
        rtp.film(screen, START + 5_000, rtp.video(320, 240, 90, 60, 60)),
        rtp.sound(rtp.voice(), START, rtp.opus(12_000)),
    )
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(packets, START + 12_000)
    await archive.finish(SPEC.recording_id)
    await archive.close()

    files = made(tmp_path)
    assert list(files) == ["camera.mp4", "screen.mp4"]
    camera_film, screen_film = watched(files["camera.mp4"]), watched(files["screen.mp4"])
    sizes = [size for size, _ in itertools.groupby(size for _, size, _ in camera_film.video)]
    assert sizes == [(640, 360), (320, 240), (640, 480)]
    assert next(at for at, size, _ in camera_film.video if size == (640, 480)) == pytest.approx(8.0, abs=0.002)
    shown = [(at, size) for at, size, _ in screen_film.video]
    assert shown[0] == (0.0, (640, 360))  # the slate, until there is a screen
    assert next(at for at, size in shown if size == (320, 240)) == pytest.approx(5.0, abs=0.002)
    assert shown[-1][1] == (640, 360)
    for decoded in (camera_film, screen_film):
        assert sum(samples for _, _, samples in decoded.audio) / 48_000 == pytest.approx(12.0, abs=0.05)
    for path in files.values():
        with av.open(str(path)) as container:
            assert container.duration / 1e6 == pytest.approx(12.0, abs=0.05)


def segments_of_slate() -> list[Segment]:
    """Two seconds of slate and silence."""
    shown, encoder = slate.load(), AacEncoder()
    data = init_segment(shown.format, encoder.format)
    init = Init(init_name(Track.CAMERA, data), data, "", 640, 360)
    segments = []
    for number in range(2):
        start = number * 90_000
        video = VideoRun(start, [Sample(90_000, keyframe=True, data=shown.sample)])
        frames = AudioRun(-(-start * 48 // 90 // 1024) * 1024, [film.SILENCE[2]] * 47)
        segments.append(
            Segment(
                track=Track.CAMERA,
                number=number,
                init=init,
                start=start,
                end=start + 90_000,
                utc="",
                data=media_segment(number, video, frames),
                independent=True,
                reason=None,
                recorded=True,
            )
        )
    return segments


def archived(root: Path) -> Path:
    """An archive of them, by hand."""
    segments = segments_of_slate()
    init = segments[0].init
    folder = root / SPEC.recording_id
    folder.mkdir()
    (folder / init.name).write_bytes(init.data)
    lines = [manifest.opened(SPEC, "2026-11-26T00:00:00.000Z", ""), manifest.init(Track.CAMERA, init)]
    for segment in segments:
        (folder / segment.name).write_bytes(segment.data)
        lines.append(manifest.segment(segment))
    lines.append(manifest.finished("2026-11-26T00:00:02.000Z", recovered=False))
    (folder / manifest.NAME).write_bytes(b"".join(map(manifest.line, lines)))
    return folder


@pytest.mark.parametrize("way", ["kernel", "sendfile", "by hand"])
def test_every_way_of_copying_gives_the_same_film(tmp_path, monkeypatch, way):
    archived(tmp_path)
    expected = made(tmp_path)["camera.mp4"].read_bytes()

    def not_here(*_args, **_kwargs):
        raise OSError(18, "Invalid cross-device link")

    if way != "kernel":
        monkeypatch.setattr(os, "copy_file_range", not_here)
    if way == "by hand":
        monkeypatch.setattr(os, "sendfile", not_here)
    assert made(tmp_path)["camera.mp4"].read_bytes() == expected


def test_a_damaged_archive_says_which_file_and_leaves_no_film(tmp_path):
    folder = archived(tmp_path)
    broken = folder / "camera-1.m4s"
    broken.write_bytes(broken.read_bytes()[:-1])
    with pytest.raises(Damaged, match=r"camera-1\.m4s"):
        made(tmp_path)
    broken.unlink()
    with pytest.raises(Damaged, match=r"camera-1\.m4s"):
        made(tmp_path)
    broken.symlink_to(folder / "camera-0.m4s")
    with pytest.raises(Damaged, match=r"camera-1\.m4s"):
        made(tmp_path)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_film_never_fills_the_disk(tmp_path):
    archived(tmp_path)
    with pytest.raises(StorageFull):
        made(tmp_path, keep_free=1 << 62)
    assert list((tmp_path / "out").iterdir()) == []


def test_who_gives_up_half_way_leaves_nothing(tmp_path, monkeypatch):
    folder = archived(tmp_path)
    into = tmp_path / "out"
    into.mkdir()
    monkeypatch.setattr(assembling, "MOST_STEP", 1)

    def stop(percent: int) -> None:
        if percent > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Assembly(folder, into, 0, stop).make()
    assert list(into.iterdir()) == []


@given(st.binary(max_size=200), st.integers(0, 2_000))
def test_nonsense_is_damage_and_never_another_error(noise, at):
    shown = slate.load()
    good = media_segment(1, VideoRun(0, [Sample(3_000, keyframe=True, data=b"x" * 50)] * 3), AudioRun(0, [b"a"] * 3))
    read_fragment(good, len(good), "good")
    bad = good[: at % len(good)] + noise
    for reading in (lambda: read_fragment(bad, len(bad), "bad"), lambda: read_init(bad, "bad")):
        with contextlib.suppress(Damaged):
            reading()
    init = init_segment(shown.format, None)
    assert read_init(init, "good").size == (640, 360)


def test_silence_is_what_the_encoder_makes_of_it():
    for channels, frame in film.SILENCE.items():
        encoder = AacEncoder(channels)
        assert [encoder.encode(1024 * number, None) for number in range(14)][-1][0][1] == frame


def entry(start: int, ticks: int) -> Entry:
    return Entry(Track.CAMERA, "camera-1.m4s", "init", start, ticks, "", 1, independent=True, reason=None)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 5_000)), min_size=1, max_size=12))
def test_the_films_clock_never_goes_back_and_leaves_out_the_holes_only(script):
    entries, at = [], 0
    for hole, ticks in script:
        entries.append(entry(at + hole, ticks))
        at += hole + ticks
    clock = Clock(entries)
    assert clock.length == sum(ticks for _, ticks in script)
    times = [clock.at(tick) for tick in range(0, at + 1_000, 97)]
    assert times == sorted(times)
    for one in entries:
        shift = clock.shift(one.start, one.end)
        assert shift is not None
        assert clock.at(one.end) == one.end + shift


def test_what_lies_together_is_one_cut():
    pieces = film.joined([b"a", b"b", Cut("x", 0, 5), Cut("x", 5, 5), Cut("y", 10, 1), Cut("y", 12, 1)])
    assert pieces == [b"ab", Cut("x", 0, 10), Cut("y", 10, 1), Cut("y", 12, 1)]
    assert array("I", [1]).itemsize == 4
