"""The bench dispatcher: finds benches by their file names, prints one JSON object and nothing beside it."""

import importlib
import json
import re
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from server.services.demo import demo_id
from server.store.audit import audit
from server.store.database import Database
from server.store.records import SqlRecords

ROOT = Path(__file__).resolve().parents[2]
BENCH = '''"""Counts to a number.

More words."""

import subprocess


def add_arguments(parser):
    parser.add_argument("--upto", type=int, required=True)


def run(arguments):
    print("noise of the bench")
    subprocess.run(["echo", "noise of a child"], check=True)
    return {"sum": sum(range(arguments.upto + 1)), "中文": None}
'''


@pytest.fixture
def dispatcher(tmp_path: Path) -> Path:
    folder = tmp_path / "script"
    folder.mkdir()
    (folder / "bench_count_up.py").write_text(BENCH)
    return Path(shutil.copy(ROOT / "script" / "benches.py", folder))


def run(dispatcher: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(dispatcher), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_help_lists_each_bench_with_the_first_line_of_its_description(dispatcher: Path) -> None:
    done = run(dispatcher, "--help")
    assert done.returncode == 0
    assert "count-up     Counts to a number." in done.stdout


def test_the_result_alone_is_on_standard_output(dispatcher: Path) -> None:
    done = run(dispatcher, "count-up", "--upto", "4", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout == '{"sum": 10, "中文": null}\n'
    assert "noise of the bench" in done.stderr
    assert "noise of a child" in done.stderr


def test_without_json_the_same_object_is_spread_over_lines(dispatcher: Path) -> None:
    done = run(dispatcher, "count-up", "--upto", "4")
    assert json.loads(done.stdout) == {"sum": 10, "中文": None}
    assert done.stdout.count("\n") > 2


def test_an_unknown_bench_is_refused(dispatcher: Path) -> None:
    done = run(dispatcher, "nothing")
    assert done.returncode == 2
    assert "count-up" in done.stderr


def test_every_bench_of_the_project_describes_itself() -> None:
    done = run(ROOT / "script" / "benches.py", "--help")
    assert done.returncode == 0
    assert "(no description)" not in done.stdout


def test_the_benches_phones_come_back_by_the_pages_own_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "script"))
    phones = importlib.import_module("returning_phones")
    text = (ROOT / "static" / "src" / "protocol" / "reconnect.ts").read_text(encoding="utf-8")
    rule = text.partition("SOCKET_POLICY")[2].partition("}")[0]
    said = {name: float(number.replace("_", "")) for name, number in re.findall(r"(\w+): ([\d_.]+)", rule)}
    waits = [float(each.replace("_", "")) / 1000 for each in re.findall(r"[\d_]+", rule.split("[")[1].split("]")[0])]
    assert (said["connectMs"] / 1000, said["unansweredMs"] / 1000) == (phones.DIAL_S, phones.UNANSWERED_S)
    assert said["turnMs"] / 1000 == said["afterNoMs"] / 1000 == phones.PATIENT_S
    assert (said["soonMs"] / 1000, said["jitter"]) == (phones.SOON_S, phones.JITTER)
    assert tuple(waits[: len(phones.BACKOFF_S)]) == phones.BACKOFF_S
    assert all(wait >= phones.SOON_S for wait in waits[len(phones.BACKOFF_S) :])
    live = (ROOT / "static" / "src" / "protocol" / "live.ts").read_text(encoding="utf-8")
    assert f"BEAT_MS = {phones.BEAT_S:.0f}_000" in live
    assert f"LEAST_SHARE = {phones.LEAST_SHARE}" in live


async def test_the_ledger_that_the_bench_makes_is_one_that_verifies(tmp_path, migrated_sqlite, monkeypatch):
    """Settled lessons, make-ups, reviews, corrections, courses elsewhere: they agree as the server's do."""
    path = shutil.copyfile(migrated_sqlite, tmp_path / "bench.sqlite3")
    url = f"sqlite+aiosqlite:///{path}"
    monkeypatch.syspath_prepend(str(ROOT / "script"))
    bench_ledger = importlib.import_module("bench_ledger")
    database = await Database.open(url)
    try:
        people = [str(uuid.uuid4()) for _ in range(200)]
        lessons = await bench_ledger._fill(SqlRecords(database), bench_ledger.Watch(), people, 500)
        found = await audit(url)
    finally:
        await database.close()
    assert lessons == 3
    assert found.sound, found
    assert found.trial.sources.keys() >= {f"{kind}:{demo_id('综合党支部')}" for kind in ("lesson", "micro")}
