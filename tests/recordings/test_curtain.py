"""An emergency cut as the recorder does it: live players lose what they have not fetched, the archive keeps a slate."""

import asyncio

import pytest

from recordings import manifest
from recordings.clock import from_rfc3339
from recordings.following import MOST_WAITING
from recordings.interface import Asking, Curtain, Track
from rooms.interface import ProgrammePacket, Slot
from tests.recordings import rtp
from tests.recordings.studio import (
    SPEC,
    UTC_0,
    Studio,
    decode,
    decode_library,
    eventually,
    live_until,
    recorder,
    stretches,
)

pytestmark = pytest.mark.process

LOUD, WHITE = 0.05, 200


class Lecture:
    """White pictures and a tone: the slate is dark and silent. Each part is a new epoch of the same numbering."""

    def __init__(self) -> None:
        self.camera, self.voice = rtp.Sender(Slot.CAMERA), rtp.voice()

    def part(self, start_ms: float, seconds: int) -> list[ProgrammePacket]:
        for sender in (self.camera, self.voice):
            sender.switch("lecturer")
        pictures = rtp.video(320, 240, 30 * seconds, 30, 235)
        sound = rtp.sound(self.voice, start_ms, rtp.opus(1000 * seconds))
        return rtp.merged(rtp.film(self.camera, start_ms, pictures), sound)


def names(playlist: str | None) -> list[str]:
    return [name for _, run in stretches(playlist or "") for name in run]


@pytest.fixture
async def studio() -> Studio:
    return Studio()


@pytest.fixture
def lecture() -> Lecture:
    return Lecture()


async def test_a_cut_takes_back_what_live_players_have_not_fetched(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 8), 9_000.0)
    before = names(await live_until(archive, 5.0))
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    assert await archive.live_playlist(SPEC.recording_id, Track.CAMERA) is None, "at once, before any thread has time"
    assert not [name for name in before if await archive.ring_file(SPEC.recording_id, name) is not None]
    await eventually(lambda: playlist_now(archive) is not None)
    after = names(playlist_now(archive))
    assert not set(before) & set(after)
    await studio.play([], 13_000.0)
    playlist = await live_until(archive, 10.0)
    assert not set(before) & set(names(playlist))
    shown = decode(playlist, lambda name: ring_now(archive, name))
    assert max(light for _, _, light in shown.video) < WHITE
    assert max(loudness for _, loudness, _ in shown.audio) < LOUD
    await archive.close()


async def test_the_archive_keeps_what_came_before_the_slate_and_what_comes_after(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 5), 6_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 10_000.0)
    await archive.set_curtain(SPEC.recording_id, None)
    await studio.play(lecture.part(10_000.0, 5), 16_000.0)
    live = await live_until(archive, 12.0)
    first = next(line.partition(":")[2] for line in live.splitlines() if "PROGRAM-DATE-TIME" in line)
    assert from_rfc3339(first) - UTC_0 >= 9_900.0, "a player that comes now does not play the slate first"
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    assert summary.gaps_ms == 0
    kept = decode_library(tmp_path, Track.CAMERA)
    bright = [at for at, _, light in kept.video if light > WHITE]
    dark = [at for at, _, light in kept.video if light <= WHITE]
    assert [at for at in bright if 5.1 <= at < 9.0] == []
    assert min(dark) == pytest.approx(5.0, abs=0.2)
    assert [at for at in dark if 9.2 <= at < 13.9] == []
    assert max(bright) > 13.5
    loud = [at for at, loudness, _ in kept.audio if loudness > LOUD]
    assert [at for at in loud if 5.2 <= at < 8.9] == []
    assert min(loud) < 0.5
    assert max(loud) > 13.5


async def test_the_manifest_says_from_when_to_when_and_what_not_all_have_seen(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 8), 9_000.0)
    await live_until(archive, 5.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 11_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.STANDBY)
    await studio.play([], 13_000.0)
    await archive.set_curtain(SPEC.recording_id, None)
    await studio.play(lecture.part(13_000.0, 2), 15_500.0)
    await archive.finish(SPEC.recording_id)
    await archive.close()
    cut, standby = manifest.Contents.of((tmp_path / SPEC.recording_id / manifest.NAME).read_bytes()).stretches
    assert (cut.kind, standby.kind) == ("cut", "standby")
    assert cut.unseen_from is not None
    assert cut.unseen_from < cut.since < str(cut.until) == standby.since < str(standby.until)
    assert standby.unseen_from is None


async def test_an_archive_that_begins_behind_the_curtain_says_so(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=False)
    await studio.play(lecture.part(1_000.0, 3), 4_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 6_000.0)
    await archive.set_recording(SPEC.recording_id, on=True)
    await studio.play([], 10_000.0)
    await archive.finish(SPEC.recording_id)
    await archive.close()
    contents = manifest.Contents.of((tmp_path / SPEC.recording_id / manifest.NAME).read_bytes())
    assert [stretch.kind for stretch in contents.stretches] == ["cut"]
    assert contents.stretches[0].until is not None
    assert max(light for _, _, light in decode_library(tmp_path, Track.CAMERA).video) < WHITE


async def test_an_intermission_takes_nothing_back(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 8), 9_000.0)
    before = names(await live_until(archive, 5.0))
    await archive.set_curtain(SPEC.recording_id, Curtain.STANDBY)
    assert set(before) <= set(names(playlist_now(archive)) or before)
    assert await archive.ring_file(SPEC.recording_id, before[-1]) is not None
    await archive.close()


async def test_a_curtain_is_nothing_to_complain_of_a_picture_that_does_not_come_back_is(studio, lecture, tmp_path):
    archive, told = recorder(studio, tmp_path), []
    await archive.attach(SPEC, recording=True)
    alarms = asyncio.create_task(_listen(archive, told))
    await studio.play(lecture.part(1_000.0, 2), 3_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 20_000.0)
    await live_until(archive, 16.0)
    assert ("no_frames", True) not in told
    await archive.set_curtain(SPEC.recording_id, None)
    await studio.play([], 30_000.0)
    await eventually(lambda: ("no_frames", True) in told)
    alarms.cancel()
    await archive.close()


async def _listen(archive, told) -> None:
    async for alarm in archive.alarms():
        told.append((alarm.code, alarm.active))


def test_a_cut_that_a_restart_repeats_is_one():
    opening = {"t": "opened", "version": 1, "recording": "r", "lesson": "l", "room": "r", "origin": "o", "hz": 90_000}
    lines = [opening, manifest.mark("cut", "1", "0"), manifest.mark("reopened", "2"), manifest.mark("cut", "3")]
    contents = manifest.Contents.of(b"".join(map(manifest.line, [*lines, manifest.mark("cut_ended", "4")])))
    assert contents.stretches == [manifest.Stretch("cut", "1", "4", "0")]


def playlist_now(archive) -> str | None:
    return archive._followings[SPEC.recording_id].ring.playlist(Track.CAMERA)


def ring_now(archive, name: str) -> bytes:
    found = archive._followings[SPEC.recording_id].ring.file(name)
    assert found is not None, name
    return found


async def test_a_player_that_waits_for_the_programme_never_gets_the_slate(studio, lecture, tmp_path):
    """The first short piece is published long before the sound of a long one would be ready."""
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 3), 4_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 8_000.0)
    await live_until(archive, 5.0)
    waiting = asyncio.create_task(archive.live_playlist(SPEC.recording_id, Track.CAMERA, Asking(blocking=True)))
    await archive.set_curtain(SPEC.recording_id, None)
    await studio.play(lecture.part(8_000.0, 1), 8_900.0, pace_s=0.02)
    playlist = await waiting or ""
    first = next(line.partition(":")[2] for line in playlist.splitlines() if "PROGRAM-DATE-TIME" in line)
    assert from_rfc3339(first) - UTC_0 >= 7_900.0
    assert "CAN-BLOCK-RELOAD=YES" in playlist
    number = int(names(playlist)[-1].rpartition("-")[2].removesuffix(".m4s"))
    after = asyncio.create_task(
        archive.live_playlist(SPEC.recording_id, Track.CAMERA, Asking(blocking=True, number=number + 1))
    )
    await studio.play(lecture.part(9_000.0, 1), 10_500.0, pace_s=0.02)
    assert f"camera-{number + 1}.m4s" in (await after or "")
    await archive.close()


async def test_a_programme_that_does_not_come_back_is_not_waited_for_long(studio, lecture, tmp_path):
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 3), 4_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.CUT)
    await studio.play([], 6_000.0)
    await archive.set_curtain(SPEC.recording_id, None)
    waiting = asyncio.create_task(archive.live_playlist(SPEC.recording_id, Track.CAMERA, Asking()))
    await studio.play([], 12_000.0, pace_s=0.002)
    playlist = await waiting or ""
    assert names(playlist), "the slate"
    assert "CAN-BLOCK-RELOAD" not in playlist
    await archive.close()


async def test_who_asks_for_any_number_behind_a_curtain_holds_only_so_many_places(studio, lecture, tmp_path):
    """Each is a call under way, and the order that lifts the curtain must find a place among them."""
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    await studio.play(lecture.part(1_000.0, 3), 4_000.0)
    await archive.set_curtain(SPEC.recording_id, Curtain.STANDBY)
    asked = [
        asyncio.create_task(
            archive.live_playlist(SPEC.recording_id, Track.CAMERA, Asking(blocking=True, number=number))
        )
        for number in range(100)
    ]
    await turns()
    waiting = [each for each in asked if not each.done()]
    assert len(waiting) == MOST_WAITING
    for each in waiting:
        each.cancel()
    await asyncio.wait(waiting)
    late = asyncio.create_task(archive.live_playlist(SPEC.recording_id, Track.CAMERA, Asking()))
    await turns()
    assert not late.done(), "the places are free again"
    late.cancel()
    await archive.close()


async def turns() -> None:
    """Whatever can go on without waiting has done so."""
    for _ in range(5):
        await asyncio.sleep(0)
