"""Runs every test by two pytests side by side; prints their lines as they come, and what failed again at the end.

One has what watches browsers and media as time passes: it mostly waits. The other has the rest, which computes: it
makes way, so that no picture stutters because of it. Ends with 1 when any test failed or either of them ended badly.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WATCHING = "browser or media"
PATIENCE_S = 60.0
LINE_LIMIT = 16 << 20
"""The longest line that is taken: what pytest explains of a comparison can be long."""


@dataclass(frozen=True)
class Half:
    """One pytest; `command` is all of it."""

    name: str
    command: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    half: Half
    code: int
    failed: Sequence[str]
    last: str


HEEDING = ("env", "--default-signal=INT")
"""A shell that put this run into the background has taught it to ignore Ctrl-C."""


def half(name: str, marked: str, *before: str) -> Half:
    # Each remembers on its own what failed last: both would write the same file.
    memory = f"cache_dir=.pytest_cache/{name}"
    return Half(name, [*HEEDING, *before, sys.executable, "-m", "pytest", "-m", marked, "-o", memory])


HALVES = (half("watching", WATCHING), half("rest", f"not ({WATCHING})", "nice", "-n", "10"))


async def end(child: asyncio.subprocess.Process) -> None:
    """As Ctrl-C ends it: its servers and browsers are put away."""
    child.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(child.wait(), PATIENCE_S)
    except TimeoutError:
        child.kill()
        await child.wait()


async def run(half: Half) -> Outcome:
    child = await asyncio.create_subprocess_exec(
        *half.command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=LINE_LIMIT,
        # Ctrl-C reaches it once, from here: a second one would break what it puts away. A session of its own would do
        # as well, but where the kernel shares its time out by session it would make way for nobody.
        process_group=0,
    )
    failed: list[str] = []
    last = ""
    try:
        async for line in child.stdout:
            last = line.decode(errors="replace").rstrip() or last
            print(f"{half.name:<8} | {line.decode(errors='replace').rstrip()}", flush=True)
            if last.startswith(("FAILED ", "ERROR ")):
                failed.append(last)
        code = await child.wait()
    finally:
        if child.returncode is None:
            await end(child)
    return Outcome(half, code, failed, last)


async def run_all(halves: Sequence[Half]) -> list[Outcome]:
    ours = asyncio.current_task()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ours.cancel)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run(half)) for half in halves]
    return [task.result() for task in tasks]


def report(outcomes: Sequence[Outcome]) -> bool:
    """Whether everything passed."""
    for outcome in outcomes:
        print(f"{'✓' if outcome.code == 0 else '✗'} {outcome.half.name:<8} {outcome.last.strip('= ')}")
        for line in outcome.failed:
            print(f"  {line}")
        if outcome.code != 0 and not outcome.failed:
            print(f"  pytest ended with {outcome.code}; its last lines are above")
    return all(outcome.code == 0 for outcome in outcomes)


def main() -> int:
    started = time.monotonic()
    passed = False
    with contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        passed = report(asyncio.run(run_all(HALVES)))
    print(f"{'通过 · passed' if passed else '没有通过 · failed'} {time.monotonic() - started:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
