"""``script/bench archive``: what recording costs, how fast an archive ends, replays, and becomes an MP4.

Recording is real: packets of a camera, a screen and three voices at their time into the recorder, against the same
packets into nothing. The long archive is written by hand in the archive's own form (segments of two seconds), so that
its three hours need not pass. ``mp4_vs_cp`` compares the assembling of its MP4, from thousands of files, with ``cp`` of
that one file beside itself, both synced, in turns: 1 is the same speed. ``replay_server_s`` is what the server needs
from a manifest never read before to the first two segments.

``replay_start_s`` is a person's: in Chromium, from the click on a recording's line to its first picture, by a whole
server (``--opens 0`` leaves it out, and the browser). ``hls_viewers_per_core``: a whole server again, a camera, and a
crowd of players on TLS connections of their own (``--viewers 0`` leaves it out).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from recordings import film, manifest, slate  # noqa: E402 - after the path of the checkout
from recordings.aac import AacEncoder  # noqa: E402
from recordings.assembling import Assembly  # noqa: E402
from recordings.boxes import AudioRun, Sample, VideoRun, init_segment, media_segment  # noqa: E402
from recordings.interface import RecordingSpec, Track  # noqa: E402
from recordings.library import FolderLibrary  # noqa: E402
from recordings.recorder import Recorder  # noqa: E402
from recordings.segment import Init, Segment, init_name  # noqa: E402
from rooms.interface import ProgrammePacket, Slot  # noqa: E402
from tests.recordings import rtp  # noqa: E402
from tests.recordings.studio import Studio  # noqa: E402

SPEC = RecordingSpec("bench", "lesson", "room-1")
SEGMENT_TICKS, FRAMES = 180_000, 60
LOOP_S = 4
"""Of coded media that is played again and again."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=int, default=20, help="of each of the three recordings (default 20)")
    parser.add_argument("--hours", type=float, default=3.0, help="of the long archive (default 3)")
    parser.add_argument("--kbps", type=int, default=1200, help="of each picture (default 1200)")
    parser.add_argument("--rounds", type=int, default=3, help="of MP4 and cp in turns (default 3)")
    parser.add_argument("--opens", type=int, default=5, help="of a replay in a browser (default 5)")
    parser.add_argument("--viewers", type=int, default=500, help="of live HLS (default 500)")
    parser.add_argument("--watching", type=float, default=20.0, help="seconds of live HLS (default 20)")
    parser.add_argument("--folder", type=Path, default=None, help="where it works (default: a temporary one)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        nothing = asyncio.run(_recorded(folder, args, recorder=False, voices=True))
        silent = asyncio.run(_recorded(folder, args, recorder=True, voices=False))
        spoken = asyncio.run(_recorded(folder, args, recorder=True, voices=True))
        return {
            "recording_core_percent": round(silent - nothing, 2),
            "audio_mix_core_percent": round(spoken - silent, 2),
            **_long(folder / "long", args),
            **_watched(args),
            "kbps": args.kbps,
            "hours": args.hours,
            "load_before": round(load, 1),
        }


def _watched(args: argparse.Namespace) -> dict[str, Any]:
    """What needs a whole server is loaded when it is wanted."""
    found: dict[str, Any] = {}
    if args.viewers > 0:
        hls_audience = importlib.import_module("hls_audience")
        found |= hls_audience.measure(args.folder, args.viewers, args.watching, args.kbps)
    if args.opens > 0:
        replay_browser = importlib.import_module("replay_browser")
        found |= replay_browser.measure(args.folder, args.opens, args.seconds)
    return found


# ---- recording -------------------------------------------------------------------------------------------


class SystemTime:
    def monotonic_ms(self) -> float:
        return time.monotonic() * 1000


async def _recorded(folder: Path, args: argparse.Namespace, *, recorder: bool, voices: bool) -> float:
    """Percent of a core that the process needs, playing the packets included."""
    studio = Studio(clock=SystemTime())  # type: ignore[arg-type]
    archive = Recorder(studio, folder / f"recorded-{recorder}-{voices}") if recorder else None  # type: ignore[arg-type]
    if archive is not None:
        await archive.attach(SPEC, recording=True)
    packets = _programme(args, voices=voices)
    began, cpu, at = time.monotonic(), time.process_time(), 0
    while at < len(packets):
        await asyncio.sleep(0.02)
        now = time.monotonic() * 1000
        until = at
        while until < len(packets) and packets[until].media_ms + 40 <= now:
            until += 1
        for sink in studio.sinks:
            sink.on_packets(packets[at:until])
        at = until
    percent = 100 * (time.process_time() - cpu) / (time.monotonic() - began)
    if archive is not None:
        await archive.finish(SPEC.recording_id)
        await archive.close()
    return percent


def _programme(args: argparse.Namespace, *, voices: bool) -> list[ProgrammePacket]:
    """From now on. A recorder copies: behind the first bytes of a picture anything may lie, to its bit rate."""
    small, sound = rtp.video(640, 360, LOOP_S * rtp.FPS, rtp.FPS * 2, 120), rtp.opus(LOOP_S * 1000)
    more = os.urandom(args.kbps * 1000 // 8 // rtp.FPS)
    pictures = [[*nals[:-1], nals[-1] + more] for nals in small]
    turns, start_ms = -(-args.seconds // LOOP_S), time.monotonic() * 1000 + 500
    streams = [rtp.film(rtp.Sender(slot), start_ms, pictures * turns) for slot in (Slot.CAMERA, Slot.SCREEN)]
    slots = (Slot.AUDIO_1, Slot.AUDIO_2, Slot.AUDIO_3)
    streams += [rtp.sound(rtp.voice(slot, slot), start_ms, sound * turns) for slot in slots if voices]
    return rtp.merged(*streams)


# ---- a long archive --------------------------------------------------------------------------------------


def _long(root: Path, args: argparse.Namespace) -> dict[str, Any]:
    archive = _written(root, round(args.hours * 1800), args.kbps)
    began = time.perf_counter()
    [summary] = FolderLibrary(root).recover(frozenset())
    FolderLibrary(root).playlist(SPEC.recording_id, Track.CAMERA)
    finalise_s = time.perf_counter() - began
    began = time.perf_counter()
    fresh = FolderLibrary(root)
    listed = fresh.playlist(SPEC.recording_id, Track.CAMERA).splitlines()
    names = [next(line.split('"')[1] for line in listed if "EXT-X-MAP" in line), "camera-0.m4s", "camera-1.m4s"]
    for name in names:
        fresh.file(SPEC.recording_id, name).read_bytes()
    replay_server_s = time.perf_counter() - began
    films, copies, into = [], [], root / "films"
    for _ in range(args.rounds):
        films.append(_filmed(archive, into))
        copies.append(_copied(into / "camera.mp4", into / "copy.mp4"))
        shutil.rmtree(into)
    return {
        "finalise_s": round(finalise_s, 3),
        "replay_server_s": round(replay_server_s, 3),
        "mp4_vs_cp": round(statistics.median(copies) / statistics.median(films), 2),
        "mp4_s": round(statistics.median(films), 2),
        "cp_s": round(statistics.median(copies), 2),
        "archive_mib": summary.bytes >> 20,
    }


def _written(root: Path, segments: int, kbps: int) -> Path:
    shown, encoder = slate.load(), AacEncoder()
    data = init_segment(shown.format, encoder.format)
    init = Init(init_name(Track.CAMERA, data), data, "", 640, 360)
    folder = root / SPEC.recording_id
    folder.mkdir(parents=True)
    (folder / init.name).write_bytes(data)
    sample = os.urandom(kbps * 1000 // 8 * 2 // FRAMES)
    pictures = [Sample(SEGMENT_TICKS // FRAMES, keyframe=number == 0, data=sample) for number in range(FRAMES)]
    lines = [manifest.opened(SPEC, "2026-11-26T00:00:00.000Z", ""), manifest.init(Track.CAMERA, init)]
    for number in range(segments):
        start = number * SEGMENT_TICKS
        first, last = (-(-tick * 48 // 90 // 1024) for tick in (start, start + SEGMENT_TICKS))
        sound = AudioRun(first * 1024, [film.SILENCE[2] * 40] * (last - first))
        content = media_segment(number, VideoRun(start, pictures), sound)
        segment = Segment(
            track=Track.CAMERA,
            number=number,
            init=init,
            start=start,
            end=start + SEGMENT_TICKS,
            utc="2026-11-26T00:00:00.000Z",
            data=content,
            independent=True,
            reason=None,
            recorded=True,
        )
        (folder / segment.name).write_bytes(content)
        lines.append(manifest.segment(segment))
    (folder / manifest.NAME).write_bytes(b"".join(map(manifest.line, lines)))
    os.sync()
    return folder


def _filmed(archive: Path, into: Path) -> float:
    into.mkdir()
    os.sync()
    began = time.perf_counter()
    Assembly(archive, into, 0, lambda percent: None).make()
    return time.perf_counter() - began


def _copied(source: Path, target: Path) -> float:
    os.sync()
    began = time.perf_counter()
    subprocess.run(["cp", "--reflink=never", source, target], check=True)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return time.perf_counter() - began
