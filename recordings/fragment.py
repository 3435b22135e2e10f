"""Reading back what :mod:`recordings.boxes` wrote: where in a segment its samples lie, and what an init says.

Only our own form is understood; everything else, and everything that does not add up, is :class:`Damaged`.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from recordings.boxes import AUDIO_TRACK, SYNC_SAMPLE, VIDEO_TRACK

HEAD_BYTES = 16 << 10
MOST_HEAD_BYTES = 4 << 20
_VIDEO_RUN, _AUDIO_RUN = 0x000701, 0x000201
_CONFIGURATION_AT = 8 + 78  # an ``avc1`` box: header, fields of a VisualSampleEntry (ISO/IEC 14496-12, 12.1.3)


class Damaged(Exception):
    """``name``: the file of the archive that is not what it was."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name = name
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Described:
    """Sample entries as they stand in an init (whole boxes), and the parameter sets as NAL units with their lengths."""

    video: bytes
    audio: bytes | None
    parameter_sets: bytes

    @property
    def size(self) -> tuple[int, int]:
        width, height = struct.unpack_from(">HH", self.video, 32)
        return width, height


@dataclass(frozen=True, slots=True)
class Fragment:
    """Video in ticks of 90 kHz, sound in frames of 1,024 samples. ``…_at``: where its bytes begin in the file."""

    start: int
    ticks: array[int]
    sizes: array[int]
    keyframes: tuple[int, ...]  # which samples are
    video_at: int
    audio_start: int = 0  # samples of 48 kHz
    audio_sizes: array[int] | None = None
    audio_at: int = 0


def numbers(data: bytes) -> array[int]:
    """Big-endian 32-bit numbers."""
    found: array[int] = array("I", data)
    if sys.byteorder == "little":
        found.byteswap()
    return found


def head_length(head: bytes, name: str) -> int:
    """So many bytes of a segment must be known: all before the content of its ``mdat``."""
    at = 0
    for _ in range(2):
        if len(head) < at + 8:
            raise Damaged(name, "too short")
        at += max(8, struct.unpack_from(">I", head, at)[0])
    if at > MOST_HEAD_BYTES:
        raise Damaged(name, "no segment of ours")
    return at + 8


def read_fragment(head: bytes, size: int, name: str) -> Fragment:
    """``head``: at least :func:`head_length` of it; ``size``: of the whole file. Raises :class:`Damaged`."""
    try:
        return _fragment(head, size, name)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise Damaged(name, f"no segment of ours ({error})") from None


def _fragment(head: bytes, size: int, name: str) -> Fragment:
    whole = dict(_boxes(head, 0, len(head)))
    moof_at, moof_end = whole[b"moof"]
    mdat_at, mdat_end = whole[b"mdat"]
    if mdat_end != size:
        raise Damaged(name, "not as long as it says")
    runs = [_run(head, *span) for kind, span in _boxes(head, moof_at, moof_end) if kind == b"traf"]
    video = next(run for run in runs if run.track == VIDEO_TRACK)
    audio = next((run for run in runs if run.track == AUDIO_TRACK), None)
    origin = moof_at - 8
    found = Fragment(
        start=video.start,
        ticks=video.rows[0::3],
        sizes=video.rows[1::3],
        keyframes=tuple(number for number, flags in enumerate(video.rows[2::3]) if flags == SYNC_SAMPLE),
        video_at=origin + video.offset,
        audio_start=audio.start if audio else 0,
        audio_sizes=audio.rows if audio else None,
        audio_at=origin + audio.offset if audio else 0,
    )
    end = found.video_at + sum(found.sizes)
    if found.video_at != mdat_at or not found.sizes or (audio is not None and found.audio_at != end):
        raise Damaged(name, "samples where none are")
    if end + sum(found.audio_sizes or ()) != mdat_end:
        raise Damaged(name, "samples that are not there")
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    track: int
    start: int
    offset: int
    rows: array[int]


def _run(head: bytes, at: int, end: int) -> _Run:
    parts = dict(_boxes(head, at, end))
    track = struct.unpack_from(">I", head, parts[b"tfhd"][0] + 4)[0]
    start = struct.unpack_from(">Q", head, parts[b"tfdt"][0] + 4)[0]
    run_at, run_end = parts[b"trun"]
    flags, count, offset = struct.unpack_from(">IIi", head, run_at)
    rows = numbers(head[run_at + 12 : run_end])
    if (flags, len(rows)) != ((_VIDEO_RUN, 3 * count) if track == VIDEO_TRACK else (_AUDIO_RUN, count)):
        raise ValueError("another form of run")
    return _Run(track, start, offset, rows)


def read_init(data: bytes, name: str) -> Described:
    """Raises :class:`Damaged`."""
    try:
        entries = dict(_entries(data))
        video = entries[b"avc1"]
        return Described(video, entries.get(b"mp4a"), _parameter_sets(video))
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise Damaged(name, f"no init of ours ({error})") from None


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    moov = dict(_boxes(data, 0, len(data)))[b"moov"]
    for kind, span in _boxes(data, *moov):
        if kind == b"trak":
            inner = span
            for step in (b"mdia", b"minf", b"stbl", b"stsd"):
                inner = dict(_boxes(data, *inner))[step]
            entry, (at, end) = next(_boxes(data, inner[0] + 8, inner[1]))
            yield entry, data[at - 8 : end]


def _parameter_sets(entry: bytes) -> bytes:
    """Of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), each with four bytes of length before it."""
    at, end = dict(_boxes(entry, _CONFIGURATION_AT, len(entry)))[b"avcC"]
    record, found, at = entry[at:end], b"", 5
    for _ in range(2):  # SPS, then PPS
        count, at = record[at] & 0x1F if at == 5 else record[at], at + 1
        for _ in range(count):
            length = struct.unpack_from(">H", record, at)[0]
            found += struct.pack(">I", length) + record[at + 2 : at + 2 + length]
            at += 2 + length
    if at > len(record):
        raise ValueError("parameter sets that are not there")
    return found


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Kind, and from where to where its content is; the last one may reach past the ``data``."""
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8:
            raise ValueError("a box of no size")
        yield kind, (at + 8, at + size)
        at += size
