"""script/test runs several pytests: nothing is left out, what fails is named, and the code says so."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
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
def test_every_test_runs_once_and_what_is_alone_comes_last(project: Path) -> None:
    done = run(project)
    assert done.returncode == 0, done.stdout
    assert "✓ watching 2 passed, 5 deselected" in done.stdout
    assert "✓ planes   1 passed in" in done.stdout
    assert "✓ doors    1 passed in" in done.stdout
    assert "✓ house    1 passed in" in done.stdout
    assert "✓ others   1 passed, 3 deselected" in done.stdout
    assert "✓ alone    1 passed, 6 deselected" in done.stdout


@pytest.mark.process
def test_what_computes_makes_way_for_what_watches(project: Path) -> None:
    run(project)
    nice = {name: int((project / name).read_text()) for name in ("watching", "planes", "doors", "house", "others")}
    assert nice["planes"] == nice["doors"] == nice["house"] == nice["others"] == min(19, nice["watching"] + 10)


@pytest.mark.process
@pytest.mark.parametrize(
    ("mark", "folder", "name"),
    [
        ("@pytest.mark.media", "tests/rooms", "watching"),
        ("", "tests/rooms", "planes"),
        ("", "tests/server", "doors"),
        ("", "tests/services", "house"),
        ("", ".", "others"),
        ("@pytest.mark.alone", ".", "alone"),
    ],
)
def test_one_failure_in_any_fails_the_run_and_is_named_at_the_end(
    project: Path, mark: str, folder: str, name: str
) -> None:
    (project / folder / "test_bad.py").write_text(f"import pytest\n{mark}\ndef test_bad(): assert 1 == 2\n")
    done = run(project)
    assert done.returncode == 1
    ending = done.stdout[done.stdout.index(f"✗ {name}") :]
    assert "test_bad.py::test_bad - assert 1 == 2" in ending
    assert "没有通过 · failed" in ending


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
    spec = importlib.util.spec_from_file_location("halves", ROOT / "script" / "halves.py")
    halves = importlib.util.module_from_spec(spec)
    sys.modules["halves"] = halves
    spec.loader.exec_module(halves)
    declared = (ROOT / "pyproject.toml").read_text()
    assert all(f'"{mark}: ' in declared for mark in [*halves.WATCHING.split(" or "), halves.ALONE])
