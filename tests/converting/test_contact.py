"""A strip of keyframes becomes a contact sheet, in the confined process it is meant for."""

import io
import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from server.converting.crafts import CONTACT
from server.domain.refusals import Refusal


def keyframe(grey, size=(640, 360)):
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), grey, np.uint8), format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


def strip(*pictures):
    return b"".join(struct.pack(">I", len(one)) + one for one in pictures)


def opened(path):
    with av.open(io.BytesIO(path.read_bytes())) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")


async def drawn(tmp_path, data):
    (tmp_path / "strip").write_bytes(data)
    (tmp_path / "into").mkdir()
    return await CONTACT(tmp_path / "strip", tmp_path / "into", lambda percent: None)


async def test_pictures_stand_in_their_order_and_what_is_none_is_left_out(tmp_path):
    greys = [10, 200, *[120] * 30]
    pictures = [keyframe(grey) for grey in greys[:3]] + [keyframe(120, (360, 640))] * 29
    found = await drawn(tmp_path, strip(pictures[0], b"", b"\x00\x00\x00\x01\x65noise", *pictures[1:]))
    assert found["shown"] == [0, *range(3, 34)]
    assert (found["columns"], found["rows"], found["sheets"]) == (5, 6, 2)
    sheet = opened(tmp_path / "into" / "pictures-0.webp")
    assert sheet.shape == (540, 800, 3)
    assert abs(int(sheet[45, 80].mean()) - 10) < 12
    assert abs(int(sheet[45, 240].mean()) - 200) < 12
    assert sheet[45, 485].mean() < 20, "an upright picture stands on black"
    assert opened(tmp_path / "into" / "pictures-1.webp").shape == (90, 800, 3)
    poster = opened(tmp_path / "into" / "poster.webp")
    assert poster.shape == (270, 480, 3)
    assert abs(int(poster.mean()) - 200) < 12, "the first that is not dark"


@pytest.mark.parametrize(
    ("greys", "chosen"),
    [([60, 60, 120, 10, 10, 90], 120), ([60, 60, 10, 10, 10, 200], 200), ([60, 10, 10], 60), ([5, 5, 20], 5)],
)
async def test_the_poster_is_of_after_the_opening_unless_that_is_dark(tmp_path, greys, chosen):
    await drawn(tmp_path, strip(*map(keyframe, greys)))
    assert abs(int(opened(tmp_path / "into" / "poster.webp").mean()) - chosen) < 12


async def test_nothing_to_draw_draws_nothing(tmp_path):
    assert (await drawn(tmp_path, strip(b"", b"")))["shown"] == []
    assert list((tmp_path / "into").iterdir()) == []


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00", b"\x00\x00\x00\x09abc"])
async def test_what_is_no_strip_is_refused(tmp_path, data):
    with pytest.raises(Refusal, match="conversion_failed"):
        await drawn(tmp_path, data)
