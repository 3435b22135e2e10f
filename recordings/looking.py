"""Is a source's picture black? Every few seconds one keyframe of its lowest layer is decoded, off the event loop.

One picture at a time, small ones only: what a publisher sends reaches a decoder here, so it gets little to work on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

import av
from av.error import FFmpegError

from recordings.h264 import NAL_SPS, nal_type
from rooms import vp8
from rooms.interface import Keyframe

EVERY_S = 3.0
MOST_BYTES = 256 << 10
MOST_LINES = 1080
_THUMB = (32, 18)
# Of 255, of a thumbnail: a lens cap is below 20, a dark room with a lamp is not.
BLACK_MEAN, BLACK_PEAK = 24, 48
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
class _Seen:
    index: int
    black: bool


class Looker:
    """``run`` as a task; ``black`` says what the last look found."""

    def __init__(self, pictures: Pictures, rooms: Callable[[], Collection[str]]) -> None:
        self._pictures = pictures
        self._rooms = rooms
        self._seen: dict[tuple[str, str], _Seen] = {}

    def black(self, room_id: str, source_id: str) -> bool | None:
        """None: nobody could look."""
        seen = self._seen.get((room_id, source_id))
        return seen.black if seen else None

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
            black = await asyncio.to_thread(is_black, keyframe)
            if black is not None:
                self._seen[place] = _Seen(keyframe.index, black)


def is_black(keyframe: Keyframe) -> bool | None:
    """None for what is too large or cannot be decoded."""
    if (keyframe.height or 0) > MOST_LINES or sum(map(len, keyframe.payloads)) > MOST_BYTES:
        return None
    try:
        thumb = _thumbnail(_CODECS[keyframe.codec], _bitstream(keyframe))
    except (FFmpegError, ValueError, KeyError, IndexError) as error:
        _log.debug("a keyframe could not be looked at: %r", error)
        return None
    if not thumb:
        return None
    return max(thumb) <= BLACK_PEAK and sum(thumb) <= BLACK_MEAN * len(thumb)


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
