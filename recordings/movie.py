"""The head of a progressive MP4 (ISO/IEC 14496-12): sample tables for media that lies behind it. Pure."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from recordings.boxes import MATRIX, box, data_information, full_box

MOVIE_HZ = 1000
_UNDETERMINED = 0x55C4  # "und", ISO 639-2 in three times five bits
_LARGE = 1 << 32


@dataclass(frozen=True, slots=True)
class Track:
    """``size`` None: sound. ``ticks``: of each sample, or of all. ``keyframes`` None: every sample is one.

    ``chunks``: (offset behind the head, samples, sample entry from 1 on), in the order of the samples.
    """

    hz: int
    duration: int
    entries: tuple[bytes, ...]
    size: tuple[int, int] | None
    ticks: array[int] | int
    sizes: array[int]
    keyframes: array[int] | None
    chunks: Sequence[tuple[int, int, int]]


def head(tracks: Sequence[Track], media_bytes: int) -> bytes:
    """``ftyp``, ``moov`` and the header of an ``mdat`` of so many bytes."""
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isom", b"iso2", b"avc1", b"mp41")
    large = media_bytes + _LARGE // 64 >= _LARGE
    mdat = (
        struct.pack(">I4sQ", 1, b"mdat", media_bytes + 16) if large else struct.pack(">I4s", media_bytes + 8, b"mdat")
    )
    behind = len(ftyp) + len(_moov(tracks, 0, large=large)) + len(mdat)
    return ftyp + _moov(tracks, behind, large=large) + mdat


def _moov(tracks: Sequence[Track], behind: int, *, large: bool) -> bytes:
    longest = max(_in_movie(track) for track in tracks)
    times = struct.pack(">QQIQ", 0, 0, MOVIE_HZ, longest)
    rest = struct.pack(">IHH8x", 0x10000, 0x100, 0) + MATRIX + bytes(24) + struct.pack(">I", len(tracks) + 1)
    traks = (_trak(number + 1, track, behind, large=large) for number, track in enumerate(tracks))
    return box(b"moov", full_box(b"mvhd", 1, 0, times, rest), *traks)


def _in_movie(track: Track) -> int:
    return -(-track.duration * MOVIE_HZ // track.hz)


def _trak(number: int, track: Track, behind: int, *, large: bool) -> bytes:
    enabled_in_movie = 3
    width, height = track.size or (0, 0)
    volume = 0x100 if track.size is None else 0
    fields = struct.pack(">QQIIQ8xhhhH", 0, 0, number, 0, _in_movie(track), 0, 0, volume, 0)
    header = full_box(b"tkhd", 1, enabled_in_movie, fields, MATRIX, struct.pack(">II", width << 16, height << 16))
    handler = b"soun" if track.size is None else b"vide"
    kind = full_box(b"smhd", 0, 0, bytes(4)) if track.size is None else full_box(b"vmhd", 0, 1, bytes(8))
    media = box(
        b"mdia",
        full_box(b"mdhd", 1, 0, struct.pack(">QQIQHH", 0, 0, track.hz, track.duration, _UNDETERMINED, 0)),
        full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler), handler + b"\0"),
        box(b"minf", kind, data_information(), _table(track, behind, large=large)),
    )
    return box(b"trak", header, media)


def _table(track: Track, behind: int, *, large: bool) -> bytes:
    parts = [
        full_box(b"stsd", 0, 0, struct.pack(">I", len(track.entries)), *track.entries),
        _counted(b"stts", _runs(track.ticks, len(track.sizes)), 2),
    ]
    if track.keyframes is not None:
        parts.append(_counted(b"stss", track.keyframes, 1))
    sizes = struct.pack(">II", 0, len(track.sizes)) + big_endian(track.sizes)
    offsets = [behind + offset for offset, _, _ in track.chunks]
    places = struct.pack(f">I{len(offsets)}{'Q' if large else 'I'}", len(offsets), *offsets)
    parts += [
        _counted(b"stsc", _layout(track.chunks), 3),
        full_box(b"stsz", 0, 0, sizes),
        full_box(b"co64" if large else b"stco", 0, 0, places),
    ]
    return box(b"stbl", *parts)


def _runs(ticks: array[int] | int, count: int) -> array[int]:
    if isinstance(ticks, int):
        return array("I", [count, ticks])
    return array("I", [number for length, run in groupby(ticks) for number in (len(list(run)), length)])


def _layout(chunks: Sequence[tuple[int, int, int]]) -> array[int]:
    """First chunk, samples in each, sample entry: for each run of chunks alike."""
    rows: array[int] = array("I")
    before = None
    for number, (_, samples, entry) in enumerate(chunks, 1):
        if (samples, entry) != before:
            rows.extend((number, samples, entry))
        before = (samples, entry)
    return rows


def _counted(kind: bytes, rows: array[int], width: int) -> bytes:
    return full_box(kind, 0, 0, struct.pack(">I", len(rows) // width), big_endian(rows))


def big_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        return numbers.tobytes()
    swapped = array("I", numbers)
    swapped.byteswap()
    return swapped.tobytes()
