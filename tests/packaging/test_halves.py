"""script/test runs several pytests: nothing is left out, what fails is named, and the code says so."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]
_spec = importlib.util.spec_from_file_location("halves", ROOT / "script" / "halves.py")
sys.modules["halves"] = halves = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(halves)
PYTEST_INI = "[pytest]\nmarkers =\n  browser: a\n  media: b\n  alone: c\n"
TESTS = """import os, pathlib, pytest

def note(name): pathlib.Path(name).write_text(str(os.nice(0)))

@pytest.mark.browser
def test_of_a_browser(): pass

@pytest.mark.media
def test_of_media(): note("watching")

def test_of_the_rest(): note("others")

@pytest.mark.browser
@pytest.mark.alone
def test_alone():
    assert all(pathlib.Path(name).exists() for name in ("watching", "planes", "doors", "house", "others"))
"""
TEST_OF_THE_DOORS = """import os, pathlib

def test_of_the_doors(): pathlib.Path("doors").write_text(str(os.nice(0)))
"""
TEST_OF_A_PLANE = """import os, pathlib

def test_of_a_plane(): pathlib.Path("planes").write_text(str(os.nice(0)))
"""
TEST_OF_THE_HOUSE = """import os, pathlib

def test_of_the_house(): pathlib.Path("house").write_text(str(os.nice(0)))
"""


QUICK = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""A pytest without the house's plugins starts three times as fast."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "halves.py").write_bytes((ROOT / "script" / "halves.py").read_bytes())
    (tmp_path / "pytest.ini").write_text(PYTEST_INI)
    (tmp_path / "test_all.py").write_text(TESTS)
    for folder in ("converting", "recordings", "rooms", "server", "services"):
        (tmp_path / "tests" / folder).mkdir(parents=True)
    (tmp_path / "tests" / "rooms" / "test_plane.py").write_text(TEST_OF_A_PLANE)
    (tmp_path / "tests" / "server" / "test_doors.py").write_text(TEST_OF_THE_DOORS)
    (tmp_path / "tests" / "services" / "test_house.py").write_text(TEST_OF_THE_HOUSE)
    return tmp_path


def run(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(project / "script" / "halves.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=QUICK)


@pytest.mark.process
def test_every_test_runs_once_what_is_alone_comes_last_and_what_computes_makes_way(project: Path) -> None:
    done = run(project)
    assert done.returncode == 0, done.stdout
    assert "✓ watching 2 passed, 5 deselected" in done.stdout
    assert "✓ planes   1 passed in" in done.stdout
    assert "✓ doors    1 passed in" in done.stdout
    assert "✓ house    1 passed in" in done.stdout
    assert "✓ others   1 passed, 3 deselected" in done.stdout
    assert "✓ alone    1 passed, 6 deselected" in done.stdout
    nice = {name: int((project / name).read_text()) for name in ("watching", "planes", "doors", "house", "others")}
    assert nice["planes"] == nice["doors"] == nice["house"] == nice["others"] == min(19, nice["watching"] + 10)


FOLDERS = {
    "watching": ("@pytest.mark.media", "tests/rooms"),
    "planes": ("", "tests/rooms"),
    "doors": ("", "tests/server"),
    "house": ("", "tests/services"),
    "others": ("", "."),
    "alone": ("@pytest.mark.alone", "."),
}


@pytest.mark.process
def test_a_failure_in_each_is_named_at_the_end(project: Path) -> None:
    for name, (mark, folder) in FOLDERS.items():
        bad = f"import pytest\n{mark}\ndef test_bad(): assert 1 == 2\n"
        (project / folder / f"test_bad_{name}.py").write_text(bad)
    done = run(project)
    assert done.returncode == 1
    for name in FOLDERS:
        ending = done.stdout[done.stdout.index(f"✗ {name}") :]
        assert f"test_bad_{name}.py::test_bad - assert 1 == 2" in ending
    assert "没有通过 · failed" in done.stdout


def test_one_that_failed_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [halves.Outcome(half, 0, [], "1 passed") for half in (*halves.HALVES, halves.AFTER)]
    assert {each.half.name for each in outcomes} == set(FOLDERS)
    assert halves.report(outcomes)
    for number, outcome in enumerate(outcomes):
        one = halves.Outcome(outcome.half, 1, ["FAILED a"], "1 failed")
        assert not halves.report([*outcomes[:number], one, *outcomes[number + 1 :]])
    capsys.readouterr()


@pytest.mark.parametrize(
    ("bytes_there", "flags", "may"),
    [
        ((6 << 30, 6 << 30), 0, True),
        (((6 << 30) - 4096, 6 << 30), 0, False),
        ((6 << 30, (6 << 30) - 4096), 0, False),
        ((6 << 30, 6 << 30), os.ST_NOEXEC, False),
    ],
)
def test_files_are_in_memory_where_there_is_room_for_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bytes_there: tuple[int, int], flags: int, may: bool
) -> None:
    free, available = bytes_there
    (folder := tmp_path / "shm").mkdir()
    (meminfo := tmp_path / "meminfo").write_text(f"MemFree:  1 kB\nMemAvailable:  {available >> 10} kB\nHugePages: 0\n")
    there = SimpleNamespace(f_bavail=free // 4096, f_frsize=4096, f_flag=flags)
    monkeypatch.setattr(halves.os, "statvfs", lambda path: there)
    monkeypatch.setattr(halves, "MEMORY", folder)
    monkeypatch.setattr(halves, "MEMINFO", meminfo)
    monkeypatch.delenv("TMPDIR", raising=False)
    with halves.files_in_memory():
        inside = Path(os.environ["TMPDIR"]) if "TMPDIR" in os.environ else None
        assert (inside is not None) is may
        assert inside is None or (inside.parent == folder and inside.stat().st_mode & 0o777 == 0o755)
    assert "TMPDIR" not in os.environ
    assert list(folder.iterdir()) == []


@pytest.mark.process
def test_a_half_that_runs_nothing_fails_the_run(project: Path) -> None:
    """Marks that were renamed would otherwise leave out half of the tests unseen."""
    (project / "test_all.py").write_text("def test_of_the_rest(): pass\n")
    done = run(project)
    assert done.returncode == 1
    assert "pytest ended with 5" in done.stdout


THINGS = ("test_media", "test_plane", "test_rest")


@pytest.mark.process
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_end_asked_for_lets_all_put_away_their_things(project: Path, how: signal.Signals) -> None:
    slow = """import pathlib, pytest, time

@pytest.fixture
def thing(request):
    yield request.node.name
    pathlib.Path(f"{request.node.name}.away").touch()

def last(name):
    pathlib.Path(f"{name}.there").touch()
    time.sleep(60)

@pytest.mark.media
def test_media(thing): last(thing)

def test_rest(thing): last(thing)
"""
    plane = slow.replace("@pytest.mark.media\ndef test_media(thing): last(thing)\n", "").replace("rest", "plane")
    (project / "test_all.py").write_text(slow)
    (project / "tests" / "rooms" / "test_plane.py").write_text(plane)
    command = [sys.executable, str(project / "script" / "halves.py")]
    # This run may be in the background, where a shell lets Ctrl-C be ignored.
    child = subprocess.Popen(["env", "--default-signal=INT", *command], stdout=subprocess.DEVNULL, env=QUICK)
    while not all((project / f"{name}.there").exists() for name in THINGS):
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(how)
    assert child.wait(30) == 1
    assert all((project / f"{name}.away").exists() for name in THINGS)


def test_the_marks_of_the_halves_are_ours() -> None:
    """--strict-markers does not look at -m."""
    declared = (ROOT / "pyproject.toml").read_text()
    assert all(f'"{mark}: ' in declared for mark in [*halves.WATCHING.split(" or "), halves.ALONE])
