"""What the scripts say when the machine lacks something: one sentence and a non-zero exit."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELL_TOOLS = ("bash", "cat", "dirname", "env", "grep", "head", "id", "mktemp", "readlink", "rm", "sed", "tail")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for PATH with a shell and nothing else: no Python, no apt-get, no sudo."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in SHELL_TOOLS:
        found = shutil.which(tool)
        assert found
        (folder / tool).symlink_to(found)
    return folder


def program(machine: Path, name: str, body: str) -> None:
    path = machine / name
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)


def type_command(machine: Path, command: Sequence[str], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / "bash"), *command],
        cwd=cwd,
        env={"PATH": str(machine), "HOME": str(machine), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("script", ["serve", "test", "check", "bench", "build-wheel"])
def test_without_python_every_script_says_so(machine: Path, script: str) -> None:
    program(machine, "chromium", "echo Chromium 150.0")
    program(machine, "firefox-esr", "echo Mozilla Firefox 153.7.0esr")
    program(machine, "fc-list", "echo Noto Sans CJK SC")
    done = type_command(machine, [str(ROOT / "script" / script), *(["relay"] if script == "bench" else [])])
    assert done.returncode != 0
    assert "Python" in done.stderr.splitlines()[-1]
    assert "3.11" in done.stderr


def test_an_old_python_is_named(machine: Path) -> None:
    program(machine, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    done = type_command(machine, [str(ROOT / "script" / "serve")])
    assert done.returncode != 0
    assert "Python 3.9.2" in done.stderr
    assert "3.11" in done.stderr


def test_python_without_venv_names_the_package(machine: Path) -> None:
    # A Python that is new enough, and where `import ensurepip` fails: Debian without python3-venv.
    program(machine, "python3", 'case "$*" in *ensurepip*) exit 1 ;; esac; exit 0')
    done = type_command(machine, [str(ROOT / "script" / "serve")])
    assert done.returncode != 0
    assert "apt-get install --yes python3-venv" in done.stderr


def test_a_missing_browser_and_font_are_named_and_nothing_is_run(machine: Path) -> None:
    program(machine, "python3", f'exec {sys.executable} "$@"')
    done = type_command(machine, [str(ROOT / "script" / "test")])
    assert done.returncode != 0
    assert {"chromium", "firefox-esr"} <= set(done.stderr.split())
    # fonts may lie in /usr/share/fonts even when fontconfig is not there
    assert "apt-get install --yes" in done.stderr


def test_a_browser_that_is_only_a_stub_does_not_count(machine: Path) -> None:
    program(machine, "chromium", 'echo "Command requires the chromium snap to be installed." >&2; exit 1')
    done = type_command(machine, [str(ROOT / "script" / "test")])
    assert done.returncode != 0
    assert {"chromium", "firefox-esr"} <= set(done.stderr.split())


def test_help_needs_nothing_installed(machine: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for folder in ("script", "server"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__"))
    program(machine, "python3", f'exec {sys.executable} "$@"')
    done = type_command(machine, [str(checkout / "script" / "serve"), "--help"], cwd=tmp_path)
    assert done.returncode == 0
    assert "--setup-only" in done.stdout
    assert "DANGXIAO_PORT=8443" in done.stdout
    assert not (checkout / ".venv").exists()
