"""What crosses the link comes out as it went in; anything else closes the link."""

import asyncio
import datetime as dt
import enum
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from server.link.calls import EVENT, METHODS
from server.link.codec import FRAME_LIMIT, BadFrame, decode, encode, pack, read, unpack
from server.services.media import MediaStats


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


CROSSING = [method.result for method in METHODS.values()] + [
    hint for method in METHODS.values() for _, hint in method.parameters
]
# Aware ones only: nothing else may cross.
st.register_type_strategy(dt.datetime, st.datetimes(timezones=st.just(dt.UTC)))
st.register_type_strategy(Path, st.text().map(Path))


@settings(deadline=None)  # the first look at a type is slow
@given(st.data())
def test_everything_that_crosses_the_link_comes_out_as_it_went_in(data):
    hint = data.draw(st.sampled_from([*CROSSING, EVENT]))
    value = data.draw(st.from_type(hint))
    try:
        frame = pack({"value": encode(value)})
    except ValueError:
        reject()  # JSON has no infinity
    assert decode(hint, unpack(frame[4:])["value"]) == value


@pytest.mark.parametrize(
    ("hint", "data"),
    [
        (int, "1"),
        (int, True),
        (str, 1),
        (bytes, "not base64!"),
        (dt.datetime, "2026-11-22T08:00:00"),
        (dt.datetime, "soon"),
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


def test_the_figures_of_the_media_process_cross_the_link():
    figures = MediaStats(
        backend="python",
        udp_port=8444,
        sessions=2,
        packets_received=1,
        packets_sent=3,
        bytes_sent=4,
        datagrams_dropped={"empty": 1},
        loop_lag_ms=0.5,
        counters={"pli_sent": 2},
    )
    assert decode(MediaStats, unpack(pack(encode(figures))[4:])) == figures
