"""The slate: one pre-encoded keyframe that stands for "no picture" (nothing is encoded while recording).

``slate.h264`` is an Annex B stream of SPS, PPS and one IDR, Constrained Baseline, 640x360. Made once by
``python -m recordings.drawing``.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, ParameterSets, nal_type
from recordings.segmenter import Slate

FILE = Path(__file__).with_name("slate.h264")
WIDTH, HEIGHT = 640, 360


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
