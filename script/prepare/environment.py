"""The virtual environment and its packages, as locked."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from steps import Step, call, digest, digest_of_files

LINK = "link"


def environment_steps(root: Path, *, testing: bool) -> list[Step]:
    """`.venv`, the locked packages, and the project itself linked into it (so that it runs from any directory)."""
    lock = root / ("requirements-test.lock" if testing else "requirements.lock")
    venv = root / ".venv"
    python = venv / "bin" / "python"
    # The locks of serving and testing are stamped apart: a test run doesn't make the next start install again.
    return [
        Step(
            "environment",
            f"Python {sys.version_info.major}.{sys.version_info.minor} 环境 · environment .venv",
            lambda: digest(sys.version, sys.base_prefix, str(venv)),
            python.exists,
            lambda: make_environment(venv),
        ),
        Step(
            lock.name,
            "Python 软件包 · packages",
            lambda: digest(digest_of_files(root, [lock]), made_at(python)),
            python.exists,
            lambda: install(root, python, lock),
        ),
        Step(
            LINK,
            "本项目 · this project",
            lambda: digest(digest_of_files(root, link_sources(root)), made_at(python), compiler(), *built(root)),
            (venv / "bin" / "dangxiao").exists,
            lambda: link(root, python),
        ),
    ]


def made_at(python: Path) -> str:
    """Changes when the environment is made anew."""
    configuration = python.parents[1] / "pyvenv.cfg"
    return str(configuration.stat().st_mtime_ns) if configuration.exists() else ""


def make_environment(venv: Path) -> None:
    """Leaves a working environment of this Python as it is; replaces any other."""
    if version_of(venv / "bin" / "python") != sys.version:
        call([sys.executable, "-m", "venv", "--clear", venv], venv.parent)


def version_of(python: Path) -> str:
    """`sys.version` of an environment that has pip; empty for a missing or broken one."""
    try:
        command = [str(python), "-c", "import pip, sys; print(sys.version)"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except OSError:
        return ""
    return answer.stdout.strip()


def install(root: Path, python: Path, lock: Path) -> None:
    call([python, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", lock], root)


def link_sources(root: Path) -> list[Path]:
    """What the link is made from: besides the code itself, which is only pointed at."""
    return [root / "pyproject.toml", *sorted((root / "rooms" / "csrc").glob("*.[ch]"))]


def compiler() -> str:
    """The C compiler and the headers that the optional extension is built with, as far as they are there."""
    name = sysconfig.get_config_var("CC") or "cc"
    headers = Path(sysconfig.get_path("include"), "Python.h"), Path("/usr/include/openssl/evp.h")
    return " ".join(filter(None, [shutil.which(name.split()[0]), *(str(path) for path in headers if path.is_file())]))


def built(root: Path) -> list[str]:
    """What the build left beside its source: a lost extension is built again, one that failed is not tried again."""
    return sorted(path.name for path in (root / "rooms").glob("_*.so"))


def link(root: Path, python: Path) -> None:
    """Also builds the optional extension. An old one must not outlive its source."""
    for name in built(root):
        (root / "rooms" / name).unlink()
    options = ["--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--editable"]
    call([python, "-m", "pip", "install", *options, root], root)
