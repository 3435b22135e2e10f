"""``kill -9`` of a recording process at any point: at most four seconds are lost, and nobody is needed afterwards."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import signal
import sys
from pathlib import Path

import pytest

from recordings import tail
from recordings.clock import SystemClock, from_rfc3339
from recordings.interface import Track
from recordings.library import FolderLibrary
from tests.recordings.studio import SPEC, HandClock, Studio, decode_library, durations, recorder

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
RANDOM = random.Random(20)
LOST_AT_MOST_MS = 4_000


async def child(root: Path, mode: str, number: int, *kept: int) -> asyncio.subprocess.Process:
    words = (str(root), mode, str(number), *map(str, kept))
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.recordings.child", *words, cwd=ROOT, stdout=-1, pass_fds=kept
    )


def said(output: bytes, word: str) -> list[str]:
    lines = (line.split() for line in output.decode().splitlines())
    return [line[1] for line in lines if line[0] == word]


def assert_whole(root: Path) -> None:
    """Everything listed is there with its length, nothing else is, and all of it decodes."""
    folder = root / SPEC.recording_id
    lines = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    listed = {line["name"]: line["bytes"] for line in lines if line["t"] in ("segment", "init")}
    there = {path.name: path.stat().st_size for path in folder.iterdir() if path.name != "manifest.jsonl"}
    assert there == listed
    library = FolderLibrary(root)
    for track in Track:
        total = sum(durations(library.playlist(SPEC.recording_id, track)))
        decoded = decode_library(root, track)
        if total:
            assert len(decoded.video) == pytest.approx(total * 30, abs=3)
            steps = [after - before for (before, *_), (after, *_) in itertools.pairwise(decoded.video)]
            assert max(steps) < 0.05


@pytest.mark.parametrize("operation", [0, 3, 5, 6, 8, 10, 13, *sorted(RANDOM.sample(range(14, 60), 3))])
async def test_killed_in_the_middle_of_a_durable_operation(tmp_path, operation):
    process = await child(tmp_path, "crash", operation)
    output, _ = await process.communicate()
    assert process.returncode == -signal.SIGKILL
    listed = said(output, "listed")
    (summary,) = FolderLibrary(tmp_path).recover(frozenset()) or (None,)
    if summary is None:  # killed before the first line of the manifest: nothing may remain
        assert listed == []
        assert list(tmp_path.iterdir()) == []
        return
    assert (summary.state, summary.recovered) == ("finished", True)
    assert len(listed) <= summary.segments <= len(listed) + 1  # all that was acknowledged, at most one more
    assert_whole(tmp_path)
    assert FolderLibrary(tmp_path).recover(frozenset()) == ()  # once is enough


async def test_killed_at_a_random_moment_loses_at_most_four_seconds(tmp_path):
    process = await child(tmp_path, "paced", 0)
    assert process.stdout is not None
    seen = b""
    while len(said(seen, "media")) < 1:
        seen += await process.stdout.readline()
    await asyncio.sleep(random.SystemRandom().uniform(5.0, 7.5))  # the moment of the kill, not a wait for something
    process.kill()
    output = seen + await process.stdout.read()
    await process.wait()
    media_until = float(said(output, "media")[-1])

    (summary,) = FolderLibrary(tmp_path).recover(frozenset())
    assert summary.state == "finished"
    assert_whole(tmp_path)
    for track in Track:
        playlist = FolderLibrary(tmp_path).playlist(SPEC.recording_id, track)
        last = [line for line in playlist.splitlines() if line.startswith("#EXT-X-PROGRAM-DATE-TIME:")][-1]
        end = from_rfc3339(last.partition(":")[2]) + durations(playlist)[-1] * 1000
        assert media_until - end <= LOST_AT_MOST_MS


async def test_a_successor_with_the_same_memory_loses_nothing_that_had_been_taken_in(tmp_path):
    memory = tail.make()
    process = await child(tmp_path, "paced", 0, memory)
    assert process.stdout is not None
    seen = b""
    while len(said(seen, "listed")) < 2:
        seen += await process.stdout.readline()
    await asyncio.sleep(random.SystemRandom().uniform(0.0, 2.5))  # the moment of the kill, not a wait for something
    process.kill()
    output = seen + await process.stdout.read()
    await process.wait()
    media_until = float(said(output, "media")[-1])
    listed = len(said(output, "listed"))

    archive = recorder(Studio(clock=SystemClock()), tmp_path, tail=tail.Tail(memory))
    await archive.attach(SPEC, recording=False)
    await archive.finish(SPEC.recording_id)
    await archive.close()
    os.close(memory)
    lines = [json.loads(line) for line in (tmp_path / SPEC.recording_id / "manifest.jsonl").read_text().splitlines()]
    breaks = [line for line in lines if line["t"] == "discontinuity" and line["reason"] != "start"]
    assert {(line["reason"], line["gap_ms"]) for line in breaks} <= {("restart", 0)}
    for track in Track:
        segments = [line for line in lines if line["t"] == "segment" and line["track"] == track.value]
        assert all(one["start"] + one["ticks"] == other["start"] for one, other in itertools.pairwise(segments))
        end = from_rfc3339(segments[-1]["utc"]) + segments[-1]["ticks"] / 90
        assert media_until - end < 100  # a picture or two
    assert len([line for line in lines if line["t"] == "segment"]) > listed
    assert_whole(tmp_path)


async def test_a_killed_recording_goes_on_by_attaching_again(tmp_path):
    process = await child(tmp_path, "crash", 30)
    await process.communicate()
    before = FolderLibrary(tmp_path).summary(SPEC.recording_id)
    assert before.state == "running"
    assert FolderLibrary(tmp_path).recover(frozenset({SPEC.recording_id})) == ()

    studio = Studio(HandClock(at_ms=70_000.0))
    archive = recorder(studio, tmp_path)
    await archive.attach(SPEC, recording=True)
    assert FolderLibrary(tmp_path).summary(SPEC.recording_id) == before
    await studio.play([], 75_000.0)
    summary = await archive.finish(SPEC.recording_id)
    await archive.close()
    assert not summary.recovered
    assert summary.duration_ms == pytest.approx(before.duration_ms + 5_000, abs=100)
    assert summary.gaps_ms == pytest.approx(69_000 - before.duration_ms, abs=100)
    folder = tmp_path / SPEC.recording_id
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]
