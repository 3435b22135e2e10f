"""One room: who publishes, who watches, what the bus says, and what goes on between them."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from rooms.audience import Audience
from rooms.bus import Bus
from rooms.interface import (
    AUDIO_SLOTS,
    MAX_HEIGHT,
    VIDEO_SLOTS,
    ClipOver,
    LayersWanted,
    NeverLive,
    NodeEvent,
    PacketSink,
    ProgrammePacket,
    Refusal,
    RoomSpec,
    RoomState,
    Slot,
    SlotLive,
    SourceDown,
    SourcesView,
    SourceUp,
    ViewerDown,
    ViewerUp,
)
from rooms.negotiation import SlotSsrcs
from rooms.slate import Slate
from rooms.source import Source
from rooms.steering import Steering
from rooms.stream import ReceivedStream
from rooms.tap import SlotTap
from rooms.viewer import Viewer

_LOG = logging.getLogger(__name__)

MAX_SINKS = 16
SLOW_TICK_MS = 200.0


class Room:
    """Holds sources, viewers and what steers them. Performs no I/O of its own."""

    def __init__(
        self,
        spec: RoomSpec,
        report: Callable[[NodeEvent], None],
        clock: Callable[[], float],
        slate: Slate | None = None,
    ) -> None:
        self.spec = spec
        self.bus = Bus()
        self.sources: dict[str, Source] = {}
        self.viewers: dict[str, Viewer] = {}
        self.ssrcs = {slot: SlotSsrcs.fresh() for slot in Slot}
        self.counters: Counter[str] = Counter()
        self._sinks: list[PacketSink] = []
        self._taps = {slot: SlotTap(slot, self._on_programme, self._on_slot_live) for slot in Slot}
        self.steering = Steering(self.bus, self.sources, self.viewers, self._taps, self.keyframe_wanted)
        self.audience = Audience(self.steering, self.count)
        self._slate = slate
        self.steering.slate = slate.stream if slate is not None else None
        self._report = report
        self._clock = clock
        self._slow_tick_at_ms = 0.0
        self._told: dict[Viewer, None] = {}  # connected viewers, those whose report is the oldest first
        self._clocks: list[tuple[int, int]] = []

    # ---- commands

    def take(self, slot: Slot, source_id: str | None) -> None:
        self._check_public({source_id} if source_id is not None else ())
        self.bus.take(slot, source_id)
        self.steering.all(self._clock())

    def open_audio(self, source_ids: frozenset[str]) -> None:
        self._check_public(source_ids)
        now_ms = self._clock()
        self.bus.open_audio(source_ids, now_ms)
        self.steering.all(now_ms)

    def set_curtain(self, down: bool) -> None:
        """Down: the slate and silence for who watches the programme. Who looks at single sources goes on seeing them.

        Idempotent. Of what came while it was down nobody gets anything when it rises: no cached keyframe, no repair.
        """
        if down is self.steering.curtain:
            return
        now_ms = self._clock()
        if down:
            self.steering.drop_curtain()
        else:
            self.steering.curtain = False
            for source in self.sources.values():
                for stream in source.streams():
                    stream.begin_anew()
        self.steering.all(now_ms)
        if down and self._slate is not None:
            self._slate.show(now_ms)

    def _check_public(self, source_ids: Iterable[str]) -> None:
        """Raises ``source_unknown``: the programme and what is recorded of it never know of private sources."""
        prefix = self.spec.private_prefix
        if prefix is not None and any(source_id.startswith(prefix) for source_id in source_ids):
            raise Refusal("source_unknown", "private")

    def look_at(self, viewer: Viewer, source_ids: tuple[str, ...]) -> None:
        viewer.view = SourcesView(source_ids, viewer.view.height)
        self.steering.viewer(viewer, self._clock())

    def resize(self, viewer: Viewer, height: int | None) -> None:
        viewer.view = dataclasses.replace(viewer.view, height=height)
        self.steering.viewer(viewer, self._clock())

    def request_keyframe(self, slot: Slot) -> None:
        stream = self._taps[slot].following
        if stream is not None:
            self.keyframe_wanted(stream, self._clock())

    def subscribe(self, sink: PacketSink) -> None:
        if sink in self._sinks:
            return
        if len(self._sinks) >= MAX_SINKS:
            raise Refusal("node_full", "subscribers")
        self._sinks.append(sink)
        self._listen()

    def unsubscribe(self, sink: PacketSink) -> None:
        if sink in self._sinks:
            self._sinks.remove(sink)
        self._listen()

    def _listen(self) -> None:
        for tap in self._taps.values():
            tap.listened = bool(self._sinks)

    def codec_on_air(self) -> str:
        """What a viewer must be able to decode now: the camera's codec, the lesson's while nobody is there."""
        track = self.steering.track(self.bus.source_in(Slot.CAMERA), "video")
        return track.plan.codec.name if track is not None else self.spec.video_codec

    # ---- what sources report

    def source_live(self, source: Source, now_ms: float) -> None:
        self._report(SourceUp(self.spec.room_id, source.source_id, source.peer.session_id))
        self.steering.all(now_ms)

    def source_ended(self, source: Source, reason: str, was_live: bool) -> None:
        if self.sources.get(source.source_id) is source:
            del self.sources[source.source_id]
            self.bus.loudness.forget(source.source_id)
        self._keep_counters(source)
        if was_live:
            self._report(SourceDown(self.spec.room_id, source.source_id, source.peer.session_id, reason))
        else:
            self._report(NeverLive(self.spec.room_id, source.peer.session_id, reason))

    def _keep_counters(self, source: Source) -> None:
        self.counters["nack_sent"] += source.nacks_sent
        self.counters["audio_nack_sent"] += source.audio_nacks_sent
        self.counters["red_restored"] += source.restored
        self.counters["pli_sent"] += source.plis_sent
        self.counters["unidentified"] += source.unidentified

    def stream_began(self, source: Source, stream: ReceivedStream, now_ms: float) -> None:
        """Before its first packet is handed on, so that its first keyframe finds its followers."""
        self.steering.if_changed(now_ms)

    def stream_ended(self, stream: ReceivedStream) -> None:
        self.steering.stream_ended(stream)

    def clip_over(self, source_id: str, order: int, reason: str) -> None:
        self._report(ClipOver(self.spec.room_id, source_id, order, reason))

    def loudness(self, source: Source, level_dbov: int) -> None:
        self.bus.loudness.heard(source.source_id, level_dbov, self._clock())

    # ---- what viewers report

    def viewer_live(self, viewer: Viewer, now_ms: float) -> None:
        self._told[viewer] = None
        self._report(ViewerUp(self.spec.room_id, viewer.peer.session_id, viewer.viewer_id))
        self.steering.viewer(viewer, now_ms)

    def viewer_ended(self, viewer: Viewer, reason: str, was_live: bool) -> None:
        self.viewers.pop(viewer.peer.session_id, None)
        self._told.pop(viewer, None)
        self.audience.forget(viewer)
        if was_live:
            self._report(ViewerDown(self.spec.room_id, viewer.peer.session_id, viewer.viewer_id, reason))
        else:
            self._report(NeverLive(self.spec.room_id, viewer.peer.session_id, reason))

    def keyframe_wanted(self, stream: ReceivedStream, now_ms: float) -> None:
        for source in self.sources.values():
            if stream in source.streams():
                source.ask_keyframe(stream, now_ms)

    def remb(self, viewer: Viewer, bitrate_bps: int, now_ms: float) -> None:
        self.audience.remb(viewer, bitrate_bps, now_ms)

    def loss(self, viewer: Viewer, fraction: float, now_ms: float) -> None:
        self.audience.loss(viewer, fraction, now_ms)

    def tap(self, slot: Slot) -> SlotTap:
        return self._taps[slot]

    def count(self, counter: str, number: int = 1) -> None:
        self.counters[counter] += number

    # ---- the clock

    def on_tick(self, now_ms: float) -> None:
        """Fifty times a second."""
        for source in list(self.sources.values()):
            if source.connected:
                source.on_tick(now_ms)
        self.audience.on_tick(now_ms)
        if self.steering.curtain and self._slate is not None:
            self._slate.on_tick(now_ms)
        if self.bus.loudness.rearrange(now_ms):
            self.steering.if_changed(now_ms)
        if now_ms - self._slow_tick_at_ms >= SLOW_TICK_MS:
            self._slow_tick_at_ms = now_ms
            self.steering.if_changed(now_ms)
            self.audience.on_slow_tick(now_ms)
            self._tell_what_is_wanted(now_ms)
            self._tell_viewers(now_ms)

    def _tell_viewers(self, now_ms: float) -> None:
        """Of their streams, whoever was told longest ago first: most are not looked at each time."""
        at_once = self._clock_changed()
        for viewer in list(self._told):
            if not viewer.report(now_ms, at_once=at_once):
                break
            del self._told[viewer]
            self._told[viewer] = None

    def _tell_what_is_wanted(self, now_ms: float) -> None:
        """Sources that offer several layers need not send those that nobody would like to have."""
        listened = {self.bus.source_in(slot) for slot in VIDEO_SLOTS if self._taps[slot].listened}
        for source in self.sources.values():
            track = source.track("video")
            if source.connected and track is not None and track.wanted_anew(source.source_id in listened, now_ms):
                rids = track.wanted_rids()
                self._report(LayersWanted(self.spec.room_id, source.source_id, source.peer.session_id, rids))

    def _clock_changed(self) -> bool:
        """Whether a slot has another clock than at the last look: after a switch, and when a report put a clock right.

        Receivers go by the last report: until the next they would place the new source by the old one's clock.
        """
        clocks = [(tap.epoch, tap.following.clock.steps if tap.following else 0) for tap in self._taps.values()]
        changed, self._clocks = clocks != self._clocks, clocks
        return changed

    # ---- what goes out inside the process

    def _on_programme(self, packets: Sequence[ProgrammePacket]) -> None:
        for sink in self._sinks:
            try:
                sink.on_packets(packets)
            except Exception:  # noqa: BLE001 - its contract forbids it; the lecture goes on all the same
                self.counters["sink_failed"] += 1
                if self.counters["sink_failed"] == 1:
                    _LOG.exception("a subscriber of room %s raised", self.spec.room_id)

    def _on_slot_live(self, slot: Slot, source_id: str) -> None:
        self._report(SlotLive(self.spec.room_id, slot, source_id))

    # ---- what a picture shows

    def pictured(self) -> tuple[str, ...]:
        """Connected sources with a picture."""
        return tuple(one.source_id for one in self.sources.values() if one.connected and one.track("video"))

    def lowest(self, source_id: str, now_ms: float) -> ReceivedStream | None:
        """The lowest layer that is sent."""
        source = self.sources.get(source_id)
        track = source.track("video") if source else None
        return min(track.sent(now_ms), key=lambda stream: stream.rank, default=None) if track else None

    def ask_lowest(self, source_id: str, now_ms: float) -> None:
        stream, source = self.lowest(source_id, now_ms), self.sources.get(source_id)
        track = source.track("video") if source else None
        if stream is not None and source is not None and track is not None and len(track.ranks) > 1:
            source.ask_keyframe(stream, now_ms)

    def state(self, now_ms: float) -> RoomState:
        return RoomState(
            room_id=self.spec.room_id,
            slots=self.bus.assignments(),
            opened_audio=self.bus.opened,
            curtain=self.steering.curtain,
            sources=tuple(source.state(now_ms) for source in self.sources.values()),
            viewers=sum(viewer.connected for viewer in self.viewers.values()),
            clip=next(filter(None, (source.clip_state(now_ms) for source in self.sources.values())), None),
        )

    def tally(self) -> Counter[str]:
        """Counters of the room and of its present sources."""
        total = Counter(self.counters)
        total["seat_changes"] = self.bus.loudness.changes
        for source in self.sources.values():
            total["nack_sent"] += source.nacks_sent
            total["audio_nack_sent"] += source.audio_nacks_sent
            total["red_restored"] += source.restored
            total["pli_sent"] += source.plis_sent
            total["unidentified"] += source.unidentified
        return total

    def sessions(self) -> list[Source | Viewer]:
        return [*self.sources.values(), *self.viewers.values()]


def check_height(height: int | None) -> None:
    """Raises ``bad_height`` for what is no number of lines."""
    if height is not None and not 0 < height <= MAX_HEIGHT:
        raise Refusal("bad_height", str(height))


def check_slot(slot: Slot) -> None:
    """Raises ``slot_unknown`` for what is not a slot (a caller across a socket may send anything)."""
    if slot not in (*VIDEO_SLOTS, *AUDIO_SLOTS):
        raise Refusal("slot_unknown", str(slot))
