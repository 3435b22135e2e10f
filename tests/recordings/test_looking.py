"""Black pictures are told from dark ones, of real H.264 and VP8; what cannot be decoded is no answer and no error."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.looking import Looker, is_black
from recordings.slate import split_annex_b
from rooms.interface import Keyframe
from tests.recordings.rtp import payloads, video

VP8_DESCRIPTOR = b"\x10"
WIDTH, HEIGHT = 320, 180


def h264(tone, mtu=1100):
    """A keyframe of that grey, with a bar of another."""
    return Keyframe("H264", tone, HEIGHT, tuple(payloads(video(WIDTH, HEIGHT, 1, 1, tone)[0], mtu)))


def plain(tone, codec="libx264", size=(WIDTH, HEIGHT), lamp=0):
    """One encoded picture of one grey, with a lamp of so many pixels in it."""
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = *size, "yuv420p"
    context.time_base = Fraction(1, 30)
    image = np.full((size[1], size[0], 3), tone, np.uint8)
    image[:lamp, :lamp] = 255
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format="yuv420p")
    return b"".join(bytes(packet) for each in (frame, None) for packet in context.encode(each))


def h264_picture(tone):
    """Its NAL units."""
    return split_annex_b(plain(tone))


def vp8(tone, **more):
    return Keyframe("VP8", tone, HEIGHT, (VP8_DESCRIPTOR + plain(tone, "libvpx", **more),))


def test_a_lens_cap_is_black_and_a_dark_room_with_a_lamp_is_not():
    assert is_black(vp8(0)) is True
    assert is_black(vp8(6)) is True
    assert is_black(vp8(0, lamp=60)) is False
    assert is_black(vp8(90)) is False


@pytest.mark.parametrize("mtu", [200, 1100])
def test_h264_is_put_together_from_its_packets(mtu):
    assert is_black(h264(200, mtu)) is False
    assert is_black(h264(0, mtu)) is False  # the bar is grey


def test_black_h264_is_black():
    assert is_black(Keyframe("H264", 1, HEIGHT, tuple(payloads(h264_picture(0))))) is True


def test_what_is_too_large_is_not_looked_at():
    whole = h264(200)
    assert is_black(Keyframe("H264", 1, 2160, whole.payloads)) is None
    assert is_black(Keyframe("H264", 1, HEIGHT, whole.payloads * 2000)) is None


@settings(max_examples=60)
@given(st.sampled_from(["H264", "VP8", "AV1"]), st.lists(st.binary(max_size=60), max_size=6))
def test_nonsense_is_no_answer_and_no_error(codec, parts):
    assert is_black(Keyframe(codec, 1, None, tuple(parts))) in (None, False, True)


@settings(max_examples=30)
@given(st.data())
def test_a_damaged_keyframe_is_no_error(data):
    parts = list(h264(120, 300).payloads)
    at = data.draw(st.integers(0, len(parts) - 1))
    parts[at] = data.draw(st.binary(max_size=300))
    assert is_black(Keyframe("H264", 1, HEIGHT, tuple(parts))) in (None, False, True)


class Film:
    """Pictures of one source, changed by the test."""

    def __init__(self):
        self.shown, self.asked = None, []

    def sources_of(self, room_id):
        return ("camera",)

    def ask_lowest(self, room_id, source_id):
        self.asked.append((room_id, source_id))

    def lowest_keyframe(self, room_id, source_id):
        return self.shown


async def test_a_looker_says_what_the_newest_picture_showed_and_forgets_who_is_gone():
    film = Film()
    looker, place = Looker(film, lambda: ("room",)), [("room", "camera")]
    await looker.look(place)
    assert looker.black("room", "camera") is None
    film.shown = vp8(0)
    await looker.look(place)
    assert looker.black("room", "camera") is True
    film.shown = vp8(90)
    await looker.look(place)
    assert looker.black("room", "camera") is False
    await looker.look([])
    assert looker.black("room", "camera") is None
