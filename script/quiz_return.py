"""``script/bench quiz --restart``: the server ends and begins again in the middle of a quiz that all have answered."""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
import quiz_burst
from generator import Generator

CROWD = Path(__file__).with_name("crowd_return.py")
QUIZ_S = 600
PATIENCE_S = 120.0


async def measure(args: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    """Of the phones: when each was in the lesson again, had read the open quiz, and got its own receipt once more."""
    school = await crowd_school.fill(url, args.members)
    origin = own_server.free_origin()
    server = own_server.process(folder, origin, DATABASE_URL=url, LOG_LEVEL="warning")
    server.start()
    try:
        plan = {
            "origin": origin,
            "lesson_id": school.lesson_id,
            "secrets": str(folder / "data" / "secrets"),
            "accounts": school.account_ids,
            "burst_s": args.burst,
            "asks": args.tickets != "made",
            "keeps": args.tickets == "kept",
            "patience_s": PATIENCE_S,
        }
        crowd = await Generator.with_plan(CROWD, folder, plan)
        try:
            assert (await crowd.hear())["connected"], "not everybody came in"
            async with quiz_burst.lecturer_of(origin) as lecturer:
                question = await lecturer.prepare(school.lesson_id)
                await lecturer.launch(school.lesson_id, question, seconds=QUIZ_S)
            assert (await crowd.hear())["answered"], "not everybody answered"
            ended = time.monotonic()
            await asyncio.to_thread(server.kill if args.restart == "kill" else server.stop)
            await asyncio.to_thread(server.start)
            ready, process = time.monotonic(), psutil.Process(server.pid)
            cpu_before = sum(process.cpu_times()[:2])
            heard = await crowd.ask("again")
            cpu_s = sum(process.cpu_times()[:2]) - cpu_before
        finally:
            await crowd.end()
    finally:
        server.stop()
    return _result(args, heard, ended=ended, ready=ready, cpu_s=cpu_s)


def _result(
    args: argparse.Namespace, heard: dict[str, Any], *, ended: float, ready: float, cpu_s: float
) -> dict[str, Any]:
    back = sorted(at - ready for at in heard["back_at"])
    needed = -(-99 * args.members // 100)
    return {
        "members": args.members,
        "restart": args.restart,
        "tickets": args.tickets,
        "away_s": round(ready - ended, 1),
        "back": len(back),
        "with_quiz": heard["with_quiz"],
        "with_own_answer": heard["with_own_answer"],
        "p90_s": round(back[len(back) * 9 // 10], 2) if back else None,
        "p50_s": round(statistics.median(back), 2) if back else None,
        "p99_s": round(back[needed - 1], 2) if len(back) >= needed else None,
        "max_s": round(back[-1], 2) if back else None,
        "no_receipt": heard["no_receipt"],
        "dials_each": round(heard["dials"] / args.members, 2),
        "through_each": round(heard["reached"] / args.members, 2),
        "given_up_each": round(heard["given_up"] / args.members, 2),
        "refused": heard["refused"],
        "server_cpu_s": round(cpu_s, 2),
        "server_cpu_ms_each": round(1000 * cpu_s / args.members, 2),
        "generator_cpu_s": round(heard["cpu_s"], 2),
        "generator_cpu_ms_each": round(1000 * heard["cpu_s"] / args.members, 2),
        "database": args.database,
        "load_average": round(os.getloadavg()[0], 2),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
