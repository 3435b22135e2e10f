"""One child process that serves a loopback port: started, awaited, stopped, and gone when the tests are gone."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 150.0
STOP_SECONDS = 60.0
POLL_SECONDS = 0.02
OWN_PORTS = range(12_000, 32_000)
"""Below what a kernel gives by itself (``ip_local_port_range``), and none that browsers refuse."""
_chance = random.SystemRandom()  # runs of tests stand side by side, and some begin with the same seed


class ServerFailed(RuntimeError):
    """The child ended, or did not get ready in time; the message carries the end of its log."""


@dataclass(frozen=True)
class Owner:
    """The account a child runs as; `None` means ours."""

    uid: int | None
    gid: int | None

    @property
    def arguments(self) -> dict[str, object]:
        """Keywords for `subprocess.run`."""
        return {} if self.uid is None else {"user": self.uid, "group": self.gid, "extra_groups": []}


def unprivileged_owner() -> Owner:
    """Ourselves, or (PostgreSQL refuses to run as root) the system's `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return Owner(None, None)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            return Owner(account.pw_uid, account.pw_gid)
    return Owner(65534, 65534)


def free_port() -> int:
    """A number that is free over TCP and over UDP. Whoever connects or listens somewhere has its own from the kernel,
    which gives none of these: nobody takes it before the child does, who may need seconds until then.
    """
    while True:
        port = _chance.choice(OWN_PORTS)
        with suppress(OSError), socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            stream.bind(("", port))
            datagram.bind(("", port))
            return port


def reachable_by(owner: Owner, path: Path) -> bool:
    """Whether `owner` can walk to `path` and read it."""
    if owner.uid is None:
        return True
    probe = subprocess.run(["/bin/sh", "-c", f'test -r "{path}" && test -x "{path}"'], check=False, **owner.arguments)
    return probe.returncode == 0


def ending_with_parent(last_signal: signal.Signals) -> list[str]:
    """A command prefix: the kernel sends the child `last_signal` when the test process dies, however it dies."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", last_signal.name, "--"] if setpriv else []


class ServerProcess:
    """Start, await, stop one child. Not started by construction; stopping twice is harmless."""

    def __init__(self, command: Sequence[str], folder: Path, owner: Owner, ready: Callable[[], bool]) -> None:
        self.command = list(command)
        self.log = folder / "server.log"
        self._folder = folder
        self._owner = owner
        self._ready = ready
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def start(self, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """Returns when `ready()` is true. Raises ServerFailed otherwise."""
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*ending_with_parent(stop_signal), *self.command],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self._owner.arguments,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"{self.command[0]} did not start:\n{self.tail()}")
            time.sleep(POLL_SECONDS)

    def stop(self, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, wait, kill it when it does not."""
        if self._child is None:
            return
        self._child.send_signal(stop_signal)
        try:
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._child = None

    def kill(self) -> None:
        """The hard way (`kill -9`), for crash tests too."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def tail(self, lines: int = 20) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def hand_over(folder: Path, owner: Owner) -> None:
    """Give `folder` to `owner`, and let it be walked to from above."""
    if owner.uid is not None:
        shutil.chown(folder, owner.uid, owner.gid)
