"""Lock files: every package with its hash, the ranges of pyproject.toml met, and no registry named anywhere."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(path: Path) -> list[Requirement]:
    joined = path.read_text().replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.lstrip().startswith("#")]
    return [Requirement(line.split("--hash")[0].strip()) for line in lines]


def versions_here(path: Path) -> dict[str, Version]:
    """What the lock installs on this Python."""
    environment = {key: str(value) for key, value in default_environment().items()}
    chosen = [entry for entry in locked(path) if entry.marker is None or entry.marker.evaluate(environment)]
    return {canonicalize_name(e.name): Version(next(iter(e.specifier)).version) for e in chosen}


def unmet(wanted: list[str], have: dict[str, Version]) -> list[str]:
    missing = []
    for text in wanted:
        need = Requirement(text)
        version = have.get(canonicalize_name(need.name))
        if version is None or not need.specifier.contains(version):
            missing.append(f"{text} (locked: {version})")
    return missing


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_package_is_locked_exactly_and_with_hashes(path: Path) -> None:
    joined = path.read_text().replace("\\\n", " ")
    entries = [line for line in joined.splitlines() if line and not line.startswith("#")]
    assert entries
    assert all(re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line) for line in entries)


def test_the_locks_meet_the_project() -> None:
    runtime = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    assert unmet(runtime, versions_here(ROOT / "requirements.lock")) == []
    testing = runtime + PROJECT["project"]["optional-dependencies"]["test"]
    assert unmet(testing, versions_here(ROOT / "requirements-test.lock")) == []
    assert unmet(PROJECT["dependency-groups"]["node"], versions_here(ROOT / "requirements-node.lock")) == []


def test_tests_run_with_the_versions_that_are_served() -> None:
    tested = versions_here(ROOT / "requirements-test.lock")
    assert {k: tested.get(k) for k in versions_here(ROOT / "requirements.lock")} == versions_here(
        ROOT / "requirements.lock"
    )


@pytest.mark.parametrize("path", [*LOCKS, ROOT / "static" / "package-lock.json"], ids=lambda path: path.name)
def test_no_lock_names_a_registry(path: Path) -> None:
    resolved = [line for line in path.read_text().splitlines() if '"resolved"' in line or "index-url" in line]
    assert resolved == []
    if path.suffix == ".lock":
        assert "://" not in path.read_text()
