"""When each frame of a clip is due. Sans-I/O: frames that somebody has read ahead and ``now`` in, due frames out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rooms.interface import ClipFrame, ClipReader
from rooms.keyframes import MIN_INTERVAL_MS
from rooms.parameter_set import BadParameterSet
from rooms.standing import Shape, shape_of, standing_picture

LATE_MS = 200.0
"""A reader that is late by more makes the whole clip late: it goes on where it was."""
STANDING_MS = 200.0
"""Between the pictures of a clip that stands still."""
KEYFRAME_MS = 2000.0
"""Between the keyframes of one that stands still, as of one that runs."""
MOST_AT_ONCE = 64
SPS, PPS = 7, 8


@dataclass(frozen=True, slots=True)
class Due:
    """A frame, and the moment of the room's clock that it belongs to: the past few milliseconds, as a rule."""

    frame: ClipFrame
    room_ms: float


class Playback(Protocol):
    """``over``: the last frame has been given out. ``broken``: the reader could not go on."""

    @property
    def over(self) -> bool: ...
    @property
    def broken(self) -> bool: ...
    def position_ms(self, now_ms: float) -> float: ...
    def due(self, now_ms: float) -> list[Due]: ...
    def want_keyframe(self) -> None: ...
    def close(self) -> None: ...


class Running:
    """A clip that plays."""

    def __init__(self, reader: ClipReader) -> None:
        self._reader = reader
        self._head: ClipFrame | None = None
        self._began_ms: float | None = None  # the room's time of the clip's beginning

    @property
    def over(self) -> bool:
        return self._reader.over and self._head is None and not self._reader.broken

    @property
    def broken(self) -> bool:
        return self._reader.broken and self._head is None

    def position_ms(self, now_ms: float) -> float:
        return self._reader.from_ms if self._began_ms is None else max(0.0, now_ms - self._began_ms)

    def want_keyframe(self) -> None:
        """It has them every two seconds, and nobody can make another."""

    def due(self, now_ms: float) -> list[Due]:
        """In order; of a reader that ran ahead in one go not more than ``MOST_AT_ONCE``."""
        out: list[Due] = []
        while len(out) < MOST_AT_ONCE:
            frame = self._head or self._reader.next()
            self._head = frame
            if frame is None:
                break
            room_ms = self._placed(frame, now_ms)
            if room_ms > now_ms:
                break
            self._head = None
            out.append(Due(frame, room_ms))
        return out

    def _placed(self, frame: ClipFrame, now_ms: float) -> float:
        if self._began_ms is None:
            self._began_ms = now_ms - frame.at_ms
        late_ms = now_ms - (self._began_ms + frame.at_ms)
        if late_ms > LATE_MS:
            self._began_ms += late_ms
        return self._began_ms + frame.at_ms

    def close(self) -> None:
        self._reader.close()


class Standing:
    """A clip that pauses: its next keyframe, and then the same picture for as long as it takes."""

    def __init__(self, reader: ClipReader) -> None:
        self._reader = reader
        self._at_ms = reader.from_ms
        self._keyframe: ClipFrame | None = None
        self._shape: Shape | None = None
        self._number = 0  # of the picture since its keyframe
        self._keyframe_at_ms = self._shown_at_ms = float("-inf")
        self._wanted = False

    @property
    def over(self) -> bool:
        return self._keyframe is None and self._reader.over and not self._reader.broken

    @property
    def broken(self) -> bool:
        return self._keyframe is None and self._reader.broken

    def position_ms(self, now_ms: float) -> float:
        return self._at_ms

    def want_keyframe(self) -> None:
        self._wanted = True

    def due(self, now_ms: float) -> list[Due]:
        keyframe = self._keyframe or self._read()
        if keyframe is None:
            return []
        if self._keyframe_due(now_ms):
            self._number, self._wanted = 0, False
            self._keyframe_at_ms = self._shown_at_ms = now_ms
            return [Due(keyframe, now_ms)]
        if self._shape is None or now_ms - self._shown_at_ms < STANDING_MS:
            return []
        self._number += 1
        self._shown_at_ms = now_ms
        same = ClipFrame(True, keyframe.at_ms, False, (standing_picture(self._shape, self._number),))
        return [Due(same, now_ms)]

    def _keyframe_due(self, now_ms: float) -> bool:
        """Between two of them stands another picture: they carry the same idr_pic_id (7.4.3)."""
        since_ms = now_ms - self._keyframe_at_ms
        if self._shape is not None and self._keyframe_at_ms == self._shown_at_ms and since_ms < KEYFRAME_MS:
            return False
        return since_ms >= (MIN_INTERVAL_MS if self._wanted else KEYFRAME_MS)

    def _read(self) -> ClipFrame | None:
        for _ in range(MOST_AT_ONCE):
            frame = self._reader.next()
            if frame is None:
                return None
            if frame.is_video and frame.keyframe:
                self._keyframe, self._at_ms, self._shape = frame, frame.at_ms, _shape(frame)
                self._reader.close()
                return frame
        return None

    def close(self) -> None:
        self._reader.close()


def _shape(keyframe: ClipFrame) -> Shape | None:
    """None: of what we write no pictures for it shows the keyframe alone."""
    kinds = {unit[0] & 0x1F: unit for unit in keyframe.units if unit}
    try:
        return shape_of(kinds[SPS], kinds[PPS])
    except (KeyError, BadParameterSet):
        return None
