"""``script/bench interaction``: a hall of two thousand phones that talk, some of which drop out and come back.

Starts the whole server on SQLite (with ``fsync``), fills in an organisation and a lesson with 10,000 events behind it,
and connects every member over TLS from a generator process on the same machine. Members write lines in open mode,
raise hands and ask: every phone must hear every acknowledged line and every inquiry that staff approved, in order;
of a hand, and of an inquiry before that, whose it is and staff must hear, and nobody else. Meanwhile others come with
the 10,000 events behind them.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (str(ROOT), str(ROOT / "script")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

import crowd_school  # noqa: E402 - after the path of the checkout
import own_server  # noqa: E402
import psutil  # noqa: E402
from generator import Generator  # noqa: E402

from server import clock  # noqa: E402
from server.domain.chat import ChatMode, ChatSettings, Line, LineState  # noqa: E402
from server.domain.chat_events import chat_line  # noqa: E402
from server.domain.events import EVERYONE  # noqa: E402
from server.domain.speakers import SpeakerKind  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402

CROWD = Path(__file__).with_name("talk_crowd.py")
FAR_BEHIND = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "a hall that talks: what is lost or out of order, how soon it is heard, how fast one is back"
    parser.add_argument("--members", type=int, default=2000, help="phones that hear everything")
    parser.add_argument("--lines", type=int, default=1000, help="chat lines a minute")
    parser.add_argument("--hands", type=int, default=50, help="hands raised meanwhile")
    parser.add_argument("--inquiries", type=int, default=300, help="inquiries asked, and approved at once, meanwhile")
    parser.add_argument("--seconds", type=float, default=45.0, help="how long they talk")
    parser.add_argument("--drops", type=int, default=200, help="phones that drop out and come back meanwhile")
    parser.add_argument("--behind", type=int, default=10_000, help="events before they come")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        return asyncio.run(_measure(args, Path(name)))


async def _measure(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    (folder / "data").mkdir()
    url = f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}"
    school = await crowd_school.fill(url, args.members + FAR_BEHIND)
    since = await _talked_before(url, school, args.behind)
    origin = own_server.free_origin()
    # The generator is one address with more requests than a hall makes in a minute.
    settings = {"DATABASE_URL": url, "LOG_LEVEL": "warning", "ADDRESS_REQUESTS_PER_MINUTE": 1_000_000}
    server = own_server.process(folder, origin, **settings)
    server.start()
    try:
        process = psutil.Process(server.pid)
        crowd = await Generator.with_plan(CROWD, folder, _plan(args, school, origin, folder=folder, since=since))
        try:
            await crowd.hear()
            cpu_before, began = sum(process.cpu_times()[:2]), time.monotonic()
            heard = await crowd.hear()
            cpu_share = (sum(process.cpu_times()[:2]) - cpu_before) / (time.monotonic() - began)
        finally:
            await crowd.end()
    finally:
        server.stop()
    return _result(args, heard, cpu_share)


def _plan(
    args: argparse.Namespace, school: crowd_school.School, origin: str, *, folder: Path, since: int
) -> dict[str, Any]:
    return {
        "origin": origin,
        "lesson_id": school.lesson_id,
        "secrets": str(folder / "data" / "secrets"),
        "accounts": school.account_ids[: args.members],
        "far_behind": school.account_ids[args.members :],
        "since": since,
        "staff": school.lecturer_id,
        "lines_a_minute": args.lines,
        "hands": args.hands,
        "inquiries": args.inquiries,
        "seconds": args.seconds,
        "drops": args.drops,
    }


async def _talked_before(url: str, school: crowd_school.School, count: int) -> int:
    """Lines of the chat that everybody could have heard; open mode from now on. Gives the log's end."""
    database = await Database.open(url)
    try:
        return await SqlRecords(database).write(lambda tx: _fill(tx, school, count))
    finally:
        await database.close()


def _fill(tx: Transaction, school: crowd_school.School, count: int) -> int:
    tx.chat.set(school.lesson_id, ChatSettings(ChatMode.OPEN))
    at = clock.utc_now() - dt.timedelta(minutes=10)
    account = school.account_ids[0]
    for n in range(1, count + 1):
        line = Line(
            id=str(uuid.uuid4()),
            lesson_id=school.lesson_id,
            seq=n,
            kind=SpeakerKind.MEMBER,
            speaker_id=account,
            account_id=account,
            name="学员00000",
            unit="第1党支部",
            text=f"之前的第{n}句：安全用电，人人有责。",
            state=LineState.SHOWN,
            held=False,
            at=at,
        )
        tx.chat.add(line)
        tx.events.append(school.lesson_id, [chat_line(EVERYONE, line)], at, account)
    return tx.events.seq(school.lesson_id)


def _result(args: argparse.Namespace, heard: dict[str, Any], cpu_share: float) -> dict[str, Any]:
    lags = [(int(ms), int(count)) for ms, count in heard["lags"]]
    slowest = max(heard["catchups"], key=lambda took_s: took_s["tail"])
    return {
        "members": args.members,
        "lines": heard["done"].get("chat", 0),
        "lines_a_minute": args.lines,
        "hands": heard["done"].get("hands", 0),
        "inquiries": heard["done"].get("inquiries", 0),
        "approvals": heard["done"].get("approvals", 0),
        "refused": heard["refused"],
        "receptions": sum(count for _, count in lags),
        "lost": heard["lost"],
        "out_of_order": heard["out_of_order"],
        "p50_ms": _quantile(lags, 0.5),
        "p95_ms": _quantile(lags, 0.95),
        "max_ms": lags[-1][0] if lags else None,
        "ack_p95_ms": _p95(heard["ack_ms"]),
        "generator_late_p95_ms": _p95(heard["late_ms"]),
        "returned": heard["returned"],
        "resyncs": heard["resyncs"],
        "frames_a_second": round(heard["frames"] / args.members / args.seconds, 2),
        "frames_beyond_four": heard["crowded"],
        "behind": args.behind,
        "catchup_s": slowest["tail"],
        "catchup_steps_s": slowest,
        "catchup_median_s": statistics.median(each["tail"] for each in heard["catchups"]),
        "server_cores": round(cpu_share, 2),
        "generator_cpu_s": round(heard["cpu_s"], 1),
        "load_average": round(os.getloadavg()[0], 2),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _p95(ordered: list[float]) -> float | None:
    return round(ordered[-(-95 * len(ordered) // 100) - 1], 1) if ordered else None


def _quantile(lags: list[tuple[int, int]], share: float) -> int | None:
    """Of milliseconds with how often each was."""
    left = share * sum(count for _, count in lags)
    for ms, count in lags:
        left -= count
        if left <= 0:
            return ms
    return None
