"""What the benches of a quiz have in common: the crowd's plan, the lecturer, and acknowledgements held against rows."""

from __future__ import annotations

import argparse
import contextlib
import os
import ssl
import statistics
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import crowd_school
import sqlalchemy as sa

from server.store.database import Database
from server.store.schema import answers

CROWD = Path(__file__).with_name("crowd.py")
SETTLE_S = 3.0
SPARE_S = 3  # between the end of the burst and the deadline


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
