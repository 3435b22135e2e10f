"""Runs the fast checks side by side, one more at once than there are cores (some wait for the disk or for a moment to
pass); prints each result when it is there.

A check's output is shown only when it fails. Ends with 1 when any failed.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
STATIC = ROOT / "static"
UNIT = "not browser and not media and not services and not packaging and not process and not long"


@dataclass(frozen=True)
class Check:
    """One program; `cwd` is where it runs."""

    name: str
    command: Sequence[str]
    cwd: Path = ROOT


def npm(script: str) -> list[str]:
    return ["npm", "run", "--silent", script]


PLANES = ("tests/recordings", "tests/rooms")
UNIT_TESTS = [str(BIN / "pytest"), "-q", "--hypothesis-profile=quick", "-m", UNIT]
UNIT_OF_PLANES = [*UNIT_TESTS, *PLANES]
UNIT_OF_HOUSE = [*UNIT_TESTS, *(f"--ignore={folder}" for folder in PLANES)]

# The long ones first, so that at the end no core is left alone with one of them.
CHECKS = (
    Check("planes", UNIT_OF_PLANES),
    Check("unit", UNIT_OF_HOUSE),
    Check("mypy", [str(BIN / "mypy")]),
    Check("vue-tsc", npm("typecheck"), STATIC),
    Check("vitest", npm("test"), STATIC),
    Check("eslint", npm("lint"), STATIC),
    Check("imports", [str(BIN / "lint-imports")]),
    Check("ruff", [str(BIN / "ruff"), "check"]),
    Check("format", [str(BIN / "ruff"), "format", "--check"]),
)


@dataclass(frozen=True)
class Result:
    check: Check
    code: int
    output: str
    seconds: float


def environment() -> dict[str, str]:
    """script/prepare put a Node into BIN where the system's is missing or too old. What one check has compiled, the
    next one finds compiled, whatever the shell says."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


async def run(check: Check, cores: asyncio.Semaphore) -> Result:
    async with cores:
        started = time.monotonic()
        child = await asyncio.create_subprocess_exec(
            *check.command,
            cwd=check.cwd,
            env=environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await child.communicate()
        return Result(check, child.returncode or 0, output.decode(errors="replace"), time.monotonic() - started)


def report(result: Result) -> None:
    print(f"{'✓' if result.code == 0 else '✗'} {result.check.name:<8} {result.seconds:5.1f} s", flush=True)
    if result.code != 0:
        print(result.output.rstrip(), flush=True)


async def run_all(checks: Sequence[Check]) -> bool:
    cores = asyncio.Semaphore((os.cpu_count() or 1) + 1)
    failed = 0
    # Tasks, not coroutines: as_completed would start coroutines in any order.
    tasks = [asyncio.ensure_future(run(check, cores)) for check in checks]
    for done in asyncio.as_completed(tasks):
        result = await done
        report(result)
        failed += result.code != 0
    return failed == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/check", description="Lint, types, import rules, unit tests.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these checks")
    parser.add_argument("--list", action="store_true", help="print the checks")
    parser.add_argument("--without", action="append", default=[], metavar="NAME", help="leave this check out")
    arguments = parser.parse_args()
    known = {check.name: check for check in CHECKS}
    for name in (*arguments.names, *arguments.without):
        if name not in known:
            parser.error(f"no check {name!r}; there are {', '.join(known)}")
    if arguments.list:
        print("\n".join(f"{check.name:<8} {' '.join(check.command)}" for check in CHECKS))
        return 0
    chosen = [known[name] for name in arguments.names or known if name not in arguments.without]
    started = time.monotonic()
    passed = asyncio.run(run_all(chosen))
    print(f"{'通过 · passed' if passed else '没有通过 · failed'} {time.monotonic() - started:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
