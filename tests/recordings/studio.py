"""A room without network for the recorder's tests: a clock set by hand and a node that plays given packets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import av
import numpy as np

from recordings.clock import Instant, from_rfc3339
from recordings.interface import RecordingSpec, Track
from recordings.library import FolderLibrary
from recordings.recorder import Recorder, RecorderSettings
from recordings.shelving import Watermarks
from recordings.tail import Tail
from rooms.interface import PacketSink, ProgrammePacket, RoomState, Slot
from rooms.interface import Refusal as NodeRefusal

UTC_0 = 1_795_000_000_000.0
DELAY_MS = 60.0  # from capture to the recorder
STEP_MS = 40.0
SPEC = RecordingSpec("rec-1", "lesson-1", "room-1")
NO_WATERMARKS = Watermarks(low_bytes=0, full_bytes=0)


@dataclass
class HandClock:
    """Goes where it is put. UTC runs along."""

    at_ms: float = 1_000.0
    utc_offset_ms: float = UTC_0

    def now(self) -> Instant:
        return Instant(self.at_ms, self.at_ms + self.utc_offset_ms)

    def monotonic_ms(self) -> float:
        return self.at_ms


@dataclass
class Studio:
    """The part of a MediaNode that a recorder uses."""

    clock: HandClock = field(default_factory=HandClock)
    sinks: list[PacketSink] = field(default_factory=list)
    keyframes_asked: list[tuple[float, Slot]] = field(default_factory=list)
    slots: dict[Slot, str | None] = field(default_factory=lambda: {Slot.CAMERA: "lecturer", Slot.SCREEN: "lecturer"})
    open_rooms: set[str] = field(default_factory=lambda: {"room-1", "room-2"})

    def subscribe(self, room_id: str, sink: PacketSink) -> None:
        if room_id not in self.open_rooms:
            raise NodeRefusal("room_unknown", room_id)
        self.sinks.append(sink)

    def unsubscribe(self, room_id: str, sink: PacketSink) -> None:
        self.sinks.remove(sink)

    def request_keyframe(self, room_id: str, slot: Slot) -> None:
        self.keyframes_asked.append((self.clock.monotonic_ms(), slot))

    def room_state(self, room_id: str) -> RoomState:
        return RoomState(room_id, dict(self.slots), frozenset(), (), 0)

    async def play(self, packets: Iterable[ProgrammePacket], until_ms: float, pace_s: float = 0.0) -> None:
        """Give packets at their time while the clock runs, as fast as it goes (or one step per ``pace_s``)."""
        waiting = iter(packets)
        packet = next(waiting, None)
        while self.clock.at_ms < until_ms:
            now = min(self.clock.at_ms + STEP_MS, until_ms)
            while packet is not None and packet.media_ms + DELAY_MS <= now:
                for sink in tuple(self.sinks):
                    sink.on_packets([packet])
                packet = next(waiting, None)
            self.clock.at_ms = now
            await asyncio.sleep(pace_s)


def recorder(studio: Studio, root: Path, tail: Tail | None = None, **settings: object) -> Recorder:
    settings.setdefault("watermarks", NO_WATERMARKS)
    return Recorder(studio, root, RecorderSettings(**settings), clock=studio.clock, tail=tail)


async def eventually(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Poll until true, with a deadline."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "did not happen in time"
        await asyncio.sleep(0.01)


async def live_until(archive: Recorder, end_s: float, track: Track = Track.CAMERA) -> str:
    """The live playlist once it reaches ``end_s`` of the timeline: the media thread has caught up with the clock."""
    deadline = asyncio.get_running_loop().time() + 60
    while True:
        playlist = await archive.live_playlist(SPEC.recording_id, track) or ""
        times = [line.partition(":")[2] for line in playlist.splitlines() if "PROGRAM-DATE-TIME" in line]
        if times and from_rfc3339(times[-1]) - UTC_0 + durations(playlist)[-1] * 1000 >= 1_000 + end_s * 1000:
            return playlist
        assert asyncio.get_running_loop().time() < deadline, "did not catch up in time"
        await asyncio.sleep(0.01)


# ---- reading back -------------------------------------------------------------------------------------------------


@dataclass
class Decoded:
    """What a player gets: times in seconds on the recording's timeline."""

    video: list[tuple[float, tuple[int, int], float]]  # time, (width, height), mean brightness
    audio: list[tuple[float, float, int]]  # time, RMS of the frame, samples


def stretches(playlist: str) -> list[tuple[str, list[str]]]:
    """(init, segments) for each run between discontinuities or maps."""
    runs: list[tuple[str, list[str]]] = []
    init, fresh = "", True
    for line in playlist.splitlines():
        if line == "#EXT-X-DISCONTINUITY":
            fresh = True
        elif line.startswith("#EXT-X-MAP:"):
            init, fresh = line.split('"')[1], True
        elif not line.startswith("#"):
            if fresh:
                runs.append((init, []))
                fresh = False
            runs[-1][1].append(line)
    return runs


def brightness(frame: av.VideoFrame) -> float:
    """The mean grey, 0…255; the first plane has it as 16…235."""
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return (float(rows[: frame.height, : frame.width].mean()) - 16) * 255 / 219


def decode(playlist: str, read: Callable[[str], bytes]) -> Decoded:
    import io

    decoded = Decoded([], [])
    for init, names in stretches(playlist):
        file = io.BytesIO(read(init) + b"".join(read(name) for name in names))
        with av.open(file, format="mov") as container:
            for frame in container.decode():
                if isinstance(frame, av.VideoFrame):
                    decoded.video.append((float(frame.time), (frame.width, frame.height), brightness(frame)))
                else:
                    samples = frame.to_ndarray()
                    rms = float((samples.astype("float64") ** 2).mean() ** 0.5)
                    decoded.audio.append((float(frame.time), rms, frame.samples))
    return decoded


def decode_library(root: Path, track, recording_id: str = SPEC.recording_id) -> Decoded:
    library = FolderLibrary(root)
    return decode(library.playlist(recording_id, track), lambda name: library.file(recording_id, name).read_bytes())


def durations(playlist: str) -> list[float]:
    return [float(line[8:].rstrip(",")) for line in playlist.splitlines() if line.startswith("#EXTINF:")]
