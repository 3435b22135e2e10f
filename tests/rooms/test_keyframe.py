"""A keyframe is handed out whole or not at all."""

from rooms import rtp
from rooms.alignment import SenderClock
from rooms.keyframe import MOST_PACKETS, last_keyframe
from rooms.stream import ReceivedStream
from tests.rooms.test_settling import H264, Nowhere

IDR, SLICE = 0x65, 0x41


class Camera:
    """One layer, picture by picture."""

    def __init__(self) -> None:
        self.stream = ReceivedStream(1, H264, 0, SenderClock(), Nowhere())
        self.sequence, self.timestamp = 1000, 0

    def picture(self, kind: int, packets: int = 3, *, lose: int | None = None) -> None:
        """In so many packets, of which one may never come."""
        self.timestamp += 3000
        for number in range(packets):
            self.sequence += 1
            marker = number == packets - 1
            payload = bytes((kind, number & 0xFF))
            packet = rtp.parse(rtp.build(H264.payload_type, marker, self.sequence & 0xFFFF, self.timestamp, 1, payload))
            if number != lose:
                self.stream.receive(packet, 100, float(self.timestamp))


def test_the_last_keyframe_is_whole_and_what_comes_after_it_is_not_in_it() -> None:
    camera = Camera()
    assert last_keyframe(camera.stream) is None
    camera.picture(SLICE)
    assert last_keyframe(camera.stream) is None
    camera.picture(IDR)
    camera.picture(SLICE)
    first = last_keyframe(camera.stream)
    assert first is not None
    assert first.payloads == (b"\x65\x00", b"\x65\x01", b"\x65\x02")
    camera.picture(IDR)
    second = last_keyframe(camera.stream)
    assert second is not None
    assert second.index > first.index


def test_one_with_a_hole_is_none() -> None:
    for lost in (1, 2):
        camera = Camera()
        camera.picture(IDR, lose=lost)
        camera.picture(SLICE)
        assert last_keyframe(camera.stream) is None


def test_one_without_an_end_is_none() -> None:
    camera = Camera()
    camera.picture(IDR, MOST_PACKETS + 1)
    assert last_keyframe(camera.stream) is None


def test_pictures_are_counted_when_they_end() -> None:
    camera = Camera()
    camera.picture(IDR)
    camera.picture(SLICE)
    camera.picture(SLICE, lose=2)
    assert camera.stream.frames == 2
