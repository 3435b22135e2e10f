"""Who follows which stream: what the bus and the views say, laid upon the streams that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rooms.bus import Bus
from rooms.choice import Offers
from rooms.follower import Following
from rooms.interface import AUDIO_SLOTS, VIDEO_SLOTS, ProgrammeView, Slot, SourcesView
from rooms.layers import HIGHEST, LOWEST, limit_for, nominal_bps
from rooms.outlet import Outlet
from rooms.source import Source
from rooms.stream import ReceivedStream
from rooms.tap import SlotTap
from rooms.track import Track
from rooms.viewer import Viewer

KEYFRAME_FRESH_MS = 1000.0
SOUND_BPS = 40_000.0  # of a voice that was not heard for a second yet


class Steering:
    """Looks at a room and points its followers. ``ask_keyframe`` is called for a stream that one of them waits for."""

    def __init__(
        self,
        bus: Bus,
        sources: Mapping[str, Source],
        viewers: Mapping[str, Viewer],
        taps: Mapping[Slot, SlotTap],
        ask_keyframe: Callable[[ReceivedStream, float], None],
    ) -> None:
        self._bus = bus
        self._sources = sources
        self._viewers = viewers
        self._taps = taps
        self._ask_keyframe = ask_keyframe
        self._decided: object = None
        self.curtain = False  # viewers of the programme get the slate and no sound, the recorder nothing
        self.slate: ReceivedStream | None = None

    def all(self, now_ms: float) -> None:
        for tap in self._taps.values():
            self._tap(tap, now_ms)
        for viewer in self._viewers.values():
            self.viewer(viewer, now_ms)

    def if_changed(self, now_ms: float) -> None:
        """Seats and layers change by themselves; a hall full of viewers is only gone through when they did."""
        tracks = [track for source in self._sources.values() for track in source.tracks.values()]
        layers = tuple((stream, stream.height) for track in tracks for stream in track.sent(now_ms))
        settled = tuple(track.settled(now_ms) for track in tracks)
        decided = (tuple(self._bus.loudness.seated), settled, layers)
        if decided != self._decided:
            self._decided = decided
            self.all(now_ms)

    def viewer(self, viewer: Viewer, now_ms: float) -> None:
        if viewer.connected:
            for outlet in viewer.outlets:
                self._outlet(viewer, outlet, now_ms)

    def stream_ended(self, stream: ReceivedStream) -> None:
        """Whoever followed it, or waited for it, does so no longer."""
        outlets = (outlet for viewer in self._viewers.values() for outlet in viewer.outlets)
        followers: list[Following] = [*self._taps.values(), *outlets]
        for follower in followers:
            if stream in (follower.following, follower.courting):
                follower.quit()

    def track(self, source_id: str | None, kind: str) -> Track | None:
        source = self._sources.get(source_id) if source_id is not None else None
        return source.track(kind) if source is not None and source.connected else None

    # ---- one follower

    def drop_curtain(self) -> None:
        """Leave everything, at once: nobody waits for a keyframe of the slate."""
        self.curtain = True
        for tap in self._taps.values():
            tap.silence()
        for viewer in self._viewers.values():
            if isinstance(viewer.view, ProgrammeView):
                viewer.silence()

    def _tap(self, tap: SlotTap, now_ms: float) -> None:
        if self.curtain:
            return
        source_id = self._bus.source_in(tap.slot)
        track = self.track(source_id, "video" if tap.is_video else "audio")
        stream = track.choose(HIGHEST, now_ms) if track is not None and track.settled(now_ms) else None
        if source_id is not None and stream is not None:
            tap.announce(source_id, track)
        self._steer(tap, stream, source_id, now_ms)

    def _behind_curtain(self, viewer: Viewer, outlet: Outlet, now_ms: float) -> None:
        """What it would like to have stays as it was, so that the layers are there when the curtain rises."""
        slate = self.slate if outlet.is_video else None
        stream = slate if slate is not None and outlet.takes(slate) else None
        if stream is None or not self._joined(viewer, outlet, stream, now_ms):
            outlet.steer(stream)

    def _outlet(self, viewer: Viewer, outlet: Outlet, now_ms: float) -> None:
        if self.curtain and isinstance(viewer.view, ProgrammeView):
            self._behind_curtain(viewer, outlet, now_ms)
            return
        source_id = self._source_for(viewer, outlet)
        track = self.track(source_id, outlet.plan.kind)
        if track is None:
            outlet.wish(None, None)
            self._steer(outlet, None, source_id, now_ms)
            return
        limit = self._limit(viewer, outlet, track, now_ms)
        outlet.wish(track, min(limit, track.top) if limit is not None else None)
        stream = track.choose(limit, now_ms) if limit is not None else None
        if limit is None or (stream is not None and not outlet.takes(stream)):
            self._steer(outlet, None, None, now_ms)
        elif stream is None or not self._joined(viewer, outlet, stream, now_ms):
            self._steer(outlet, stream, source_id, now_ms)

    def _limit(self, viewer: Viewer, outlet: Outlet, track: Track, now_ms: float) -> int | None:
        """The best rank that the viewer's size and path allow; None: no picture at all for now."""
        if not outlet.is_video or (len(track.ranks) == 1 and not viewer.adaptation.limited):
            return HIGHEST
        if not viewer.adaptation.limited:
            return _size_limit(viewer, track)
        layers = _affordable(viewer, track, now_ms)
        allowed = viewer.adaptation.allowed(viewer.pictures.index(outlet), len(layers))
        if layers and not allowed:
            return None
        return layers[allowed - 1].rank if layers else _size_limit(viewer, track)

    def offers(self, viewer: Viewer, now_ms: float) -> Offers:
        """What there is for a viewer, and what it costs."""
        pictures, shape = [], []
        for outlet in viewer.pictures:
            track = self.track(self._source_for(viewer, outlet), "video")
            layers = _affordable(viewer, track, now_ms) if track is not None else []
            layers = [stream for stream in layers if outlet.takes(stream)]
            pictures.append(tuple(_cost_bps(stream) for stream in layers))
            shape.append((track, len(layers)))
        sounds = (outlet.following for outlet in viewer.outlets if not outlet.is_video)
        return Offers(tuple(pictures), sum(_cost_bps(stream) for stream in sounds if stream is not None), tuple(shape))

    def _joined(self, viewer: Viewer, outlet: Outlet, stream: ReceivedStream, now_ms: float) -> bool:
        """Whether the outlet, which shows nothing yet, could begin with a keyframe that has passed already."""
        if not outlet.is_video or outlet.following is not None or outlet.courting is not None:
            return False
        keyframe = stream.cache.fresh_keyframe(now_ms, KEYFRAME_FRESH_MS)
        if keyframe is None or stream.newest is None or stream.newest.index < keyframe:
            return False
        viewer.join(outlet, stream, keyframe)
        return True

    def _steer(self, follower: Following, stream: ReceivedStream | None, source_id: str | None, now_ms: float) -> None:
        """A source that is away leaves its last picture standing; a slot that is empty follows nothing."""
        if stream is None and source_id is not None and follower.is_video:
            return
        follower.steer(stream)
        if follower.courting is not None and follower.is_video:
            self._ask_keyframe(follower.courting, now_ms)

    def _source_for(self, viewer: Viewer, outlet: Outlet) -> str | None:
        view = viewer.view
        if isinstance(view, SourcesView):
            return view.source_ids[outlet.plan.number] if outlet.plan.number < len(view.source_ids) else None
        slot = (VIDEO_SLOTS if outlet.is_video else AUDIO_SLOTS)[outlet.plan.number]
        source_id = self._bus.source_in(slot)
        mix_minus = not outlet.is_video and source_id in view.minus_sources
        return None if mix_minus else source_id


def _size_limit(viewer: Viewer, track: Track) -> int:
    """A view that names no size: the programme at its best, single sources at their lowest."""
    height = viewer.view.height
    if height is None and isinstance(viewer.view, SourcesView):
        return LOWEST
    return limit_for(height, track.heights())


def _affordable(viewer: Viewer, track: Track, now_ms: float) -> list[ReceivedStream]:
    offered = track.offered(now_ms)
    limit = _size_limit(viewer, track)
    return [stream for stream in offered if stream.rank <= limit] or offered[:1]


def _cost_bps(stream: ReceivedStream) -> float:
    if not stream.is_video:
        return stream.reception.steady_bps or SOUND_BPS
    return stream.reception.steady_bps or nominal_bps(stream.rank)
