"""The slate: one pre-encoded keyframe that stands for "no picture" (nothing is encoded while recording).

``slate.h264`` is an Annex B stream of SPS, PPS and one IDR, Constrained Baseline, 640x360. Made once by
``python -m recordings.slate``.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, ParameterSets, nal_type
from recordings.segmenter import Slate

FILE = Path(__file__).with_name("slate.h264")
WIDTH, HEIGHT = 640, 360
GROUND = (38, 43, 51)
LINE = (150, 160, 172)


def split_annex_b(stream: bytes) -> list[bytes]:
    """NAL units between start codes (H.264, annex B)."""
    units = stream.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [unit.rstrip(b"\x00") for unit in units if unit]


@cache
def units() -> tuple[bytes, ...]:
    """Its NAL units, parameter sets first."""
    return tuple(split_annex_b(FILE.read_bytes()))


@cache
def load() -> Slate:
    sets = ParameterSets()
    sample = b""
    for nal in units():
        if nal_type(nal) in (NAL_SPS, NAL_PPS):
            sets.add(nal)
        elif nal_type(nal) == NAL_IDR:
            sample += struct.pack(">I", len(nal)) + nal
    assert sets.format is not None, "slate.h264 is broken"
    return Slate(sample, sets.format)


def picture() -> npt.NDArray[np.uint8]:
    """A camera crossed out, without words: every language reads it."""
    image = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    image[:] = GROUND
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    body = (abs(x - 300) <= 70) & (abs(y - 180) <= 46)
    lens = (x >= 378) & (x <= 420) & (abs(y - 180) <= 12 + (x - 378) * 0.7)
    inner = (abs(x - 300) <= 62) & (abs(y - 180) <= 38)
    bar = (abs((y - 180) - (x - 320) * 0.7) <= 5) & (abs(x - 320) <= 120)
    halo = (abs((y - 180) - (x - 320) * 0.7) <= 14) & (abs(x - 320) <= 130)
    image[(body & ~inner) | lens] = LINE
    image[halo] = GROUND
    image[bar] = LINE
    return image


def encode() -> bytes:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base = Fraction(1, 1)
    context.options = {
        "profile": "baseline",
        "level": "3.1",
        "preset": "veryslow",
        "crf": "23",
        "x264-params": "keyint=1:annexb=1",
    }
    frame = av.VideoFrame.from_ndarray(picture(), format="rgb24").reformat(format="yuv420p")
    frame.pts = 0
    stream = b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
    # Encoder settings in an SEI say nothing to a player.
    kept = [nal for nal in split_annex_b(stream) if nal_type(nal) in (NAL_SPS, NAL_PPS, NAL_IDR)]
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in kept)


if __name__ == "__main__":
    FILE.write_bytes(encode())
