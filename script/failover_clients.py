"""``script/bench failover --clients N``: a hall of light viewers whose media process is killed under them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import crowd_school
import own_server
import psutil
from generator import Generator

from tests.servers.process import ServerProcess

ROOT = Path(__file__).resolve().parent.parent
CROWD = ROOT / "script" / "failover_crowd.py"
PATIENCE_S = 90.0
CALM_S = 5.0
FRAMES_PER_SECOND = 2


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        return asyncio.run(_measure(args, folder))


async def _measure(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    url = f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}"
    school = await crowd_school.fill(url, args.clients)
    origin = own_server.free_origin()
    server = own_server.process(folder, origin, MEDIA_WORKERS=args.media_workers, LOG_LEVEL="info")
    server.start()
    try:
        crowd = await Generator.with_plan(CROWD, folder, _plan(args, school, origin))
        try:
            rounds = [await _round(server, crowd, folder) for _ in range(args.rounds)]
        finally:
            await crowd.end()
    finally:
        server.stop()
    return _result(args, rounds)


def _plan(args: argparse.Namespace, school: crowd_school.School, origin: str) -> dict[str, Any]:
    return {
        "origin": origin,
        "lesson_id": school.lesson_id,
        "lecturer_id": school.lecturer_id,
        "accounts": school.account_ids,
        "rounds": args.rounds,
        "seq": 0,
        "patience_s": PATIENCE_S,
        "frames_per_second": FRAMES_PER_SECOND,
    }


async def _round(server: ServerProcess, crowd: Generator, folder: Path) -> dict[str, Any]:
    await crowd.hear()
    await asyncio.sleep(CALM_S)  # and a spare stands by again
    worker, control, spare = _pid(server, "ready"), psutil.Process(server.pid), psutil.Process(_pid(server, "spare"))
    cpu_before, spare_before = (sum(each.cpu_times()[:2]) for each in (control, spare))
    os.kill(worker, signal.SIGKILL)
    heard: dict[str, Any] = await crowd.ask(time.monotonic())
    heard["control_cpu_s"] = sum(control.cpu_times()[:2]) - cpu_before
    heard["media_cpu_s"] = sum(spare.cpu_times()[:2]) - spare_before
    print({name: value for name, value in heard.items() if not isinstance(value, list)}, file=sys.stderr)
    return heard


def _pid(server: ServerProcess, said: str) -> int:
    """Of the media process that serves, or that stands by."""
    lines = [line for line in server.log.read_text(encoding="utf-8").splitlines() if f'"media.{said}"' in line]
    return int(json.loads(lines[-1])["pid"])


def _result(args: argparse.Namespace, rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Over all clients of all rounds, milliseconds since the kill."""
    back = sorted(moment for each in rounds for moment in each["back_s"])
    connected = sorted(moment for each in rounds for moment in each["connected_s"])
    heard = sorted(moment for each in rounds for moment in each["heard_s"])
    return {
        "clients": args.clients,
        "rounds": len(rounds),
        "back_ms_p50": _at(back, 0.5),
        "back_ms_p95": _at(back, 0.95),
        "back_ms_max": _at(back, 1.0),
        "connected_ms_p50": _at(connected, 0.5),
        "connected_ms_max": _at(connected, 1.0),
        "heard_ms_p50": _at(heard, 0.5),
        "heard_ms_max": _at(heard, 1.0),
        "camera_back_ms_max": round(max(each["camera_s"] for each in rounds) * 1000),
        "never_back": sum(each["missing"] for each in rounds),
        "dials_per_client": round(sum(each["attempts"] for each in rounds) / len(rounds) / args.clients, 3),
        "refused": {kind: number for each in rounds for kind, number in each["refused"].items()},
        "control_cpu_ms_per_client": _mean_ms(rounds, "control_cpu_s", args.clients),
        "media_cpu_ms_per_client": _mean_ms(rounds, "media_cpu_s", args.clients),
        "generator_cpu_ms_per_client": _mean_ms(rounds, "cpu_s", args.clients),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _at(ordered: list[float], share: float) -> int | None:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000) if ordered else None


def _mean_ms(rounds: list[dict[str, Any]], name: str, clients: int) -> float:
    return round(sum(each[name] for each in rounds) / len(rounds) / clients * 1000, 2)
