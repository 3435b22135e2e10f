"""The one narrow interface of the archive plane.

A *recording* belongs to one lesson and has *tracks*: ``camera`` (H264 video with the programme's sound as AAC,
always both: a slate picture and silence fill what is missing) and ``screen`` (H264 only). Tracks share one
timeline by EXT-X-PROGRAM-DATE-TIME (RFC 8216, 4.3.2.6). Live HLS and replay read the same segments.
While recording is off (before ``live``, paused, or 不录制), segments live in a 60-second memory ring and leave
nothing on disk.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Track(enum.StrEnum):
    CAMERA = "camera"
    SCREEN = "screen"


class Curtain(enum.StrEnum):
    """Why nobody gets the programme. A cut also takes back what live players have not fetched yet."""

    CUT = "cut"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a live player waits for, a moment at most: behind a curtain, for the programme.

    ``blocking``: it can also wait for the next segment, ``number``, while segments come quickly.
    """

    blocking: bool = False
    number: int | None = None


class Refusal(Exception):
    """Codes: ``recording_unknown``, ``recording_finished``, ``disk_full``, ``storage_unavailable``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class RecordingSpec:
    recording_id: str
    lesson_id: str
    room_id: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What is on disk. ``duration_ms`` counts recorded media of the camera track, pauses left out."""

    recording_id: str
    lesson_id: str
    state: str  # "running", "paused", "finished"
    started_at_utc: str | None  # RFC 3339 of the first recorded frame
    duration_ms: int
    bytes: int
    segments: int
    recovered: bool  # finished by recovery after a crash, not by finish()
    gaps_ms: int  # media known to be missing inside (crash, full disk)


@dataclass(frozen=True, slots=True)
class Space:
    """What is free where the archives lie; ``low``: below the mark of the alarm ``disk_low``."""

    free_bytes: int
    low: bool


@dataclass(frozen=True, slots=True)
class Alarm:
    recording_id: str
    code: str  # "disk_low", "disk_full", "recorder_lag", "no_frames", "no_known_codec", …, see docs/protocol.md
    active: bool
    detail: str


class Archive(Protocol):
    """The recorder's side, living beside the node in a media process."""

    async def attach(self, spec: RecordingSpec, *, recording: bool) -> None:
        """Start following the room's programme. Idempotent; continues a recording that a crash left open."""

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        """Pause or resume the disk side. Idempotent."""

    async def set_curtain(self, recording_id: str, curtain: Curtain | None) -> None:
        """The slate instead of the programme, marked in the manifest. Set it after the node's curtain fell, and lift
        it before that rises. Idempotent."""

    async def finish(self, recording_id: str) -> Summary:
        """Flush, close the manifest, detach. Idempotent: a finished recording gives its summary again."""
        ...

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        """A segment or init of the live playlists from memory, where all of them are; None: look on disk."""
        ...

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        """The live HLS media playlist (relative URIs), None before the first segment. Without ``asking`` at once."""
        ...

    def summary(self, recording_id: str) -> Summary: ...

    def space(self) -> Space | None:
        """As last measured, never by asking the disk now; None: nothing was recorded yet, or the disk does not say."""
        ...

    def alarms(self) -> AsyncIterator[Alarm]: ...

    async def close(self) -> None:
        """Finish nothing, lose nothing: flush what is complete and leave recordings open for the next start."""


class Library(Protocol):
    """The reader's side, usable from any process that sees the folder."""

    def recover(self, keep_open: frozenset[str]) -> tuple[Summary, ...]:
        """Finish every archive that a crash left open, except recordings still in use. Needs nobody."""
        ...

    def summary(self, recording_id: str) -> Summary: ...

    def playlist(self, recording_id: str, track: Track) -> str:
        """The replay playlist (VOD when finished, EVENT while running), relative URIs."""
        ...

    def file(self, recording_id: str, name: str, since: dt.datetime | None = None) -> Path:
        """Path of a segment or init listed in the manifest; raises ``recording_unknown`` for anything else, and for a
        segment that began before ``since``."""
        ...
