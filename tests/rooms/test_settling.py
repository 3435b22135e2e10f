"""A recording begins with the best layer of a new publisher, not with every layer on the way up."""

from __future__ import annotations

from rooms.alignment import SenderClock
from rooms.fanout import Lane
from rooms.guard import Address
from rooms.metronome import Paced
from rooms.rtp import RtpPacket
from rooms.sdp import Codec
from rooms.stream import ReceivedStream
from rooms.track import SETTLE_MS, Track, TrackPlan

NOW_MS = 50_000.0
H264 = Codec("H264", 96, 90_000, "", frozenset({"nack"}))


class Nowhere:
    def send(self, packets: list[RtpPacket], lanes: list[Lane]) -> None: ...

    def send_one(self, datagram: bytes, address: Address) -> None: ...

    def discard(self, address: Address) -> None: ...

    def hold(self, stream: ReceivedStream) -> None: ...

    def pace(self, paced: Paced) -> None: ...


def track(*rids: str, heard: tuple[str, ...]) -> Track:
    made = Track(TrackPlan("video", "0", H264, {}, rids, ()))
    for number, rid in enumerate(heard):
        made.by_rid[rid] = ReceivedStream(number, H264, made.ranks[rid], SenderClock(), Nowhere())
        made.began_at_ms = NOW_MS
    return made


def test_a_track_that_sent_nothing_has_not_settled() -> None:
    assert not track("q", "h", "f", heard=()).settled(NOW_MS)


def test_lower_layers_alone_are_given_time_for_the_best_one() -> None:
    growing = track("q", "h", "f", heard=("q", "h"))
    assert not growing.settled(NOW_MS + SETTLE_MS - 1)
    assert growing.settled(NOW_MS + SETTLE_MS)


def test_the_best_layer_settles_at_once() -> None:
    assert track("q", "h", "f", heard=("q", "f")).settled(NOW_MS)


def test_a_single_encoding_settles_at_once() -> None:
    assert track(heard=("",)).settled(NOW_MS)
