"""The live playlist: a window that moves, on and off record alike."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from recordings.interface import Track
from recordings.ring import Ring
from recordings.segment import Init, Segment
from recordings.segmenter import Reason
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import SPEC, Studio, decode, live_until, recorder

pytestmark = pytest.mark.process

INIT = Init("camera-init-0a.mp4", b"init", "avc1", 640, 360)
SECOND = 90_000


def segment(number: int, reason: Reason | None = None, size: int = 10, start: int | None = None) -> Segment:
    begin = number * 2 * SECOND if start is None else start
    return Segment(
        Track.CAMERA, number, INIT, begin, begin + 2 * SECOND, "utc", bytes(size), True, reason, recorded=True
    )


def ring(**settings) -> Ring:
    known = {"keep_ticks": 60 * SECOND, "keep_bytes": 1 << 20, "window": 6, "target_s": 2, "first_discontinuity": 5}
    return Ring(**(known | settings))


def numbers(playlist: str) -> tuple[int, int]:
    media = re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", playlist)
    breaks = re.search(r"#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)", playlist)
    assert media is not None
    assert breaks is not None
    return int(media[1]), int(breaks[1])


def test_the_window_moves_and_counts_what_left_it():
    live = ring()
    assert live.playlist(Track.CAMERA) is None
    broken_at = {0, 3, 4, 9}
    tags = {}
    for number in range(20):
        live.add(segment(number, Reason.SOURCE if number in broken_at else None))
        playlist = live.playlist(Track.CAMERA)
        media, breaks = numbers(playlist)
        assert media == max(0, number - 5)
        assert breaks == 5 + sum(at < media for at in broken_at)
        # The number of discontinuities up to a segment is the same in every playlist that lists it.
        for line in playlist.splitlines():
            breaks += line == "#EXT-X-DISCONTINUITY"
            if line.endswith(".m4s"):
                assert tags.setdefault(line, breaks) == breaks


def test_after_a_hole_the_window_starts_anew():
    live = ring()
    live.add(segment(1))
    live.add(segment(2))
    live.add(segment(3, Reason.RETURNED, start=40 * SECOND))
    assert numbers(live.playlist(Track.CAMERA)) == (3, 5)


def test_memory_is_bounded_by_time_and_by_bytes():
    live = ring(keep_bytes=100)
    for number in range(50):
        live.add(segment(number))
    assert live.file("camera-40.m4s") is not None
    assert live.file("camera-39.m4s") is None
    live.expire(98 * SECOND + 60 * SECOND)
    assert live.file("camera-47.m4s") is None
    assert live.file("camera-48.m4s") is not None
    assert live.file("camera-init-0a.mp4") == b"init"
    live.expire(1000 * SECOND)
    assert live.playlist(Track.CAMERA) is None


async def test_going_on_and_off_record_leaves_live_watchers_without_a_seam(tmp_path):
    studio = Studio()
    archive = recorder(studio, tmp_path)
    camera = rtp.Sender(Slot.CAMERA)
    packets = rtp.merged(
        rtp.film(camera, 1_000.0, rtp.video(320, 240, 360, 60, 120)), rtp.sound(rtp.voice(), 1_000.0, rtp.opus(12_000))
    )
    await archive.attach(SPEC, recording=False)
    played = 1_000.0
    for until, recording in ((4_500.0, True), (8_500.0, False), (13_000.0, True)):
        part = [packet for packet in packets if played - 60 <= packet.media_ms < until - 60]
        await studio.play(part, until, pace_s=0.003)
        await archive.set_recording(SPEC.recording_id, on=recording)
        played = until
    playlist = await live_until(archive, 9.5)
    names = {line for line in playlist.splitlines() if line.endswith(".m4s")}
    files = {name: await archive.ring_file(SPEC.recording_id, name) for name in names}
    files |= {init: await archive.ring_file(SPEC.recording_id, init) for init in re.findall('URI="(.*)"', playlist)}
    await archive.close()

    assert "#EXT-X-DISCONTINUITY\n" not in playlist.partition(".m4s")[2]
    assert "#EXT-X-TARGETDURATION:2\n" in playlist
    decoded = decode(playlist, lambda name: files[name])
    steps = [round(b[0] - a[0], 3) for a, b in zip(decoded.video, decoded.video[1:], strict=False)]
    assert max(steps) <= 0.067
    covered = sum(samples for *_, samples in decoded.audio) / 48_000
    assert covered == pytest.approx(decoded.video[-1][0] - decoded.video[0][0], abs=0.1)
    on_disk = {path.name for path in (tmp_path / SPEC.recording_id).glob("*.m4s")}
    assert names & on_disk
    assert names - on_disk


def test_a_window_of_short_pieces_is_as_long_as_players_need():
    live, at = ring(), 0
    for number in range(40):
        one = segment(number, Reason.LIFTED if number == 0 else None, start=at)
        at += SECOND // 2
        live.add(replace(one, end=at, short=True))
    assert live.playlist(Track.CAMERA).count("#EXTINF") == 16
    assert "CAN-BLOCK-RELOAD=YES" in live.playlist(Track.CAMERA, blocking=True)
    assert "CAN-BLOCK-RELOAD" not in live.playlist(Track.CAMERA)
