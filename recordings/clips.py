"""Reading a converted clip, some seconds ahead of its playing, on a thread of its own.

Satisfies ``rooms.interface.ClipReader``: a slow disk never touches the packets of anybody.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from rooms.interface import ClipFrame

AHEAD = 256
"""Frames: three seconds and a half, less than 2 MiB."""
_LOOK_S = 0.25
_LENGTH_BYTES = 4
_log = logging.getLogger(__name__)


class BadClip(ValueError):
    """Not H264 and Opus in an MP4 as we convert them."""


class FileReader:
    """From the keyframe at or before ``from_ms`` on. Starts reading at once; close it when it is no longer wanted."""

    def __init__(self, path: Path, from_ms: float) -> None:
        self.from_ms = from_ms
        self.broken = False
        self._path = path
        self._frames: queue.Queue[ClipFrame | None] = queue.Queue(AHEAD)
        self._closed = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="clip", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return self._ended

    def next(self) -> ClipFrame | None:
        if self._ended:
            return None
        try:
            frame = self._frames.get_nowait()
        except queue.Empty:
            return None
        self._ended = frame is None
        return frame

    def close(self) -> None:
        """The thread ends by itself, soon. Idempotent."""
        self._closed.set()

    def _read(self) -> None:
        try:
            for frame in frames(self._path, self.from_ms):
                if not self._put(frame):
                    return
        except (FFmpegError, OSError, BadClip, IndexError):
            _log.exception("clip %s cannot be read", self._path.name)
            self.broken = True
        self._put(None)

    def _put(self, frame: ClipFrame | None) -> bool:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._frames.put(frame, timeout=_LOOK_S)
                return True
        return False


def frames(path: Path, from_ms: float) -> Iterator[ClipFrame]:
    """From the keyframe at or before ``from_ms`` on, in order of time. Raises what a bad file raises."""
    with av.open(str(path), format="mov", options={"protocol_whitelist": "file"}) as container:
        video = container.streams.video[0]
        sets = parameter_sets(bytes(video.codec_context.extradata or b""))
        streams = [video, *container.streams.audio[:1]]
        if from_ms > 0:
            container.seek(round(from_ms / 1000 / video.time_base), stream=video)
        began_ms: float | None = None
        for packet in container.demux(streams):
            if packet.pts is None or not packet.size:
                continue
            frame = _frame(packet, sets)
            if began_ms is None and frame.is_video and frame.keyframe:
                began_ms = frame.at_ms
            if frame.is_video or (began_ms is not None and frame.at_ms >= began_ms):
                yield frame


def _frame(packet: Any, sets: tuple[bytes, ...]) -> ClipFrame:  # noqa: ANN401 - PyAV has no types
    at_ms = float(packet.pts * packet.time_base) * 1000
    if packet.stream.type != "video":
        return ClipFrame(False, at_ms, True, (bytes(packet),))
    units = tuple(unit for unit in split_units(bytes(packet)) if unit[0] & 0x1F in (1, 5))
    return ClipFrame(True, at_ms, bool(packet.is_keyframe), (*sets, *units) if packet.is_keyframe else units)


def split_units(sample: bytes) -> Iterator[bytes]:
    """ISO/IEC 14496-15, 5.3.4.2: each unit after its length. Raises :class:`BadClip`."""
    at = 0
    while at < len(sample):
        size = int.from_bytes(sample[at : at + _LENGTH_BYTES], "big")
        at += _LENGTH_BYTES
        if not 0 < size <= len(sample) - at:
            raise BadClip("a unit reaches beyond its sample")
        yield sample[at : at + size]
        at += size


def parameter_sets(record: bytes) -> tuple[bytes, ...]:
    """The SPSs and PPSs of an AVCDecoderConfigurationRecord (5.3.3.1.2). Raises :class:`BadClip`."""
    if len(record) < 7 or record[0] != 1 or record[4] & 3 != _LENGTH_BYTES - 1:
        raise BadClip("no decoder configuration of our kind")
    sets: list[bytes] = []
    at = 5
    for mask in (0x1F, 0xFF):
        count = record[at] & mask if at < len(record) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(record[at : at + 2], "big")
            sets.append(record[at + 2 : at + 2 + size])
            at += 2 + size
    if not sets or not all(sets) or at > len(record):
        raise BadClip("cut parameter sets")
    return tuple(sets)
