"""Runs every test by several pytests side by side; prints their lines as they come, and what failed again at the end.

One has what watches browsers and media as time passes: it mostly waits. The others share the rest, which computes,
waits for processes and disks between, and makes way, so that no picture stutters because of it: one has the planes
(forwarding, recording, converting), one whole servers, one the use cases, the last all other folders. Three of these
run at once, the longest first: when one ends the next begins, so that no core is idle while the others still compute.
Another runs when all have ended: what is judged by milliseconds or by every single packet. Ends with 1 when any test
failed or one of them ended badly. Before each line stands when it came, and each pytest ends with its slowest tests: so
a run says where its time went.

Their files are in memory where this machine has it to spare: hundreds of databases commit thousands of times and would
wait for the disk each time. What a killed process leaves behind is the same there, and no test cuts the power.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WATCHING = "browser or media"
ALONE = "alone"
REST = f"not ({WATCHING} or {ALONE})"
PLANES = ("tests/converting", "tests/recordings", "tests/rooms")
DOORS = ("tests/server",)
HOUSE = ("tests/services",)
MAKING_WAY_AT_ONCE = 3
PATIENCE_S = 60.0
MEMORY, MEMINFO = Path("/dev/shm"), Path("/proc/meminfo")
ENOUGH_BYTES = 6 << 30
"""A run's files take about two, and as much again is for its browsers."""
SLOWEST = ("--durations=20", "--durations-min=3")
LAST_LINES_S = 10.0
"""What it left running may hold its output open for ever."""


@dataclass(frozen=True)
class Half:
    """One pytest; ``marked``: of which tests; ``nice``: how far it makes way; ``where``: in which folders."""

    name: str
    marked: str
    nice: int = 0
    where: Sequence[str] = ()

    @property
    def command(self) -> list[str]:
        # A shell that put this run into the background has taught it to ignore Ctrl-C.
        before = ["env", "--default-signal=INT", "nice", "-n", str(self.nice)]
        # Each remembers on its own what failed last: both would write the same file.
        memory = f"cache_dir=.pytest_cache/{self.name}"
        return [*before, sys.executable, "-m", "pytest", "-m", self.marked, "-o", memory, *SLOWEST, *self.where]


@dataclass(frozen=True)
class Outcome:
    half: Half
    code: int
    failed: Sequence[str]
    last: str


HALVES = (
    Half("watching", f"({WATCHING}) and not {ALONE}"),
    Half("house", REST, nice=10, where=HOUSE),
    Half("doors", REST, nice=10, where=DOORS),
    Half("planes", REST, nice=10, where=PLANES),
    Half("others", REST, nice=10, where=[f"--ignore={folder}" for folder in (*PLANES, *DOORS, *HOUSE)]),
)
AFTER = Half("alone", ALONE)


def environment() -> dict[str, str]:
    """Lines come at once. Dozens of servers start in here: what one has compiled, the next one finds compiled."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONUNBUFFERED": "1"}


def has_room(folder: Path) -> bool:
    """Whether a run's files may go there: there is memory for all of them, and programs may be started from there."""
    try:
        there = os.statvfs(folder)
        memory = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
        available = int(memory["MemAvailable"].removesuffix("kB")) << 10
    except (OSError, KeyError):
        return False
    free = min(there.f_bavail * there.f_frsize, available)
    return free >= ENOUGH_BYTES and not there.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)


@contextlib.contextmanager
def files_in_memory() -> Iterator[None]:
    """What is started in here makes its temporary files in memory, if it may. They are gone at the end.

    A ``TMPDIR`` that somebody has given stays.
    """
    if "TMPDIR" in os.environ or not has_room(MEMORY):
        yield
        return
    folder = tempfile.mkdtemp(prefix="dx", dir=MEMORY)  # short: sockets have their paths in here
    os.chmod(folder, 0o755)  # PostgreSQL comes by, as somebody else
    os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        shutil.rmtree(folder, ignore_errors=True)


def make_way(pid: int, nice: int) -> None:
    """Where the kernel shares its time out by session (sched_autogroup), a process's own nice counts in there only."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(nice))


async def end(child: asyncio.subprocess.Process) -> None:
    """As Ctrl-C ends it: its servers and browsers are put away."""
    child.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(child.wait(), PATIENCE_S)
    except TimeoutError:
        child.kill()
        await child.wait()


@dataclass
class Told:
    """What a half prints, as it comes; ``since``: when the run began, of the monotonic clock."""

    name: str
    since: float
    failed: list[str] = field(default_factory=list)
    last: str = ""

    async def hear(self, output: asyncio.StreamReader) -> None:
        kept = b""
        while piece := await output.read(1 << 16):  # no limit to a line: pytest explains at length
            *lines, kept = (kept + piece).split(b"\n")
            for line in lines:
                self._line(line.decode(errors="replace").rstrip())

    def _line(self, line: str) -> None:
        print(f"{self.name:<8} {time.monotonic() - self.since:4.0f} s | {line}", flush=True)
        self.last = line or self.last
        if line.startswith(("FAILED ", "ERROR ")):
            self.failed.append(line)


async def run(half: Half, since: float) -> Outcome:
    child = await asyncio.create_subprocess_exec(
        *half.command,
        cwd=ROOT,
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # Ctrl-C reaches it once, from here: a second one would break what it puts away.
        start_new_session=True,
    )
    make_way(child.pid, half.nice)
    told = Told(half.name, since)
    hearing = asyncio.create_task(told.hear(child.stdout))
    try:
        code = await child.wait()
        await asyncio.wait({hearing}, timeout=LAST_LINES_S)
    finally:
        hearing.cancel()
        if child.returncode is None:
            await end(child)
    return Outcome(half, code, told.failed, told.last)


async def in_turn(half: Half, turns: asyncio.Semaphore, since: float) -> Outcome:
    async with turns:
        return await run(half, since)


async def run_all(halves: Sequence[Half]) -> list[Outcome]:
    ours, since = asyncio.current_task(), time.monotonic()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ours.cancel)
    turns = asyncio.Semaphore(MAKING_WAY_AT_ONCE)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(in_turn(half, turns, since) if half.nice else run(half, since)) for half in halves]
    return [*(task.result() for task in tasks), await run(AFTER, since)]


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
    with files_in_memory(), contextlib.suppress(asyncio.CancelledError, KeyboardInterrupt):
        passed = report(asyncio.run(run_all(HALVES)))
    print(f"{'通过 · passed' if passed else '没有通过 · failed'} {time.monotonic() - started:.0f} s")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
