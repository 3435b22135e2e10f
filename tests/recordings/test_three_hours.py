"""Three hours with twenty interruptions, scaled to a sixth of their length and by a virtual clock: every packet and
every file is real, only nobody waits. ``SCALE = 1`` is the whole of it, a quarter of a minute of CPU.

The camera sends two small pictures a second, and three times a minute, at the same moment, a white picture and a tone
of a tenth of a second. How far the two lie apart in the files, by their presentation times, is what a viewer notices.
"""

from __future__ import annotations

import heapq
import io
import itertools
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
import pytest

from recordings import manifest, slate
from recordings.clock import Instant, from_rfc3339, rfc3339
from recordings.interface import RecordingSpec, Track
from recordings.library import FolderLibrary
from recordings.reel import Reel, ReelSettings
from recordings.segmenter import Reason
from recordings.shelving import Mark, Shelving, Watermarks
from recordings.storage import FolderStorage
from recordings.timeline import Timeline
from rooms.interface import ProgrammePacket, Slot
from tests.recordings import rtp
from tests.recordings.studio import brightness

SPEC = RecordingSpec("three-hours", "lesson", "room")
SCALE = 6
START, UTC_0 = 1_000.0, 1_795_000_000_000.0
HOURS_MS, STEP_MS, FRAME_MS = 3 * 3_600_000 // SCALE, 40, 500
EVENTS, GAP_MS = 20, 20_000
EACH_MS = HOURS_MS // (EVENTS + 1)
MARK_MS, BEEP_MS = 20_000, 100
HZ = 90_000
SIZES = ((320, 240), (640, 480))
KINDS = ("source", "format", "reconnect", "gap")
SKEW_S = 0.040


@dataclass
class Programme:
    """What comes out of the room, in the order of arrival: no two packets travel equally long."""

    chance: random.Random = field(default_factory=lambda: random.Random(7))
    camera: rtp.Sender = field(default_factory=lambda: rtp.Sender(Slot.CAMERA))
    voice: rtp.Sender = field(default_factory=rtp.voice)
    size: tuple[int, int] = SIZES[0]
    arrivals: dict[rtp.Sender | str, float] = field(default_factory=dict)

    def packets(self) -> Iterator[tuple[float, ProgrammePacket]]:
        yield from heapq.merge(self._seen(), self._heard(), key=lambda pair: pair[0])

    def _seen(self) -> Iterator[tuple[float, ProgrammePacket]]:
        for at in range(FRAME_MS, HOURS_MS, FRAME_MS):
            if at % EACH_MS < FRAME_MS and at // EACH_MS in range(1, EVENTS + 1):
                self._happen(KINDS[(at // EACH_MS - 1) % len(KINDS)], at // EACH_MS)
            if in_gap(at):
                continue
            tone = 250 if at % MARK_MS == 0 else 60
            nals = rtp.video(*self.size, 1, 1, tone)[0]
            yield from self._travelled("camera", self.camera.picture(START + at, nals))

    def _happen(self, kind: str, number: int) -> None:
        if kind == "source":
            self.camera.switch(f"venue-{number}")
        elif kind == "format":
            self.size = SIZES[self.size == SIZES[0]]
        elif kind == "reconnect":
            self.camera.switch(self.camera.source_id)

    def _heard(self) -> Iterator[tuple[float, ProgrammePacket]]:
        """Silence around each tone; else the sender pauses."""
        coded = rtp.opus(400, beeps=((100, 100 + BEEP_MS),))
        for at in range(MARK_MS, HOURS_MS, MARK_MS):
            yield from self._travelled("voice", rtp.sound(self.voice, START + at - 100, coded))

    def _travelled(self, stream: str, packets: list[ProgrammePacket]) -> Iterator[tuple[float, ProgrammePacket]]:
        for packet in packets:
            arrival = max(self.arrivals.get(stream, 0.0), packet.media_ms + self.chance.uniform(20, 120))
            self.arrivals[stream] = arrival
            yield arrival, packet


def in_gap(at_ms: int) -> bool:
    number, inside = divmod(at_ms, EACH_MS)
    return 1 <= number <= EVENTS and KINDS[(number - 1) % len(KINDS)] == "gap" and inside < GAP_MS


def disturbed(at_ms: int) -> bool:
    """Shortly behind an interruption, or within one."""
    return at_ms >= EACH_MS and at_ms % EACH_MS < GAP_MS + 5_000


def recorded(root) -> None:
    timeline = Timeline.starting(Instant(START, UTC_0))
    reel = Reel(timeline, START, 1, slate.load(), ReelSettings(), recorded=True)
    shelving = Shelving(
        SPEC,
        origin=rfc3339(timeline.origin_utc_ms),
        left_open=None,
        storage=FolderStorage(root),
        watermarks=Watermarks(low_bytes=0, full_bytes=0),
        backlog_bytes=1 << 26,
        alarm=lambda code, active, detail: None,
        settled=lambda: None,
    )

    def keep(segments) -> None:
        for segment in segments:
            shelving.add(segment)
        shelving.work(now, rfc3339(UTC_0 + now))

    now = START
    packets = Programme().packets()
    at, packet = next(packets)
    while now < START + HOURS_MS:
        now += STEP_MS
        while at <= now:
            keep(reel.packet(packet, now))
            at, packet = next(packets, (float("inf"), packet))
        if segments := reel.advance(now):
            keep(segments)
    keep(reel.flush(now))
    shelving.add(Mark("finished", timeline.utc(timeline.ticks(now))))
    shelving.add(Mark("close", ""))
    keep(())


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """What a disk makes of an fsync is tested elsewhere; five thousand of them are left out here."""
    root = tmp_path_factory.mktemp("three-hours")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        recorded(root)
    return root


@pytest.fixture(scope="module")
def entries(archive) -> list[manifest.Entry]:
    records, _ = manifest.read((archive / SPEC.recording_id / manifest.NAME).read_bytes())
    contents = manifest.Contents()
    for record in records:
        contents.add(record)
    return list(contents.entries[Track.CAMERA])


def test_nothing_of_three_hours_is_missing(archive, entries):
    summary = FolderLibrary(archive).summary(SPEC.recording_id)
    assert summary.state == "finished"
    assert summary.gaps_ms == 0
    assert abs(summary.duration_ms - HOURS_MS) <= 1_000
    assert all(before.end == after.start for before, after in itertools.pairwise(entries))


def test_every_interruption_is_a_discontinuity_with_its_reason_and_its_time(archive, entries):
    expected = {
        "source": ["source"],
        "format": ["format"],
        "reconnect": ["reconnect"],
        "gap": ["no_frames", "returned"],
    }
    wanted = [(reason, n) for n in range(1, EVENTS + 1) for reason in expected[KINDS[(n - 1) % len(KINDS)]]]
    told = [(each.reason, each.start / HZ) for each in entries if each.reason is not None]
    assert told[0][0] == Reason.START
    assert [reason for reason, _ in told if reason not in {Reason.START}][-len(wanted) :] == [r for r, _ in wanted]
    for (reason, at), (_, number) in zip(told[-len(wanted) :], wanted, strict=True):
        late = at - number * EACH_MS / 1000
        assert -3 <= late <= (GAP_MS / 1000 + 3 if reason == "returned" else 3), (reason, number, late)
    playlist = FolderLibrary(archive).playlist(SPEC.recording_id, Track.CAMERA)
    assert playlist.count("#EXT-X-DISCONTINUITY\n") == len(told) - 1
    dates = [line.partition(":")[2] for line in playlist.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME")]
    assert dates == sorted(dates)
    assert abs(from_rfc3339(dates[-1]) - UTC_0 - HOURS_MS) < 5_000


def heard_and_seen(archive, entry: manifest.Entry) -> tuple[list[float], list[float]]:
    """Seconds of the recording at which something white is shown, and at which a tone begins to sound."""
    folder = archive / SPEC.recording_id
    data = (folder / entry.init).read_bytes() + (folder / entry.name).read_bytes()
    seen, heard = [], []
    with av.open(io.BytesIO(data), format="mov") as container:
        for frame in container.decode():
            if isinstance(frame, av.VideoFrame):
                seen += [float(frame.time)] if brightness(frame) > 150 else []
                continue
            loud = (abs(frame.to_ndarray()) > 0.1).any(axis=0).nonzero()[0]
            heard += [float(frame.time) + float(loud[0]) / frame.sample_rate] if len(loud) else []
    return seen, heard


def test_sound_and_picture_are_at_most_40_ms_apart_throughout(archive, entries):
    """By the presentation times in the files, from beginning to end, behind every kind of interruption."""
    skews = []
    for at in range(MARK_MS, HOURS_MS, MARK_MS):
        if in_gap(at):
            continue
        ticks = at * HZ // 1000
        around = [each for each in entries if each.start - HZ <= ticks <= each.end + HZ]
        found = [heard_and_seen(archive, each) for each in around]
        seen = min((time for each, _ in found for time in each), default=None)
        heard = min((time for _, each in found for time in each), default=None)
        assert seen is not None, f"no picture at {at / 1000} s"
        assert heard is not None, f"no sound at {at / 1000} s"
        assert abs(seen - at / 1000) <= 0.005 or disturbed(at)
        skews.append(heard - seen)
    assert len(skews) >= HOURS_MS // MARK_MS - EVENTS
    assert max(map(abs, skews)) <= SKEW_S, json.dumps([round(each, 3) for each in skews])
