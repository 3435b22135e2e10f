"""``script/bench quiz --deaf N``: a burst without, and one with N clients that never read, in one server."""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
import quiz_burst
from generator import Generator

DEAF = Path(__file__).with_name("crowd_deaf.py")
WATCH_S = 60.0
EVERY_S = 0.2


async def measure(args: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    school = await crowd_school.fill(url, args.members + args.late + args.deaf)
    origin = own_server.free_origin()
    server = own_server.process(folder, origin, DATABASE_URL=url, LOG_LEVEL="warning")
    server.start()
    try:
        process = psutil.Process(server.pid)
        plan = quiz_burst.plan_of(args, school, origin, folder)
        deaf, plan["accounts"] = plan["accounts"][-args.deaf :], plan["accounts"][: -args.deaf]
        async with quiz_burst.lecturer_of(origin) as lecturer:

            async def burst(meanwhile: Callable[[], Any]) -> dict[str, Any]:
                question = await lecturer.prepare(school.lesson_id)
                crowd = await Generator.with_plan(quiz_burst.CROWD, folder, plan)
                try:
                    await crowd.hear()
                    await asyncio.sleep(quiz_burst.SETTLE_S)
                    watched = await meanwhile()
                    seconds = max(5, round(args.burst) + quiz_burst.SPARE_S)
                    quiz = await lecturer.launch(school.lesson_id, question, seconds=seconds)
                    heard: dict[str, Any] = await crowd.hear()
                    if watched is not None:
                        heard |= await watched
                finally:
                    await crowd.end()
                await lecturer.close(quiz)
                return heard

            async def nothing() -> None:
                return None

            async def deafness() -> asyncio.Task[dict[str, Any]]:
                before, open_before = process.memory_info().rss, process.num_fds()
                crowd = await Generator.with_plan(DEAF, folder, plan | {"accounts": deaf})
                await crowd.hear()
                return asyncio.create_task(_watch(process, crowd, before, open_before, args.deaf))

            without, with_them = await burst(nothing), await burst(deafness)
        rows = await quiz_burst.rows_of(url)
    finally:
        server.stop()
    return _result(args, without, with_them, rows)


async def _watch(process: psutil.Process, crowd: Generator, before: int, open_before: int, deaf: int) -> dict[str, Any]:
    """Until all of them are cut off: how long that took, and the most that the server grew by meanwhile."""
    began, most, left = time.monotonic(), 0, deaf
    while left > 0 and time.monotonic() - began < WATCH_S:
        await asyncio.sleep(EVERY_S)
        most = max(most, process.memory_info().rss - before)
        left = process.num_fds() - open_before
    took = time.monotonic() - began
    await crowd.end()
    return {"cut_s": took if left <= 0 else None, "left": max(0, left), "grown": most}


def _result(
    args: argparse.Namespace, without: dict[str, Any], with_them: dict[str, Any], rows: list[tuple[str, str]]
) -> dict[str, Any]:
    written = {command for _, command in rows}
    figures: dict[str, Any] = {"members": args.members, "burst_s": args.burst, "deaf": args.deaf}
    for name, heard in (("without", without), ("with", with_them)):
        waited = sorted(heard["waited_ms"])
        acknowledged = set(heard["acknowledged"])
        figures[f"p99_ms_{name}"] = round(waited[-(-99 * len(waited) // 100) - 1], 1)
        figures[f"lost_{name}"] = len(acknowledged - written) + args.members - len(acknowledged)
        figures[f"refused_late_{name}"] = heard["refused"].get("quiz_closed", 0)
    cut_s = with_them["cut_s"]
    return {
        **figures,
        "all_cut_s": None if cut_s is None else round(cut_s, 1),
        "not_cut": with_them["left"],
        "grown_mb": round(with_them["grown"] / 1e6, 1),
        "database": args.database,
        "load_average": round(os.getloadavg()[0], 2),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
