"""Keyframes of a recording become a contact sheet: small pictures side by side, and a larger one for lists.

What a publisher sent is decoded here and nowhere else on the server's side but in looks of 32 × 18: to be run in a
confined process. The source is a strip (:mod:`recordings.contact`): H264 keyframes, four bytes of length before each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import av
import numpy as np
from av.error import FFmpegError

from server.converting.child import Refused

WIDTH, HEIGHT = 160, 90
COLUMNS, ROWS = 5, 6
POSTER = (480, 270)
MOST = 1000
"""Pictures of one strip."""
MOST_BYTES = 2 << 20
MOST_PIXELS = 4096 * 2304
_DARK = 40
"""Of 255: a picture whose mean is below is no poster, if there is a lighter one."""
_OPENING = 3
"""A lesson begins with a slate or an empty desk: its poster is of after the first third, if there is such a picture."""
_QUALITY = {"sheet": 60, "poster": 75}

Picture = np.ndarray[Any, Any]


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    """Writes ``pictures-<n>.webp`` and ``poster.webp``. ``shown``: which keyframes of the strip are on the sheets."""
    with source.open("rb") as strip:
        shown, poster, sheets = _drawn(strip, source.stat().st_size, into, progress)
    if poster is not None:
        _write(poster, into / "poster.webp", _QUALITY["poster"])
    return {"shown": shown, "width": WIDTH, "height": HEIGHT, "columns": COLUMNS, "rows": ROWS, "sheets": sheets}


def _drawn(
    strip: IO[bytes], size: int, into: Path, progress: Callable[[int], None]
) -> tuple[list[int], Picture | None, int]:
    shown: list[int] = []
    tiles: list[Picture] = []
    poster: Picture | None = None
    sheets = 0
    best = (False, False)
    opening = sum(1 for _ in _keyframes(strip)) // _OPENING
    strip.seek(0)
    for number, keyframe in enumerate(_keyframes(strip)):
        frame = _decoded(keyframe)
        if frame is None:
            continue
        shown.append(number)
        tiles.append(_fitted(frame, WIDTH, HEIGHT))
        rank = (bool(tiles[-1].mean() >= _DARK), number >= opening)
        if poster is None or rank > best:
            poster, best = _fitted(frame, *POSTER), rank
        if len(tiles) == COLUMNS * ROWS:
            sheets = _lay(tiles, into, sheets)
        progress(100 * strip.tell() // max(1, size))
    return shown, poster, _lay(tiles, into, sheets) if tiles else sheets


def _keyframes(strip: IO[bytes]) -> Iterator[bytes]:
    """Raises :class:`Refused` for a strip that is none."""
    for _ in range(MOST):
        head = strip.read(4)
        if not head:
            return
        length = int.from_bytes(head, "big")
        keyframe = strip.read(length) if length <= MOST_BYTES else b""
        if len(head) < 4 or len(keyframe) < length:
            raise Refused("conversion_failed")
        yield keyframe


def _decoded(keyframe: bytes) -> av.VideoFrame | None:
    """None for what cannot be decoded: one picture less."""
    if not keyframe:
        return None
    context = av.CodecContext.create("h264", "r")
    context.thread_count = 1
    try:
        for frame in (*context.decode(av.Packet(keyframe)), *context.decode(None)):
            if isinstance(frame, av.VideoFrame) and frame.width * frame.height <= MOST_PIXELS:
                return frame
    except (FFmpegError, ValueError):
        return None
    return None


def _fitted(frame: av.VideoFrame, width: int, height: int) -> Picture:
    """In its own shape, on black."""
    scale = min(width / frame.width, height / frame.height)
    inner = max(2, round(frame.width * scale)), max(2, round(frame.height * scale))
    small = frame.reformat(width=inner[0], height=inner[1], format="rgb24", interpolation="AREA").to_ndarray()
    whole = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    whole[top : top + inner[1], left : left + inner[0]] = small
    return whole


def _lay(tiles: list[Picture], into: Path, sheets: int) -> int:
    """What is gathered becomes the next sheet; how many there are then."""
    rows = -(-len(tiles) // COLUMNS)
    sheet = np.zeros((rows * HEIGHT, COLUMNS * WIDTH, 3), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // COLUMNS * HEIGHT, place % COLUMNS * WIDTH
        sheet[top : top + HEIGHT, left : left + WIDTH] = tile
    _write(sheet, into / f"pictures-{sheets}.webp", _QUALITY["sheet"])
    tiles.clear()
    return sheets + 1


def _write(picture: Picture, path: Path, quality: int) -> None:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    codec = av.CodecContext.create("libwebp", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "yuv420p"
    codec.time_base = Fraction(1, 25)
    codec.thread_count = 1
    codec.options = {"quality": str(quality), "preset": "picture"}
    path.write_bytes(b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)]))
