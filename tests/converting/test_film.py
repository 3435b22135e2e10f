"""Uploaded films become what every player plays: copied where they fit, encoded anew where not, or refused."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import asdict

import av
import pytest

from server.converting import crafts
from server.converting.child import Refused
from server.converting.clip import ClipLimits
from server.converting.film import make_film
from server.domain.micro_videos import INIT, POSTER, check_facts, playlist, segment_name
from server.domain.refusals import Refusal
from tests.converting.films import film

pytestmark = pytest.mark.process

LIMITS = ClipLimits(most_s=20)


def made(path, tmp_path, limits=LIMITS):
    into = tmp_path / "made"
    into.mkdir()
    facts = make_film(path, into, limits)
    return facts, into


def played(facts, into):
    """As a player puts it together: kinds of streams, length in seconds, number of pictures."""
    whole = into / "whole.mp4"
    names = [INIT, *(segment_name(n) for n in range(len(facts.segments_ms)))]
    whole.write_bytes(b"".join((into / name).read_bytes() for name in names))
    with av.open(str(whole), format="mov") as opened:
        codecs = [stream.codec_context.name for stream in opened.streams]
        frames = list(opened.decode(video=0))
        return codecs, frames[-1].time - frames[0].time, len(frames)


def refusal(path, tmp_path, limits=LIMITS) -> str:
    into = tmp_path / "made"
    into.mkdir(exist_ok=True)
    with pytest.raises(Refused) as refused:
        make_film(path, into, limits)
    return str(refused.value)


def check(facts, into):
    check_facts(asdict(facts))
    assert {path.name for path in into.iterdir()} == {
        *(INIT, POSTER),
        *(segment_name(n) for n in range(len(facts.segments_ms))),
    }
    assert playlist(facts.segments_ms).count("#EXTINF") == len(facts.segments_ms)


def test_a_film_that_fits_is_copied(tmp_path):
    facts, into = made(film(tmp_path / "a.mp4", seconds=9, options={"g": "60", "bf": "2"}), tmp_path)
    check(facts, into)
    assert (facts.copied, facts.sound, facts.width, facts.height) == (True, True, 320, 180)
    assert len(facts.segments_ms) > 1
    codecs, length, pictures = played(facts, into)
    assert (codecs, pictures) == (["h264", "aac"], 270)
    assert length == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize(
    "kind",
    [
        {"codec": "libvpx", "audio": "libopus", "container": "webm"},
        {"codec": "libx264", "audio": "libopus", "container": "matroska"},
        {
            "codec": "libx264",
            "options": {"g": "999", "keyint_min": "999", "sc_threshold": "0"},
            "seconds": 15,
            "container": "mp4",
        },
    ],
    ids=["foreign codecs", "foreign sound", "keyframes too far apart"],
)
def test_what_does_not_fit_is_encoded_anew(tmp_path, kind):
    facts, into = made(film(tmp_path / "a", **{"seconds": 5, **kind}), tmp_path)
    check(facts, into)
    assert not facts.copied
    codecs, length, _ = played(facts, into)
    assert codecs == ["h264", "aac"]
    assert length == pytest.approx(kind.get("seconds", 5), abs=0.2)
    assert max(facts.segments_ms) <= 6000


def test_a_film_without_sound_stays_without(tmp_path):
    facts, into = made(film(tmp_path / "a.mp4", seconds=3, audio=None), tmp_path)
    assert not facts.sound
    assert played(facts, into)[0] == ["h264"]


def test_a_playlist_with_a_films_name_is_none(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")
    assert refusal(path, tmp_path) == "clip_not_video"


def test_a_film_cut_short_is_broken(tmp_path):
    whole = film(tmp_path / "a.mp4", seconds=9, muxing={"movflags": "+faststart"})
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert refusal(cut, tmp_path) == "clip_broken"
    cut.write_bytes(film(tmp_path / "b.mp4", seconds=3).read_bytes()[:-2000])  # its index is gone
    assert refusal(cut, tmp_path) == "clip_broken"


def test_too_long_too_large_and_without_picture_say_so(tmp_path):
    long = film(tmp_path / "a.mp4", seconds=5)
    assert refusal(long, tmp_path, ClipLimits(most_s=3)) == "clip_too_long"
    assert refusal(long, tmp_path, ClipLimits(most_pixels=100)) == "clip_too_large"
    assert refusal(film(tmp_path / "b.mp4", picture=False), tmp_path) == "clip_no_picture"


async def test_in_its_cage_a_film_is_made_and_a_broken_one_refused(tmp_path):
    """Behind the walls, with its progress: as the server does it."""
    source, into, told = film(tmp_path / "original", seconds=5, container="mp4"), tmp_path / "work", []
    into.mkdir()
    facts = await crafts.film({"most_pixels": 4096 * 2304})(source, into, told.append)
    check_facts(facts)
    assert max(told) > 90
    shutil.rmtree(into)
    into.mkdir()
    source.write_bytes(source.read_bytes()[:5000])
    with pytest.raises(Refusal) as refused:
        await crafts.film()(source, into, told.append)
    assert refused.value.code == "clip_broken"


async def test_cancelling_ends_the_process(tmp_path):
    source, into = (
        film(tmp_path / "a.webm", codec="libvpx", audio="libopus", container="webm", seconds=8),
        tmp_path / "w",
    )
    into.mkdir()
    begun = asyncio.Event()
    work = asyncio.create_task(crafts.film()(source, into, lambda _: begun.set()))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
