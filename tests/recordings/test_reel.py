"""The media half step by step, without threads: where it cuts and when it asks for keyframes."""

from __future__ import annotations

import io
import itertools

import av
import pytest

from recordings import slate
from recordings.clock import Instant
from recordings.interface import Track
from recordings.reel import Reel, ReelSettings
from recordings.segment import Segment
from recordings.timeline import Timeline
from rooms.interface import ProgrammePacket, Slot
from tests.recordings import rtp

START = 1_000.0
DELAY = 60.0
STEP = 40.0


def run(packets: list[ProgrammePacket], until: float, *, recorded: bool = True) -> tuple[list[Segment], list[float]]:
    """All segments, and the times at which camera keyframes were asked for."""
    reel = Reel(Timeline.starting(Instant(START, 0.0)), START, 7, slate.load(), ReelSettings(), recorded=recorded)
    waiting = sorted(packets, key=lambda packet: packet.media_ms)
    done: list[Segment] = []
    asked: list[float] = []
    now = START
    while now < until:
        now += STEP
        while waiting and waiting[0].media_ms + DELAY <= now:
            done += reel.packet(waiting.pop(0), now)
        done += reel.advance(now)
        if Slot.CAMERA in reel.keyframes_wanted(now):
            asked.append(now - START)
    return done + reel.flush(until), asked


def lengths(segments: list[Segment], track: Track = Track.CAMERA) -> list[float]:
    return [round((one.end - one.start) / 90_000, 3) for one in segments if one.track is track]


def test_segments_are_cut_at_the_keyframes_that_were_asked_for():
    camera = rtp.Sender(Slot.CAMERA)
    segments, asked = run(rtp.film(camera, START, rtp.video(320, 240, 300, 60, 120)), START + 10_000)
    assert lengths(segments)[:4] == [2.0, 2.0, 2.0, 2.0]
    assert all(segment.independent for segment in segments)
    assert [round(at, -2) for at in asked] == [1800, 3800, 5800, 7800, 9800]
    assert [segment.number for segment in segments] == list(range(7, 7 + len(segments)))


def test_without_keyframes_the_cut_is_hard_and_nothing_is_lost():
    camera = rtp.Sender(Slot.CAMERA)
    segments, asked = run(rtp.film(camera, START, rtp.video(320, 240, 300, 300, 120)), START + 10_060)
    assert max(lengths(segments)) <= 2.4
    assert [segment.independent for segment in segments] == [True, False, False, False, False]
    assert all(before.end == after.start for before, after in itertools.pairwise(segments))
    assert len(asked) >= 8  # again and again


def test_a_loss_asks_for_a_keyframe_and_holds_the_picture_until_then():
    camera = rtp.Sender(Slot.CAMERA)
    packets = rtp.film(camera, START, rtp.video(320, 240, 120, 60, 120))
    lost = [packet for packet in packets if START + 500 <= packet.media_ms < START + 600]
    segments, asked = run([packet for packet in packets if packet not in lost], START + 4_060)
    assert asked[0] == pytest.approx(600 + 250 + 60, abs=80)
    assert lengths(segments)[0] == 2.0
    assert not [segment.reason for segment in segments[1:] if segment.reason]


def test_a_stall_of_a_second_costs_no_slate():
    camera = rtp.Sender(Slot.CAMERA)
    packets = rtp.film(camera, START, rtp.video(320, 240, 240, 60, 120))
    segments, _ = run(rtp.without(packets, START + 2_500, START + 3_500), START + 8_000)
    assert {segment.init.width for segment in segments} == {320}
    assert max(lengths(segments)) <= 2.4


def test_a_long_stall_shows_the_slate_and_the_picture_returns_at_a_keyframe():
    camera = rtp.Sender(Slot.CAMERA)
    first = rtp.film(camera, START, rtp.video(320, 240, 60, 60, 120))
    second = rtp.film(camera, START + 9_000, rtp.video(320, 240, 60, 60, 120))
    segments, _ = run(first + second, START + 11_000)
    reasons = [segment.reason for segment in segments if segment.reason]
    assert reasons == ["start", "no_frames", "returned"]
    assert all(before.end == after.start for before, after in itertools.pairwise(segments))
    assert max(lengths(segments)) <= 2.4


def test_one_picture_a_second_is_recorded_in_short_segments():
    camera = rtp.Sender(Slot.CAMERA)
    slow = rtp.film(camera, START, rtp.video(320, 240, 20, 20, 120), frame_ms=1_000)
    segments, _ = run(slow, START + 20_000)
    assert max(lengths(segments)) <= 2.4
    assert {segment.init.width for segment in segments} == {320}


def test_a_packet_from_a_broken_clock_is_placed_by_its_arrival():
    camera = rtp.Sender(Slot.CAMERA)
    reel = Reel(Timeline.starting(Instant(START, 0.0)), START, 0, slate.load(), ReelSettings(), recorded=True)
    done: list[Segment] = []
    for number, nals in enumerate(rtp.video(320, 240, 120, 60, 120)):
        now = START + number * rtp.FRAME_MS
        for packet in camera.picture(now + 3_600_000, nals):
            done += reel.packet(packet, now)
        done += reel.advance(now)
    done += reel.flush(START + 4_000)
    assert done[-1].end == pytest.approx(4 * 90_000, abs=9_000)
    assert max(lengths(done)) <= 2.4


def heard_ms(packets: list[tuple[float, ProgrammePacket]], until: float) -> float:
    """Milliseconds of sound in the archive, when packets arrive at the given times."""
    reel = Reel(Timeline.starting(Instant(START, 0.0)), START, 0, slate.load(), ReelSettings(), recorded=True)
    done: list[Segment] = []
    now = START
    while now < until:
        now += STEP
        while packets and packets[0][0] <= now:
            done += reel.packet(packets.pop(0)[1], now)
        done += reel.advance(now)
    done += reel.flush(until)
    file = io.BytesIO(done[0].init.data + b"".join(segment.data for segment in done))
    with av.open(file, format="mov") as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return sum(frame.shape[1] / 48 for frame in frames if float(abs(frame).max()) > 0.1)


@pytest.mark.parametrize("late_ms", [20.0, 700.0, 1_500.0, 4_000.0])
def test_sound_that_arrives_too_late_for_its_place_is_heard_late_not_lost(late_ms):
    packets = rtp.sound(rtp.voice(), START, rtp.opus(5_000))
    arrivals = [(packet.media_ms + late_ms, packet) for packet in packets]
    assert heard_ms(arrivals, START + 10_000) == pytest.approx(5_000, abs=60)


def test_sound_that_was_held_up_and_comes_in_one_burst_is_heard():
    packets = rtp.sound(rtp.voice(), START, rtp.opus(6_000))
    arrivals = [
        (max(packet.media_ms + 20, START + 3_000 if 2_000 <= packet.media_ms - START < 3_000 else 0), packet)
        for packet in packets
    ]
    # What waited is heard from its arrival on; what it then stands in the way of is at most as long as the lateness.
    assert heard_ms(arrivals, START + 10_000) >= 5_400
