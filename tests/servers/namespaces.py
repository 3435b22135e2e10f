"""A network of the kernel's own: a namespace behind a pair of virtual cables, with loss (nft) and a bottleneck (tbf).

For what a user-space relay cannot show: another address, a cable that is pulled, every packet of a host (TCP too).
It needs root, ``ip``, ``tc`` and ``nft``; :func:`why_not` says what is missing, and tests skip with that. Delay, jitter
and order are not here, since ``netem`` is missing from many kernels: tests/rooms/impaired.py has them.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

PROGRAMS = ("ip", "tc", "nft")
COMMAND_SECONDS = 60
CLONE_NEWNET = 0x40000000
MAX_NETWORKS = 200  # 10.213.N.0/24 each
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_numbers = itertools.count(os.getpid() * 7)


class NotPermitted(Exception):
    """No namespace can be made here; the message says why."""


def why_not() -> str | None:
    """What is missing, or None when :class:`Network` will work."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=_PATH) is None]
    if missing:
        return f"missing programs: {', '.join(missing)} (Debian: iproute2, nftables)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        with Network() as network:
            network.lose(0.0)
    except NotPermitted as refused:
        return str(refused)
    return None


class Network:
    """``here`` is this side's address, ``there`` the namespace's. Leaving the ``with`` takes everything away."""

    def __init__(self) -> None:
        number = next(_numbers) % MAX_NETWORKS
        self.name = f"dxt{os.getpid() % 100_000}x{number}"
        self.here, self.there = f"10.213.{number}.1", f"10.213.{number}.2"
        self._cables = (f"dxa{number}", f"dxb{number}")
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        """Raises :class:`NotPermitted`."""
        outside, inside = self._cables
        try:
            self._run("ip", "netns", "add", self.name)
            self._undo.callback(self._forget, "ip", "netns", "del", self.name)
            self._run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", self.name)
            self._undo.callback(self._forget, "ip", "link", "del", outside)
            self._run("ip", "addr", "add", f"{self.here}/24", "dev", outside)
            self._run("ip", "link", "set", outside, "up")
            self._inside("ip", "addr", "add", f"{self.there}/24", "dev", inside)
            for device in (inside, "lo"):
                self._inside("ip", "link", "set", device, "up")
            self._inside("nft", "add table inet rough; add chain inet rough in { type filter hook input priority 0; }")
            self._inside("nft", "add chain inet rough out { type filter hook output priority 0; }")
        except BaseException:
            self._undo.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._undo.close()

    # ---- the weather

    def lose(self, share: float) -> None:
        """Of every packet, each way, 0 to 1, at random (not seeded: the kernel throws these dice)."""
        self._inside("nft", "flush table inet rough")
        if share > 0:
            for chain in ("in", "out"):
                self._inside(
                    "nft", f"add rule inet rough {chain} numgen random mod 10000 < {round(share * 10_000)} drop"
                )

    def block(self, rule: str) -> None:
        """Drops what nft's ``rule`` matches, both ways: ``block("udp dport != 53")``, ``block("meta l4proto udp")``."""
        for chain in ("in", "out"):
            self._inside("nft", f"add rule inet rough {chain} {rule} drop")

    def limit(self, rate_bps: float | None, queue_ms: int = 100) -> None:
        """A bottleneck in each direction, or none."""
        outside, inside = self._cables
        for run, device in ((self._run, outside), (self._inside, inside)):
            if rate_bps is None:
                with suppress(NotPermitted):
                    run("tc", "qdisc", "del", "dev", device, "root")
            else:
                shape = ("tbf", "rate", f"{round(rate_bps)}bit", "burst", "16kb", "latency", f"{queue_ms}ms")
                run("tc", "qdisc", "replace", "dev", device, "root", *shape)

    def pull(self, *, out: bool = True) -> None:
        """The cable is out, or in again."""
        self._run("ip", "link", "set", self._cables[0], "down" if out else "up")

    # ---- programs and sockets in it

    def socket(self, kind: socket.SocketKind) -> socket.socket:
        """A socket of the namespace in the hands of this process (a thread walks in, opens it and ends)."""
        made: list[socket.socket | OSError] = []

        def walk_in() -> None:
            try:
                with open(f"/run/netns/{self.name}", "rb") as door:
                    if ctypes.CDLL(None, use_errno=True).setns(door.fileno(), CLONE_NEWNET) != 0:
                        raise OSError(ctypes.get_errno(), "setns")
                made.append(socket.socket(socket.AF_INET, kind))
            except OSError as failed:
                made.append(failed)

        thread = threading.Thread(target=walk_in)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise NotPermitted(f"a socket in {self.name}: {made[0]}")
        return made[0]

    def command(self, *words: str) -> list[str]:
        """The words as a command that runs in the namespace: for ``subprocess`` and for browsers."""
        return ["ip", "netns", "exec", self.name, *words]

    def _inside(self, *words: str) -> None:
        self._run(*self.command(*words))

    def _run(self, *words: str) -> None:
        done = _call(words)
        if done.returncode != 0:
            raise NotPermitted(f"{' '.join(words)}: {done.stderr.strip() or done.returncode}")

    def _forget(self, *words: str) -> None:
        _call(words)


def _call(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            words,
            env={**os.environ, "PATH": _PATH},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        return subprocess.CompletedProcess(list(words), 1, "", str(failed))
