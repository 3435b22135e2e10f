"""``script/bench ledger``: settling, and what a ledger of a million entries costs to read and to verify.

``settle_s``: one lesson of 2,000 members, settled as the server does it (``script/bench settle``). Then a ledger is
filled: the entries of several years of 3,000 members in all branches of the school, chained as the server chains them.
``balance_ms``: a member's year as the member's page asks for it, the median of 50 members after one that warms up, and
the slowest; ``standing_ms``: the ring beside it. ``report_s``: the printed year of the school with all of them, from
the request to the bytes of the workbook, under a rule that carries over (so two years are read); ``figures_s``: the
page's ratios by unit, ``months_s``: its months, ``list_s``: its first hundred names. ``verify_s``: what
``dangxiao ledger verify`` does, whole. ``*_cpu_s``: processor time of this process alone, so without PostgreSQL's own;
the machine's load stands beside, before and after. SQLite, or a PostgreSQL of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
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
from server.domain.year_rules import Position, YearRule  # noqa: E402
from server.services.demo import demo_id, make_demo  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.services.standing import own_standing, unit_standings, units_standing  # noqa: E402
from server.services.verdicts import own_credit  # noqa: E402
from server.services.year_months import unit_months  # noqa: E402
from server.store.audit import audit  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from server.web.year_form import year_form  # noqa: E402
from server.web.year_xlsx import xlsx_of  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402

NOW = bench_settle.NOW
YEARS = 10
AT_ONCE = 20_000
ASKED = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds to settle, verify and report, milliseconds of a balance"
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the ledger (default 1000000)")
    parser.add_argument("--members", type=int, default=2000, help="of the lesson that is settled (default 2000)")
    parser.add_argument("--unit-members", type=int, default=3000, help="whose the entries are (default 3000)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="default: sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


class Watch:
    """Names of spans, with their seconds: ``_s`` on the wall, ``_cpu_s`` of this process."""

    def __init__(self) -> None:
        self.spans: dict[str, float] = {}

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[None]:
        wall, cpu = time.monotonic(), time.process_time()
        yield
        self.spans[f"{name}_s"] = round(time.monotonic() - wall, 2)
        self.spans[f"{name}_cpu_s"] = round(time.process_time() - cpu, 2)


def run(args: argparse.Namespace) -> dict[str, Any]:
    load = round(os.getloadavg()[0], 2)
    cpu = time.process_time()
    settled = bench_settle.run(args)
    cpu_s = round(time.process_time() - cpu, 2)
    with tempfile.TemporaryDirectory() as name, bench_settle.server_of(args.database) as server:
        read = asyncio.run(_bench(args, Path(name), server))
    sound = bool(settled["sound"]) and not settled["entries_changed"] and bool(read.pop("sound"))
    whole = {"settle_s": round(settled["settle_ms"] / 1000, 2), "settle_whole_cpu_s": cpu_s, **read, "sound": sound}
    return {**whole, "load_before": load, "load_average": round(os.getloadavg()[0], 2)}


async def _bench(args: argparse.Namespace, folder: Path, server: PostgresServer | None) -> dict[str, Any]:
    url = f"sqlite+aiosqlite:///{folder / 'bench.sqlite3'}"
    if server is not None:
        url = server.url(await server.create_database("ledger"))
    database = await Database.open(url)
    try:
        records, watch = SqlRecords(database), Watch()
        people = [str(uuid.uuid4()) for _ in range(args.unit_members)]
        await _fill(records, watch, people, args.entries)
        found = {**await _members_pages(records, people), **await _units_pages(records, watch)}
        with watch.span("verify"):
            verified = await audit(url)
        sound = getattr(verified.chain, "position", 0) == args.entries and verified.balanced
        whole = {"database": args.database, "entries": args.entries, "members": len(people)}
        return {**whole, **found, **watch.spans, "sound": sound}
    finally:
        await database.close()


async def _fill(records: SqlRecords, watch: Watch, people: list[str], count: int) -> None:
    await make_demo(records, QuickPasswords(), NOW)
    await records.write(lambda tx: _join(tx, people))
    with watch.span("fill"):
        for start in range(0, count, AT_ONCE):
            await records.write(lambda tx, start=start: _enter(tx, people, start, min(count, start + AT_ONCE), count))


async def _members_pages(records: SqlRecords, people: list[str]) -> dict[str, float]:
    balances, standings = list[float](), list[float]()
    for member_id in people[: ASKED + 1]:
        whose = Principal("bench", "", "", AccountKind.PERSON, member_id=member_id)
        began = time.monotonic()
        await own_credit(records, whose, NOW.year, NOW)
        balances.append((time.monotonic() - began) * 1000)
        began = time.monotonic()
        await own_standing(records, whose, NOW.year, NOW)
        standings.append((time.monotonic() - began) * 1000)
    return {
        "balance_ms": round(statistics.median(balances[1:]), 1),
        "balance_slowest_ms": round(max(balances[1:]), 1),
        "standing_ms": round(statistics.median(standings[1:]), 1),
    }


async def _units_pages(records: SqlRecords, watch: Watch) -> dict[str, int]:
    admin = await records.read(lambda tx: tx.accounts.principal(demo_id("admin"), NOW.date()))
    assert admin is not None
    asked = records, admin, demo_id("某集团党委"), NOW.year, NOW
    with watch.span("figures"):
        await units_standing(*asked)
    with watch.span("months"):
        await unit_months(*asked)
    with watch.span("list"):
        await unit_standings(*asked, limit=100)
    with watch.span("report"):
        page = await unit_standings(*asked)
        body = xlsx_of(year_form(page, NOW))
    return {"report_rows": len(page.items), "report_bytes": len(body)}


def _join(tx: Transaction, people: list[str]) -> None:
    """By turns into the branches, under a year's rule of the school."""
    branches = sorted(unit.id for unit in tx.units.tree().units if unit.name.endswith("支部"))
    tx.members.add(
        [Member(key, f"学员{n:05}", MemberKind.FULL) for n, key in enumerate(people)],
        [Membership(key, branches[n % len(branches)], dt.date(2010, 1, 1)) for n, key in enumerate(people)],
    )
    targets = dict.fromkeys(Position, 3200)
    since = dt.date(2010, 1, 1)
    tx.year_rules.add(
        YearRule(str(uuid.uuid4()), demo_id("某集团党委"), "年度要求", 1, since, targets=targets,
                 carry_most_hundredths=800, made_by=demo_id("admin"), made_at=NOW)
    )  # fmt: skip


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
