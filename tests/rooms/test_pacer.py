"""Bursts leave in slices: in order, whole, in time, to those who were there, and nothing else waits for them."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from rooms.alignment import SenderClock
from rooms.interface import Slot
from rooms.metronome import Metronome
from rooms.outlet import Outlet, OutletPlan
from rooms.pacer import MAX_QUEUED, SLICE_PACKETS, STEPS, Pacer
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.sequence import Delta
from rooms.stream import ReceivedStream
from tests.rooms.test_switching import DELTA, KEY, Sender, Wire

KEYFRAME = 150
OPUS = Codec("opus", 111, 48_000, "", frozenset())
AUDIO_PLAN = OutletPlan("audio", 0, Slot.AUDIO_1, (OPUS,), 43, None)
VIDEO_PLAN = OutletPlan("video", 0, Slot.CAMERA, (Codec("H264", 96, 90_000, "", frozenset()),), 42, None)


def packets(first: int, count: int) -> list[RtpPacket]:
    return [RtpPacket(96, False, index & 0xFFFF, 0, 1, b"x", index=index) for index in range(first, first + count)]


def watching(camera: Sender) -> Outlet:
    outlet = Outlet(VIDEO_PLAN, lambda stream: Delta(0, 0))
    outlet.steer(camera.stream)
    return outlet


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 4)), max_size=30))
def test_everything_leaves_once_in_order_and_within_its_steps(bursts: list[tuple[int, int]]) -> None:
    pacer: Pacer[str, str] = Pacer()
    left, waited, born, step, first = list[int](), dict[int, int](), dict[int, int](), 0, 0

    def gone(slices: list[tuple[list[RtpPacket], list[str]]]) -> None:
        for piece, lanes in slices:
            assert lanes == ["lane"]
            for packet in piece:
                left.append(packet.index)
                waited[packet.index] = step - born[packet.index]

    for count, steps in bursts:
        if not pacer.fits(count):
            gone(pacer.drain())
        pacer.put(packets(first, count), {"viewer": "lane"})
        born |= dict.fromkeys(range(first, first + count), step)
        first += count
        for _ in range(steps):
            step += 1
            gone(pacer.step())
        assert pacer.queued <= MAX_QUEUED
    while pacer.queued:
        step += 1
        gone(pacer.step())
    assert left == list(range(first))
    assert all(steps <= STEPS for steps in waited.values())
    assert pacer.step() == []


@given(st.integers(1, MAX_QUEUED))
def test_no_slice_is_longer_than_the_burst_needs(count: int) -> None:
    pacer: Pacer[str, str] = Pacer()
    pacer.put(packets(0, count), {"viewer": "lane"})
    longest = max(SLICE_PACKETS, -(-count // STEPS))
    while pacer.queued:
        assert sum(len(piece) for piece, _ in pacer.step()) <= longest


@given(st.sets(st.integers(1, 99), max_size=30), st.integers(0, 5))
def test_a_late_packet_overtakes_nothing_that_waits(late: set[int], steps: int) -> None:
    pacer: Pacer[str, str] = Pacer()
    pacer.put([packet for packet in packets(0, 100) if packet.index not in late], {"viewer": "lane"})
    left = []
    for _ in range(steps):
        left += [packet.index for piece, _ in pacer.step() for packet in piece]
    direct = [packet.index for packet in packets(0, 100) if packet.index in late and not pacer.insert(packet)]
    rest = [packet.index for piece, _ in pacer.drain() for packet in piece]
    assert rest == sorted(rest)
    assert sorted([*left, *direct, *rest]) == list(range(100))
    assert all(index < rest[0] for index in direct if rest)


def test_a_keyframe_leaves_in_slices_and_the_frame_behind_it_waits_its_turn() -> None:
    wire = Wire()
    camera = Sender("a", wire, 0, 0)
    viewers = [watching(camera) for _ in range(3)]
    camera.frame(0.0, KEY, KEYFRAME, -1)
    at_once = [len(wire.of(viewer)) for viewer in viewers]
    assert at_once == [SLICE_PACKETS] * 3
    camera.frame(5.0, DELTA, 3, -1)
    beats = 0
    while wire.paced:
        wire.beat()
        beats += 1
    assert beats <= STEPS
    for viewer in viewers:
        numbers = [number for number, _, _ in wire.of(viewer)]
        assert numbers == list(range(numbers[0], numbers[0] + KEYFRAME + 3))
    camera.frame(40.0, DELTA, 3, -1)
    assert not wire.paced, "an ordinary frame leaves at once"
    assert all(len(wire.of(viewer)) == KEYFRAME + 6 for viewer in viewers)


def test_sound_never_waits_behind_a_keyframe() -> None:
    wire = Wire()
    camera, sound = Sender("a", wire, 0, 0), ReceivedStream(2, OPUS, 0, SenderClock(), wire)
    picture, voice = watching(camera), Outlet(AUDIO_PLAN, lambda stream: Delta(0, 0))
    voice.steer(sound)
    camera.frame(0.0, KEY, KEYFRAME, -1)
    for number in range(20):
        sound.receive(RtpPacket(111, False, number, 960 * number, 2, b"voice"), 5, 1.0)
        assert len(wire.of(voice)) == number + 1
    assert len(wire.of(picture)) == SLICE_PACKETS


def test_who_changes_over_while_a_burst_is_leaving_gets_the_rest_of_it_first() -> None:
    wire = Wire()
    before, after = Sender("a", wire, 0, 0), Sender("b", wire, 9, 0)
    viewer = watching(before)
    before.frame(0.0, KEY, KEYFRAME, -1)
    viewer.steer(after.stream)
    after.frame(5.0, KEY, 2, -1)
    while wire.paced:
        wire.beat()
    sent = wire.of(viewer)
    assert [body[-1:] for _, _, body in sent] == [b"a"] * KEYFRAME + [b"b"] * 2
    assert all((b - a) % 65536 == 1 for (a, _, _), (b, _, _) in itertools.pairwise(sent))


def test_who_leaves_for_good_is_forgotten_by_the_burst() -> None:
    wire = Wire()
    camera = Sender("a", wire, 0, 0)
    viewer = watching(camera)
    camera.frame(0.0, KEY, KEYFRAME, -1)
    viewer.quit()
    sent = len(wire.of(viewer))
    while wire.paced:
        wire.beat()
    assert len(wire.of(viewer)) == sent == KEYFRAME


def test_a_repaired_packet_takes_its_place_in_a_frame_that_is_still_being_collected() -> None:
    wire = Wire()
    camera = Sender("a", wire, 0, 0)
    viewer = watching(camera)
    camera.frame(0.0, KEY, 1, -1)
    for number in (1, 3, 2):
        camera.stream.receive(RtpPacket(96, False, number, 3600, 1, DELTA), 6, 40.0)
    wire.pass_time()
    assert [number for number, _, _ in wire.of(viewer)] == [0, 1, 2, 3]


class Steps:
    def __init__(self, number: int, *, fails: bool = False) -> None:
        self.left, self.fails = number, fails
        self.done = asyncio.Event()

    def step(self, now_ms: float) -> bool:
        self.left -= 1
        if not self.left:
            self.done.set()
        if self.fails:
            raise RuntimeError("a bug of ours")
        return self.left > 0


async def test_the_metronome_steps_everybody_until_nothing_is_left_whatever_one_of_them_raises() -> None:
    metronome = Metronome(asyncio.get_running_loop(), lambda: 0.0)
    broken, first, second = Steps(3, fails=True), Steps(3), Steps(1)
    for paced in (broken, first, second):
        metronome.pace(paced)
    await asyncio.wait_for(first.done.wait(), 60)
    assert (broken.left, first.left, second.left) == (2, 0, 0)
    assert metronome.failed == 1
    metronome.close()
    metronome.close()
