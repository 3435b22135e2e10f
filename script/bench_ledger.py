"""``script/bench ledger``: settling, and what a ledger of a million entries costs to read and to verify.

``settle_s``: one lesson of 2,000 members, settled as the server does it (``script/bench settle``). Then a ledger is
filled, chained as the server chains them: ten years of settled lessons of 3,000 members in all branches of the school,
a verdict on each of them as settling leaves it, make-ups, reviews, corrections, micro-videos, courses elsewhere.
``balance_ms``: a member's year as the member's page asks for it, the median of 50 members after one that warms up, and
the slowest; ``standing_ms``: the ring beside it. ``report_s``: the printed year of the school with all of them, from
the request to the bytes of the workbook, under a rule that carries over (so two years are read); ``report_pdf_s``: the
same as a PDF, typeset in a process of its own; ``figures_s``: the page's ratios by unit, ``months_s``: its months,
``list_s``: its first hundred names. ``verify_s``: what ``dangxiao ledger verify`` does, whole: the chain, every verdict
beside its entry, all accounts. ``*_cpu_s``: processor time of this process alone, so without PostgreSQL's own; the
machine's load stands beside, before and after. SQLite, or a PostgreSQL of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import bench_settle  # noqa: E402 - after the path of the checkout

from server.converting.crafts import YEARS as YEARS_FORM  # noqa: E402
from server.domain.access import Principal  # noqa: E402
from server.domain.accounts import AccountKind  # noqa: E402
from server.domain.chain import head_after  # noqa: E402
from server.domain.credit import Evidence, Failing, Verdict, evidence_facts, overturn, rule_facts  # noqa: E402
from server.domain.entry_corrections import EntryCorrection, correct  # noqa: E402
from server.domain.ledger import Award, Entry, EntryKind, extend, is_correcting  # noqa: E402
from server.domain.lessons import Lesson, LessonState  # noqa: E402
from server.domain.members import Member, MemberKind, Membership  # noqa: E402
from server.domain.outside import OutsideCredit, OutsideEntry, OutsideState  # noqa: E402
from server.domain.reconciliation import OF_VERDICTS  # noqa: E402
from server.domain.sign_ins import Way  # noqa: E402
from server.domain.year_rules import Position, YearRule  # noqa: E402
from server.services.demo import demo_id, make_demo  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.services.settling_entries import text_of  # noqa: E402
from server.services.standing import own_standing, unit_standings, units_standing  # noqa: E402
from server.services.verdicts import own_credit  # noqa: E402
from server.services.year_months import unit_months  # noqa: E402
from server.store.audit import audit  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from server.web.attendance_pdf import Press  # noqa: E402
from server.web.year_form import year_form  # noqa: E402
from server.web.year_xlsx import xlsx_of  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402

NOW = bench_settle.NOW
YEARS = 10
HUNDREDTHS = 100
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
        lessons = await _fill(records, watch, people, args.entries)
        found = {**await _members_pages(records, people), **await _units_pages(records, watch)}
        with watch.span("verify"):
            verified = await audit(url)
        sound = getattr(verified.chain, "position", 0) == args.entries and verified.sound
        whole = {"database": args.database, "entries": args.entries, "members": len(people), "lessons": lessons}
        return {**whole, **found, **watch.spans, "sound": sound}
    finally:
        await database.close()


async def _fill(records: SqlRecords, watch: Watch, people: list[str], count: int) -> int:
    """How many lessons that are."""
    await make_demo(records, QuickPasswords(), NOW)
    await records.write(lambda tx: _join(tx, people))
    kept = await records.read(lambda tx: _kept(tx, people))
    done = number = 0
    with watch.span("fill"):
        while done < count:
            at = NOW - dt.timedelta(days=365 * YEARS) * (1 - done / count) - dt.timedelta(days=1)
            done += await records.write(
                lambda tx, number=number, at=at, left=count - done: _settled(tx, kept, number, at, left)
            )
            number += 1
    return number


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
    with watch.span("report_pdf"):
        printed = await Press(YEARS_FORM).pdf_bytes(year_form(await unit_standings(*asked), NOW))
    return {"report_rows": len(page.items), "report_bytes": len(body), "report_pdf_bytes": len(printed)}


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


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the entries have in common. ``unit_of``: the branch of each member."""

    people: tuple[str, ...]
    unit_of: dict[str, str]
    rule: str
    rule_id: str


def _kept(tx: Transaction, people: list[str]) -> _Kept:
    rule = tx.credit_rules.of_units([demo_id("某集团党委")])[-1]
    found = tx.members.found(people, NOW.date())
    return _Kept(tuple(people), {key: one.unit_id for key, one in found.items()}, text_of(rule_facts(rule)), rule.id)


def _settled(tx: Transaction, kept: _Kept, number: int, at: dt.datetime, most: int) -> int:
    """One settled lesson with everybody on its roster, and what comes beside it, ``most`` entries at most: how many.

    Of a hundred: 88 pass, four make it up, one passes by a review; one entry is corrected to half (学时更正); beside it
    four micro-videos and three courses elsewhere.
    """
    lesson = Lesson(
        id=str(uuid.uuid4()),
        title=f"安全生产 {number}",
        unit_id=demo_id("某集团党委"),
        lecturer_id=demo_id("lecturer"),
        state=LessonState.SETTLED,
        starts_at=at,
        ends_at=at + dt.timedelta(minutes=90),
        recorded=False,
        credit_hundredths=HUNDREDTHS,
        rule_id=kept.rule_id,
        opened_at=at,
        settled_at=at,
    )
    tx.lessons.add(lesson)
    verdicts = {key: _verdict(kept, key, place % 100 < PASS, at) for place, key in enumerate(kept.people)}
    awards = [_award(kept, lesson.id, place, verdicts[key]) for place, key in enumerate(kept.people)]
    head = tx.ledger.lock()
    entries = extend(head, [each for each in awards if each is not None][:most], at)
    halved = [each for n, each in enumerate(entries) if n % 100 == 0 and each.kind == EntryKind.LESSON]
    corrections = [
        correct(each, [], HUNDREDTHS // 2, seen=HUNDREDTHS, evidence="{}", actor=demo_id("admin")) for each in halved
    ][: max(0, most - len(entries))]
    more = extend(head_after(entries[-1]), corrections, at)
    tx.ledger.append(head, [*entries, *more])
    for corrected, correcting in zip(halved, more, strict=False):
        whose = (correcting.id, corrected.id, 1, corrected.member_id, HUNDREDTHS, HUNDREDTHS // 2)
        tx.entry_corrections.add(EntryCorrection(*whose, "核实", demo_id("admin"), at, at))
    tx.verdicts.add(lesson.id, _agreeing(verdicts, [*entries, *more], {each.id for each in halved[: len(more)]}))
    for each in entries:
        if each.kind == EntryKind.OUTSIDE:
            _learned_elsewhere(tx, each)
    return len(entries) + len(more)


def _verdict(kept: _Kept, member_id: str, passed: bool, at: dt.datetime) -> Verdict:
    evidence = Evidence(
        member_id, kept.unit_of[member_id], at if passed else None, Way.QR if passed else None,
        late=False, present_percent=97 if passed else 0, asked=5, answered=5 if passed else 0, right=4 if passed else 0,
    )  # fmt: skip
    failings = () if passed else (Failing.NOT_SIGNED_IN, Failing.NOT_PRESENT_ENOUGH)
    return Verdict(member_id, passed, failings, evidence, 0, at)


def _award(kept: _Kept, lesson_id: str, place: int, verdict: Verdict) -> Award | None:
    """What a member is granted at, or beside, this lesson."""
    turn, member_id = place % 100, verdict.member_id
    kind, key, of_lesson = next((made for most, made in _TURNS if turn < most), (None, "", False))
    if kind is None:
        return None
    evidence = text_of(evidence_facts(verdict.evidence))
    return Award(
        f"{key}:{lesson_id}:{member_id}", kind, member_id, kept.unit_of[member_id], lesson_id if of_lesson else None,
        HUNDREDTHS, "{}" if kind is EntryKind.OUTSIDE else kept.rule, evidence, "核定学时", actor=demo_id("admin"),
    )  # fmt: skip


PASS = 88
_TURNS = (
    (PASS, (EntryKind.LESSON, "lesson", True)),
    (PASS + 4, (EntryKind.MAKE_UP, "make_up", True)),
    (PASS + 5, (EntryKind.CORRECTION, "review", True)),
    (PASS + 9, (EntryKind.MICRO, "micro", False)),
    (PASS + 12, (EntryKind.OUTSIDE, "outside", False)),
)


def _agreeing(verdicts: dict[str, Verdict], entries: Sequence[Entry], halved: Collection[str]) -> list[Verdict]:
    """The verdicts as settling, reviews and corrections leave them."""
    found = dict(verdicts)
    for each in entries:
        if each.kind in OF_VERDICTS and not is_correcting(each.idempotency_key):
            hundredths = HUNDREDTHS // 2 if each.id in halved else HUNDREDTHS
            found[each.member_id] = overturn(found[each.member_id], hundredths, each.id, each.at)
    return [each for each in found.values() if each.entry_id is not None or not each.passed]


def _learned_elsewhere(tx: Transaction, entry: Entry) -> None:
    day = entry.at.date()
    one = OutsideCredit(
        str(uuid.uuid4()), entry.member_id, entry.unit_id, f"急救 {entry.position}", "培训中心", day, HUNDREDTHS,
        demo_id("admin"), entry.at, OutsideState.CONFIRMED, entries=1,
    )  # fmt: skip
    tx.outside.add(one)
    why = (demo_id("admin"), "", entry.at, entry.at)
    tx.outside.enter(OutsideEntry(entry.id, one.id, entry.member_id, *why))
