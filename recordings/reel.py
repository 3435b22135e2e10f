"""One recording's media, from programme packets to segments. Sans-I/O: packets and ``now_ms`` in, segments out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recordings.boxes import VIDEO_HZ, VideoRun, init_segment, media_segment
from recordings.depacketise import Depacketiser
from recordings.h264 import VideoFormat
from recordings.interface import Track
from recordings.reorder import Arrival, ReorderBuffer
from recordings.segment import Init, Segment, init_name
from recordings.segmenter import Cutter, Limits, Piece, Reason, Slate
from recordings.sound import Sound
from recordings.timeline import TICKS_PER_MS, Timeline, plausible
from rooms.interface import VIDEO_SLOTS, ProgrammePacket, Slot

KEYFRAME_RETRY_MS = 600.0
SPARE_MS = 50.0
HEARD_MS = 1500.0  # a slot that sent a packet this recently has somebody to ask for a keyframe
NO_FRAMES_AFTER_MS = 5000.0
KEPT_INITS = 64
NEVER = float("-inf")
BEHIND_A_BORDER_MS = 90.0  # so much sound after a piece is mixed and encoded with it
LAG_KEPT = 0.995  # of what sound needed to get here, from one packet to the next


@dataclass(frozen=True, slots=True)
class Complaint:
    """Why a filled slot gives no picture to record: an alarm's code and detail."""

    code: str
    detail: str


COMPLAINTS = ("no_frames", "no_known_codec")


@dataclass(frozen=True, slots=True)
class ReelSettings:
    """``latency_ms``: how long media may take from capture to the recorder before it counts as missing."""

    latency_ms: float = 800.0
    hold_ms: float = 250.0  # for a packet out of order
    audio_channels: int = 2
    audio_bitrate_bps: int = 96_000
    limits: Limits = field(default_factory=Limits)


class Picture:
    """One video slot up to its pieces."""

    def __init__(self, origin: int, settings: ReelSettings, slate: Slate | None, *, recorded: bool) -> None:
        self._order: ReorderBuffer[tuple[ProgrammePacket, float]] = ReorderBuffer(settings.hold_ms)
        self._depacketiser = Depacketiser()
        self._cutter = Cutter(origin, settings.limits, slate, recorded=recorded)
        self._heard_ms = NEVER
        self._live_ms: float | None = None  # when the picture was last live, or first expected
        self._asked_ms = NEVER
        self._codec = "H264"
        self._occupied = False
        self._shut = False

    def packet(self, packet: ProgrammePacket, timeline: Timeline, arrival_ms: float) -> list[Piece]:
        self._codec = packet.codec
        self._heard_ms = arrival_ms
        if packet.codec != "H264":
            return []
        media_ms = plausible(packet.media_ms, arrival_ms)
        return self._units(self._order.push(packet.sequence, (packet, media_ms), arrival_ms), timeline)

    def advance(self, horizon: int, timeline: Timeline, now_ms: float) -> list[Piece]:
        done = self._units(self._order.expire(now_ms), timeline) + self._cutter.advance(horizon)
        if self._cutter.live or self._live_ms is None or not self._occupied or self._shut:
            self._live_ms = now_ms
        return done

    def flush(self, at: int, timeline: Timeline) -> list[Piece]:
        return self._units(self._order.flush(), timeline) + self._cutter.flush(at)

    def switch(self, at: int, *, on: bool) -> None:
        self._cutter.switch(at, on=on)

    def shut(self, at: int, timeline: Timeline, reason: Reason) -> list[Piece]:
        self._shut = True
        return self._units(self._order.flush(), timeline) + self._cutter.shut(at, reason)

    def lift(self) -> None:
        """Pictures are expected again."""
        self._shut = False

    def occupied(self, source_id: str | None) -> None:
        self._occupied = source_id is not None
        if source_id is None:
            self._cutter.vacate()
        else:
            self._cutter.occupy()

    def asks_keyframe(self, now: int, now_ms: float) -> bool:
        """True at most every 600 ms, and only while somebody sends H.264 into the slot."""
        if self._codec != "H264" or now_ms - self._heard_ms > HEARD_MS or now_ms - self._asked_ms < KEYFRAME_RETRY_MS:
            return False
        if self._depacketiser.waiting or self._cutter.wants_keyframe(now):
            self._asked_ms = now_ms
            return True
        return False

    def complaint(self, now_ms: float) -> Complaint | None:
        """What to tell the director when a filled slot gives no picture to record."""
        if self._live_ms is None or now_ms - self._live_ms < NO_FRAMES_AFTER_MS:
            return None
        if self._codec != "H264":
            return Complaint("no_known_codec", f"codec {self._codec} is not recorded")
        return Complaint("no_frames", "no pictures arrive")

    def _units(self, arrivals: Iterable[Arrival[tuple[ProgrammePacket, float]]], timeline: Timeline) -> list[Piece]:
        done: list[Piece] = []
        for arrival in arrivals:
            packet, media_ms = arrival.item
            for unit in self._depacketiser.push(packet, media_ms, lost=arrival.lost_before > 0):
                done += self._cutter.picture(timeline.ticks(unit.media_ms), unit)
        return done


class Reel:
    """From ``start_ms`` on. Segments of a track come in order; both tracks number from ``first_number``."""

    def __init__(
        self,
        timeline: Timeline,
        start_ms: float,
        first_number: int,
        slate: Slate | None,
        settings: ReelSettings,
        *,
        recorded: bool,
    ) -> None:
        origin = timeline.ticks(start_ms)
        self.timeline = timeline
        self._settings = settings
        self._sound = Sound(origin, settings.hold_ms, settings.audio_channels, settings.audio_bitrate_bps)
        self._pictures = {
            Slot.CAMERA: Picture(origin, settings, slate, recorded=recorded),
            Slot.SCREEN: Picture(origin, settings, None, recorded=recorded),
        }
        self._numbers = {Track.CAMERA: first_number, Track.SCREEN: first_number}
        self._silent: deque[Piece] = deque()  # camera pieces whose sound is not ready yet
        self._sound_lag_ms = 0.0  # from capture to here, of the slowest packet of late
        self._inits: dict[tuple[Track, VideoFormat], Init] = {}

    def packet(self, packet: ProgrammePacket, arrival_ms: float) -> list[Segment]:
        picture = self._pictures.get(packet.slot)
        if picture is not None:
            return self._segments(packet.slot, picture.packet(packet, self.timeline, arrival_ms))
        if packet.codec == "opus":
            # Sound that comes too late for its place is heard late rather than not at all.
            in_time_ms = arrival_ms - self._settings.latency_ms + self._settings.hold_ms + SPARE_MS
            media_ms = plausible(packet.media_ms, arrival_ms)
            self._sound_lag_ms = max(arrival_ms - media_ms, self._sound_lag_ms * LAG_KEPT)
            at_ms = max(media_ms, in_time_ms)
            self._sound.packet(packet, self.timeline.ticks(at_ms), arrival_ms)
        return []

    def advance(self, now_ms: float) -> list[Segment]:
        """Time passes. All packets that arrived before ``now_ms`` must have been given."""
        horizon = self.timeline.ticks(now_ms - self._settings.latency_ms)
        self._sound.advance(horizon, now_ms)
        done = []
        for slot, picture in self._pictures.items():
            done += self._segments(slot, picture.advance(horizon, self.timeline, now_ms))
        self._hurry_sound(self.timeline.ticks(now_ms))
        return done + self._with_sound()

    def flush(self, now_ms: float) -> list[Segment]:
        """The end: everything that is there up to ``now_ms``."""
        at = self.timeline.ticks(now_ms)
        done = []
        for slot, picture in self._pictures.items():
            done += self._segments(slot, picture.flush(at, self.timeline))
        self._sound.flush(max([at, *(piece.end for piece in self._silent)]))
        return done + self._with_sound()

    def switch(self, at_ms: float, *, on: bool) -> None:
        """Recording goes on or off at a moment of the media clock; off is exact, on waits for a keyframe."""
        for picture in self._pictures.values():
            picture.switch(self.timeline.ticks(at_ms), on=on)

    def shut(self, at_ms: float, reason: Reason) -> tuple[list[Segment], list[Segment]]:
        """The curtain falls at this moment: what came before it, and the slate's beginning, apart."""
        at = self.timeline.ticks(at_ms)
        done = []
        for slot, picture in self._pictures.items():
            done += self._segments(slot, picture.shut(at, self.timeline, reason))
        self._sound.flush(max([at, *(piece.end for piece in self._silent)]))
        done += self._with_sound()
        fresh = [segment for segment in done if segment.reason is reason]
        return [segment for segment in done if segment.reason is not reason], fresh

    def lift(self) -> None:
        """The curtain rises: from now on somebody may complain again."""
        for picture in self._pictures.values():
            picture.lift()

    def occupied(self, slots: Mapping[Slot, str | None]) -> None:
        """Which source sits in which slot now."""
        for slot, picture in self._pictures.items():
            picture.occupied(slots.get(slot))

    def keyframes_wanted(self, now_ms: float) -> tuple[Slot, ...]:
        now = self.timeline.ticks(now_ms)
        return tuple(slot for slot in VIDEO_SLOTS if self._pictures[slot].asks_keyframe(now, now_ms))

    def complaint(self, now_ms: float) -> Complaint | None:
        """About the camera: a shared screen that stands still is nothing to complain of."""
        return self._pictures[Slot.CAMERA].complaint(now_ms)

    def _segments(self, slot: Slot, pieces: list[Piece]) -> list[Segment]:
        if slot is Slot.SCREEN:
            return [self._segment(Track.SCREEN, piece) for piece in pieces]
        self._silent.extend(pieces)
        return []

    def _hurry_sound(self, now: int) -> None:
        """The sound of a short piece is waited for as much less as the piece is shorter, but as long as sound needs."""
        due = [piece.end for piece in self._silent if self._short(piece) and now >= piece.end + self._patience(piece)]
        if due:
            self._sound.flush(due[-1])

    def _patience(self, piece: Piece) -> int:
        wait_ms = self._settings.latency_ms * piece.limit / self._settings.limits.limit
        return round(max(wait_ms, self._sound_lag_ms + BEHIND_A_BORDER_MS) * TICKS_PER_MS)

    def _short(self, piece: Piece) -> bool:
        return piece.limit < self._settings.limits.limit

    def _with_sound(self) -> list[Segment]:
        done = []
        while self._silent and self._sound.ready(self._silent[0].end):
            done.append(self._segment(Track.CAMERA, self._silent.popleft()))
        return done

    def _segment(self, track: Track, piece: Piece) -> Segment:
        number = self._numbers[track]
        self._numbers[track] += 1
        sound = self._sound.take(piece.start, piece.end) if track is Track.CAMERA else None
        return Segment(
            track=track,
            number=number,
            init=self._init(track, piece.format),
            start=piece.start,
            end=piece.end,
            utc=self.timeline.utc(piece.start),
            data=media_segment(number, VideoRun(piece.start, piece.samples), sound),
            independent=piece.independent,
            reason=piece.reason,
            recorded=piece.recorded,
            short=self._short(piece),
        )

    def _init(self, track: Track, form: VideoFormat) -> Init:
        init = self._inits.get((track, form))
        if init is None:
            sound = self._sound.format if track is Track.CAMERA else None
            data = init_segment(form, sound)
            codecs = form.codecs if sound is None else f"{form.codecs},{sound.codecs}"
            init = Init(init_name(track, data), data, codecs, form.width, form.height)
            if len(self._inits) >= KEPT_INITS:
                self._inits.clear()
            self._inits[track, form] = init
        return init


def limits_of(segment_ms: int) -> Limits:
    """The cutting rules for a target length: earliest 0.7, asking at 0.9, limit 1.2 of it."""
    target = segment_ms * VIDEO_HZ // 1000
    return Limits(
        target=target, earliest=target * 7 // 10, limit=target * 12 // 10, ask_after=target * 9 // 10, stall=target
    )
