"""``script/bench sweep``: the daily sweep over many events of lessons, and how long others wait for the writer.

Half of the lessons were settled long ago: of theirs, each tenth event is talk whose period is over. The database is
SQLite, whose one writer everybody shares.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402 - after the path of the checkout

from script.bench_import import NOW, _writer_watched  # noqa: E402
from server.services.demo import make_demo  # noqa: E402
from server.services.house import House  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.services.retention_sweep import SLICE, Sweeper  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.memory_fanout import MemoryFanout  # noqa: E402
from server.store.memory_presence import MemoryPresence  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from server.store.schema import lesson_events, lessons  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402
from tests.services.media_twin import Disk, MediaTwin  # noqa: E402

_LESSONS = 400
_EACH = 10
"""One in so many events is talk."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds for the sweep, and the longest that the writer was held by it"
    parser.add_argument("--events", type=int, default=200_000, help="events in the log (default 200,000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        return asyncio.run(_measure(f"sqlite:///{Path(folder) / 'bench.sqlite3'}", arguments.events))


def _filled(tx: Transaction, events: int) -> None:
    connection: sa.Connection = tx.retention._connection  # type: ignore[attr-defined]
    one = dict(connection.execute(sa.select(lessons)).first()._mapping)  # type: ignore[union-attr]
    long_ago, each = NOW - dt.timedelta(days=800), events // _LESSONS
    rows = [
        {
            **one,
            "id": f"lesson-{at:04}",
            "state": "settled",
            "settled_at": NOW if at % 2 else long_ago,
            "series_id": None,
        }
        for at in range(_LESSONS)
    ]
    connection.execute(sa.insert(lessons), rows)
    for row in rows:
        said = [
            {
                **{"lesson_id": row["id"], "seq": seq, "at": row["settled_at"], "audience": "lesson", "actor": None},
                "kind": "chat.said" if seq % _EACH == 0 else "member.signed_in",
                "data": {"name": "张三", "text": "灭火器每年检查几次？"},
            }
            for seq in range(each)
        ]
        connection.execute(sa.insert(lesson_events), said)


async def _measure(url: str, events: int) -> dict[str, Any]:
    database = await Database.open(url)
    try:
        records = SqlRecords(database)
        await make_demo(records, QuickPasswords(), NOW)
        await records.write(lambda tx: _filled(tx, events))
        disk = Disk()
        house = House(records, MediaTwin(disk), disk, MemoryPresence(), MemoryFanout())
        begun = time.perf_counter()
        with _writer_watched() as held:
            await Sweeper(house, lambda: NOW).step()
        swept = time.perf_counter() - begun
        (sweep,) = await records.read(lambda tx: tx.retention.sweeps(1))
    finally:
        await database.close()
    held.sort()
    return {
        "events": events,
        "cleared": sum(sweep.counts.values()),
        "slice": SLICE,
        "sweep_s": round(swept, 2),
        "writer_held_max_ms": round(held[-1], 1),
        "writer_held_median_ms": round(held[len(held) // 2], 1),
        "writer_held_total_ms": round(sum(held)),
        "load": round(os.getloadavg()[0], 2),
    }
