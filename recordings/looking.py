"""Is a source's picture black, or always the same? Every few seconds one keyframe of its lowest layer is decoded, off
the event loop.

One picture at a time, small ones only: what a publisher sends reaches a decoder here, so it gets little to work on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol, Self

import av
from av.error import FFmpegError

from recordings.clock import Clock
from recordings.h264 import NAL_SPS, nal_type
from rooms import vp8
from rooms.interface import Keyframe

EVERY_S = 2.5
MOST_BYTES = 256 << 10
MOST_LINES = 1080
_THUMB = (32, 18)
# Of 255, of a thumbnail: a lens cap is below 20, a dark room with a lamp is not.
BLACK_MEAN, BLACK_PEAK = 24, 48
# Grey levels by which no part of the thumbnail may differ, and for how long. One picture coded anew at another quality
# differs by 7 at most, and sensor noise by 5; a head that moves by a hundredth of the width makes 28.
STILL_LEVELS, STILL_MS = 10, 4000.0
_STAP_A, _FU_A = 24, 28
_START = b"\x00\x00\x00\x01"
_CODECS = {"H264": "h264", "VP8": "vp8"}
_log = logging.getLogger(__name__)


class Pictures(Protocol):
    """The part of the node that is looked at."""

    def sources_of(self, room_id: str) -> tuple[str, ...]: ...

    def ask_lowest(self, room_id: str, source_id: str) -> None: ...

    def lowest_keyframe(self, room_id: str, source_id: str) -> Keyframe | None: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What the last look found. ``still``: as it was for ``STILL_MS`` and longer."""

    black: bool
    still: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """``first`` is the thumbnail since ``since_ms`` of which all others are no different."""

    index: int
    first: bytes
    since_ms: float
    shown: Shown

    @classmethod
    def after(cls, before: Self | None, index: int, thumb: bytes, now_ms: float) -> Self:
        same = before is not None and not differs(before.first, thumb)
        first, since_ms = (before.first, before.since_ms) if before is not None and same else (thumb, now_ms)
        return cls(index, first, since_ms, Shown(black=is_black(thumb), still=now_ms - since_ms >= STILL_MS))


class Looker:
    """``run`` as a task; ``shown`` says what the last look found."""

    def __init__(self, pictures: Pictures, rooms: Callable[[], Collection[str]], clock: Clock) -> None:
        self._clock = clock
        self._pictures = pictures
        self._rooms = rooms
        self._seen: dict[tuple[str, str], _Seen] = {}

    def shown(self, room_id: str, source_id: str) -> Shown | None:
        """None: nobody could look."""
        seen = self._seen.get((room_id, source_id))
        return seen.shown if seen else None

    async def run(self) -> None:
        """Until cancelled: asks for keyframes, and looks at them half a turn later."""
        while True:
            places = [(room_id, source) for room_id in self._rooms() for source in self._pictures.sources_of(room_id)]
            for place in places:
                self._pictures.ask_lowest(*place)
            await asyncio.sleep(EVERY_S / 2)
            await self.look(places)
            await asyncio.sleep(EVERY_S / 2)

    async def look(self, places: Collection[tuple[str, str]]) -> None:
        """At the newest keyframe of each; one that was looked at already says what it said."""
        known, self._seen = self._seen, {}
        for place in places:
            keyframe = self._pictures.lowest_keyframe(*place)
            if keyframe is None:
                continue
            before = known.get(place)
            if before is not None and before.index == keyframe.index:
                self._seen[place] = before
                continue
            thumb = await asyncio.to_thread(thumbnail, keyframe)
            if thumb is not None:
                self._seen[place] = _Seen.after(before, keyframe.index, thumb, self._clock.monotonic_ms())


def is_black(thumb: bytes) -> bool:
    return max(thumb) <= BLACK_PEAK and sum(thumb) <= BLACK_MEAN * len(thumb)


def differs(one: bytes, other: bytes) -> bool:
    return len(one) != len(other) or max(abs(a - b) for a, b in zip(one, other, strict=True)) > STILL_LEVELS


def thumbnail(keyframe: Keyframe) -> bytes | None:
    """32 × 18 grey levels. None for what is too large or cannot be decoded."""
    if (keyframe.height or 0) > MOST_LINES or sum(map(len, keyframe.payloads)) > MOST_BYTES:
        return None
    try:
        return _thumbnail(_CODECS[keyframe.codec], _bitstream(keyframe)) or None
    except (FFmpegError, ValueError, KeyError, IndexError) as error:
        _log.debug("a keyframe could not be looked at: %r", error)
        return None


def _thumbnail(codec: str, bitstream: bytes) -> bytes | None:
    context = av.CodecContext.create(codec, "r")
    context.thread_count = 1
    for frame in (*context.decode(av.Packet(bitstream)), *context.decode(None)):
        if isinstance(frame, av.VideoFrame):
            small = frame.reformat(*_THUMB, format="gray")
            plane, (width, height) = small.planes[0], _THUMB
            rows = memoryview(plane)
            return b"".join(bytes(rows[at : at + width]) for at in range(0, height * plane.line_size, plane.line_size))
    return None


def _bitstream(keyframe: Keyframe) -> bytes:
    if keyframe.codec == "VP8":
        return b"".join(payload[vp8.describe(payload).length :] for payload in keyframe.payloads)
    nals = _nals(keyframe.payloads)
    if not any(nal_type(nal) == NAL_SPS for nal in nals):
        raise ValueError("no parameter sets")
    return b"".join(_START + nal for nal in nals)


def _nals(payloads: Collection[bytes]) -> list[bytes]:
    """RFC 6184, 5.6 to 5.8, of packets that are all there."""
    nals: list[bytes] = []
    for payload in filter(None, payloads):
        kind = payload[0] & 0x1F
        if kind == _STAP_A:
            nals += _aggregated(payload)
        elif kind != _FU_A:
            nals.append(payload)
        elif payload[1] & 0x80:
            nals.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
        else:
            nals[-1] += payload[2:]
    return nals


def _aggregated(payload: bytes) -> list[bytes]:
    nals, at = [], 1
    while at + 2 <= len(payload):
        end = at + 2 + int.from_bytes(payload[at : at + 2], "big")
        nals.append(payload[at + 2 : end])
        at = end
    return [nal for nal in nals if nal]
