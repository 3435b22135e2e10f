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
import os
import ssl
import statistics
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (str(ROOT), str(ROOT / "script")):
    if folder not in sys.path:
        sys.path.insert(0, folder)

import aiohttp  # noqa: E402 - after the path of the checkout
import crowd_school  # noqa: E402
import own_server  # noqa: E402
import psutil  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from generator import Generator  # noqa: E402

from server.store.database import Database  # noqa: E402
from server.store.schema import answers  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402

CROWD = Path(__file__).with_name("crowd.py")
SETTLE_S = 3.0
SPARE_S = 3  # between the end of the burst and the deadline


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
            import quiz_several  # noqa: PLC0415 - which needs this module

            return asyncio.run(quiz_several.measure(args, Path(name), url))
        if args.deaf:
            import quiz_deaf  # noqa: PLC0415 - which needs this module

            return asyncio.run(quiz_deaf.measure(args, Path(name), url))
        if args.restart:
            import quiz_return  # noqa: PLC0415 - which needs this module

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
        async with lecturer_of(origin) as lecturer:
            question = await lecturer.prepare(school.lesson_id)
            plan = plan_of(args, school, origin, folder)
            before, crowd = process.memory_info().rss, await Generator.with_plan(CROWD, folder, plan)
            try:
                connected = await crowd.hear()
                await asyncio.sleep(SETTLE_S)  # connections that were just made still hold what TLS needed for it
                grown = process.memory_info().rss - before
                cpu_before = sum(process.cpu_times()[:2])
                await lecturer.launch(school.lesson_id, question, seconds=max(5, round(args.burst) + SPARE_S))
                heard = await crowd.hear()
                cpu_s = sum(process.cpu_times()[:2]) - cpu_before
            finally:
                await crowd.end()
        rows = await rows_of(url)
    finally:
        server.stop()
    return result_of(args, heard, rows, bytes_per_connection=grown // connected["connected"], cpu_s=cpu_s)


def plan_of(args: argparse.Namespace, school: crowd_school.School, origin: str, folder: Path) -> dict[str, Any]:
    return {
        "origin": origin,
        "lesson_id": school.lesson_id,
        "secrets": str(folder / "data" / "secrets"),
        "accounts": school.account_ids,
        "late": args.late,
        "burst_s": args.burst,
        "retried": args.retried,
    }


class Lecturer:
    def __init__(self, origin: str, session: aiohttp.ClientSession) -> None:
        self._origin, self.session = origin, session

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        headers = {"Origin": self._origin}
        async with self.session.post(f"{self._origin}/api/v1/{path}", json=body, headers=headers) as answer:
            answer.raise_for_status()
            told: dict[str, Any] = await answer.json()
            return told

    async def prepare(self, lesson_id: str) -> str:
        options = ["配电箱", "灭火器", "安全出口", "食堂"]
        plan = {"kind": "multiple", "text": "检查哪些？", "options": options, "correct": [0, 1, 2]}
        question = await self.post(f"lessons/{lesson_id}/questions", command_id=str(uuid.uuid4()), **plan)
        return str(question["id"])

    async def launch(self, lesson_id: str, question_id: str, seconds: int) -> str:
        body = {"command_id": str(uuid.uuid4()), "question_id": question_id, "seconds": seconds}
        return str((await self.post(f"lessons/{lesson_id}/quizzes", **body))["id"])

    async def close(self, quiz_id: str) -> None:
        await self.post(f"quizzes/{quiz_id}/close", command_id=str(uuid.uuid4()))


@contextlib.asynccontextmanager
async def lecturer_of(origin: str):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    jar = aiohttp.CookieJar(unsafe=True)  # the server is an address here
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), cookie_jar=jar) as session:
        lecturer = Lecturer(origin, session)
        await lecturer.post("session", number=crowd_school.LECTURER, password=crowd_school.PASSWORD)
        yield lecturer


async def rows_of(url: str) -> list[tuple[str, str]]:
    database = await Database.open(url)
    try:
        query = sa.select(answers.c.member_id, answers.c.command_id)
        return await database.read(lambda c: [(row[0], row[1]) for row in c.execute(query)])
    finally:
        await database.close()


def result_of(
    args: argparse.Namespace,
    heard: dict[str, Any],
    rows: list[tuple[str, str]],
    *,
    bytes_per_connection: int,
    cpu_s: float,
) -> dict[str, Any]:
    written, acknowledged = {command for _, command in rows}, heard["acknowledged"]
    waited = sorted(heard["waited_ms"])
    members = Counter(member for member, _ in rows)
    return {
        "members": args.members,
        "burst_s": args.burst,
        "answers": len(rows),
        "acknowledged": len(acknowledged),
        "retried": heard["retried"],
        "lost": len(set(acknowledged) - written) + args.members - len(acknowledged),
        "doubled": sum(count - 1 for count in members.values()) + heard["unequal_retries"],
        "refused_late": heard["refused"].get("quiz_closed", 0),
        "refused_else": sum(count for code, count in heard["refused"].items() if code != "quiz_closed"),
        "p50_ms": round(statistics.median(waited), 1),
        "p99_ms": round(waited[-(-99 * len(waited) // 100) - 1], 1),
        "max_ms": round(waited[-1], 1),
        "launch_heard_ms": round(heard["launch_heard_ms"], 1),
        "all_answered_s": round(heard["all_answered_s"], 2),
        "server_cpu_s": round(cpu_s, 2),
        "generator_cpu_s": round(heard["cpu_s"], 2),
        "bytes_per_connection": bytes_per_connection,
        "database": args.database,
        "load_average": round(os.getloadavg()[0], 2),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
