"""What the code imports is what pyproject.toml asks for: neither by the grace of another package, nor in vain."""

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = {"server", "rooms", "recordings", "tests"}
# Never imported by name: SQLAlchemy's drivers and switch, the engine below python-socketio, what zoneinfo reads.
UNSEEN = {"aiosqlite", "asyncpg", "greenlet", "python-engineio", "tzdata"}


@cache
def imported(*folders: str) -> set[str]:
    """Top-level names of foreign modules, imports inside functions too."""
    names: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                    names.add(node.module.split(".")[0])
    return names - OURS - sys.stdlib_module_names


@cache
def whose() -> Mapping[str, list[str]]:
    """Distributions by the modules that they bring: every file of every package is looked at."""
    return importlib.metadata.packages_distributions()


def distributions(modules: set[str]) -> set[str]:
    known = whose()
    return {canonicalize_name(known[module][0]) for module in modules if module in known}


def declared(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in requirements}


def test_what_the_server_imports_is_declared() -> None:
    assert distributions(imported("server", "rooms", "recordings")) - declared(PROJECT["dependencies"]) == set()


def test_what_the_tests_import_is_declared() -> None:
    everything = declared(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"])
    assert distributions(imported("tests")) - everything == set()


def test_nothing_is_declared_in_vain() -> None:
    assert (
        declared(PROJECT["dependencies"]) - distributions(imported("server", "rooms", "recordings")) - UNSEEN == set()
    )
