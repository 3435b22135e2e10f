"""What a killed process had taken in becomes segments behind those that it had listed, each picture once."""

import itertools
import os

from recordings import manifest, tail
from recordings.clock import rfc3339
from recordings.interface import Track
from recordings.manifest import Contents
from recordings.recorder import ReelSettings
from recordings.rescue import Rescue
from recordings.segmenter import Reason
from recordings.tail import Kept, Tail
from rooms.interface import Slot
from tests.recordings import rtp
from tests.recordings.studio import DELAY_MS, SPEC, UTC_0, HandClock, Studio, recorder

ORIGIN_MS = 1_000.0


def opened():
    return Contents.of(manifest.line(manifest.opened(SPEC, rfc3339(UTC_0), rfc3339(UTC_0))))


def film(seconds, *, start_ms=ORIGIN_MS, run=1):
    """A lesson from tick 0 on, with a keyframe every second."""
    camera, screen = rtp.Sender(Slot.CAMERA), rtp.Sender(Slot.SCREEN)
    packets = rtp.merged(
        rtp.film(camera, start_ms, rtp.video(320, 240, seconds * 30, 30, 120)),
        rtp.film(screen, start_ms, rtp.video(320, 240, seconds * 30, 30, 60)),
        rtp.sound(rtp.voice(), start_ms, rtp.opus(seconds * 1000)),
    )
    return [Kept(run, SPEC.recording_id, ORIGIN_MS, packet.media_ms + DELAY_MS, packet) for packet in packets]


def listed(contents, segments):
    for segment in segments:
        contents.add(manifest.segment(segment))
    return contents


def of_track(segments, track):
    return [segment for segment in segments if segment.track is track]


def test_everything_taken_in_is_rescued_up_to_the_last_packet():
    segments = Rescue(film(5), ReelSettings()).segments(opened())
    for track in Track:
        mine = of_track(segments, track)
        assert all(one.end == other.start for one, other in itertools.pairwise(mine))
        assert 4.9 * 90_000 <= mine[-1].end - mine[0].start <= 5.1 * 90_000
        assert mine[0].reason is Reason.RESTART
        assert all(segment.recorded for segment in mine)


def test_an_attempt_that_failed_half_way_is_gone_on_with_and_nothing_comes_twice():
    rescue = Rescue(film(5), ReelSettings())
    whole = rescue.segments(opened())
    contents = listed(opened(), whole[:2])
    rest = rescue.segments(contents)
    for track in Track:
        end = contents.end(track)
        mine = of_track(rest, track)
        assert mine[0].start == (end or of_track(whole, track)[0].start)
        assert mine[-1].end == of_track(whole, track)[-1].end
    assert min(segment.number for segment in rest) > contents.last_number()
    assert rescue.segments(listed(contents, rest)) == []


def test_two_lives_are_rescued_one_after_the_other():
    lives = [*film(3), *film(3, start_ms=ORIGIN_MS + 4_000, run=2)]
    segments = of_track(Rescue(lives, ReelSettings()).segments(opened()), Track.CAMERA)
    assert [segment.reason for segment in segments].count(Reason.RESTART) == 2
    assert len({segment.number for segment in segments}) == len(segments)
    assert all(one.end <= other.start for one, other in itertools.pairwise(segments))


def test_nothing_kept_is_nothing_rescued():
    assert Rescue((), ReelSettings()).segments(opened()) == []
    only_sound = [kept for kept in film(2) if kept.packet.codec == "opus"]
    assert Rescue(only_sound, ReelSettings()).segments(opened()) == []


async def test_what_is_off_record_is_never_kept(tmp_path):
    descriptor = tail.make()
    memory = Tail(descriptor)
    os.close(descriptor)  # the mapping holds it
    studio = Studio(HandClock(at_ms=ORIGIN_MS))
    archive = recorder(studio, tmp_path, tail=memory)
    await archive.attach(SPEC, recording=False)
    await studio.play([kept.packet for kept in film(2)], ORIGIN_MS + 1_000)
    assert memory.read() == []
    await archive.set_recording(SPEC.recording_id, on=True)
    await studio.play([kept.packet for kept in film(2)], ORIGIN_MS + 2_000)
    assert memory.read() != []
    await archive.close()
