"""A keyframe whose first packet is lost on the way in: nobody begins without it, and it need not be had anew."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import rtcp, rtp
from rooms.heads import Heads
from rooms.interface import ProgrammeView, Slot, SlotLive
from rooms.keyframes import MIN_INTERVAL_MS
from rooms.rtp import RtpPacket
from tests.rooms.dryroom import DryRoom, Listener, Microphone
from tests.rooms.light_peer import VIDEO_TYPE

SETS = bytes((0x78, 0, 4)) + bytes.fromhex("6742c01f") + bytes((0, 4)) + bytes.fromhex("68ce3c80")
IDR_START, IDR_MORE, IDR_END = bytes((0x7C, 0x85)), bytes((0x7C, 0x05)), bytes((0x7C, 0x45))
SLICE = bytes((0x41, 0x9A))
KEYFRAME = (SETS, IDR_START, IDR_MORE, IDR_END)
ROUND_TRIP_MS = 60.0


class Lens:
    """Sends frames of a publisher; what is lost of them comes a round trip after it was asked for, if ever."""

    def __init__(self, camera: Microphone) -> None:
        self.camera, self.sequence, self.timestamp = camera, 500, 90_000
        self.repairs = True
        self.kept: dict[int, bytes] = {}
        self._answered: set[int] = set()

    def frame(self, *payloads: bytes, lose: tuple[int, ...] = ()) -> None:
        for number, payload in enumerate(payloads):
            last = number == len(payloads) - 1
            built = rtp.build(VIDEO_TYPE, last, self.sequence, self.timestamp, self.camera.video_ssrc, payload + b"...")
            self.kept[self.sequence] = built
            self.sequence += 1
            if number not in lose:
                self.camera.source.on_rtp(built, self.camera.room.now_ms)
        self.timestamp += 3600

    def answer(self) -> None:
        """What was asked for a round trip ago."""
        now_ms = self.camera.room.now_ms
        for at_ms, packet in self.camera.peer.told:
            if self.repairs and isinstance(packet, rtcp.Nack) and at_ms <= now_ms - ROUND_TRIP_MS:
                for sequence in set(packet.sequences) - self._answered:
                    self._answered.add(sequence)
                    self.camera.source.on_rtp(self.kept[sequence], now_ms)

    def plays(self, ms: float) -> None:
        """Ordinary frames for so long, one each 40 ms, and repairs."""
        for _ in range(round(ms / 40)):
            self.frame(SLICE)
            self.camera.room.advance(40)
            self.answer()

    @property
    def keyframes_asked(self) -> list[float]:
        return [at_ms for at_ms, packet in self.camera.peer.told if isinstance(packet, rtcp.KeyframeRequest)]


def video(listener: Listener) -> list[RtpPacket]:
    ssrc = next(outlet.plan.ssrc for outlet in listener.viewer.outlets if outlet.is_video)
    return [packet for _, packet in listener.packets if packet.ssrc == ssrc]


def on_air(room: DryRoom, name: str) -> Lens:
    lens = Lens(room.microphone(name, kinds=("video",)))
    room.room.take(Slot.CAMERA, name)
    return lens


@pytest.fixture
def room() -> DryRoom:
    return DryRoom()


@pytest.mark.parametrize("lost", [(0,), (0, 1), (0, 2), (0, 3)])
def test_a_waiting_viewer_begins_with_the_repaired_beginning_and_no_keyframe_is_sent_anew(
    room: DryRoom, lost: tuple[int, ...]
) -> None:
    lens = on_air(room, "camera")
    recorder = room.recorder()
    lens.plays(1000)
    viewer = room.listener("viewer", ProgrammeView(), ("video",))
    room.advance(20)
    lens.plays(MIN_INTERVAL_MS)
    lens.frame(*KEYFRAME, lose=lost)
    asked = len(lens.keyframes_asked)
    room.advance(5)
    assert video(viewer) == [], "a picture without its beginning"
    lens.plays(200)
    payloads = [packet.payload[:-3] for packet in sorted(video(viewer), key=lambda packet: packet.sequence)]
    assert tuple(payloads[:4]) == KEYFRAME
    assert set(payloads[4:]) == {SLICE}
    numbers = sorted(packet.sequence for packet in video(viewer))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "each packet once, and none is missing"
    lens.plays(2000)
    assert len(lens.keyframes_asked) == asked, "nothing is asked for any more"
    told = sorted(recorder.packets, key=lambda packet: packet.sequence)
    assert tuple(packet.payload[:-3] for packet in told[:4]) == KEYFRAME
    assert [packet.sequence for packet in told] == list(range(told[0].sequence, told[0].sequence + len(told)))


def test_a_switch_waits_for_the_repaired_beginning_and_leaves_one_stream(room: DryRoom) -> None:
    old = on_air(room, "old")
    viewer = room.listener("viewer", ProgrammeView(), ("video",))
    old.frame(*KEYFRAME)
    new = on_air(room, "new")
    new.frame(SLICE)
    room.advance(MIN_INTERVAL_MS)
    before = len(video(viewer))
    new.frame(*KEYFRAME, lose=(0,))
    old.plays(40)
    assert [packet.payload[:-3] for packet in video(viewer)[before:]] == [SLICE], "the old picture goes on"
    new.plays(160)
    cut = video(viewer)[before + 1 :]
    assert tuple(packet.payload[:-3] for packet in cut[:4]) == KEYFRAME
    for one, next_one in itertools.pairwise(video(viewer)):
        assert (next_one.sequence - one.sequence) & 0xFFFF == 1
        assert 0 <= (next_one.timestamp - one.timestamp) & 0xFFFFFFFF < 1 << 31
    assert [event.source_id for event in room.events if isinstance(event, SlotLive)] == ["old", "new"]


def test_without_repair_another_keyframe_is_asked_for_within_the_interval_until_there_is_one(room: DryRoom) -> None:
    lens = on_air(room, "camera")
    lens.repairs = False
    lens.plays(1000)
    viewer = room.listener("viewer", ProgrammeView(), ("video",))
    lens.frame(*KEYFRAME, lose=(0,))
    at_ms = room.now_ms
    lens.plays(3 * MIN_INTERVAL_MS)
    assert video(viewer) == []
    asked = [when for when in lens.keyframes_asked if when > at_ms]
    assert asked[0] - at_ms <= MIN_INTERVAL_MS + 20
    assert all(MIN_INTERVAL_MS <= later - sooner <= MIN_INTERVAL_MS + 40 for sooner, later in itertools.pairwise(asked))
    lens.frame(*KEYFRAME)
    assert [packet.payload[:-3] for packet in video(viewer)] == list(KEYFRAME)


def test_a_picture_without_parameter_sets_is_a_beginning_once_it_is_known_that_none_are_missing(room: DryRoom) -> None:
    """As some cameras send: the sets stood in their offer. What was lost is the end of the picture before."""
    lens = on_air(room, "camera")
    viewer = room.listener("viewer", ProgrammeView(), ("video",))
    lens.plays(1000)
    lens.frame(SLICE, SLICE, lose=(1,))
    lens.frame(*KEYFRAME[1:])
    room.advance(5)
    assert video(viewer) == []
    lens.plays(120)
    assert [packet.payload[:-3] for packet in video(viewer)[:3]] == list(KEYFRAME[1:])


def test_a_beginning_that_is_repaired_after_the_next_one_changes_nothing(room: DryRoom) -> None:
    lens = on_air(room, "camera")
    lens.plays(1000)
    viewer = room.listener("viewer", ProgrammeView(), ("video",))
    lens.frame(*KEYFRAME, lose=(0,))
    lens.frame(*KEYFRAME)
    begun = [packet.payload for packet in video(viewer)]
    assert len(begun) == 4
    room.advance(40)
    room.advance(ROUND_TRIP_MS)
    lens.answer()
    assert [packet.payload for packet in video(viewer)] == begun


# ---- by itself


def packet(index: int, timestamp: int, payload: bytes) -> RtpPacket:
    return RtpPacket(96, False, index & 0xFFFF, timestamp, 1, payload, index=index)


def beginnings(pictures: list[tuple[bytes, ...]], late: set[int], order: list[int]) -> list[int]:
    """Which packets, counted from 10, are found to begin keyframes when some are late, in that order."""
    held: dict[int, RtpPacket] = {}
    heads, found = Heads("H264", held.get), list[int]()
    whole = [(number, payload) for number, picture in enumerate(pictures) for payload in picture]
    packets = [packet(10 + index, timestamp, payload) for index, (timestamp, payload) in enumerate(whole)]
    arrivals = [n for n in range(len(packets)) if n not in late] + [n for n in order if n in late]
    for count, number in enumerate(arrivals):
        one = packets[number]
        one.keyframe = heads.begins(one)
        held[one.index] = one
        is_late = count >= len(packets) - len(late)
        head = heads.found_by(one) if is_late else one if one.keyframe else None
        found += [head.index] if head is not None else []
    return found


@given(st.sets(st.integers(1, 4), max_size=3), st.permutations(range(5)))
def test_whatever_is_late_of_a_keyframe_its_beginning_is_the_parameter_sets(late: set[int], order: list[int]) -> None:
    assert beginnings([(SLICE,), KEYFRAME], late, order) == [11]


@given(st.sets(st.integers(1, 4), max_size=3), st.permutations(range(5)))
def test_of_a_keyframe_without_them_it_is_its_first_slice_whatever_stands_before_it(
    late: set[int], order: list[int]
) -> None:
    information = bytes((0x06, 5))
    assert beginnings([(SLICE,), (information, *KEYFRAME[1:])], late, order) == [12]


def test_a_stream_may_begin_with_a_keyframe_without_them() -> None:
    assert beginnings([KEYFRAME[1:]], set(), []) == [10]
