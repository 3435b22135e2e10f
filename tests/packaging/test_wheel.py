"""The release wheel and the image's environment, built for real and used from outside the checkout."""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.packaging.dockerfile import Rehearsal, stages
from tests.servers.process import Owner, ServerProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
FETCH = """
import ssl, sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], context=ssl._create_unverified_context()).read().decode())
"""
pytestmark = [pytest.mark.packaging, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    done = subprocess.run([ROOT / "script" / "build-wheel", target], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    [built] = target.glob("*.whl")
    assert str(built) in done.stdout
    return built


def inside(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_the_wheel_carries_the_built_client_whole(wheel: Path) -> None:
    # Vite's own notes (.vite/) are for the build, not for browsers.
    built = {name for name in files_below(ROOT / "static" / "dist") if not name.startswith(".")}
    assert "index.html" in built
    assert {
        name.removeprefix("server/_client/") for name in inside(wheel) if name.startswith("server/_client/")
    } == built


def test_the_wheel_carries_every_module_migration_and_data_file(wheel: Path) -> None:
    names = inside(wheel)
    for package in ("server", "rooms", "recordings"):
        sources = {f"{package}/{path}" for path in files_below(ROOT / package)}
        ours = {path for path in sources if "__pycache__" not in path and "/_client/" not in path}
        ours = {path for path in ours if not path.endswith(".c")}  # carried compiled, where there was a compiler
        assert ours - names == set()
    assert any(name.startswith("server/store/migrations/versions/") and name.endswith(".py") for name in names)


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in inside(wheel)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"server", "rooms", "recordings"}


BUILDABLE = shutil.which("cc") is not None and Path("/usr/include/openssl/evp.h").is_file()


@pytest.mark.skipif(not BUILDABLE, reason="no C compiler, or no headers of OpenSSL")
def test_the_wheel_carries_the_hot_path_for_every_python(wheel: Path) -> None:
    assert "rooms/_fanout.abi3.so" in inside(wheel)
    assert "-cp311-abi3-" in wheel.name


def test_every_source_and_header_of_the_hot_path_is_named_for_the_build() -> None:
    [extension] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["ext-modules"]
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "rooms" / "csrc").iterdir()}
    assert {*extension["sources"], *extension["depends"]} == there


def test_without_a_compiler_a_wheel_is_made_all_the_same(tmp_path: Path) -> None:
    build = [ROOT / "script" / "build-wheel", tmp_path]
    done = subprocess.run(build, capture_output=True, text=True, check=False, env={**os.environ, "CC": "/bin/false"})
    assert done.returncode == 0, done.stderr
    [built] = tmp_path.glob("*.whl")
    names = inside(built)
    assert "rooms/fanout.py" in names
    assert not any(name.endswith(".so") for name in names)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that stands for the image's root: its environment stage done by hand, instruction by instruction."""
    client, root = tmp_path_factory.mktemp("client"), tmp_path_factory.mktemp("image")
    # The client's stage is what script/prepare does (test_image.py holds the two together): its result is at hand.
    (client / "src").mkdir()
    (client / "src" / "static").symlink_to(ROOT / "static")
    # The compiler's stage is apt-get alone: this machine's own compiler stands in for it, or nobody does.
    _, _, environment, runtime = stages((ROOT / "Dockerfile").read_text())
    # The image's base has a `python`; Debian's own is called python3 only.
    programs = tmp_path_factory.mktemp("bin")
    (programs / "python").symlink_to(Path(sys.executable).resolve())
    # What is started compiles what it imports (pip takes this variable the other way round: 0 is "do not").
    given = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(root), "PIP_NO_COMPILE": "0"}
    rehearsal = Rehearsal(root, ROOT, {"client": client}, environment=given)
    rehearsal.perform(environment)
    installed = Rehearsal(root, ROOT, {"environment": root}, environment=dict(rehearsal.environment))
    for text in runtime.all("COPY"):
        if not text.startswith("--from="):
            installed.copy(text)
    return root


def in_container(image: Path, command: str) -> subprocess.CompletedProcess[str]:
    """As the runtime stage starts things: its PATH, a data folder of its own, nothing of the checkout."""
    data = image / "data"
    data.mkdir(exist_ok=True)
    return subprocess.run(
        shlex.split(command.replace("/opt", f"{image}/opt")),
        cwd=data,
        env={"PATH": f"{image}/opt/dangxiao/bin:/usr/bin:/bin", "DANGXIAO_DATA": str(data), "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_image_starts_the_command(image: Path) -> None:
    done = in_container(image, "/opt/dangxiao/bin/dangxiao --help")
    assert done.returncode == 0, done.stderr
    assert "serve" in done.stdout


def test_the_image_serves_the_client_from_the_wheel(image: Path) -> None:
    where = "import server, pathlib; print(pathlib.Path(server.__file__).parent)"
    done = in_container(image, f"/opt/dangxiao/bin/python -c {shlex.quote(where)}")
    assert done.returncode == 0, done.stderr
    package = Path(done.stdout.strip())
    assert package.is_relative_to(image / "opt")
    assert (package / "_client" / "index.html").is_file()


@pytest.mark.skipif(not BUILDABLE, reason="no C compiler, or no headers of OpenSSL")
def test_the_image_relays_by_the_hot_path_in_c(image: Path) -> None:
    which = "from rooms.backend import choose; print(choose('auto').name)"
    assert in_container(image, f"/opt/dangxiao/bin/python -c {shlex.quote(which)}").stdout == "native\n"


def test_the_health_check_of_a_container_that_does_not_serve_fails(image: Path) -> None:
    done = in_container(image, "/opt/dangxiao/bin/python /opt/dangxiao/healthcheck.py")
    assert done.returncode == 1
    assert done.stderr == ""


def listens(port: int) -> bool:
    """Before it does there is nothing to check, and each health check is a Python that starts."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_the_image_serves_its_pages_and_its_health_check_sees_it(image: Path, tmp_path: Path) -> None:
    port = free_port()
    given = {
        "PATH": f"{image}/opt/dangxiao/bin:/usr/bin:/bin",
        "DANGXIAO_DATA": str(tmp_path / "data"),
        "DANGXIAO_HOST": "127.0.0.1",
        "DANGXIAO_PORT": str(port),
        "DANGXIAO_PLAIN_PORT": "0",
        "DANGXIAO_MEDIA_PORT": "0",
    }
    environment = ["/usr/bin/env", "--ignore-environment", *(f"{key}={value}" for key, value in given.items())]
    check = [*environment, "python", f"{image}/opt/dangxiao/healthcheck.py"]
    server = ServerProcess(
        [*environment, "dangxiao", "serve"],
        tmp_path,
        Owner(None, None),
        lambda: listens(port) and subprocess.run(check, check=False).returncode == 0,
    )
    server.start()
    try:
        page = subprocess.run(
            [*environment, "python", "-c", FETCH, f"https://127.0.0.1:{port}/"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "<script" in page.stdout
    finally:
        server.stop()
