"""H264 pictures into RTP payloads (RFC 6184, packetization mode 1), as a browser sends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rooms.h264 import FU_A, SPS, STAP_A

PPS = 8
MAX_PAYLOAD = 1200
_HEADER_BYTES = 2  # of a fragment


def payloads(units: Sequence[bytes], most: int = MAX_PAYLOAD) -> list[bytes]:
    """Of one picture, its NAL units in order: parameter sets together in front, large units in fragments.

    An empty unit, which is none, is left out.
    """
    sets = [unit for unit in units if unit and unit[0] & 0x1F in (SPS, PPS)]
    together = _together(sets)
    if len(together) > most:
        together, rest = b"", [unit for unit in units if unit]
    else:
        rest = [unit for unit in units if unit and unit not in sets]
    out = [together] if together else []
    for unit in rest:
        out += [unit] if len(unit) <= most else _fragments(unit, most)
    return out


def _together(sets: Sequence[bytes]) -> bytes:
    """5.7.1. One alone needs no company."""
    if len(sets) < 2:
        return sets[0] if sets else b""
    importance = max(unit[0] & 0x60 for unit in sets)
    return bytes((importance | STAP_A,)) + b"".join(len(unit).to_bytes(2, "big") + unit for unit in sets)


def _fragments(unit: bytes, most: int) -> Iterator[bytes]:
    """5.8. Of about equal size: the last is no dwarf."""
    body, kind = unit[1:], unit[0] & 0x1F
    count = -(-len(body) // (most - _HEADER_BYTES))
    size = -(-len(body) // count)
    for number in range(count):
        ends = (0x80 if number == 0 else 0) | (0x40 if number == count - 1 else 0)
        yield bytes(((unit[0] & 0xE0) | FU_A, ends | kind)) + body[number * size : (number + 1) * size]
