"""One room: who publishes, who watches, what the bus says, and who therefore follows which stream."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable

from rooms.bus import Bus
from rooms.follower import Following
from rooms.interface import (
    AUDIO_SLOTS,
    VIDEO_SLOTS,
    NeverLive,
    NodeEvent,
    PacketSink,
    ProgrammePacket,
    ProgrammeView,
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
from rooms.layers import Appetite
from rooms.negotiation import SlotSsrcs
from rooms.source import Source, Track
from rooms.stream import ReceivedStream
from rooms.tap import SlotTap
from rooms.viewer import Outlet, Viewer

_LOG = logging.getLogger(__name__)

KEYFRAME_FRESH_MS = 1000.0
MAX_SINKS = 16
SLOW_TICK_MS = 200.0


class Room:
    """Holds sources and viewers and steers every follower. Performs no I/O of its own."""

    def __init__(self, spec: RoomSpec, report: Callable[[NodeEvent], None], clock: Callable[[], float]) -> None:
        self.spec = spec
        self.bus = Bus()
        self.sources: dict[str, Source] = {}
        self.viewers: dict[str, Viewer] = {}
        self.ssrcs = {slot: SlotSsrcs.fresh() for slot in Slot}
        self.counters: Counter[str] = Counter()
        self._sinks: list[PacketSink] = []
        self._taps = {slot: SlotTap(slot, self._on_programme, self._on_slot_live) for slot in Slot}
        self._joining: dict[Viewer, None] = {}
        self._report = report
        self._clock = clock
        self._slow_tick_at_ms = 0.0
        self._decided: tuple[tuple[str | None, ...], tuple[bool, ...], tuple[ReceivedStream | None, ...]] = ((), (), ())

    # ---- commands

    def take(self, slot: Slot, source_id: str | None) -> None:
        self.bus.take(slot, source_id)
        self._steer_all(self._clock())

    def open_audio(self, source_ids: frozenset[str]) -> None:
        now_ms = self._clock()
        self.bus.open_audio(source_ids, now_ms)
        self._steer_all(now_ms)

    def look_at(self, viewer: Viewer, source_ids: tuple[str, ...]) -> None:
        viewer.view = SourcesView(source_ids)
        self._steer_viewer(viewer, self._clock())

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
        track = self._track(self.bus.source_in(Slot.CAMERA), "video")
        return track.plan.codec.name if track is not None else self.spec.video_codec

    # ---- what sources report

    def source_live(self, source: Source, now_ms: float) -> None:
        self._report(SourceUp(self.spec.room_id, source.source_id, source.peer.session_id))
        self._steer_all(now_ms)

    def source_ended(self, source: Source, reason: str, was_live: bool) -> None:
        if self.sources.get(source.source_id) is source:
            del self.sources[source.source_id]
        self._keep_counters(source)
        if was_live:
            self._report(SourceDown(self.spec.room_id, source.source_id, source.peer.session_id, reason))
        else:
            self._report(NeverLive(self.spec.room_id, source.peer.session_id, reason))

    def _keep_counters(self, source: Source) -> None:
        self.counters["nack_sent"] += source.nacks_sent
        self.counters["pli_sent"] += source.plis_sent
        self.counters["unidentified"] += source.unidentified

    def stream_began(self, source: Source, stream: ReceivedStream, now_ms: float) -> None:
        """Before its first packet is handed on, so that its first keyframe finds its followers."""
        self._steer_if_changed(now_ms)

    def stream_ended(self, stream: ReceivedStream) -> None:
        followers: list[Following] = [*self._taps.values(), *(o for v in self.viewers.values() for o in v.outlets)]
        for follower in followers:
            if stream in (follower.following, follower.courting):
                follower.quit()

    def loudness(self, source: Source, level_dbov: int) -> None:
        self.bus.loudness.heard(source.source_id, level_dbov, self._clock())

    # ---- what viewers report

    def viewer_live(self, viewer: Viewer, now_ms: float) -> None:
        self._report(ViewerUp(self.spec.room_id, viewer.peer.session_id, viewer.viewer_id))
        self._steer_viewer(viewer, now_ms)

    def viewer_ended(self, viewer: Viewer, reason: str, was_live: bool) -> None:
        self.viewers.pop(viewer.peer.session_id, None)
        self._joining.pop(viewer, None)
        if was_live:
            self._report(ViewerDown(self.spec.room_id, viewer.peer.session_id, viewer.viewer_id, reason))
        else:
            self._report(NeverLive(self.spec.room_id, viewer.peer.session_id, reason))

    def keyframe_wanted(self, stream: ReceivedStream, now_ms: float) -> None:
        for source in self.sources.values():
            if stream in source.streams():
                source.ask_keyframe(stream, now_ms)

    def tap(self, slot: Slot) -> SlotTap:
        return self._taps[slot]

    def count(self, counter: str, number: int = 1) -> None:
        self.counters[counter] += number

    # ---- steering

    def _steer_all(self, now_ms: float) -> None:
        for tap in self._taps.values():
            self._steer_tap(tap, now_ms)
        for viewer in self.viewers.values():
            self._steer_viewer(viewer, now_ms)

    def _steer_if_changed(self, now_ms: float) -> None:
        """Seats and layers change by themselves; a hall full of viewers is only gone through when they did."""
        tracks = [track for source in self.sources.values() for track in source.tracks.values()]
        choices = tuple(track.choose(appetite, now_ms) for track in tracks for appetite in Appetite)
        settled = tuple(track.settled(now_ms) for track in tracks)
        decided = (tuple(self.bus.loudness.seated), settled, choices)
        if decided != self._decided:
            self._decided = decided
            self._steer_all(now_ms)

    def _steer_tap(self, tap: SlotTap, now_ms: float) -> None:
        source_id = self.bus.source_in(tap.slot)
        track = self._track(source_id, "video" if tap.is_video else "audio")
        stream = track.choose(Appetite.HIGHEST, now_ms) if track is not None and track.settled(now_ms) else None
        if source_id is not None and stream is not None:
            tap.announce(source_id, track)
        self._steer(tap, stream, source_id, now_ms)

    def _steer_viewer(self, viewer: Viewer, now_ms: float) -> None:
        if viewer.connected:
            for outlet in viewer.outlets:
                self._steer_outlet(viewer, outlet, now_ms)

    def _steer_outlet(self, viewer: Viewer, outlet: Outlet, now_ms: float) -> None:
        source_id = self._source_for(viewer, outlet)
        track = self._track(source_id, outlet.plan.kind)
        appetite = Appetite.HIGHEST if isinstance(viewer.view, ProgrammeView) else Appetite.LOWEST
        stream = track.choose(appetite, now_ms) if track is not None else None
        if stream is not None and not outlet.takes(stream):
            self._steer(outlet, None, None, now_ms)
            return
        if stream is not None and outlet.following is None and outlet.courting is None and outlet.is_video:
            keyframe = stream.cache.fresh_keyframe(now_ms, KEYFRAME_FRESH_MS)
            if keyframe is not None and stream.newest is not None and stream.newest.index >= keyframe:
                outlet.join(stream, keyframe)
                self._joining[viewer] = None
                return
        self._steer(outlet, stream, source_id, now_ms)

    def _steer(self, follower: Following, stream: ReceivedStream | None, source_id: str | None, now_ms: float) -> None:
        """A source that is away leaves its last picture standing; a slot that is empty follows nothing."""
        if stream is None and source_id is not None and follower.is_video:
            return
        follower.steer(stream)
        if follower.courting is not None and follower.is_video:
            self.keyframe_wanted(follower.courting, now_ms)

    def _source_for(self, viewer: Viewer, outlet: Outlet) -> str | None:
        view = viewer.view
        if isinstance(view, SourcesView):
            return view.source_ids[outlet.plan.number] if outlet.plan.number < len(view.source_ids) else None
        slot = (VIDEO_SLOTS if outlet.is_video else AUDIO_SLOTS)[outlet.plan.number]
        source_id = self.bus.source_in(slot)
        mix_minus = not outlet.is_video and source_id == view.minus_source
        return None if mix_minus else source_id

    def _track(self, source_id: str | None, kind: str) -> Track | None:
        source = self.sources.get(source_id) if source_id is not None else None
        return source.track(kind) if source is not None and source.connected else None

    # ---- the clock

    def on_tick(self, now_ms: float) -> None:
        """Fifty times a second."""
        for source in list(self.sources.values()):
            if source.connected:
                source.on_tick(now_ms)
        for viewer in [viewer for viewer in self._joining if not viewer.catch_up()]:
            del self._joining[viewer]
        if now_ms - self._slow_tick_at_ms >= SLOW_TICK_MS:
            self._slow_tick_at_ms = now_ms
            self.bus.loudness.rearrange(now_ms)
            self._steer_if_changed(now_ms)
            for viewer in self.viewers.values():
                viewer.report(now_ms)

    # ---- what goes out inside the process

    def _on_programme(self, packet: ProgrammePacket) -> None:
        for sink in self._sinks:
            try:
                sink.on_packet(packet)
            except Exception:  # noqa: BLE001 - its contract forbids it; the lecture goes on all the same
                self.counters["sink_failed"] += 1
                if self.counters["sink_failed"] == 1:
                    _LOG.exception("a subscriber of room %s raised", self.spec.room_id)

    def _on_slot_live(self, slot: Slot, source_id: str) -> None:
        self._report(SlotLive(self.spec.room_id, slot, source_id))

    def state(self, now_ms: float) -> RoomState:
        return RoomState(
            room_id=self.spec.room_id,
            slots=self.bus.assignments(),
            opened_audio=self.bus.opened,
            sources=tuple(source.state(now_ms) for source in self.sources.values()),
            viewers=sum(viewer.connected for viewer in self.viewers.values()),
        )

    def tally(self) -> Counter[str]:
        """Counters of the room and of its present sources."""
        total = Counter(self.counters)
        for source in self.sources.values():
            total["nack_sent"] += source.nacks_sent
            total["pli_sent"] += source.plis_sent
            total["unidentified"] += source.unidentified
        return total

    def sessions(self) -> list[Source | Viewer]:
        return [*self.sources.values(), *self.viewers.values()]


def check_slot(slot: Slot) -> None:
    """Raises ``slot_unknown`` for what is not a slot (a caller across a socket may send anything)."""
    if slot not in (*VIDEO_SLOTS, *AUDIO_SLOTS):
        raise Refusal("slot_unknown", str(slot))
