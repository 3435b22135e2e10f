"""Uploaded videos become clips of one kind, or are refused for what is wrong with them. Real files, really decoded."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import av
import numpy as np
import pytest

from recordings.clips import BadClip, FileReader, frames, parameter_sets, split_units
from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, nal_type
from rooms.parameter_set import picture_size
from server.converting.child import Refused
from server.converting.clip import FPS, GOP, ClipLimits, convert, make_clip
from server.domain.clips import CLIP_FILE, POSTER_FILE
from tests.converting.films import film
from tests.recordings.studio import eventually

pytestmark = pytest.mark.process

LIMITS = ClipLimits(most_s=20)


def converted(path, tmp_path, limits=LIMITS):
    folder = tmp_path / "made"
    folder.mkdir()
    return make_clip(path, folder, limits), list(frames(folder / CLIP_FILE, 0.0))


def refusal(path, tmp_path, limits=LIMITS) -> str:
    with pytest.raises(Refused) as refused:
        make_clip(path, tmp_path, limits)
    return str(refused.value)


def pictures(read):
    return [frame for frame in read if frame.is_video]


def check_kind(read) -> None:
    """Constrained Baseline, a keyframe with its parameter sets every two seconds, every picture in its order."""
    shown = pictures(read)
    assert [frame.at_ms for frame in shown] == pytest.approx([n * 1000 / FPS for n in range(len(shown))])
    assert [frame.keyframe for frame in shown] == [n % GOP == 0 for n in range(len(shown))]
    for frame in shown:
        kinds = [nal_type(unit) for unit in frame.units]
        assert kinds == ([NAL_SPS, NAL_PPS, NAL_IDR] if frame.keyframe else [1])
    sps = shown[0].units[0]
    assert sps[1] == 66  # Baseline
    assert sps[2] & 0xC0 == 0xC0  # and Constrained
    assert sps[3] <= 31


def test_a_film_with_b_frames_becomes_a_clip_without(tmp_path):
    path = film(tmp_path / "a.mp4", seconds=5, options={"bf": "3", "g": "250", "profile": "high"})
    facts, read = converted(path, tmp_path)
    check_kind(read)
    assert facts.duration_ms == pytest.approx(5_000, abs=40)
    assert (facts.width, facts.height, facts.sound) == (320, 180, True)
    heard = [frame for frame in read if not frame.is_video]
    assert len(heard) == pytest.approx(250, abs=4)
    assert {round(b.at_ms - a.at_ms, 3) for a, b in itertools.pairwise(heard)} == {20.0}
    assert all(frame.units[0][0] >> 3 in (15, 19, 23, 27, 31) for frame in heard)  # RFC 6716, 3.1: 20 ms
    poster = av.open(str(tmp_path / "made" / POSTER_FILE), format="jpeg_pipe")
    assert next(poster.decode(video=0)).width == 320
    poster.close()


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("a.mkv", {"codec": "libvpx", "audio": "libopus"}),
        ("a.webm", {"codec": "libvpx-vp9", "audio": "libopus", "fps": 24}),
        ("a.avi", {"codec": "mpeg4", "audio": "mp3"}),
        ("a.ts", {"codec": "mpeg2video", "audio": "mp2", "fps": 25}),
        ("a.mov", {"codec": "mjpeg", "audio": "pcm_s16le"}),
        ("a.flv", {"codec": "flv", "audio": "mp3"}),
    ],
)
def test_what_people_bring(tmp_path, name, how):
    facts, read = converted(film(tmp_path / name, **how), tmp_path)
    check_kind(read)
    assert facts.duration_ms == pytest.approx(3_000, abs=120)
    assert facts.sound


@pytest.mark.parametrize(
    ("size", "becomes"), [((322, 182), (322, 182)), ((50, 18), (50, 18)), ((1920, 1080), (1280, 720))]
)
def test_any_size_becomes_one_that_fits(tmp_path, size, becomes):
    facts, read = converted(film(tmp_path / "a.mp4", size=size, seconds=1), tmp_path)
    check_kind(read)
    assert picture_size(read[0].units[0]) == becomes == (facts.width, facts.height)


def test_an_odd_size_becomes_even(tmp_path):
    facts, read = converted(film(tmp_path / "a.avi", codec="mjpeg", audio=None, size=(321, 181), seconds=1), tmp_path)
    check_kind(read)
    assert (facts.width, facts.height) == (320, 180)


def test_a_film_held_upright_stays_upright(tmp_path):
    facts, read = converted(film(tmp_path / "a.mp4", size=(1080, 1920), seconds=0.2, audio=None), tmp_path)
    check_kind(read)
    assert (facts.width, facts.height) == (404, 720)


def test_pictures_at_any_time_become_regular_ones(tmp_path):
    dice = random.Random(1)
    times = sorted({round(dice.uniform(0, 4), 3) for _ in range(40)} | {0.0, 4.0})
    facts, read = converted(film(tmp_path / "a.mkv", times=times, audio=None), tmp_path)
    check_kind(read)
    assert facts.duration_ms == pytest.approx(4_000, abs=80)
    assert not facts.sound


def test_sound_and_picture_stay_together(tmp_path):
    """A flash and a beep of the same moment, in a film whose sound begins with it."""
    path = film(tmp_path / "a.mp4", seconds=4, flash_at=2.5)
    converted(path, tmp_path)
    with av.open(str(tmp_path / "made" / CLIP_FILE)) as made:
        flash = next(f.time for f in made.decode(video=0) if f.to_ndarray(format="gray").mean() > 150)
    with av.open(str(tmp_path / "made" / CLIP_FILE)) as made:
        beep = next(f.time for f in made.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.2)
    assert flash == pytest.approx(2.5, abs=0.041)
    assert abs(flash - beep) <= 0.045


# ---- what is refused ---------------------------------------------------------------------------------------


def test_text_that_is_called_a_film_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("安全生产知识\n" * 1000)
    assert refusal(path, tmp_path) == "clip_not_video"
    path.write_bytes(b"")
    assert refusal(path, tmp_path) == "clip_not_video"


def test_a_playlist_that_leads_elsewhere_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://203.0.113.1/secret\n")
    assert refusal(path, tmp_path) == "clip_not_video"


def test_sound_alone_is_refused(tmp_path):
    assert refusal(film(tmp_path / "a.mp4", picture=False), tmp_path) == "clip_no_picture"


@pytest.mark.parametrize("flags", [{}, {"movflags": "faststart"}])
def test_a_file_that_was_cut_is_refused(tmp_path, flags):
    whole = film(tmp_path / "a.mp4", seconds=10, muxing=flags)
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert refusal(path, tmp_path) == "clip_broken"


def test_noise_with_the_head_of_a_film_is_refused(tmp_path):
    dice = random.Random(2)
    for head in (b"\x00\x00\x00\x18ftypmp42", b"\x1a\x45\xdf\xa3", b"RIFF\x00\x00\x00\x00AVI ", b"FLV\x01\x05"):
        path = tmp_path / "noise"
        path.write_bytes(head + dice.randbytes(20_000))
        assert refusal(path, tmp_path) in ("clip_broken", "clip_no_picture")


def test_a_picture_too_large_is_refused_before_it_is_decoded(tmp_path):
    """Forty million pixels in some kilobytes."""
    path = film(tmp_path / "a.mkv", codec="mjpeg", audio=None, size=(8192, 4800), seconds=0.04)
    assert refusal(path, tmp_path) == "clip_too_large"


def test_a_picture_that_grows_on_the_way_is_refused(tmp_path):
    """The container says little, the stream says much."""
    small, large = (film(tmp_path / n, codec="mpeg2video", audio=None, size=s, seconds=0.4, fps=25)
                    for n, s in (("s.ts", (320, 240)), ("l.ts", (1280, 720))))  # fmt: skip
    path = tmp_path / "both.ts"
    path.write_bytes(small.read_bytes() * 20 + large.read_bytes())
    assert refusal(path, tmp_path, replace(LIMITS, most_pixels=640 * 480)) in ("clip_too_large", "clip_broken")


def test_what_lasts_too_long_is_refused(tmp_path):
    path = film(tmp_path / "a.mp4", seconds=3)
    assert refusal(path, tmp_path, replace(LIMITS, most_s=2)) == "clip_too_long"


def test_a_container_that_tells_no_length_is_bounded_all_the_same(tmp_path):
    path = film(tmp_path / "a.mkv", times=[0.0, 0.5, 3600.0], audio=None, muxing={"live": "1"})
    assert refusal(path, tmp_path) == "clip_too_long"


def test_progress_grows_to_the_end(tmp_path):
    (tmp_path / "made").mkdir()
    told: list[int] = []
    facts = convert(film(tmp_path / "a.mp4"), tmp_path / "made", told.append)
    assert told[0] < 10
    assert told[-1] > 90
    assert facts["duration_ms"] == 3_000


# ---- reading -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    make_clip(film(folder / "a.mp4", seconds=7), folder, LIMITS)
    return folder / CLIP_FILE


async def read_all(reader: FileReader):
    out = []

    def done() -> bool:
        while (frame := reader.next()) is not None:
            out.append(frame)
        return reader.over

    await eventually(done)
    return out


@pytest.mark.parametrize(("from_ms", "first"), [(0, 0), (1_999, 0), (2_000, 2_000), (5_900, 4_000), (60_000, 6_000)])
async def test_reading_begins_at_the_keyframe_before(clip, from_ms, first):
    reader = FileReader(clip, from_ms)
    read = await read_all(reader)
    reader.close()
    assert not reader.broken
    assert read[0].is_video
    assert read[0].keyframe
    assert read[0].at_ms == first
    assert all(frame.at_ms >= first for frame in read)
    assert len(pictures(read)) == 175 - first // 40


async def test_more_than_a_few_seconds_are_not_read_ahead_and_closing_ends_the_thread(clip):
    reader = FileReader(clip, 0)
    await eventually(reader._frames.full)
    reader.close()
    reader.close()
    await eventually(lambda: not reader._thread.is_alive())


@pytest.mark.parametrize("content", [None, b"", b"no film"])
async def test_what_cannot_be_read_is_broken(tmp_path, content):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    reader = FileReader(path, 0)
    assert await read_all(reader) == []
    assert reader.broken


def test_samples_and_records_that_are_cut_are_refused():
    assert list(split_units(b"\x00\x00\x00\x01A\x00\x00\x00\x02BC")) == [b"A", b"BC"]
    for sample in (b"\x00\x00\x00\x05A", b"\x00\x00\x00\x00", b"\x00\x00"):
        with pytest.raises(BadClip):
            list(split_units(sample))
    for record in (
        b"",
        b"\x01\x42\xc0\x1f\xff\xe1\x00\x09A",
        b"\x01\x42\xc0\x1f\xfd\xe0\x00",
        b"\x01\x42\xc0\x1f\xff\xe1\x00\x00\x00",
    ):
        with pytest.raises(BadClip):
            parameter_sets(record)
