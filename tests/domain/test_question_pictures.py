"""What may come as a question's picture is told by its own bytes, and nothing else than a refusal comes of bad ones."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.question_pictures import Kind, look
from server.domain.refusals import Refusal
from tests.converting import photos


@pytest.mark.parametrize(
    ("content", "kind"), [(photos.png(), Kind.PNG), (photos.jpeg(), Kind.JPEG), (photos.webp(), Kind.WEBP)]
)
def test_each_kind_says_its_sides(content, kind):
    seen = look(content)
    assert (seen.kind, seen.width, seen.height, seen.turned) == (kind, 64, 48, 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "picture_type_wrong"),
        (b"GIF89a" + bytes(100), "picture_type_wrong"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_type_wrong"),
        (b"%PDF-1.7" + bytes(100), "picture_type_wrong"),
        (photos.png()[:20], "picture_broken"),
        (photos.jpeg()[:30], "picture_broken"),
        (b"RIFF\0\0\0\0WEBPxxxx" + bytes(40), "picture_broken"),
        (photos.MOVING_PNG, "picture_moves"),
        (photos.MOVING_WEBP, "picture_moves"),
        (photos.BOMB, "picture_dimensions"),
        (photos.png(15, 15), "picture_dimensions"),
        (photos.png(2000, 16), "picture_dimensions"),
    ],
)
def test_what_is_no_picture_is_refused_for_what_it_is(content, code):
    with pytest.raises(Refusal) as refused:
        look(content)
    assert refused.value.code == code


@pytest.mark.parametrize("turned", range(1, 9))
def test_how_the_camera_was_held_is_read(turned):
    assert look(photos.jpeg(turned)).turned == turned


def test_an_orientation_that_is_none_is_upright():
    assert look(photos.jpeg(9)).turned == 1


HEADS = st.sampled_from(
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"RIFF\0\0\0\0WEBPVP8X", b"RIFF\0\0\0\0WEBPVP8L", b""]
)


@given(HEADS, st.binary(max_size=200))
def test_any_bytes_are_a_picture_or_a_refusal(head, rest):
    try:
        seen = look(head + rest)
    except Refusal:
        return
    assert min(seen.width, seen.height) >= 16
    assert seen.width * seen.height <= 25_000_000


@given(st.integers(0, 300), st.integers(0, 255))
def test_a_byte_turned_anywhere_is_a_picture_or_a_refusal(at, value):
    content = bytearray(photos.jpeg(6) if value % 2 else photos.png())
    content[min(at, len(content) - 1)] = value
    with contextlib.suppress(Refusal):
        look(bytes(content))


def test_a_chunk_that_says_it_is_longer_than_the_file_ends_it():
    content = bytearray(photos.png(before=photos.chunk(b"tEXt", b"words")))
    content[33:37] = struct.pack(">I", 0xFFFF_FFF0)
    with pytest.raises(Refusal, match="picture_broken"):
        look(bytes(content))
