"""Streams and their followers without a network: whatever is switched when, receivers see one stream."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.alignment import SenderClock
from rooms.fanout import Lane
from rooms.guard import Address
from rooms.interface import ProgrammePacket, Slot
from rooms.metronome import Paced
from rooms.outlet import Outlet, OutletPlan
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.sequence import Delta
from rooms.stream import ReceivedStream
from rooms.tap import SlotTap

CODEC = Codec("H264", 96, 90_000, "", frozenset())
PLAN = OutletPlan("video", 0, Slot.CAMERA, (CODEC,), 42, None)
KEY, DELTA = b"\x65key", b"\x41delta"
FRAME_MS = 40.0


class Wire:
    """Keeps what each lane was sent, plain. Held streams are flushed when the test says that 2 ms have passed,
    bursts leave slice by slice when it lets the metronome beat."""

    def __init__(self) -> None:
        self.sent: dict[int, list[tuple[int, int, bytes]]] = {}
        self.held: list[ReceivedStream] = []
        self.paced: dict[Paced, None] = {}

    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None:
        for lane, packet in itertools.product(lanes, packets):
            plain = lane.shift.apply(packet)
            number, timestamp = int.from_bytes(plain[2:4], "big"), int.from_bytes(plain[4:8], "big")
            self.sent.setdefault(id(lane), []).append((number, timestamp, plain[12:]))

    def send_one(self, datagram: bytes, address: Address) -> None:
        raise AssertionError("nothing asked for a repair")

    def discard(self, address: Address) -> None: ...

    def hold(self, stream: ReceivedStream) -> None:
        self.held.append(stream)

    def pace(self, paced: Paced) -> None:
        self.paced[paced] = None

    def beat(self) -> None:
        self.paced = {paced: None for paced in self.paced if paced.step(0.0)}

    def pass_time(self) -> None:
        held, self.held = self.held, []
        for stream in held:
            stream.flush()

    def of(self, outlet: Outlet) -> list[tuple[int, int, bytes]]:
        return self.sent.get(id(outlet.lane), [])


class Sender:
    """One camera: its own numbers, its own clock."""

    def __init__(self, name: str, wire: Wire, sequence: int, timestamp: int) -> None:
        self.name = name
        self.sequence, self.timestamp = sequence, timestamp
        self.stream = ReceivedStream(1, CODEC, 0, SenderClock(), wire)

    def frame(self, now_ms: float, payload: bytes, packets: int, lost: int) -> None:
        for number in range(packets):
            body = (payload if number == 0 else b"\x1crest") + self.name.encode()
            marker = number == packets - 1
            packet = RtpPacket(96, marker, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, 1, body)
            self.sequence += 1
            if number != lost:
                self.stream.receive(packet, len(body), now_ms)
        self.timestamp += 3600


def slot_tap(seen: list[ProgrammePacket]) -> SlotTap:
    tap = SlotTap(Slot.CAMERA, seen.extend, lambda slot, source_id: None)
    tap.listened = True
    return tap


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["frame", "frame", "frame", "key", "take", "join"]),
        st.integers(0, 1),  # which camera
        st.one_of(st.integers(1, 4), st.integers(1, 80)),  # packets in the frame
        st.integers(0, 8),  # which of them is lost, if there is one of that number
        st.integers(0, 3),  # beats of the metronome after it: a burst may still be leaving when the next step comes
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF))
def test_every_viewer_sees_one_stream_that_changes_only_at_keyframes(
    steps: list[tuple[str, int, int, int, int]], first: int, second: int, timestamp: int
) -> None:
    wire, seen = Wire(), list[ProgrammePacket]()
    cameras = [Sender("a", wire, first, timestamp), Sender("b", wire, second, timestamp // 3)]
    tap, outlets, taken, now_ms = slot_tap(seen), list[Outlet](), cameras[0], 0.0

    def in_step(stream: ReceivedStream) -> Delta | None:
        return tap.delta if tap.following is stream else None

    tap.steer(taken.stream)
    for what, which, packets, lost, beats in steps:
        now_ms += FRAME_MS
        if what == "take":
            taken = cameras[which]
            for follower in (tap, *outlets):
                follower.steer(taken.stream)
        elif what == "join":
            outlets.append(Outlet(PLAN, in_step))
            outlets[-1].steer(taken.stream)
        else:
            payload = KEY if what == "key" else DELTA
            cameras[which].frame(now_ms, payload, packets, lost if payload is DELTA and lost < packets - 1 else -1)
            wire.pass_time()
        for _ in range(beats):
            wire.beat()
    while wire.paced:
        wire.beat()
    for outlet in outlets:
        check_stream([(number, stamp, body) for number, stamp, body in wire.of(outlet)])
    check_stream([(p.sequence, p.timestamp, p.payload) for p in seen])


def check_stream(packets: list[tuple[int, int, bytes]]) -> None:
    if packets:
        assert packets[0][2].startswith(KEY), "a stream begins with a keyframe"
    for (number, stamp, body), (next_number, next_stamp, next_body) in itertools.pairwise(packets):
        step = (next_number - number) % 65536
        assert 1 <= step <= 200
        assert (next_stamp - stamp) % (1 << 32) <= 90 * FRAME_MS * 61 + 1
        if body[-1:] != next_body[-1:]:
            assert next_body.startswith(KEY), "another source begins with a keyframe"
            assert step == 1, "a cut leaves no gap"


@given(st.integers(0, 0xFFFF), st.integers(1, 40), st.integers(1, 50))
def test_a_joiner_that_catches_up_gets_everything_once_and_goes_in_step(first: int, frames: int, limit: int) -> None:
    wire = Wire()
    camera = Sender("a", wire, first, 0)
    tap = slot_tap([])
    tap.steer(camera.stream)
    early = Outlet(PLAN, lambda stream: tap.delta)
    early.steer(camera.stream)
    camera.frame(0.0, KEY, 3, -1)
    for number in range(frames):
        camera.frame(FRAME_MS * (number + 1), DELTA, 3, -1)
    joiner = Outlet(PLAN, lambda stream: tap.delta)
    keyframe = camera.stream.cache.fresh_keyframe(1000.0, 1000.0)
    assert keyframe is not None
    joiner.join(camera.stream, keyframe)
    for number in range(200):
        if joiner.catching_up_at is None:
            break
        wire.send(joiner.catch_up(limit), [joiner.lane])
        if number < 5:
            camera.frame(1000.0 + FRAME_MS * number, DELTA, 2, -1)
    camera.frame(3000.0, DELTA, 2, -1)
    assert [body for _, _, body in wire.of(joiner)] == [body for _, _, body in wire.of(early)]
    assert [number for number, _, _ in wire.of(joiner)] == [number for number, _, _ in wire.of(early)]
