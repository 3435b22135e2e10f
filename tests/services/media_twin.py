"""A media process in memory: obeys the contract of MediaPlane and ReplayLibrary, without packets.

test_media_contract.py holds it and the real one to the same words. What is its own: a source is connected at once,
and playlists are what a test puts there.
"""

import asyncio
import itertools
from dataclasses import dataclass, field, replace
from pathlib import Path

from server.domain.curtain import Curtain
from server.domain.recordings import RecordingSummary
from server.domain.refusals import Refusal
from server.domain.talkback import TALKBACK_PREFIX
from server.services.media import (
    ClipState,
    MediaAnswer,
    MediaReady,
    MediaStats,
    ProgrammeView,
    RoomState,
    SourceState,
    SourcesView,
    StorageState,
    Track,
    ViewerState,
)

OFFER = "v=0 offer"
SEGMENT = "1.m4s"


@dataclass
class Room:
    recording_id: str
    video_codec: str
    camera: str | None = None
    screen: str | None = None
    opened: frozenset[str] = frozenset()
    sources: dict[str, str] = field(default_factory=dict)  # source → session
    viewers: dict[str, object] = field(default_factory=dict)  # session → view
    closing_ms: int | None = None
    clip: ClipState | None = None
    curtain: Curtain | None = None


class Disk:
    """What a recorder leaves behind; outlives the media process."""

    def __init__(self):
        self.recordings: dict[str, RecordingSummary] = {}

    async def recover(self, keep_open):
        left = [one for one in self.recordings.values() if one.state != "finished"]
        ended = [replace(one, state="finished", recovered=True) for one in left if one.recording_id not in keep_open]
        self.recordings.update({one.recording_id: one for one in ended})
        return tuple(ended)

    async def holds_any(self):
        return bool(self.recordings)

    async def summary(self, recording_id):
        if recording_id not in self.recordings:
            raise Refusal("recording_unknown", recording_id)
        return self.recordings[recording_id]

    async def playlist(self, recording_id, track):
        await self.summary(recording_id)
        return f"#EXTM3U\n#EXTINF:2.0,\n{SEGMENT}\n" if track is Track.CAMERA else "#EXTM3U\n"

    async def file(self, recording_id, name, since=None):
        await self.summary(recording_id)
        if name != SEGMENT:
            raise Refusal("recording_unknown", name)
        return Path(name)

    async def fetch(self, recording_id, name):
        raise Refusal("storage_unavailable", name)

    async def forget(self, recording_id, at, why):
        self.recordings.pop(recording_id, None)


class MediaTwin:
    """``calls`` lists the orders that changed something. ``away`` refuses everything; :meth:`restart` forgets all."""

    def __init__(self, disk):
        self.disk = disk
        self.rooms: dict[str, Room] = {}
        self.attached: dict[str, RecordingSummary] = {}
        self.finished: dict[str, RecordingSummary] = {}
        self.calls: list[tuple] = []
        self.away = False
        self.disk_away = False
        self.playlists: dict[tuple[str, Track], str] = {}
        self._numbers = itertools.count(1)
        self._frames = itertools.count(1)
        self.level_dbov = 30
        self.storage = StorageState(312 * 10**9, low=False)

    def sends(self, name):
        """What a source that publishes looks like."""
        return SourceState(name, True, True, True, "H264", 99, 1, 900_000, self.level_dbov)

    def restart(self):
        self.rooms, self.attached, self.finished, self.away = {}, {}, {}, False

    def record(self, recording_id, duration_ms):
        """Time passes for a running recording."""
        before = self.attached[recording_id]
        if before.state == "running":
            after = replace(before, duration_ms=before.duration_ms + duration_ms, bytes=before.bytes + duration_ms)
            self.attached[recording_id] = self.disk.recordings[recording_id] = after

    async def _answer(self):
        await asyncio.sleep(0)
        if self.away:
            raise Refusal("media_unavailable")

    def _room(self, lesson_id):
        if lesson_id not in self.rooms:
            raise Refusal("room_unknown", lesson_id)
        return self.rooms[lesson_id]

    async def open_room(self, lesson_id, recording_id, video_codec, *, recording):
        await self._answer()
        self.calls.append(("open_room", lesson_id, recording))
        self.rooms.setdefault(lesson_id, Room(recording_id, video_codec)).closing_ms = None
        if recording_id is not None and recording_id not in self.attached:
            before = self.disk.recordings.get(recording_id)
            if before is not None and before.state == "finished":
                raise Refusal("recording_finished", recording_id)
            if self.disk_away:
                return
            state = "running" if recording else "paused"
            fresh = RecordingSummary(recording_id, lesson_id, state, None, 0, 0, 0, False, 0)
            self.attached[recording_id] = replace(before or fresh, state=state)

    async def close_room(self, lesson_id, *, grace_ms):
        await self._answer()
        if lesson_id in self.rooms:
            self.calls.append(("close_room", lesson_id, grace_ms))
            self.rooms[lesson_id].closing_ms = grace_ms
            if grace_ms == 0:
                del self.rooms[lesson_id]

    async def set_recording(self, recording_id, *, on):
        await self._answer()
        if recording_id not in self.attached:
            raise Refusal("recording_finished" if recording_id in self.finished else "recording_unknown", recording_id)
        self.calls.append(("set_recording", recording_id, on))
        self.attached[recording_id] = replace(self.attached[recording_id], state="running" if on else "paused")

    async def finish_recording(self, recording_id):
        await self._answer()
        if self.disk_away:
            raise Refusal("storage_unavailable", recording_id)
        if recording_id in self.attached:
            ended = self.finished[recording_id] = replace(self.attached.pop(recording_id), state="finished")
            if ended.duration_ms:
                self.disk.recordings[recording_id] = ended
            self.calls.append(("finish_recording", recording_id))
            return ended
        if recording_id in self.finished:
            return self.finished[recording_id]
        ended = self.disk.recordings[recording_id] = replace(await self.disk.summary(recording_id), state="finished")
        return ended

    async def publish(self, lesson_id, source, offer_sdp, *, replace):
        await self._answer()
        room = self._room(lesson_id)
        if source in room.sources and not replace:
            raise Refusal("source_taken", source)
        _check_readable(offer_sdp)
        room.sources[source] = session = f"session-{next(self._numbers)}"
        return MediaAnswer(session, f"answer for {source}", f"etag-{session}")

    async def watch(self, lesson_id, viewer_id, offer_sdp, view):
        await self._answer()
        room = self._room(lesson_id)
        _check_readable(offer_sdp)
        session = f"session-{next(self._numbers)}"
        room.viewers[session] = view
        return MediaAnswer(session, f"answer for {viewer_id}", f"etag-{session}")

    async def add_candidates(self, session_id, fragment, etag):
        await self._answer()
        self._room_of(session_id)
        if etag not in (f"etag-{session_id}", "*"):
            raise Refusal("precondition_failed", etag)

    async def resize(self, session_id, height):
        await self._answer()
        room = self._room_of(session_id)
        self._viewed(session_id)
        if height is not None and not 0 < height <= 4320:
            raise Refusal("invalid_body", str(height))
        room.viewers[session_id] = replace(room.viewers[session_id], height=height)

    async def look_at(self, session_id, sources):
        await self._answer()
        room = self._room_of(session_id)
        if not isinstance(self._viewed(session_id), SourcesView):
            raise Refusal("session_unknown", session_id)
        room.viewers[session_id] = replace(room.viewers[session_id], sources=sources)

    async def viewer_state(self, session_id):
        await self._answer()
        return ViewerState(self._viewed(session_id).height, sound_only=False)

    def _viewed(self, session_id):
        view = self._room_of(session_id).viewers.get(session_id)
        if view is None:
            raise Refusal("session_unknown", session_id)
        return view

    async def end_session(self, session_id):
        await self._answer()
        room = self._room_of(session_id)
        room.sources = {name: one for name, one in room.sources.items() if one != session_id}
        room.viewers.pop(session_id, None)

    def _room_of(self, session_id):
        for room in self.rooms.values():
            if session_id in (*room.sources.values(), *room.viewers):
                return room
        raise Refusal("session_unknown", session_id)

    async def take(self, lesson_id, slot, source):
        await self._answer()
        if slot not in ("camera", "screen"):
            raise Refusal("slot_unknown", slot)
        room = self._room(lesson_id)
        _check_public([source or ""])
        setattr(room, slot, source)
        self.calls.append(("take", slot, source))

    async def open_audio(self, lesson_id, sources):
        await self._answer()
        room = self._room(lesson_id)
        _check_public(sources)
        room.opened = sources
        self.calls.append(("open_audio", tuple(sorted(sources))))

    async def play_clip(self, lesson_id, source, clip):
        await self._answer()
        room = self._room(lesson_id)
        if room.clip is not None and room.clip.order == clip.order:
            return
        if room.clip is None:
            if source in room.sources:
                raise Refusal("source_taken", source)
            room.sources[source] = f"session-{next(self._numbers)}"
        room.clip = ClipState(source, clip.order, clip.at_ms, clip.paused)
        self.calls.append(("play_clip", source, clip))

    async def stop_clip(self, lesson_id, source):
        await self._answer()
        room = self._room(lesson_id)
        if room.clip is not None:
            room.clip = None
            del room.sources[source]
            self.calls.append(("stop_clip", source))

    def clip_ended(self, lesson_id):
        """It came to its end by itself."""
        room = self.rooms[lesson_id]
        del room.sources[room.clip.source]
        room.clip = None

    async def set_curtain(self, lesson_id, curtain):
        await self._answer()
        self._room(lesson_id).curtain = curtain
        self.calls.append(("set_curtain", curtain))

    async def room_state(self, lesson_id):
        await self._answer()
        room = self._room(lesson_id)
        sources = tuple(replace(self.sends(name), frames=next(self._frames)) for name in room.sources)
        return RoomState(
            lesson_id,
            room.camera,
            room.screen,
            room.opened,
            sources,
            len(room.viewers),
            self.attached.get(room.recording_id) or self.finished.get(room.recording_id),
            room.clip,
            room.curtain,
            self.storage,
        )

    async def stats(self):
        return (MediaStats("python", 1, 0, 0, 0, 0, {}, 0.0),)

    async def live_playlist(self, recording_id, track, asking=None):
        return self.playlists.get((recording_id, track))

    async def ring_file(self, recording_id, name):
        return None

    async def events(self):
        yield MediaReady("twin")
        await asyncio.Event().wait()


def _check_public(sources):
    if any(source.startswith(TALKBACK_PREFIX) for source in sources):
        raise Refusal("source_unknown")


def _check_readable(offer_sdp):
    if offer_sdp != OFFER:
        raise Refusal("bad_sdp")


__all__ = ["OFFER", "Disk", "MediaTwin", "ProgrammeView"]
