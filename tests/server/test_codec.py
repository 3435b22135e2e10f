"""What crosses the link comes out as it went in; anything else closes the link."""

import asyncio
import enum
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.link.codec import FRAME_LIMIT, BadFrame, decode, encode, pack, read, unpack


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Point:
    x: int
    y: float


@dataclass(frozen=True)
class Picture:
    name: str
    points: tuple[Point, ...]
    colours: dict[Colour, str | None]
    seen: frozenset[str]
    raw: bytes
    inner: "Point | Picture | None" = None
    plain: bool = field(default=True)


points = st.builds(Point, st.integers(), st.floats(allow_nan=False, allow_infinity=False))
pictures = st.builds(
    Picture,
    name=st.text(),
    points=st.lists(points).map(tuple),
    colours=st.dictionaries(st.sampled_from(Colour), st.none() | st.text()),
    seen=st.frozensets(st.text()),
    raw=st.binary(),
    inner=st.none() | points,
    plain=st.booleans(),
)


@given(pictures)
def test_what_goes_in_comes_out(picture):
    assert decode(Picture, unpack(pack(encode(picture))[4:])) == picture


@pytest.mark.parametrize(
    ("hint", "data"),
    [
        (int, "1"),
        (int, True),
        (str, 1),
        (bytes, "not base64!"),
        (Colour, "green"),
        (Point, {"~": "Point", "x": 1}),
        (Point, {"~": "Point", "x": 1, "y": 1, "z": 1}),
        (Point, {"~": "Picture", "x": 1, "y": 1}),
        (Point, []),
        (Point | None, {"~": "Elsewhere"}),
        (tuple[Point, ...], {"0": 1}),
        (tuple[int, str], [1]),
        (dict[str, int], {"a": "b"}),
    ],
)
def test_what_does_not_fit_is_a_bad_frame(hint, data):
    with pytest.raises(BadFrame):
        decode(hint, data)


def test_only_known_types_leave():
    with pytest.raises(TypeError):
        encode(object())


async def read_all(data: bytes):
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read(reader)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[1]", b"{", b"[" * 5000])
async def test_a_body_that_is_no_object_is_a_bad_frame(body):
    with pytest.raises(BadFrame):
        await read_all(len(body).to_bytes(4, "big") + body)


async def test_a_frame_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(BadFrame):
        await read_all((FRAME_LIMIT + 1).to_bytes(4, "big"))


async def test_a_stream_that_ends_inside_a_frame_is_just_an_end():
    assert await read_all(b"\x00\x00\x00\x09{}") is None


@given(st.binary(max_size=300))
async def test_random_bytes_are_read_refused_or_ended(data):
    try:
        message = await read_all(data)
    except BadFrame:
        return
    assert message is None or isinstance(message, dict)
