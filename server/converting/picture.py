"""A foreign picture becomes three of ours: upright, on white, without anything else that its file carried.

Its head is read before anything is decoded (:func:`server.domain.question_pictures.look`); what follows its first
frame, words and places that a camera noted among it, is not looked at and goes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import FFmpegError

from server.converting.child import Refused
from server.domain.question_pictures import LONGEST_SIDE, MOST_BYTES, Kind, Looked, PictureSize, look
from server.domain.refusals import Refusal

_DECODERS = {Kind.PNG: "png", Kind.JPEG: "mjpeg", Kind.WEBP: "webp"}
_QUALITY = {PictureSize.SCREEN: 85, PictureSize.PHONE: 80, PictureSize.THUMB: 75}

Pixels = np.ndarray[Any, Any]


def convert(source: Path, into: Path, progress: Callable[[int], None]) -> Mapping[str, Any]:
    """Writes ``screen.webp``, ``phone.webp`` and ``thumb.webp``; ``width`` and ``height`` are of the first."""
    content = source.read_bytes()
    try:
        if len(content) > MOST_BYTES:
            raise Refused("file_too_large")
        seen = look(content)
    except Refusal as refusal:
        raise Refused(refusal.code) from None
    pixels = _upright(_on_white(_decoded(content, seen)), seen.turned)
    sides = (0, 0)
    for done, (size, longest) in enumerate(LONGEST_SIDE.items(), start=1):
        frame = _smaller(pixels, longest)
        if size is PictureSize.SCREEN:
            sides = frame.width, frame.height
        _write(frame, into / f"{size}.webp", _QUALITY[size])
        progress(100 * done // len(LONGEST_SIDE))
    return {"width": sides[0], "height": sides[1]}


def _decoded(content: bytes, seen: Looked) -> Pixels:
    """Rows of red, green, blue, opacity. Raises :class:`Refused` for what is not as large as it says."""
    context = av.CodecContext.create(_DECODERS[seen.kind], "r")
    context.thread_count = 1
    try:
        for frame in (*context.decode(av.Packet(content)), *context.decode(None)):
            if not isinstance(frame, av.VideoFrame) or (frame.width, frame.height) != (seen.width, seen.height):
                break
            pixels: Pixels = frame.to_ndarray(format="rgba")
            return pixels
    except (FFmpegError, ValueError):
        pass
    raise Refused("picture_broken")


def _on_white(pixels: Pixels) -> Pixels:
    """A drawing in black on nothing would not be seen on a dark page."""
    opacity = pixels[..., 3]
    if opacity.min() == 255:
        return np.ascontiguousarray(pixels[..., :3])
    white = np.empty((*opacity.shape, 3), np.uint8)
    for place in range(3):
        shown = pixels[..., place].astype(np.uint16) * opacity + 255 * (255 - opacity.astype(np.uint16))
        white[..., place] = (shown + 127) // 255
    return white


def _upright(pixels: Pixels, turned: int) -> Pixels:
    """By EXIF's orientation: 2, 4, 5, 7 are mirrored."""
    if turned in {5, 6, 7, 8}:
        pixels = pixels.transpose(1, 0, 2)
    if turned in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if turned in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _smaller(pixels: Pixels, longest: int) -> av.VideoFrame:
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(width, height))
    frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    sides = max(2, round(width * scale)), max(2, round(height * scale))
    return frame.reformat(width=sides[0], height=sides[1], format="bgra", interpolation="AREA")


def _write(frame: av.VideoFrame, path: Path, quality: int) -> None:
    codec = av.CodecContext.create("libwebp", "w")
    codec.width, codec.height, codec.pix_fmt = frame.width, frame.height, "bgra"
    codec.time_base = Fraction(1, 25)
    codec.thread_count = 1
    codec.options = {"quality": str(quality), "preset": "drawing"}
    path.write_bytes(b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)]))
