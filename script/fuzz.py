"""Fuzzes the targets of tests/fuzz under atheris, one after the other, and prints a summary as JSON.

What is learnt stays in .artifacts/fuzz (the corpus). A crash is written to tests/fuzz/crashes/TARGET/: keep the file in
the repository with the repair, it is replayed in every run of the tests. Ends with 1 when there was one.
"""

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CRASHES = ROOT / "tests" / "fuzz" / "crashes"
CORPUS = ROOT / ".artifacts" / "fuzz"
INPUT_SECONDS = 10
MEMORY_MB = 1024
GRACE_SECONDS = 120
COVERAGE = re.compile(r"cov: (\d+)")
RUNS = re.compile(r"stat::number_of_executed_units:\s+(\d+)|Done (\d+) runs")
INSTRUMENTED = ["rooms", "server.seals", "server.domain", "aiortc.sdp"]
INSTRUMENTED += ["server.live.packets", "server.live.asked", "server.web.front", "engineio.packet", "socketio.packet"]


def fuzz(name: str, arguments: Sequence[str]) -> None:
    """This process becomes the fuzzer of one target and never returns."""
    import atheris  # noqa: PLC0415 - only the fuzzing process has it

    with atheris.instrument_imports(include=INSTRUMENTED):
        targets = importlib.import_module("tests.fuzz.targets")
    atheris.Setup([sys.argv[0], *arguments], targets.TARGETS[name].run)
    atheris.Fuzz()


def prepare(name: str, samples: Sequence[bytes]) -> Path:
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    (CRASHES / name).mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples):
        (corpus / f"sample-{number}").write_bytes(sample)
    return corpus


def tidy(name: str) -> None:
    """No empty folder is left for a target that never crashed."""
    folder = CRASHES / name
    if not any(folder.iterdir()):
        folder.rmdir()


def run(name: str, target: object, seconds: int, seed: int) -> dict[str, object]:
    corpus = prepare(name, target.samples)
    before = set((CRASHES / name).iterdir())
    limits = [f"-max_total_time={seconds}", f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={MEMORY_MB}"]
    options = [*limits, f"-max_len={target.max_bytes}", f"-seed={seed}", "-print_final_stats=1"]
    folders = [f"-artifact_prefix={CRASHES / name}/", str(corpus), *([str(CRASHES / name)] if before else [])]
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, __file__, "--as-target", name, *options, *folders],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        timeout=seconds + GRACE_SECONDS,
        check=False,
    )
    said = (done.stdout + done.stderr).decode(errors="replace")
    found = sorted(str(path.relative_to(ROOT)) for path in set((CRASHES / name).iterdir()) - before)
    runs = [int(number) for pair in RUNS.findall(said) for number in pair if number]
    coverage = [int(number) for number in COVERAGE.findall(said)]
    result: dict[str, object] = {
        "runs": runs[-1] if runs else 0,
        "seconds": round(time.monotonic() - started, 1),
        "edges": coverage[-1] if coverage else 0,
        "inputs": sum(1 for _ in corpus.iterdir()),
        "crashes": found,
    }
    if done.returncode != 0:
        result["said"] = f"{said[-3000:]}\nended with {done.returncode}"
    tidy(name)
    return result


def parse(targets: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/fuzz",
        description=__doc__,
        epilog=f"targets: {', '.join(targets)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all of them")
    parser.add_argument("--seconds", type=int, default=60, metavar="N", help="for each target (default 60)")
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - set(targets):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(targets)}")
    return arguments


def main() -> int:
    if sys.argv[1:2] == ["--as-target"]:
        fuzz(sys.argv[2], sys.argv[3:])
        return 0
    targets = importlib.import_module("tests.fuzz.targets").TARGETS
    arguments = parse(list(targets))
    summary = {}
    for name in arguments.targets or targets:
        summary[name] = result = run(name, targets[name], arguments.seconds, arguments.seed)
        failed = bool(result["crashes"]) or "said" in result
        print(f"{'✗' if failed else '✓'} {name:<13} {result['runs']:>9} runs", file=sys.stderr, flush=True)
        if failed:
            print(result.pop("said", ""), file=sys.stderr, flush=True)
            result["failed"] = True
    print(json.dumps(summary, indent=2))
    return 1 if any(result.get("failed") for result in summary.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
