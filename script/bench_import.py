"""``script/bench import``: a roster as XLSX is looked through and applied, as the server does it.

The file is read by the confined process, planned, confirmed and written in one transaction; then looked through once
more, which must change nobody. The database is SQLite, or a PostgreSQL of the bench's own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import os
import resource
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

from server.converting.crafts import TABLES  # noqa: E402 - after the path of the checkout
from server.domain.roster_sheet import TITLES  # noqa: E402
from server.services.demo import BRANCHES, demo_id, make_demo  # noqa: E402
from server.services.house import House  # noqa: E402
from server.services.import_views import see_import  # noqa: E402
from server.services.roster_applying import Importer  # noqa: E402
from server.services.roster_imports import Upload, apply_import, check_roster  # noqa: E402
from server.store.database import Database  # noqa: E402
from server.store.jobs import Job  # noqa: E402
from server.store.memory_fanout import MemoryFanout  # noqa: E402
from server.store.memory_presence import MemoryPresence  # noqa: E402
from server.store.records import SqlRecords  # noqa: E402
from server.store.thread_writer import ThreadWriter  # noqa: E402
from server.web.sheets import Sheet, xlsx_bytes  # noqa: E402
from tests.servers.postgres import PostgresServer  # noqa: E402
from tests.services.conftest import QuickPasswords  # noqa: E402
from tests.services.media_twin import Disk, MediaTwin  # noqa: E402

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds for the dry run and for applying a roster, and the memory that it took"
    parser.add_argument("--rows", type=int, default=3000, help="people in the file (default 3000)")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite", help="default: sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, _database(arguments.database, Path(folder)) as url:
        return asyncio.run(_measure(url, arguments))


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.sqlite3'}"
        return
    postgres = PostgresServer()
    try:
        postgres.start()
        yield postgres.url(asyncio.run(postgres.create_database("bench")))
    finally:
        postgres.close()


@contextlib.contextmanager
def _writer_watched() -> Iterator[list[float]]:
    """How long SQLite's one writer was held, batch by batch, in milliseconds."""
    held, commit = [0.0], ThreadWriter._commit

    def timed(self: ThreadWriter, first: Job) -> bool:
        begun = time.perf_counter()
        try:
            return commit(self, first)
        finally:
            held.append((time.perf_counter() - begun) * 1000)

    ThreadWriter._commit = timed  # type: ignore[method-assign]
    try:
        yield held
    finally:
        ThreadWriter._commit = commit  # type: ignore[method-assign]


def _file(rows: int) -> bytes:
    branches = [name for _, names in BRANCHES for name in names]
    people = [
        (str(200_000 + at), f"人员{at}", branches[at % len(branches)], "正式党员", "", "13800000000", "", "")
        for at in range(rows)
    ]
    return xlsx_bytes([Sheet("名单", [tuple(TITLES.values()), *people])])


async def _measure(url: str, arguments: argparse.Namespace) -> dict[str, Any]:
    content = _file(arguments.rows)
    upload = Upload("名单.xlsx", content)
    database = await Database.open(url)
    try:
        records = SqlRecords(database)
        await make_demo(records, QuickPasswords(), NOW)
        disk = Disk()
        house = House(records, MediaTwin(disk), disk, MemoryPresence(), MemoryFanout())
        admin = await records.read(lambda tx: tx.accounts.principal(demo_id("admin"), NOW.date()))
        assert admin is not None
        before_kib = _peak_kib()
        begun = time.perf_counter()
        one = await check_roster(house, TABLES, admin, str(uuid.uuid4()), upload=upload, now=NOW)
        dry_run = time.perf_counter() - begun
        assert (one.created, one.errors) == (arguments.rows, 0)
        await apply_import(house, admin, one.id, str(uuid.uuid4()), NOW)
        begun = time.perf_counter()
        with _writer_watched() as held:
            await Importer(house, lambda: NOW).step()
        applied = time.perf_counter() - begun
        assert (await see_import(house, admin, one.id, NOW)).state == "done"
        begun = time.perf_counter()
        again = await check_roster(house, TABLES, admin, str(uuid.uuid4()), upload=upload, now=NOW)
        second = time.perf_counter() - begun
        assert (again.created, again.moved, again.changed) == (0, 0, 0)
    finally:
        await database.close()
    reader = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "rows": arguments.rows,
        "database": arguments.database,
        "file_kib": len(content) // 1024,
        "dry_run_s": round(dry_run, 2),
        "apply_s": round(applied, 2),
        "writer_held_max_ms": round(max(held)) if arguments.database == "sqlite" else None,
        "second_dry_run_s": round(second, 2),
        "peak_mib": _peak_kib() // 1024,
        "peak_before_mib": before_kib // 1024,
        "reader_peak_mib": reader // 1024,
        "load": round(os.getloadavg()[0], 2),
    }


def _peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
