"""Finds and runs the benches: every `script/bench_NAME.py` is `script/bench NAME`.

A bench is a module with a docstring (its first line is the list's line), `add_arguments(parser)` and
`run(arguments) -> dict`. The dispatcher prints that dict as one JSON object on standard output, and nothing else:
whatever the bench or its children print goes to standard error.
"""

import argparse
import ast
import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TextIO

FOLDER = Path(__file__).resolve().parent
PREFIX = "bench_"


def found(folder: Path = FOLDER) -> dict[str, Path]:
    """Name → file, in alphabetical order."""
    return {path.stem.removeprefix(PREFIX).replace("_", "-"): path for path in sorted(folder.glob(f"{PREFIX}*.py"))}


def summary(path: Path) -> str:
    """The first line of the docstring, read without importing."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0] if text else "(no description)"


def load(path: Path) -> ModuleType:
    # Benches may import each other, and the project.
    sys.path[:0] = [str(FOLDER), str(FOLDER.parent)]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def result_channel() -> Iterator[TextIO]:
    """The real standard output; inside, descriptor 1 is standard error, for us and for child processes."""
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(saved), "w", encoding="utf-8") as channel:
            yield channel
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


def overview() -> str:
    lines = [f"  {name:<12} {summary(path)}" for name, path in found().items()]
    return "\n".join(["benches:", *lines, "", "`script/bench NAME --help` lists the options of one."])


def main(words: list[str]) -> int:
    outer = argparse.ArgumentParser(
        prog="script/bench",
        description="Measures, and prints one JSON object.",
        epilog=overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    outer.add_argument("name", choices=list(found()), metavar="NAME")
    outer.add_argument("options", nargs=argparse.REMAINDER, metavar="OPTIONS")
    if not words:
        outer.print_help()
        return 2
    chosen = outer.parse_args(words)
    bench = load(found()[chosen.name])
    inner = argparse.ArgumentParser(prog=f"script/bench {chosen.name}", description=bench.__doc__)
    bench.add_arguments(inner)
    with contextlib.suppress(argparse.ArgumentError):
        inner.add_argument("--json", action="store_true", help="the object on one line, for programs")
    options = inner.parse_args(chosen.options)
    with result_channel() as channel:
        result = bench.run(options)
        print(json.dumps(result, ensure_ascii=False, indent=None if options.json else 2), file=channel)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
