"""The media process as the control plane sees it: rooms and recordings of lessons, behind one Protocol.

A lesson's room and its recording are named by the lesson's and the recording's id. Methods raise
:class:`~server.domain.refusals.Refusal` with the media codes of docs/protocol.md, ``media_unavailable`` when the
process is away. A refusal changes nothing. Every command is idempotent and may be repeated after a restart.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from server.domain.curtain import Curtain
from server.domain.recordings import RecordingSummary


class Track(enum.StrEnum):
    CAMERA = "camera"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """What everybody watches. ``minus_sources``: nobody gets the sound back that he sends himself.

    ``height``: lines that the viewer's pictures fill; no layer larger than they need is sent. None: the largest.
    """

    minus_sources: tuple[str, ...] = ()
    height: int | None = None


@dataclass(frozen=True, slots=True)
class SourcesView:
    """Named sources, one per video m-line in order: the director's wall, or a preview. ``height`` None: the lowest."""

    sources: tuple[str, ...]
    height: int | None = None


View = ProgrammeView | SourcesView


@dataclass(frozen=True, slots=True)
class MediaAnswer:
    """The result of a WHIP or WHEP exchange. ``etag`` names the ICE session (RFC 9725, 4.3.1)."""

    session_id: str
    sdp: str
    etag: str


@dataclass(frozen=True, slots=True)
class ViewerState:
    """``height`` as asked for; ``sound_only``: the viewer's network takes no picture now, though there is one."""

    height: int | None
    sound_only: bool


@dataclass(frozen=True, slots=True)
class SourceState:
    source: str
    connected: bool
    has_video: bool
    has_audio: bool
    video_codec: str | None
    packets_received: int
    packets_lost: int
    bitrate_bps: int
    audio_level_dbov: int  # 0 loudest … 127 silence (RFC 6464)
    frames: int = 0  # pictures that came, of all layers that are sent
    unanswered: int = 0  # requests for a keyframe since the last one came
    over_tcp: bool = False  # its media comes by ICE-TCP
    black: bool | None = None  # what the last picture that was looked into showed; None: nobody could look
    still: bool | None = None  # it has not changed for seconds


@dataclass(frozen=True, slots=True)
class ClipOrder:
    """What a media process is to play by itself, from the keyframe at or before ``at_ms`` on; ``paused``: that picture
    stands. ``order`` differs for every order of a lesson. ``file`` is a path that the media process sees.
    """

    file: Path
    order: int
    at_ms: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """What a live player waits for, a moment at most: behind a curtain, for the programme.

    ``blocking``: it can also wait for the next segment, ``number``, while segments come quickly.
    """

    blocking: bool = False
    number: int | None = None


@dataclass(frozen=True, slots=True)
class ClipState:
    """The order that is carried out, and where in the clip it is."""

    source: str
    order: int
    at_ms: int
    paused: bool


@dataclass(frozen=True, slots=True)
class StorageState:
    """What is free where the media process keeps recordings; ``low``: below the mark of its alarm."""

    free_bytes: int
    low: bool


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room now, with the summary of its recording (None: no recording attached)."""

    lesson_id: str
    camera: str | None
    screen: str | None
    opened_audio: frozenset[str]
    sources: tuple[SourceState, ...]
    viewers: int
    recording: RecordingSummary | None = None
    clip: ClipState | None = None
    curtain: Curtain | None = None  # it is down: nobody gets the programme
    storage: StorageState | None = None  # None: not measured, or the disk does not say


@dataclass(frozen=True, slots=True)
class MediaStats:
    """One media process. ``gauges`` and ``counters`` are whatever the relay reports, by name: exported as they are."""

    backend: str  # "python" or "native"
    udp_port: int
    sessions: int
    packets_received: int
    packets_sent: int
    bytes_sent: int
    datagrams_dropped: Mapping[str, int]  # by reason
    loop_lag_ms: float
    counters: Mapping[str, int] = field(default_factory=dict)
    gauges: Mapping[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0  # of the whole process
    rooms: int = 0
    worker: int = 0  # which of the processes


# ---- what the media process reports ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceUp:
    lesson_id: str
    source: str
    session_id: str


@dataclass(frozen=True, slots=True)
class SourceDown:
    lesson_id: str
    source: str
    session_id: str
    reason: str  # "bye", "consent_expired", "replaced", "room_closed", "dtls"


@dataclass(frozen=True, slots=True)
class ViewerUp:
    lesson_id: str
    session_id: str
    viewer_id: str


@dataclass(frozen=True, slots=True)
class ViewerDown:
    lesson_id: str
    session_id: str
    viewer_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class NeverLive:
    """A connection that was answered and ended before its media could flow."""

    lesson_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SlotLive:
    """The first keyframe of a newly taken source went out."""

    lesson_id: str
    slot: str
    source: str


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """The layers of a source, by rid, that anybody has use for; the rest need not be sent."""

    lesson_id: str
    source: str
    session_id: str
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClipOver:
    """A clip came to its end by itself. ``reason``: "played", or "broken": its file could not be read."""

    lesson_id: str
    source: str
    order: int
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """A recording's trouble began or ended."""

    lesson_id: str
    recording_id: str
    code: str
    active: bool
    detail: str


@dataclass(frozen=True, slots=True)
class MediaLost:
    """A media process is gone; every session with it. ``lessons``: whose rooms it had; None: all there are."""

    worker: int = 0
    lessons: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class MediaReady:
    """A media process answers. ``instance`` differs for each process: a new one knows no rooms yet."""

    instance: str
    worker: int = 0


MediaEvent = (
    SourceUp
    | SourceDown
    | ViewerUp
    | ViewerDown
    | NeverLive
    | SlotLive
    | LayersWanted
    | ClipOver
    | AlarmChanged
    | MediaLost
    | MediaReady
)


class MediaPlane(Protocol):
    """One media process, or several that look like one: each lesson's room is in one of them."""

    async def open_room(self, lesson_id: str, recording_id: str | None, video_codec: str, *, recording: bool) -> None:
        """Open the room and attach its recording, on disk or (``recording=False``) in the memory ring only; without a
        ``recording_id`` there is none (a room to test a line in).

        Idempotent; continues a recording that a crash left open. Does not change ``recording`` of one attached.
        """

    async def close_room(self, lesson_id: str, *, grace_ms: int) -> None:
        """End every session of the room ``grace_ms`` from now; returns at once. Idempotent."""

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        """Pause or resume the disk side. Idempotent."""

    async def finish_recording(self, recording_id: str) -> RecordingSummary:
        """Flush, close the manifest, detach. Idempotent: a finished recording gives its summary again."""
        ...

    async def publish(self, lesson_id: str, source: str, offer_sdp: str, *, replace: bool) -> MediaAnswer:
        """WHIP offer → answer. A source already connected is ``source_taken`` unless ``replace``."""
        ...

    async def watch(self, lesson_id: str, viewer_id: str, offer_sdp: str, view: View) -> MediaAnswer:
        """WHEP offer → answer."""
        ...

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        """An SDP fragment (RFC 8840). Returns a new fragment on ICE restart, else None."""
        ...

    async def end_session(self, session_id: str) -> None:
        """Raises ``session_unknown``."""

    async def resize(self, session_id: str, height: int | None) -> None:
        """The session's pictures fill so many lines from now on. Raises ``session_unknown``, ``invalid_body``."""

    async def look_at(self, session_id: str, sources: tuple[str, ...]) -> None:
        """What a :class:`SourcesView` shows from now on, one for each of its m-lines in order. Raises
        ``session_unknown``, also for one that watches the programme."""

    async def viewer_state(self, session_id: str) -> ViewerState:
        """Raises ``session_unknown``."""
        ...

    async def take(self, lesson_id: str, slot: str, source: str | None) -> None:
        """Put a source into the ``camera`` or ``screen`` slot; a source that isn't there yet may be taken."""

    async def open_audio(self, lesson_id: str, sources: frozenset[str]) -> None:
        """Exactly these sources may be heard."""

    async def play_clip(self, lesson_id: str, source: str, clip: ClipOrder) -> None:
        """In place of what ``source`` played before. An order that is carried out already is left alone."""

    async def stop_clip(self, lesson_id: str, source: str) -> None:
        """Idempotent."""

    async def set_curtain(self, lesson_id: str, curtain: Curtain | None) -> None:
        """Nobody gets the programme: slate and silence, also of what was on its way. ``cut`` takes back from live HLS
        what was not fetched, ``standby`` does not. None: it begins again, with a new keyframe. Idempotent."""

    async def room_state(self, lesson_id: str) -> RoomState:
        """Raises ``room_unknown``."""
        ...

    async def stats(self) -> tuple[MediaStats, ...]:
        """One for each media process that answers; ``media_unavailable`` when none does."""
        ...

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        """The live HLS media playlist (relative URIs); None before the first segment. Without ``asking`` at once."""
        ...

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        """A live segment or init that exists in memory only."""
        ...

    def events(self) -> AsyncIterator[MediaEvent]:
        """Everything that happens, in order, for one reader. A new reader gets :class:`MediaReady` first when it is."""
        ...


class Away(Exception):
    """The media of this recording lies in the object store: see :meth:`ReplayLibrary.fetch`."""


class ReplayLibrary(Protocol):
    """Recordings on disk. Raises ``recording_unknown``."""

    async def recover(self, keep_open: frozenset[str]) -> tuple[RecordingSummary, ...]:
        """Finish every archive that a crash left open, except those still in use; returns what it finished."""
        ...

    async def holds_any(self) -> bool:
        """Whether there is any recording at all: a disk that is not mounted leaves an empty folder behind."""
        ...

    async def summary(self, recording_id: str) -> RecordingSummary: ...

    async def playlist(self, recording_id: str, track: Track) -> str:
        """The replay playlist (VOD when finished, EVENT while running), relative URIs."""
        ...

    async def file(self, recording_id: str, name: str, since: dt.datetime | None = None) -> Path:
        """Path of a segment or init listed in the manifest; ``recording_unknown`` for anything else, and for a segment
        that began before ``since``. Raises :class:`Away`."""
        ...

    async def fetch(self, recording_id: str, name: str) -> bytes:
        """Such a file of a recording whose media is away, held against its digest. Raises ``archive_damaged``,
        ``storage_unavailable``."""
        ...

    async def forget(self, recording_id: str, at: dt.datetime, why: str) -> None:
        """Its media goes, the head of its manifest stays and says so. Idempotent. Raises ``storage_unavailable``."""
