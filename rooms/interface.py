"""The one narrow interface of the media plane: frozen dataclasses in, frozen dataclasses out.

A control process drives a :class:`MediaNode` (in its own process, in a process beside it, or on another
host) through nothing but what stands here. Vocabulary:

* a *room* is the media side of one lesson;
* a *source* is one publishing peer connection (WHIP, RFC 9725) with at most one video and one audio track;
* a *slot* is one fixed output of the programme bus; the director switches sources into slots, viewers never
  renegotiate;
* a *session* is one peer connection, publishing or watching (WHEP).

Times ending in ``_ms`` are milliseconds of the node's monotonic clock unless said otherwise.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Slot(enum.StrEnum):
    """Fixed outputs of the programme bus, in m-line order within their kind."""

    CAMERA = "camera"
    SCREEN = "screen"
    AUDIO_1 = "audio-1"
    AUDIO_2 = "audio-2"
    AUDIO_3 = "audio-3"


MAX_HEIGHT = 4320  # lines

VIDEO_SLOTS = (Slot.CAMERA, Slot.SCREEN)
AUDIO_SLOTS = (Slot.AUDIO_1, Slot.AUDIO_2, Slot.AUDIO_3)


class Refusal(Exception):
    """The node will not do this. ``code`` is stable, ``detail`` is for logs.

    Codes: ``bad_sdp``, ``no_known_codec``, ``too_many_tracks``, ``room_unknown``, ``source_taken``, ``source_unknown``,
    ``session_unknown``, ``slot_unknown``, ``bad_height``, ``node_full``, ``draining``, ``etag_mismatch``
    (RFC 9725: 412).
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class BackendMissing(Exception):
    """The native hot path was asked for by name and was not built here."""


@dataclass(frozen=True, slots=True)
class NodeConfig:
    """How a node meets the network. ``announced`` are the addresses written into answers as candidates."""

    host: str = "0.0.0.0"  # noqa: S104 - a media port must face the network
    udp_port: int = 0  # 0: any free port (tests)
    announced: tuple[str, ...] = ("127.0.0.1",)
    max_sessions: int = 3000
    max_sessions_per_viewer: int | None = None  # of one ``viewer_id``, in all rooms; None: no limit of its own
    max_rooms: int = 64
    tcp: bool = True  # ICE-TCP on the UDP port's number
    handed_port: int | None = None  # the one TCP port of a front that hands its connections over; nothing else is told
    ufrag_prefix: str = ""  # of our ICE user fragments: tells which of several nodes a check is for; hexadecimal digits
    slate: tuple[bytes, ...] = ()  # NAL units of H.264: one picture, for who watches a programme whose curtain is down
    backend: str = "auto"  # the hot path: "native", "python", or "auto": native where it was built


@dataclass(frozen=True, slots=True)
class RoomSpec:
    room_id: str
    video_codec: str = "H264"  # one video codec per lesson: "H264" or "VP8"
    private_prefix: str | None = None  # sources named so are looked at by name, and never come into a slot


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """What everybody watches. ``minus_sources``: a venue never gets its own sound back (mix-minus).

    ``height``: lines that the viewer's pictures fill; no layer larger than they need is sent. None: the largest.
    """

    minus_sources: tuple[str, ...] = ()
    height: int | None = None


@dataclass(frozen=True, slots=True)
class SourcesView:
    """Named sources, one per video m-line in order: the director's wall, or a preview of one.

    Audio m-lines carry the sources' own sound in the same order (a preview has one of each). ``height`` as in the
    programme; None: the lowest layer.
    """

    source_ids: tuple[str, ...]
    height: int | None = None


View = ProgrammeView | SourcesView


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a WHIP or WHEP exchange. ``etag`` names the ICE session (RFC 9725, 4.3.1)."""

    session_id: str
    sdp: str
    etag: str


@dataclass(frozen=True, slots=True)
class SourceState:
    source_id: str
    connected: bool
    has_video: bool
    has_audio: bool
    video_codec: str | None  # "H264", "VP8" or None
    packets_received: int
    packets_lost: int
    bitrate_bps: int
    audio_level_dbov: int  # 0 loudest … 127 silence (RFC 6464); 40 while sound comes of which no level is told
    frames: int = 0  # pictures that came, of all layers that are sent
    unanswered: int = 0  # requests for a keyframe since the last one came, of the layer that waits longest
    over_tcp: bool = False  # its media comes by ICE-TCP


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A whole picture that stands alone, in the payloads of its packets. ``index`` tells one from the next."""

    codec: str  # "H264" or "VP8"
    index: int
    height: int | None  # lines, where it says so
    payloads: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """One picture of a clip (NAL units of H264, a keyframe's with its parameter sets) or one packet of Opus.

    ``at_ms``: from the clip's beginning. Nothing is decoded before something that came earlier: no B-frames.
    """

    is_video: bool
    at_ms: float
    keyframe: bool
    units: tuple[bytes, ...]


class ClipReader(Protocol):
    """A clip that somebody else reads ahead, in the order of its times, from a keyframe on. Nothing here waits.

    ``from_ms``: about where it begins. ``over``: everything has been given out. ``broken``: and it could not be read to
    its end.
    """

    @property
    def from_ms(self) -> float: ...

    @property
    def over(self) -> bool: ...

    @property
    def broken(self) -> bool: ...

    def next(self) -> ClipFrame | None:
        """The next frame; None: none is read ahead now."""
        ...

    def close(self) -> None:
        """Idempotent."""


@dataclass(frozen=True, slots=True)
class ClipState:
    """What the node plays itself. ``order``: as it was told to. ``at_ms``: from the clip's beginning."""

    source_id: str
    order: int
    at_ms: int
    paused: bool


@dataclass(frozen=True, slots=True)
class RoomState:
    room_id: str
    slots: dict[Slot, str | None]  # the source in each slot; a fresh copy, safe to keep
    opened_audio: frozenset[str]
    sources: tuple[SourceState, ...]
    viewers: int
    clip: ClipState | None = None
    curtain: bool = False  # it is down


@dataclass(frozen=True, slots=True)
class ViewerState:
    """``height`` as asked for; ``sound_only``: there are pictures, and the viewer's path takes none of them now."""

    height: int | None
    sound_only: bool


@dataclass(frozen=True, slots=True)
class NodeStats:
    backend: str  # "python" or "native"
    udp_port: int
    sessions: int
    packets_received: int
    packets_sent: int
    bytes_sent: int
    datagrams_dropped: dict[str, int]  # by reason
    loop_lag_ms: float
    counters: dict[str, int] = field(default_factory=dict)  # nack_received, nack_served, pli_sent, …


# ---- what a node reports -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceUp:
    room_id: str
    source_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class SourceDown:
    room_id: str
    source_id: str
    session_id: str
    reason: str  # "bye", "consent_expired", "replaced", "room_closed", "dtls"


@dataclass(frozen=True, slots=True)
class ViewerUp:
    room_id: str
    session_id: str
    viewer_id: str


@dataclass(frozen=True, slots=True)
class ViewerDown:
    room_id: str
    session_id: str
    viewer_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class NeverLive:
    """A session that was answered and ended before its media could flow: nobody came, or the handshake failed."""

    room_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class SlotLive:
    """The first keyframe (or audio packet) of a newly taken source went out."""

    room_id: str
    slot: Slot
    source_id: str


@dataclass(frozen=True, slots=True)
class LayersWanted:
    """Of a source that offers several: the layers, by rid, that anybody has use for. Sent when they change; a source
    begins with all of them wanted. The lowest always is, whatever is wanted anew is so at once."""

    room_id: str
    source_id: str
    session_id: str
    rids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClipOver:
    """A clip has come to its end by itself. ``reason``: "played", or "broken": it could not be read."""

    room_id: str
    source_id: str
    order: int
    reason: str


NodeEvent = SourceUp | SourceDown | ViewerUp | ViewerDown | NeverLive | SlotLive | LayersWanted | ClipOver


# ---- what a subscriber inside the process gets (the recorder) ------------------------------------------


@dataclass(frozen=True, slots=True)
class ProgrammePacket:
    """One RTP packet as it leaves a slot, before encryption.

    ``timestamp`` and ``sequence`` are the slot's own continuous ones. ``media_ms`` is the capture time on the
    room's common clock (source timestamps aligned by RTCP SR, else by arrival), so packets of different slots
    that were captured together carry the same ``media_ms``. ``epoch`` grows by one at each switch of source
    in that slot (and when a source comes back with a new stream). A repaired packet may come late, after packets
    with higher sequence numbers of the same epoch; what could not be repaired leaves a gap.
    """

    slot: Slot
    source_id: str
    epoch: int
    codec: str  # "H264", "VP8", "opus"
    sequence: int  # 16 bit
    timestamp: int  # 32 bit; 90 kHz video, 48 kHz audio
    marker: bool
    media_ms: float
    payload: bytes  # RTP payload without header, extensions and padding


class PacketSink(Protocol):
    """A subscriber of a room. Called on the node's event loop: must return at once and never raise."""

    def on_packets(self, packets: Sequence[ProgrammePacket]) -> None:
        """At least one: those of a slot that leave together, as a rule a frame's, in order."""


class MediaNode(Protocol):
    """One forwarding node. Every method may raise :class:`Refusal`; a refusal changes nothing."""

    async def open_room(self, spec: RoomSpec) -> None:
        """Idempotent."""

    async def close_room(self, room_id: str) -> None:
        """Ends every session of the room. Idempotent."""

    async def publish(self, room_id: str, source_id: str, offer_sdp: str, *, replace: bool = False) -> Answer:
        """WHIP offer → answer. A source already connected is ``source_taken`` unless ``replace``."""
        ...

    async def watch(self, room_id: str, viewer_id: str, offer_sdp: str, view: View) -> Answer:
        """WHEP offer → answer. The n-th video (audio) m-line gets the n-th video (audio) slot of the view."""
        ...

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        """WHIP/WHEP PATCH with an SDP fragment (RFC 8840). Returns a new fragment on ICE restart, else None."""
        ...

    async def end_session(self, session_id: str) -> None:
        """Raises ``session_unknown``."""

    async def take(self, room_id: str, slot: Slot, source_id: str | None) -> None:
        """Put a source into a video slot (None: empty). The picture changes at its next keyframe."""

    async def open_audio(self, room_id: str, source_ids: frozenset[str]) -> None:
        """Exactly these sources may be heard; the three loudest of them sit in the audio slots."""

    async def play(self, room_id: str, source_id: str, reader: ClipReader, *, order: int, paused: bool) -> None:
        """Play what ``reader`` reads as a source of the room, or let its first picture stand; in place of what the
        source played before. The reader is the node's from now on, also when it refuses: ``source_taken``."""

    async def stop_playing(self, room_id: str, source_id: str) -> None:
        """Idempotent."""

    async def set_curtain(self, room_id: str, *, down: bool) -> None:
        """Down: whoever watches the programme gets the slate and silence, subscribers nothing, at once and also of
        what was on its way. Views of single sources go on. Up: everything begins with a keyframe that came since."""

    async def look_at(self, session_id: str, source_ids: tuple[str, ...]) -> None:
        """Change what a SourcesView session shows, without renegotiation."""

    async def resize(self, session_id: str, height: int | None) -> None:
        """The viewer's pictures fill so many lines from now on (``View.height``). Raises ``bad_height``."""

    async def viewer_state(self, session_id: str) -> ViewerState:
        """Raises ``session_unknown``, also for one that publishes."""
        ...

    def request_keyframe(self, room_id: str, slot: Slot) -> None:
        """Ask the source in the slot for a keyframe (merged with all other requests)."""

    def sources_of(self, room_id: str) -> tuple[str, ...]:
        """Those that are connected and have a picture; none of a room that is unknown."""
        ...

    def ask_lowest(self, room_id: str, source_id: str) -> None:
        """Ask for a keyframe of the lowest of several layers. Of a single one, which may be large, nothing is asked."""

    def lowest_keyframe(self, room_id: str, source_id: str) -> Keyframe | None:
        """The last one of the lowest layer that is sent, when all of it has come."""
        ...

    def subscribe(self, room_id: str, sink: PacketSink) -> None: ...

    def unsubscribe(self, room_id: str, sink: PacketSink) -> None: ...

    def room_state(self, room_id: str) -> RoomState: ...

    def stats(self) -> NodeStats: ...

    def gauges(self) -> dict[str, float]:
        """Figures of now, by name (:mod:`rooms.gauges`, :mod:`rooms.lag`). Walks over everybody: not for every tick."""
        ...

    def events(self) -> AsyncIterator[NodeEvent]:
        """Everything that happens, in order, from a bounded queue (oldest level of detail dropped first)."""
        ...

    async def close(self) -> None:
        """Idempotent. Sends DTLS close_notify to every peer, frees the port."""
