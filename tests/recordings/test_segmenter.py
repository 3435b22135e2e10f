"""Where tracks are cut: properties over random lectures, with stalls, switches of source and of recording."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from recordings.depacketise import AccessUnit
from recordings.h264 import VideoFormat
from recordings.segmenter import Cutter, Limits, Piece, Reason, Slate

MS = 90
SIZES = [VideoFormat(bytes([0x67, n]), (b"\x68",), 320 * n, 240 * n) for n in (1, 2)]
SLATE = Slate(b"slate", VideoFormat(b"\x67slate", (b"\x68",), 640, 360))
LATENCY = 400 * MS


@dataclass(frozen=True)
class Step:
    gap_ms: int
    keyframe: bool
    action: str


steps = st.lists(
    st.builds(
        Step,
        gap_ms=st.one_of(st.just(33), st.just(33), st.integers(1, 200), st.integers(200, 6_000)),
        keyframe=st.integers(0, 20).map(lambda n: n == 0),
        action=st.sampled_from([""] * 30 + ["on", "off", "source", "format", "vacate", "occupy"]),
    ),
    max_size=300,
)


@dataclass
class Lecture:
    pieces: list[Piece]
    taken: dict[bytes, int]  # picture → capture time
    off: list[tuple[int, int]]  # stretches off record
    end: int


def play(script: list[Step], slate: Slate | None, *, recorded: bool = True) -> Lecture:
    cutter = Cutter(0, Limits(), slate, recorded=recorded)
    at, epoch, size = 0, 1, 0
    switches: list[tuple[int, bool]] = [(0, recorded)]
    lecture = Lecture([], {}, [], 0)
    on = recorded
    for number, step in enumerate(script):
        for passed in range(40, step.gap_ms, 40):
            lecture.pieces += cutter.advance(at + passed * MS - LATENCY)
        at += step.gap_ms * MS
        keyframe = step.keyframe or step.action in ("source", "format")
        epoch += step.action == "source"
        size ^= step.action == "format"
        if step.action in ("on", "off") and on != (step.action == "on"):
            on = not on
            cutter.switch(at, on=on)
            switches.append((at, on))
        if step.action == "vacate":
            cutter.vacate()
        elif step.action == "occupy":
            cutter.occupy()
        name = str(number).encode()
        lecture.taken[name] = at
        lecture.pieces += cutter.picture(at, AccessUnit(0.0, epoch, "a", keyframe, name, SIZES[size]))
        lecture.pieces += cutter.advance(at - LATENCY)
    lecture.end = at + 3_000 * MS
    lecture.pieces += cutter.flush(lecture.end)
    for (start, state), (end, _) in itertools.pairwise([*switches, (lecture.end, False)]):
        if not state:
            lecture.off.append((start, end))
    return lecture


def assert_sound(lecture: Lecture) -> None:
    limits = Limits()
    for piece in lecture.pieces:
        assert piece.samples
        assert all(sample.ticks > 0 for sample in piece.samples)
        assert piece.start + sum(sample.ticks for sample in piece.samples) == piece.end
        # A picture that comes late is squeezed in by single ticks, so a piece may pass its limit by those.
        assert piece.end - piece.start <= limits.limit + len(piece.samples)
    for before, after in itertools.pairwise(lecture.pieces):
        assert after.start >= before.end
        if after.format != before.format:
            assert after.reason is not None
        if after.reason is not None:
            assert after.independent


@given(steps, st.booleans())
def test_pieces_are_sound_whatever_happens(script, recorded):
    assert_sound(play(script, SLATE, recorded=recorded))
    assert_sound(play(script, None, recorded=recorded))


@given(steps)
def test_a_track_with_a_slate_has_no_holes_on_record(script):
    lecture = play([step for step in script if step.action not in ("on", "off")], SLATE)
    assert all(before.end == after.start for before, after in itertools.pairwise(lecture.pieces))
    assert lecture.pieces[-1].end >= lecture.end - 20 * MS


@given(steps, st.booleans(), st.booleans())
def test_nothing_off_record_is_in_a_recorded_piece(script, recorded, with_slate):
    lecture = play(script, SLATE if with_slate else None, recorded=recorded)
    for piece in lecture.pieces:
        if not piece.recorded:
            continue
        for start, end in lecture.off:
            # As above: single ticks of pictures that came in time but late.
            assert piece.end <= start + len(piece.samples) or piece.start >= end
        for sample in piece.samples:
            at = lecture.taken.get(sample.data)
            assert at is None or not any(start <= at < end for start, end in lecture.off)


@given(steps)
def test_a_hole_is_a_discontinuity(script):
    lecture = play([step for step in script if step.action not in ("on", "off")], None)
    for before, after in itertools.pairwise(lecture.pieces):
        assert after.start == before.end or after.reason is Reason.RETURNED


@given(steps)
def test_pictures_keep_their_order_and_none_comes_twice(script):
    lecture = play(script, SLATE)
    shown = [int(s.data) for piece in lecture.pieces for s in piece.samples if s.data != SLATE.sample]
    assert shown == sorted(set(shown))
