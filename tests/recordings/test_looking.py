"""Black pictures are told from dark ones, of real H.264 and VP8; what cannot be decoded is no answer and no error."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.looking import EVERY_S, STILL_MS, Looker, thumbnail
from recordings.looking import is_black as black_thumb
from recordings.slate import split_annex_b
from rooms.interface import Keyframe
from tests.recordings.rtp import payloads, video

VP8_DESCRIPTOR = b"\x10"
WIDTH, HEIGHT = 320, 180


def is_black(keyframe):
    thumb = thumbnail(keyframe)
    return None if thumb is None else black_thumb(thumb)


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


class Watch:
    """A clock that the test moves."""

    def __init__(self):
        self.ms = 0.0

    def monotonic_ms(self):
        return self.ms


class Seen:
    """A looker, its film, and what it says after each look."""

    def __init__(self):
        self.film, self.watch, self.index = Film(), Watch(), 0
        self.looker = Looker(self.film, lambda: ("room",), self.watch)

    async def look(self, picture):
        self.index += 1
        self.film.shown = picture and Keyframe(picture.codec, self.index, picture.height, picture.payloads)
        self.watch.ms += 1000 * EVERY_S
        await self.looker.look([("room", "camera")])
        return self.looker.shown("room", "camera")


async def test_a_looker_says_what_the_newest_picture_showed_and_forgets_who_is_gone():
    seen = Seen()
    assert await seen.look(None) is None
    assert (await seen.look(vp8(0))).black
    assert not (await seen.look(vp8(90))).black
    await seen.looker.look([])
    assert seen.looker.shown("room", "camera") is None


def room(seed, noise=2.0, person=0, quality=34):
    """A keyframe of a furnished room as a cheap camera sees it, with somebody whose head is at ``person``."""
    grain = np.random.default_rng(seed)
    furniture = np.kron(np.random.default_rng(7).integers(40, 200, (9, 16)), np.ones((20, 20)))
    image = furniture + grain.normal(0, noise, furniture.shape)
    if person:
        image[60:100, person : person + 30] = 220
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "gray"
    context.time_base, context.options = Fraction(1, 30), {"qp": str(quality), "profile": "high"}
    context.pix_fmt = "yuv420p"
    frame = av.VideoFrame.from_ndarray(np.clip(image, 0, 255).astype(np.uint8), format="gray").reformat(
        format="yuv420p"
    )
    nals = split_annex_b(b"".join(bytes(packet) for each in (frame, None) for packet in context.encode(each)))
    return Keyframe("H264", seed, HEIGHT, tuple(payloads(nals)))


async def test_a_picture_that_does_not_change_is_still_within_ten_seconds_whatever_the_encoder_makes_of_it():
    seen = Seen()
    shown = [await seen.look(room(1, quality=quality)) for quality in (30, 34, 38, 32, 36)]
    first = [one.still for one in shown].index(True)
    assert STILL_MS <= first * 1000 * EVERY_S <= 10_000 - 1000 * EVERY_S  # the freeze fell anywhere between two looks
    assert all(one.still for one in shown[first:])


async def test_somebody_who_moves_is_no_still_picture():
    seen = Seen()
    assert not any([(await seen.look(room(look, person=40 + 9 * look))).still for look in range(1, 9)])


async def test_a_picture_that_moves_again_is_no_longer_still():
    seen = Seen()
    assert [(await seen.look(room(1))).still for _ in range(4)][-1]
    assert not (await seen.look(room(2, person=90))).still
