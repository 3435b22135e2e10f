"""Pictures of questions (题目配图): what may come as one, read from its own bytes, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import enum
import re
import struct
from dataclasses import dataclass

from server.domain.refusals import Refusal

MOST_BYTES = 2 << 20
"""Of a file that comes."""
MOST_PIXELS, MOST_SIDE, LEAST_SIDE = 25_000_000, 12_000, 16
MOST_RATIO = 20
ALT_LENGTH = 200
MOST_A_DAY = 200
"""Pictures that one account brings."""
LOOSE_STAYS = dt.timedelta(days=1)
"""So long who brought a picture may name it in a question; what no question names goes then."""
MOST_MADE_BYTES = 4 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


class PictureSize(enum.StrEnum):
    SCREEN = "screen"  # rooms, desks, and whoever enlarges it
    PHONE = "phone"
    THUMB = "thumb"  # lists


LONGEST_SIDE = {PictureSize.SCREEN: 1600, PictureSize.PHONE: 960, PictureSize.THUMB: 240}
"""In pixels; a smaller picture stays as it is."""
MOST_SIDES = LONGEST_SIDE[PictureSize.SCREEN]


@dataclass(frozen=True, slots=True)
class Picture:
    """As a question names it. ``sha256``: of the largest form kept, in hexadecimal, with its sides in pixels.
    ``alt``: what it shows, for who does not see it.
    """

    sha256: str
    alt: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Brought:
    """Somebody brought it, and may name it. ``kept``: its file is on disk."""

    account_id: str
    sha256: str
    width: int
    height: int
    bytes: int
    at: dt.datetime
    kept: bool = False


class Kind(enum.StrEnum):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"


@dataclass(frozen=True, slots=True)
class Looked:
    """What its head says. ``turned``: EXIF's orientation, 1 to 8 (CIPA DC-008, 4.6.4 A)."""

    kind: Kind
    width: int
    height: int
    turned: int = 1


def is_digest(text: str) -> bool:
    return _SHA256.fullmatch(text) is not None


def look(content: bytes) -> Looked:
    """By its first bytes; no name and no content type is believed. Nothing is decoded.

    Raises ``picture_type_wrong``, ``picture_broken``, ``picture_moves``, ``picture_dimensions``.
    """
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            seen = _png(content)
        elif content.startswith(b"\xff\xd8\xff"):
            seen = _jpeg(content)
        elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            seen = _webp(content)
        else:
            raise Refusal("picture_type_wrong", "neither PNG nor JPEG nor WebP")
    except (struct.error, IndexError):
        raise Refusal("picture_broken", "it ends too early") from None
    sides = (seen.width, seen.height)
    fits = min(sides) >= LEAST_SIDE and max(sides) <= min(MOST_SIDE, MOST_RATIO * min(sides))
    if not fits or seen.width * seen.height > MOST_PIXELS:
        raise Refusal("picture_dimensions", f"{seen.width} x {seen.height}")
    return seen


def _png(content: bytes) -> Looked:
    """PNG (third edition), 5 and 11.2.1; one that moves has acTL before its picture (11.3.6.1)."""
    length, kind, width, height = struct.unpack_from(">I4sII", content, 8)
    if kind != b"IHDR" or length != 13:
        raise Refusal("picture_broken", "no IHDR")
    at = 8
    while kind != b"IDAT":
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"acTL":
            raise Refusal("picture_moves", "acTL")
        at += 12 + length
    return Looked(Kind.PNG, width, height)


_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that begin a frame (ITU-T T.81, table B.1)."""


def _jpeg(content: bytes) -> Looked:
    at, turned = 2, 1
    while True:
        mark, kind, length = struct.unpack_from(">BBH", content, at)
        if mark != 0xFF:
            raise Refusal("picture_broken", "no marker")
        if kind == 0xFF:  # filling
            at += 1
            continue
        if kind in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Looked(Kind.JPEG, width, height, turned)
        if kind in {0xD8, 0xD9, 0xDA} or length < 2:
            raise Refusal("picture_broken", "no frame")
        if kind == 0xE1:
            turned = _turned(content[at + 4 : at + 2 + length])
        at += 2 + length


def _turned(exif: bytes) -> int:
    """1 for whatever is not understood: it is shown as it lies."""
    if exif[:6] != b"Exif\0\0":
        return 1
    tiff = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(min(count, 100)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
            if (tag, kind) == (0x0112, 3):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _webp(content: bytes) -> Looked:
    """RFC 9649, 2.5 to 2.7."""
    kind = content[12:16]
    if kind == b"VP8X":
        if content[20] & 0x02:
            raise Refusal("picture_moves", "ANIM")
        return Looked(Kind.WEBP, 1 + _little(content, 24), 1 + _little(content, 27))
    if kind == b"VP8L":
        (sides,) = struct.unpack_from("<I", content, 21)
        return Looked(Kind.WEBP, 1 + (sides & 0x3FFF), 1 + (sides >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return Looked(Kind.WEBP, width & 0x3FFF, height & 0x3FFF)
    raise Refusal("picture_broken", "no frame")


def _little(content: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", content, at)
    return int(low | high << 16)
