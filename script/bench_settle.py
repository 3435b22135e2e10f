"""``script/bench settle``: settling one lesson with everybody in it, in one transaction, and verifying the ledger.

Every member signed in, was seen by several devices, and answered some of the questions; every tenth misses a
threshold. The lesson is settled as the server does it, then once more under another command, which must be refused
and change nothing. The database is SQLite, or a PostgreSQL of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402 - after the path of the checkout

from server.domain.access import Role  # noqa: E402
from server.domain.chain import Head  # noqa: E402
from server.domain.lessons import LessonStep  # noqa: E402
from server.domain.members import Member, MemberKind, Membership  # noqa: E402
from server.domain.presence import Channel, Span  # noqa: E402
from server.domain.refusals import Refusal  # noqa: E402
from server.domain.sign_ins import SignIn, Way  # noqa: E402
from server.services.demo import demo_id, make_demo  # noqa: E402
from server.services.house import House  # noqa: E402
from server.services.lessons import move_lesson  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.store.audit import check_ledger  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.memory_fanout import MemoryFanout  # noqa: E402
from server.store.memory_presence import MemoryPresence  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from server.store.schema import answers, quizzes  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402
from tests.services.media_twin import Disk, MediaTwin  # noqa: E402

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
BEGINS, MINUTE = NOW + dt.timedelta(minutes=15), dt.timedelta(minutes=1)
ENDS = BEGINS + 90 * MINUTE
QUESTIONS, DEVICES = 5, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "milliseconds to settle a lesson, and to verify the ledger afterwards"
    parser.add_argument("--members", type=int, default=2000, help="members on the roster (default 2000)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="default: sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, server_of(args.database) as server:
        return asyncio.run(_bench(args, Path(name), server))


@contextlib.contextmanager
def server_of(database: str) -> Iterator[PostgresServer | None]:
    if database == "sqlite":
        yield None
        return
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


async def _bench(args: argparse.Namespace, folder: Path, server: PostgresServer | None) -> dict[str, Any]:
    url = f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}"
    if server is not None:
        url = server.url(await server.create_database("settle"))
    database = await Database.open(url)
    try:
        return {**await _settled(database, url, args.members), "database": args.database}
    finally:
        await database.close()


async def _settled(database: Database, url: str, members: int) -> dict[str, Any]:
    disk, records = Disk(), SqlRecords(database)
    house = House(records, MediaTwin(disk), disk, MemoryPresence(), MemoryFanout())
    shown = await make_demo(records, QuickPasswords(), NOW)
    lesson_id = next(each.face for each in shown if each.role is Role.DIRECTOR).rsplit("/", 1)[1]
    admin = await records.read(lambda tx: tx.accounts.principal(demo_id("admin"), NOW.date()))
    assert admin is not None

    async def move(step: LessonStep, at: dt.datetime) -> None:
        await move_lesson(house, admin, lesson_id, str(uuid.uuid4()), step=step, now=at)

    await records.write(lambda tx: _join(tx, members))
    await move(LessonStep.OPEN, NOW)
    await _attend(database, records, lesson_id)
    await move(LessonStep.START, BEGINS)
    await move(LessonStep.END, ENDS)
    began = time.monotonic()
    await move(LessonStep.SETTLE, ENDS)
    settle_ms = (time.monotonic() - began) * 1000
    once = await records.read(lambda tx: tx.ledger.of_lesson(lesson_id))
    again = ""
    try:
        await move(LessonStep.SETTLE, ENDS)
    except Refusal as refusal:
        again = refusal.code
    twice = await records.read(lambda tx: tx.ledger.of_lesson(lesson_id))
    roster = await records.read(lambda tx: tx.roster.of(lesson_id))
    began = time.monotonic()
    found = await check_ledger(url)
    return {
        "members": len(roster),
        "entries": len(once),
        "settle_ms": round(settle_ms),
        "settled_again": again,
        "entries_changed": once != twice,
        "verify_ms": round((time.monotonic() - began) * 1000),
        "sound": isinstance(found, Head) and found.position == len(once),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _join(tx: Transaction, members: int) -> None:
    """Fills a branch until the organisation has so many."""
    missing = members - sum(tx.units.member_counts(NOW.date()).values())
    people = [Member(str(uuid.uuid4()), f"学员{n:05}", MemberKind.FULL) for n in range(missing)]
    belonging = [Membership(person.id, demo_id("综合党支部"), dt.date(2020, 1, 1)) for person in people]
    tx.members.add(people, belonging)


async def _attend(database: Database, records: SqlRecords, lesson_id: str) -> None:
    roster = await records.read(lambda tx: tx.roster.of(lesson_id))
    people = [entry.member_id for entry in roster]
    actor = demo_id("10001")
    signed = [SignIn(key, BEGINS - MINUTE, Way.PHONE, None, actor, str(uuid.uuid4())) for key in people]
    await records.write(lambda tx: [tx.sign_ins.add(lesson_id, each) for each in signed])
    spans = [span for n, key in enumerate(people) for span in _spans(n, key)]
    await records.write(lambda tx: tx.spans.checkpoint(lesson_id, spans))
    await database.write(lambda connection: _answer(connection, lesson_id, people))


def _spans(number: int, member_id: str) -> list[Span]:
    """By turns on several devices, with breaks of a few seconds; every tenth goes half-way."""
    until = BEGINS + 45 * MINUTE if number % 10 == 0 else ENDS
    length = (until - BEGINS) / DEVICES
    return [
        Span(f"{member_id} {n}", BEGINS + n * length, BEGINS + (n + 1) * length - dt.timedelta(seconds=5),
             Channel.SOCKET, member_id=member_id)
        for n in range(DEVICES)
    ]  # fmt: skip


def _answer(connection: sa.Connection, lesson_id: str, members: list[str]) -> None:
    """All but every fourth answer, every one right."""
    text = {"kind": "single", "text": "?", "options": [], "correct": [], "explanation": "", "question_id": "q"}
    times = {"launched_at": BEGINS, "deadline_at": BEGINS + MINUTE, "closed_at": BEGINS + MINUTE, "seconds": 60}
    made = [
        {
            "id": str(uuid.uuid4()),
            "lesson_id": lesson_id,
            "number": n,
            "launched_by": demo_id("lecturer"),
            **text,
            **times,
        }
        for n in range(QUESTIONS)
    ]
    own = {"choice": [], "right": True, "received_at": BEGINS, "account_id": demo_id("10001"), "channel": "socket"}
    given = [
        {"quiz_id": quiz["id"], "member_id": member, "command_id": str(uuid.uuid4()), **own}
        for quiz in made
        for n, member in enumerate(members)
        if (n + quiz["number"]) % 4
    ]
    connection.execute(sa.insert(quizzes), made)
    connection.execute(sa.insert(answers), given)
