"""``script/bench attendance``: a year of lessons of a large school, summed by unit, member, venue and lesson.

Rosters and what settling found of everybody are written into the database directly; then each report and a page of
records is asked for `--rounds` times, as the API does, and the slowest is told. The school's administrator sees all of
it, a secretary the own branch.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
for folder in (ROOT, ROOT / "script"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from signin_house import durable_postgres  # noqa: E402 - after the path of the checkout
from signin_school import School, school_of  # noqa: E402

from server.domain.access import AccountKind, Principal, Role, RoleGrant  # noqa: E402
from server.domain.attendance import Standing  # noqa: E402
from server.domain.attendance_report import By  # noqa: E402
from server.domain.lessons import LessonState  # noqa: E402
from server.domain.members import MemberKind  # noqa: E402
from server.domain.roster import RosterEntry  # noqa: E402
from server.services.attendance_report import Asked, attendance_records, report_attendance  # noqa: E402
from server.services.records import Transaction  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402

NOW = dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)
USUAL = [Standing.PRESENT] * 85 + [Standing.LATE] * 4 + [Standing.LEFT_EARLY] * 2 + [Standing.ON_LEAVE] * 5
USUAL += [Standing.ABSENT] * 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds for attendance over a year of lessons"
    parser.add_argument("--lessons", type=int, default=100)
    parser.add_argument("--members", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        own = f"sqlite+aiosqlite:///{folder}/bench.sqlite3"
        url = stack.enter_context(durable_postgres()) if args.database == "postgres" else own
        return asyncio.run(_measure(args, url))


async def _measure(args: argparse.Namespace, url: str) -> dict[str, Any]:
    school, chance = school_of(args.members, NOW), random.Random(1)
    await school.import_into(url)
    database = await Database.open(url)
    try:
        records = SqlRecords(database)
        for number in range(args.lessons):
            await records.write(lambda tx, number=number: _hold(tx, school, number, chance))
        found: dict[str, Any] = {}
        for who, role, unit in (("school", Role.SCHOOL_ADMIN, "root"), ("secretary", Role.SECRETARY, "b0")):
            principal = Principal(who, who, who, AccountKind.PERSON, None, (unit,), None, (RoleGrant(role, unit),))
            for by in By:
                found[f"{who}_{by}_s"] = await _slowest(
                    args.rounds, lambda by=by, p=principal: report_attendance(records, p, by, Asked(), now=NOW)
                )
            found[f"{who}_records_s"] = await _slowest(
                args.rounds, lambda p=principal: attendance_records(records, p, Asked(), limit=50, now=NOW)
            )
    finally:
        await database.close()
    told = {"lessons": args.lessons, "members": args.members, "rows": args.lessons * args.members}
    return {**told, **found, "database": args.database, "load_average": round(os.getloadavg()[0], 2)}


async def _slowest(rounds: int, ask: Any) -> float:
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        await ask()
        took.append(time.perf_counter() - began)
    return round(max(took), 3)


def _hold(tx: Transaction, school: School, number: int, chance: random.Random) -> None:
    """One more lesson of the year, with its own venues, settled."""
    at = dt.datetime(2026, 1, 5, 1, 0, tzinfo=dt.UTC) + dt.timedelta(days=3 * number)
    venues = {place: f"{number}-{place}" for place in school.lesson_venue_ids}
    planned = school._lesson()
    parts = tuple(replace(venue, id=venues[venue.id]) for venue in planned.venues)
    times = {"starts_at": at, "ends_at": at + dt.timedelta(hours=2), "opened_at": at, "settled_at": at}
    lesson = replace(planned, id=f"lesson {number}", venues=parts, state=LessonState.SETTLED, **times)
    tx.lessons.add(lesson)
    entries = [_entry(school, member, venues) for member in range(school.members)]
    tx.roster.add(lesson.id, entries)
    tx.attendance.settle(lesson.id, {entry.member_id: chance.choice(USUAL) for entry in entries})


def _entry(school: School, member: int, venues: dict[str, str]) -> RosterEntry:
    venue = school.venue_of(member)
    place = None if venue is None else venues[school.lesson_venue_ids[venue]]
    unit_id = f"b{school.branch_of(member)}"
    return RosterEntry(school.member_ids[member], f"学员{member:05}", MemberKind.FULL, unit_id, place)
