"""``script/bench ledger``: settling, and what a ledger of a million entries costs to read and to verify.

``settle_s``: one lesson of 2,000 members, settled as the server does it (``script/bench settle``). Then a ledger is
filled: everybody's lessons of several years, chained as the server chains them. ``balance_ms``: a member's balance of a
year as the member's page asks for it, the median of 50 members, after one that warms up, and the slowest. ``verify_s``:
what ``dangxiao ledger verify`` does, whole. ``report_s``: a unit's year, every member by kind. SQLite, or a
PostgreSQL of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import bench_settle  # noqa: E402 - after the path of the checkout

from server.domain.access import Principal  # noqa: E402
from server.domain.accounts import AccountKind  # noqa: E402
from server.domain.ledger import Award, EntryKind, extend  # noqa: E402
from server.domain.members import Member, MemberKind, Membership  # noqa: E402
from server.services.credit_report import unit_year  # noqa: E402
from server.services.demo import demo_id, make_demo  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.services.verdicts import own_credit  # noqa: E402
from server.store.audit import audit  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402

NOW = bench_settle.NOW
YEARS = 10
AT_ONCE = 20_000
ASKED = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds to settle, verify and report, milliseconds of a balance"
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the ledger (default 1000000)")
    parser.add_argument("--members", type=int, default=2000, help="whose they are (default 2000)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="default: sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    settled = bench_settle.run(args)
    with tempfile.TemporaryDirectory() as name, bench_settle.server_of(args.database) as server:
        read = asyncio.run(_bench(args, Path(name), server))
    sound = bool(settled["sound"]) and not settled["entries_changed"] and bool(read.pop("sound"))
    load = round(os.getloadavg()[0], 2)
    return {"settle_s": round(settled["settle_ms"] / 1000, 2), **read, "sound": sound, "load_average": load}


async def _bench(args: argparse.Namespace, folder: Path, server: PostgresServer | None) -> dict[str, Any]:
    url = f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}"
    if server is not None:
        url = server.url(await server.create_database("ledger"))
    database = await Database.open(url)
    try:
        return {"database": args.database, **await _read(SqlRecords(database), url, args.entries, args.members)}
    finally:
        await database.close()


async def _read(records: SqlRecords, url: str, count: int, members: int) -> dict[str, Any]:
    await make_demo(records, QuickPasswords(), NOW)
    people = [str(uuid.uuid4()) for _ in range(members)]
    await records.write(lambda tx: _join(tx, people))
    began = time.monotonic()
    for start in range(0, count, AT_ONCE):
        await records.write(lambda tx, start=start: _enter(tx, people, start, min(count, start + AT_ONCE), count))
    filled_s = time.monotonic() - began
    balances = []
    for member_id in people[: ASKED + 1]:
        began = time.monotonic()
        whose = Principal("bench", "", "", AccountKind.PERSON, member_id=member_id)
        await own_credit(records, whose, NOW.year, NOW)
        balances.append((time.monotonic() - began) * 1000)
    admin = await records.read(lambda tx: tx.accounts.principal(demo_id("admin"), NOW.date()))
    assert admin is not None
    began = time.monotonic()
    found = await unit_year(records, admin, demo_id("某集团党委"), NOW.year, NOW)
    report_s = time.monotonic() - began
    began = time.monotonic()
    verified = await audit(url)
    verify_s = time.monotonic() - began
    return {
        "entries": count,
        "members": members,
        "fill_s": round(filled_s, 1),
        "balance_ms": round(statistics.median(balances[1:]), 1),
        "balance_slowest_ms": round(max(balances[1:]), 1),
        "report_s": round(report_s, 2),
        "report_rows": len(found.items),
        "verify_s": round(verify_s, 1),
        "sound": getattr(verified.chain, "position", 0) == count and verified.balanced,
    }


def _join(tx: Transaction, people: list[str]) -> None:
    joined = [Member(key, f"学员{n:05}", MemberKind.FULL) for n, key in enumerate(people)]
    tx.members.add(joined, [Membership(key, demo_id("综合党支部"), dt.date(2010, 1, 1)) for key in people])


def _enter(tx: Transaction, people: list[str], start: int, end: int, count: int) -> None:
    """Evidence and rule are as long as real ones."""
    at = NOW - dt.timedelta(days=365 * YEARS) * (1 - end / count)
    rule = json.dumps({"id": "r", "version": 1, "name": "r" * 300})
    evidence = json.dumps({"way": "e" * 400})
    unit_id = demo_id("综合党支部")
    head = tx.ledger.lock()
    awards = (
        Award(f"bench:{n}", EntryKind.MICRO, people[n % len(people)], unit_id, None, 100, rule, evidence, "核定学时")
        for n in range(start, end)
    )
    tx.ledger.append(head, extend(head, awards, at))
