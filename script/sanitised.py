"""Builds rooms/csrc with AddressSanitizer and UndefinedBehaviorSanitizer into a copy, and runs its tests there.

Ends with 0 and a word where there is no such compiler: the sanitisers are a tool of developers, not of installations.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NATIVE = ("test_native.py", "test_native_keys.py", "test_native_checks.py", "test_fanout.py")
TESTS = [f"tests/rooms/{name}" for name in NATIVE]
FLAGS = "-std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -Wall -Wextra"


def compiled(compiler: str, folder: Path) -> None:
    """The extension, beside the copy of its source."""
    macros = ["-DPy_LIMITED_API=0x030B0000", f"-I{sysconfig.get_path('include')}", "-fPIC", "-shared"]
    rooms = folder / "rooms"
    target = rooms / "_fanout.abi3.so"
    sources = map(str, sorted((rooms / "csrc").glob("*.c")))
    command = [compiler, *FLAGS.split(), *macros, *sources, "-lcrypto", "-o", str(target)]
    subprocess.run(command, check=True)


def runtime(compiler: str) -> str | None:
    """Must be loaded before the interpreter."""
    found = subprocess.run([compiler, "-print-file-name=libasan.so"], capture_output=True, text=True, check=False)
    path = Path(found.stdout.strip())
    return str(path) if found.returncode == 0 and path.is_absolute() and path.exists() else None


def tested(folder: Path, library: str, arguments: list[str]) -> int:
    environment = {
        **os.environ,
        "LD_PRELOAD": library,
        # The interpreter lets go of nothing at its end; its small blocks come from malloc, which the sanitiser watches.
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
        "PYTHONMALLOC": "malloc",
        "PYTHONPATH": str(folder),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    compiler = shutil.which("gcc") or shutil.which("cc")
    library = runtime(compiler) if compiler else None
    if compiler is None or library is None:
        print("没有带 AddressSanitizer 的编译器，跳过 / no compiler with AddressSanitizer here: skipped")
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        left_out = shutil.ignore_patterns("__pycache__", "*.so")
        for part in ("rooms", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=left_out)
        for part in ("server", "recordings"):
            (folder / part).symlink_to(ROOT / part)
        shutil.copy(ROOT / "pyproject.toml", folder)
        compiled(compiler, folder)
        return tested(folder, library, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
