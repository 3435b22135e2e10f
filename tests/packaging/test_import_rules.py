"""The lists inside the import rules of pyproject.toml leave nobody out: import-linter cannot know who was forgotten."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
# The roots, and recordings' reader in the house's words for them.
SEE_THE_PLANES = {"server.app", "server.worker", "server.plane", "server.archive"}
READS_THE_CLOCK = re.compile(
    r"\btime\.(time|monotonic)|\bperf_counter|\bfrom time import\b|\bdatetime\.now\b|\butcnow\b|\bdate\.today\b"
)


def modules_of_the_house() -> set[str]:
    folders = (path.parent for path in (ROOT / "server").glob("*/__init__.py"))
    files = (path for path in (ROOT / "server").glob("*.py") if path.name != "__init__.py")
    return {f"server.{path.stem}" for path in (*folders, *files) if not path.stem.startswith("_client")}


def test_every_module_but_the_roots_is_kept_from_the_media_planes() -> None:
    named = set(CONTRACTS["Only the composition roots see the media planes"]["source_modules"])
    assert named | SEE_THE_PLANES == modules_of_the_house()
    assert not named & SEE_THE_PLANES


def test_every_dependency_is_forbidden_to_the_domain() -> None:
    forbidden = set(CONTRACTS["The domain is standard library only"]["forbidden_modules"])
    wanted = {canonicalize_name(Requirement(text).name) for text in PYPROJECT["project"]["dependencies"]}
    known = importlib.metadata.packages_distributions()
    held = {canonicalize_name(name) for module in forbidden for name in known.get(module, ())}
    assert wanted - held == set()


def test_the_domain_imports_itself_and_the_standard_library_only() -> None:
    """Beside the rule: also what no package of ours depends on."""
    names: set[str] = set()
    for path in (ROOT / "server" / "domain").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
    assert names
    foreign = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    assert {name for name in foreign if not name.startswith("server.domain")} == set()


def test_one_clock_py_of_each_package_reads_the_clock_and_nobody_else() -> None:
    packages = ("server", "rooms", "recordings")
    files = (path for package in packages for path in (ROOT / package).rglob("*.py"))
    readers = {str(path.relative_to(ROOT)) for path in files if READS_THE_CLOCK.search(path.read_text())}
    assert readers == {f"{package}/clock.py" for package in packages}
