"""``script/bench quiz``: two thousand phones answer one quiz within two seconds, over Socket.IO and TLS.

Starts the whole server on SQLite or PostgreSQL (with ``fsync``), fills in an organisation, and connects every
member from a generator process on the same machine. The lecturer launches a question; every member answers within
``--burst`` seconds, some send their answer again under the same command id, some further members come after the
deadline. Then the acknowledgements are held against the rows in the database.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (str(ROOT), str(ROOT / "script")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

import crowd_school  # noqa: E402 - after the path of the checkout
import own_server  # noqa: E402
import psutil  # noqa: E402
import quiz_burst  # noqa: E402
import quiz_deaf  # noqa: E402
import quiz_return  # noqa: E402
import quiz_several  # noqa: E402
from generator import Generator  # noqa: E402

from tests.servers.postgres import PostgresServer  # noqa: E402


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "a quiz answered by everybody at once: what is lost, doubled or late, and the time to the ack"
    parser.add_argument("--members", type=int, default=2000, help="who answer in time, each on a connection of its own")
    parser.add_argument("--burst", type=float, default=2.0, help="seconds within which they answer")
    parser.add_argument("--late", type=int, default=50, help="further members who answer after the deadline")
    parser.add_argument("--retried", type=float, default=0.1, help="share of members who send their answer twice")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--deaf", type=int, default=0, help="instead: a burst without and one with such clients")
    parser.add_argument("--controls", type=int, default=1, help="so many control processes, on PostgreSQL and Redis")
    parser.add_argument("--restart", choices=("stop", "kill"), help="instead: all have answered, the server ends so")
    parser.add_argument(
        "--tickets",
        choices=("kept", "asked", "made"),
        default="kept",
        help="on the return: those that beats gave, as a page does; asked for by HTTPS; made by the generator",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    if args.controls > 1:
        args.database = "postgres"  # which several can share
    with tempfile.TemporaryDirectory() as name, _database(args.database, Path(name)) as url:
        if args.controls > 1:
            return asyncio.run(quiz_several.measure(args, Path(name), url))
        if args.deaf:
            return asyncio.run(quiz_deaf.measure(args, Path(name), url))
        if args.restart:
            return asyncio.run(quiz_return.measure(args, Path(name), url))
        return asyncio.run(_measure(args, Path(name), url))


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        (folder / "data").mkdir()
        yield f"sqlite+aiosqlite:///{folder / 'data' / 'dangxiao.sqlite3'}"
        return
    server = PostgresServer(durable=True)
    try:
        server.start()
        yield server.url(asyncio.run(server.create_database("bench")))
    finally:
        server.close()


async def _measure(args: argparse.Namespace, folder: Path, url: str) -> dict[str, Any]:
    school = await crowd_school.fill(url, args.members + args.late)
    origin = own_server.free_origin()
    server = own_server.process(folder, origin, DATABASE_URL=url, LOG_LEVEL="warning")
    server.start()
    try:
        process = psutil.Process(server.pid)
        async with quiz_burst.lecturer_of(origin) as lecturer:
            question = await lecturer.prepare(school.lesson_id)
            plan = quiz_burst.plan_of(args, school, origin, folder)
            before, crowd = process.memory_info().rss, await Generator.with_plan(quiz_burst.CROWD, folder, plan)
            try:
                connected = await crowd.hear()
                await asyncio.sleep(
                    quiz_burst.SETTLE_S
                )  # connections that were just made still hold what TLS needed for it
                grown = process.memory_info().rss - before
                cpu_before = sum(process.cpu_times()[:2])
                await lecturer.launch(
                    school.lesson_id, question, seconds=max(5, round(args.burst) + quiz_burst.SPARE_S)
                )
                heard = await crowd.hear()
                cpu_s = sum(process.cpu_times()[:2]) - cpu_before
            finally:
                await crowd.end()
        rows = await quiz_burst.rows_of(url)
    finally:
        server.stop()
    return quiz_burst.result_of(args, heard, rows, bytes_per_connection=grown // connected["connected"], cpu_s=cpu_s)
