"""Steps that are skipped while their inputs are unchanged, and the progress people see."""

import hashlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HEARTBEAT_SECONDS = 15.0
LAST_LINES = 25


class StepFailed(Exception):
    """A step cannot be done. The message is for the person at the terminal."""


@dataclass(frozen=True)
class Step:
    """`fingerprint()` names the inputs' state; `done()` says whether the result is still there; `run()` makes it."""

    name: str
    title: str
    fingerprint: Callable[[], str]
    done: Callable[[], bool]
    run: Callable[[], None]


def digest(*parts: str | bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def digest_of_files(root: Path, paths: Iterable[Path]) -> str:
    """Names (relative to `root`) and contents."""
    parts: list[str | bytes] = []
    for path in sorted(paths):
        parts += [str(path.relative_to(root)), path.read_bytes()]
    return digest(*parts)


def run_chains(
    chains: Sequence[Sequence[Step]], stamps: Path, *, again: bool = False, first: Sequence[Step] = ()
) -> None:
    """Chains of steps that need nothing of each other, at once, ``first`` before all of them. Raises a failure when all
    of them have ended.
    """
    total = len(first) + sum(map(len, chains))
    run_steps(first, stamps, again=again, total=total)
    with ThreadPoolExecutor(len(chains)) as threads:
        running, before = [], len(first)
        for chain in chains:
            running.append(threads.submit(run_steps, chain, stamps, again=again, before=before, total=total))
            before += len(chain)
    for each in running:
        each.result()


def run_steps(
    steps: Sequence[Step], stamps: Path, *, again: bool = False, before: int = 0, total: int | None = None
) -> None:
    """Runs what is stale, in order. A step's stamp goes before its work and comes back after it.

    ``before`` and ``total``: of more steps than these, for the numbers that people see.
    """
    for number, step in enumerate(steps, before + 1):
        stamp = stamps / step.name
        state = step.fingerprint()
        if not again and step.done() and stamp.is_file() and stamp.read_text() == state:
            continue
        stamp.unlink(missing_ok=True)
        started = time.monotonic()
        place = f"[{number}/{total or len(steps)}]"
        say(f"{place} {step.title} …")
        step.run()
        stamp.parent.mkdir(parents=True, exist_ok=True)
        # The work may have changed what the fingerprint sees (a new interpreter): read it again.
        stamp.write_text(step.fingerprint())
        say(f"{place} {step.title} ✓ {time.monotonic() - started:.0f} s")


def say(line: str) -> None:
    """Progress goes to standard error: a script's standard output belongs to its result."""
    print(f"\r\033[K{line}" if sys.stderr.isatty() else line, file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], cwd: Path, extra_environment: dict[str, str] | None = None) -> None:
    """Runs a child, showing its last line on a terminal. Raises StepFailed with the end of its output."""
    environment = {**os.environ, **(extra_environment or {})}
    words = [str(word) for word in command]
    try:
        child = subprocess.Popen(
            words,
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as missing:
        raise StepFailed(f"没有找到程序 / Program not found: {missing.filename}") from missing
    with child:
        assert child.stdout is not None
        last = follow(child.stdout)
    if child.returncode != 0:
        raise StepFailed("\n".join([*last, f"没有成功 / Failed ({child.returncode}): {' '.join(words[:6])} …"]))


def follow(output: Iterable[str]) -> Sequence[str]:
    """Shows that something moves; returns the last lines."""
    last: deque[str] = deque(maxlen=LAST_LINES)
    shown = time.monotonic()
    for line in output:
        text = line.rstrip()
        if not text:
            continue
        last.append(text)
        if sys.stderr.isatty():
            print(f"\r\033[K  {text[:100]}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - shown > HEARTBEAT_SECONDS:
            shown = time.monotonic()
            print(f"  … {text[:100]}", file=sys.stderr, flush=True)
    return last
