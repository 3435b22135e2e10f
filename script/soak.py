"""Repeats the tests that look for rare failures, round after round, until one fails or the time is over.

Every round has a seed: hypothesis takes it, and tests with random input of their own read it from SOAK_SEED.
A failed round prints the command that repeats it.
"""

import argparse
import os
import random
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CRASH_ROUNDS = "200"
"""How often a test that kills a process does so here; ten times in an ordinary run."""


@dataclass(frozen=True)
class Subject:
    """`selection` goes to pytest, or to the program that runs it elsewhere."""

    doc: str
    selection: Sequence[str]
    program: Sequence[str] = ("-m", "pytest", "-q", "-x")


SUBJECTS = {
    "burst": Subject(
        "the server killed 200 times while a hall answers a quiz: no acknowledged answer is lost, none is doubled",
        ("--kills", CRASH_ROUNDS),
        ("script/quiz_kills.py",),
    ),
    "crash": Subject(
        "processes killed at any moment: recordings, databases, the media process", ("-k", "kill or killed or crash")
    ),
    "hostile": Subject(
        "empty, oversized, spoofed and random datagrams at live media", ("-k", "hostile or datagram or datagrams")
    ),
    "joins": Subject(
        "10,000 viewers that come and go: memory, descriptors and the node's tables stay flat",
        ("--joins", "10000"),
        ("-m", "tests.rooms.joins"),
    ),
    "memory": Subject(
        "the relay's C under AddressSanitizer and UndefinedBehaviorSanitizer (passes where no compiler has them)",
        ("--hypothesis-profile=soak", "--timeout=1800", "-m", "not browser"),
        ("script/sanitised.py",),
    ),
    "properties": Subject(
        "property tests, many times the usual examples", ("-m", "hypothesis", "--hypothesis-profile=soak")
    ),
}


@dataclass(frozen=True)
class Round:
    number: int
    subject: str
    seed: int

    @property
    def command(self) -> list[str]:
        # Browsers are left out: they take minutes a round, and script/test has them.
        takes_marks = "pytest" in SUBJECTS[self.subject].program and "-m" not in SUBJECTS[self.subject].selection
        marks = "not browser and not packaging" if takes_marks else ""
        chosen = [*SUBJECTS[self.subject].selection, *(["-m", marks] if marks else [])]
        return [sys.executable, *SUBJECTS[self.subject].program, f"--hypothesis-seed={self.seed}", *chosen]


def rounds(subjects: Sequence[str], first_seed: int, most: int | None, until: float | None) -> Iterator[Round]:
    """Each subject in turn, `most` rounds of all of them or until the monotonic time `until`, whichever is first."""
    number = 0
    while (most is None or number < most) and (until is None or time.monotonic() < until):
        for subject in subjects:
            yield Round(number + 1, subject, first_seed + number)
        number += 1


def run(this: Round) -> bool:
    started = time.monotonic()
    environment = {**os.environ, "SOAK_SEED": str(this.seed), "CRASH_ROUNDS": CRASH_ROUNDS}
    done = subprocess.run(this.command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    last = (done.stdout.strip().splitlines() or ["(no output)"])[-1]
    mark = "✓" if done.returncode == 0 else "✗"
    print(f"{mark} {this.number:>5} {this.subject:<10} {time.monotonic() - started:6.1f} s  {last}", flush=True)
    if done.returncode != 0:
        print(done.stdout, done.stderr, sep="\n")
        print(f"again:  SOAK_SEED={this.seed} CRASH_ROUNDS={CRASH_ROUNDS} {shlex.join(this.command)}")
    return done.returncode == 0


def parse() -> argparse.Namespace:
    lines = [f"  {name:<11} {subject.doc}" for name, subject in SUBJECTS.items()]
    parser = argparse.ArgumentParser(
        prog="script/soak",
        description=__doc__,
        epilog="\n".join(["subjects:", *lines]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="default: all of them in turn")
    parser.add_argument("--rounds", type=int, metavar="N", help="end after N rounds (default 10 without --minutes)")
    parser.add_argument("--minutes", type=float, metavar="M", help="start no round after M minutes")
    parser.add_argument("--seed", type=int, help="of the first round; the next have the next (default: random)")
    arguments = parser.parse_args()
    if unknown := set(arguments.subjects) - set(SUBJECTS):
        parser.error(f"no subject {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    return arguments


def main() -> int:
    arguments = parse()
    most = arguments.rounds if arguments.rounds or arguments.minutes else 10
    until = time.monotonic() + arguments.minutes * 60 if arguments.minutes else None
    seed = random.randrange(2**31) if arguments.seed is None else arguments.seed
    try:
        for this in rounds(arguments.subjects or list(SUBJECTS), seed, most, until):
            if not run(this):
                return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
