"""Clips that the node plays: in a room without network, with pictures that are really decoded where it matters."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import cast

import av
import numpy as np
import pytest

from rooms import clips, rtcp
from rooms.interface import ClipFrame, ClipOver, ClipReader, Refusal, Slot, SlotLive, SourceDown, SourceUp
from rooms.packetise import payloads
from rooms.parameter_set import BadParameterSet
from rooms.playback import LATE_MS, MIN_INTERVAL_MS
from rooms.standing import escape, shape_of
from tests.recordings.rtp import is_keyframe, video
from tests.rooms.dryroom import DryRoom

FRAME_MS, PACKET_MS = 40.0, 20.0
GOP = 50
KINDS = ("video", "audio", "audio", "audio")


def picture(number: int, *, size: int = 300) -> ClipFrame:
    keyframe = number % GOP == 0
    units = (b"\x67sps", b"\x68pps", b"\x65" + bytes(size)) if keyframe else (b"\x41" + bytes(size),)
    return ClipFrame(True, number * FRAME_MS, keyframe, units)


def film(seconds: float, *, sound: bool = True) -> list[ClipFrame]:
    pictures = [picture(n) for n in range(round(seconds * 1000 / FRAME_MS))]
    packets = [ClipFrame(False, n * PACKET_MS, True, (b"sound",)) for n in range(round(seconds * 1000 / PACKET_MS))]
    return sorted([*pictures, *(packets if sound else [])], key=lambda frame: frame.at_ms)


class Ahead:
    """Has read everything; ``held`` of it not yet."""

    def __init__(self, frames: Sequence[ClipFrame], *, held: int = 0, breaks: bool = False) -> None:
        self.from_ms = frames[0].at_ms if frames else 0.0
        self.held = held
        self.closed = 0
        self._frames = list(frames)
        self._breaks = breaks

    @property
    def over(self) -> bool:
        return not self._frames

    @property
    def broken(self) -> bool:
        return self._breaks and not self._frames

    def next(self) -> ClipFrame | None:
        return self._frames.pop(0) if len(self._frames) > self.held else None

    def close(self) -> None:
        self.closed += 1


def play(dry: DryRoom, frames: Sequence[ClipFrame] | Ahead, *, order: int = 1, paused: bool = False) -> Ahead:
    reader = frames if isinstance(frames, Ahead) else Ahead(frames)
    where = {"order": order, "paused": paused, "outward": dry, "now_ms": dry.now_ms}
    clips.play(dry.room, "clip", cast("ClipReader", reader), **where)
    return reader


def on_air(dry: DryRoom):
    dry.room.take(Slot.CAMERA, "clip")
    dry.room.open_audio(frozenset({"clip"}))
    return dry.recorder()


def of(packets, slot: Slot):
    return [packet for packet in packets if packet.slot is slot]


def pictures(packets):
    return [packet for packet in of(packets, Slot.CAMERA) if packet.marker]


def test_a_clip_goes_to_the_recorder_from_its_first_keyframe_on_in_step_with_its_sound() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    began_ms = dry.now_ms
    play(dry, film(4))
    dry.advance(5_000)
    shown, heard = pictures(sink.packets), of(sink.packets, Slot.AUDIO_1)
    assert len(shown) == 100
    assert [p.media_ms - began_ms for p in shown] == pytest.approx([20 + n * FRAME_MS for n in range(100)], abs=0.1)
    # The first few packets of sound go by before the seat for it is given.
    first = 200 - len(heard)
    assert first < 25
    assert [p.media_ms - began_ms for p in heard] == pytest.approx([20 + n * 20 for n in range(first, 200)], abs=0.1)
    assert {b - a for a, b in itertools.pairwise(p.timestamp for p in shown)} == {3600}
    assert {b - a for a, b in itertools.pairwise(p.timestamp for p in heard)} == {960}


def test_viewers_see_it_with_reports_by_which_sound_and_picture_stay_together() -> None:
    dry = DryRoom()
    on_air(dry)
    viewer = dry.listener(kinds=KINDS)
    play(dry, film(6))
    dry.advance(5_900)
    plan = viewer.viewer.outlets[0].plan
    got = [(at, packet) for at, packet in viewer.packets if packet.ssrc == plan.ssrc]
    assert sum(packet.marker for _, packet in got) >= 140
    numbers = [packet.sequence for _, packet in got]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    reports = [one for one in viewer.peer.rtcp if isinstance(one, rtcp.SenderReport)]
    last = {one.ssrc: one for one in reports}
    at, packet = got[-1]
    error_ticks = (packet.timestamp - last[plan.ssrc].timestamp) - (at - last[plan.ssrc].ntp_ms) * 90
    assert abs(error_ticks) <= 90 * 20.1  # within the tick that sent it
    assert len(last) == 2


def test_a_joiner_waits_for_the_next_keyframe_at_most() -> None:
    dry = DryRoom()
    on_air(dry)
    play(dry, film(8))
    dry.advance(3_500)
    late = dry.listener("late", kinds=KINDS)
    dry.advance(700)
    shown = [packet for _, packet in late.packets if packet.ssrc == late.viewer.outlets[0].plan.ssrc]
    assert shown[0].payload[3] & 0x1F == 7  # the parameter sets of the keyframe at 4 s


def test_it_is_told_when_a_clip_has_ended_and_the_source_is_gone() -> None:
    dry = DryRoom()
    on_air(dry)
    reader = play(dry, film(1), order=7)
    dry.advance(990)
    assert dry.room.state(dry.now_ms).clip is not None
    dry.advance(100)
    kinds = [event for event in dry.events if not isinstance(event, SlotLive)]
    assert isinstance(kinds[0], SourceUp)
    assert kinds[1:] == [
        ClipOver("dry", "clip", 7, "played"),
        SourceDown("dry", "clip", kinds[0].session_id, "played"),
    ]
    assert dry.room.state(dry.now_ms).clip is None
    assert "clip" not in dry.room.sources
    assert reader.closed


def test_a_clip_that_cannot_be_read_plays_what_was_read_and_says_so() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    play(dry, Ahead(film(1), breaks=True))
    dry.advance(2_000)
    assert len(pictures(sink.packets)) == 25
    assert ClipOver("dry", "clip", 1, "broken") in dry.events
    play(dry, Ahead([], breaks=True), order=2)
    play(dry, Ahead([], breaks=True), order=3, paused=True)
    dry.advance(40)
    assert dry.events[-2] == ClipOver("dry", "clip", 3, "broken")


def test_the_state_tells_where_it_is() -> None:
    dry = DryRoom()
    play(dry, film(4), order=3)
    dry.advance(1_500)
    state = dry.room.state(dry.now_ms).clip
    assert state is not None
    assert (state.source_id, state.order, state.paused) == ("clip", 3, False)
    assert state.at_ms == pytest.approx(1_480, abs=1)


def test_what_stops_is_not_told_as_played() -> None:
    dry = DryRoom()
    reader = play(dry, film(4))
    dry.advance(500)
    for _ in range(2):
        clips.stop(dry.room, "clip")
    clips.stop(dry.room, "never")
    assert [type(event) for event in dry.events] == [SourceUp, SourceDown]
    assert dry.events[-1].reason == "stopped"
    assert reader.closed == 1


def test_a_reader_that_is_late_makes_the_clip_late_and_loses_nothing() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    reader = play(dry, Ahead(film(4, sound=False), held=75))
    dry.advance(3_000)
    assert len(pictures(sink.packets)) == 25
    reader.held = 0
    dry.advance(3_200)
    times = [packet.media_ms for packet in pictures(sink.packets)]
    assert len(times) == 100
    steps = [b - a for a, b in itertools.pairwise(times)]
    assert sum(step > LATE_MS for step in steps) == 1
    assert sum(steps) == pytest.approx(99 * FRAME_MS + 2_000, abs=50)


def test_nobody_is_pushed_out_by_a_clip() -> None:
    dry = DryRoom()
    dry.microphone("clip")
    reader = Ahead(film(1))
    with pytest.raises(Refusal) as refused:
        play(dry, reader)
    assert refused.value.code == "source_taken"
    assert dry.room.state(dry.now_ms).clip is None


def test_another_clip_takes_over_in_the_same_stream() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    before = play(dry, film(4))
    dry.advance(1_010)
    play(dry, [picture(n, size=2_500) for n in range(50)], order=2)
    dry.advance(1_000)
    assert before.closed
    numbers = [packet.sequence for packet in of(sink.packets, Slot.CAMERA)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {packet.epoch for packet in of(sink.packets, Slot.CAMERA)} == {1}
    assert [event for event in dry.events if isinstance(event, SourceDown)] == []


# ---- pausing -----------------------------------------------------------------------------------------------


def real_film(gop: int = 30, seconds: int = 4) -> list[ClipFrame]:
    coded = video(320, 240, seconds * 25, gop, 90)
    return [ClipFrame(True, n * FRAME_MS, is_keyframe(nals), tuple(nals)) for n, nals in enumerate(coded)]


def decoded(packets) -> list[np.ndarray]:
    """What a decoder that is told nothing makes of a slot's packets."""
    context = av.CodecContext.create("h264", "r")
    out, unit = [], b""
    for packet in packets:
        for nal in _units(packet.payload):
            unit += nal
        if packet.marker:
            out += [frame.to_ndarray(format="gray") for frame in context.decode(av.Packet(unit))]
            unit = b""
    return out + [frame.to_ndarray(format="gray") for frame in context.decode(None)]


def _units(payload: bytes) -> list[bytes]:
    start, kind = b"\x00\x00\x00\x01", payload[0] & 0x1F
    if kind == 28:
        head = start + bytes(((payload[0] & 0xE0) | payload[1] & 0x1F,)) if payload[1] & 0x80 else b""
        return [head + payload[2:]]
    if kind != 24:
        return [start + payload]
    out, at = [], 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        out.append(start + payload[at + 2 : at + 2 + size])
        at += 2 + size
    return out


def test_a_clip_that_pauses_shows_its_keyframe_for_as_long_as_it_takes() -> None:
    """Every picture of the pause is the keyframe to the last bit, also for a decoder that saw what was before."""
    frames = real_film()
    dry = DryRoom()
    sink = on_air(dry)
    play(dry, frames[:45])
    dry.advance(1_500)
    before = len(decoded(of(sink.packets, Slot.CAMERA)))
    play(dry, frames[30:], order=2, paused=True)
    dry.advance(5_000)
    state = dry.room.state(dry.now_ms).clip
    assert state is not None
    assert (state.paused, state.at_ms) == (True, 1_200)
    seen = decoded(of(sink.packets, Slot.CAMERA))
    paused = seen[before:]
    assert len(paused) == pytest.approx(25, abs=3)
    assert all(np.array_equal(paused[0], each) for each in paused)
    assert not np.array_equal(paused[0], seen[before - 1])

    play(dry, frames[30:], order=3)
    dry.advance(5_000)
    whole = decoded(of(sink.packets, Slot.CAMERA))
    assert len(whole) == len(seen) + 70
    assert np.array_equal(whole[len(seen)], paused[0])
    moving = whole[len(seen) :]
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(moving))


def test_who_comes_while_it_pauses_gets_a_keyframe_for_the_asking() -> None:
    dry = DryRoom()
    on_air(dry)
    play(dry, real_film(), paused=True)
    dry.advance(1_700)
    joiner = dry.listener("joiner", kinds=KINDS)
    dry.advance(MIN_INTERVAL_MS / 2)
    ssrc = joiner.viewer.outlets[0].plan.ssrc
    shown = [packet for _, packet in joiner.packets if packet.ssrc == ssrc]
    assert shown[0].payload[0] & 0x1F == 24  # parameter sets
    assert not joiner.sound()


def test_keyframes_that_are_asked_for_all_the_time_still_come_apart() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    play(dry, real_film(), paused=True)
    for _ in range(150):
        dry.room.request_keyframe(Slot.CAMERA)
        dry.advance(20)
    kinds = [
        packet.payload[0] & 0x1F for packet in of(sink.packets, Slot.CAMERA) if packet.payload[0] & 0x1F in (1, 24)
    ]
    assert 4 <= kinds.count(24) <= 7
    assert all({1, 24} == {a, b} or a == b == 1 for a, b in itertools.pairwise(kinds))


def test_a_keyframe_of_a_kind_that_we_write_no_pictures_for_stands_alone() -> None:
    dry = DryRoom()
    sink = on_air(dry)
    play(dry, [picture(0)], paused=True)
    dry.advance(5_000)
    assert len(pictures(sink.packets)) in (3, 4)


@pytest.mark.parametrize(
    ("sps", "pps"),
    [
        (b"\x67\x64\x00\x1f\xac", b"\x68\xee\x3c\x80"),  # High
        (b"\x67\x42", b"\x68\xce"),  # cut
        (b"", b""),
    ],
)
def test_parameter_sets_that_are_not_ours_are_refused(sps: bytes, pps: bytes) -> None:
    with pytest.raises(BadParameterSet):
        shape_of(sps, pps)


@pytest.mark.parametrize(
    ("plain", "escaped"),
    [
        (b"\x00\x00\x00", b"\x00\x00\x03\x00"),
        (b"\x00\x00\x01\x00\x00\x03", b"\x00\x00\x03\x01\x00\x00\x03\x03"),
        (b"\x01\x00\x02", b"\x01\x00\x02"),
    ],
)
def test_no_start_code_stands_in_a_unit(plain: bytes, escaped: bytes) -> None:
    assert escape(plain) == escaped


# ---- packets -----------------------------------------------------------------------------------------------


def test_payloads_keep_every_byte_and_their_bound() -> None:
    units = [b"\x67" + bytes(20), b"\x68" + bytes(4), b"\x65" + bytes(range(256)) * 20, b"", b"\x65" + bytes(1199)]
    parts = payloads(units)
    assert max(map(len, parts)) <= 1200
    assert b"".join(nal for part in parts for nal in _units(part)) == b"".join(
        b"\x00\x00\x00\x01" + unit for unit in units if unit
    )
    assert payloads([]) == []
    huge = [b"\x67" + bytes(900), b"\x68" + bytes(900)]
    assert payloads(huge) == huge
