"""``script/bench archive``, its live HLS: how many players one core of one control process serves."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
from generator import Generator

CROWD = Path(__file__).resolve().parent / "hls_crowd.py"
SEGMENT_S = 2.0
SETTLING_S = 6.0
"""The first segments of everybody, all at once."""


def measure(folder: Path | None, viewers: int, seconds: float, kbps: int) -> dict[str, Any]:
    """``hls_viewers_per_core``: players ÷ share of a core that the whole control process used for them, idle work and
    the writing down of who was there included. Players count by the segments that they got, one every two seconds: on
    a machine that is too busy to serve them all the others are none. The media process and the generator have
    processes of their own.
    """
    with tempfile.TemporaryDirectory(dir=folder) as name:
        (Path(name) / "data").mkdir()
        return asyncio.run(_measure(Path(name), viewers, seconds, kbps))


async def _measure(folder: Path, viewers: int, seconds: float, kbps: int) -> dict[str, Any]:
    url = f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}"
    school = await crowd_school.fill(url, viewers, recorded=True)
    origin = own_server.free_origin()
    server = own_server.process(folder, origin)
    server.start()
    plan = {
        "origin": origin,
        "lesson_id": school.lesson_id,
        "lecturer_id": school.lecturer_id,
        "accounts": school.account_ids,
        "kbps": kbps,
    }
    try:
        crowd = await Generator.with_plan(CROWD, folder, plan)
        try:
            await crowd.hear()
            await crowd.ask(SETTLING_S)
            control = psutil.Process(server.pid)
            media = control.children()
            before, media_before = _cpu_s(control), sum(map(_cpu_s, media))
            heard = await crowd.ask(seconds)
            used, media_used = _cpu_s(control) - before, sum(map(_cpu_s, media)) - media_before
        finally:
            await crowd.end()
    finally:
        server.stop()
    return _result(viewers, kbps, heard, used, media_used)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _result(viewers: int, kbps: int, heard: dict[str, Any], used_s: float, media_s: float) -> dict[str, Any]:
    """Raises RuntimeError when players were refused or got nothing: then the figure would say nothing."""
    took = heard["seconds"]
    if heard["failed"] or not heard["segments"]:
        raise RuntimeError(f"players were not served: {heard['failed'] or 'no segment'}")
    print(heard, file=sys.stderr)
    share = used_s / took
    served = min(viewers, heard["segments"] * SEGMENT_S / took)
    return {
        "hls_viewers_per_core": round(served / share),
        "hls_viewers": viewers,
        "hls_viewers_served": round(served),
        "hls_core_percent": round(100 * share, 1),
        "hls_media_core_percent": round(100 * media_s / took, 1),
        "hls_generator_core_percent": round(100 * heard["cpu_s"] / took, 1),
        "hls_kbps_per_viewer": round(heard["bytes"] * 8 / 1000 / viewers / took),
        "hls_segment_ms_p50": round(1000 * heard["segment_s"][0], 1),
        "hls_segment_ms_p95": round(1000 * heard["segment_s"][1], 1),
        "hls_late_reloads": heard["late"],
        "hls_kbps": kbps,
    }
