"""Machines elsewhere, as network namespaces: behind one open TCP port, without IPv4, or between two networks."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OUTSIDE = "10.211.7.1"
HERE6, THERE6 = "fd42:6::1", "fd42:6::2"
ROAMS, SERVER = ("10.211.8", "10.211.9"), "10.211.10.1"
RULES = """
table inet only_one_port {{
  chain out {{
    type filter hook output priority 0; policy drop;
    oifname "lo" accept
    tcp dport {port} accept
    counter name refused drop
  }}
  chain in {{
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    tcp sport {port} accept
  }}
  counter refused {{ }}
}}
"""


def obstacle() -> str | None:
    """Why there can be no namespace here; None: there can."""
    if missing := [tool for tool in ("ip", "nft") if shutil.which(tool) is None]:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    tried = subprocess.run(["ip", "netns", "add", "dangxiao-try"], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network namespaces here: {tried.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", "dangxiao-try"], check=True)
    return None


@dataclass(frozen=True)
class Elsewhere:
    """A namespace. ``address``: ours, as seen from inside."""

    name: str
    address: str
    folder: Path

    def launcher(self, executable: str) -> Path:
        """A program that starts ``executable`` inside, for whoever takes a path only."""
        script = self.folder / "inside"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} "{executable}" "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *words]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*command), capture_output=True, text=True, check=False)


def _do(*words: str, given: str | None = None) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True, input=given)


def _inside(name: str, *lines: str) -> None:
    for line in lines:
        _do("ip", "-n", name, *line.split())


def _wire(name: str, number: int, here: str, network: str) -> str:
    """A pair of interfaces, ours with the first address of the network. Returns the name of the other end."""
    there = f"inside{number}"
    _do("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
    # Without a link-local address: it would be there a second or two later, and a browser that has begun to load a page
    # takes that for another network and drops what it was loading.
    _do("ip", "link", "set", here, "addrgenmode", "none")
    _inside(name, f"link set {there} addrgenmode none")
    _do("ip", "address", "add", f"{network}.1/30", "dev", here)
    _do("ip", "link", "set", here, "up")
    _inside(name, f"address add {network}.2/30 dev {there}")
    return there


@contextlib.contextmanager
def _namespace() -> Iterator[str]:
    """Removed at the end, and with it its interfaces and rules."""
    name = f"dangxiao-{os.getpid()}"
    _do("ip", "netns", "add", name)
    try:
        _inside(name, "link set lo up")
        yield name
    finally:
        _do("ip", "netns", "delete", name)


@contextlib.contextmanager
def only_port(port: int, folder: Path) -> Iterator[Elsewhere]:
    """Everything but this TCP port of ours is dropped."""
    with _namespace() as name:
        there = _wire(name, 0, f"dxo{os.getpid() % 100000}", OUTSIDE.rpartition(".")[0])
        _inside(name, f"link set {there} up")
        _do("ip", "netns", "exec", name, "nft", "-f", "-", given=RULES.format(port=port))
        yield Elsewhere(name, OUTSIDE, folder)


@contextlib.contextmanager
def only_ipv6(folder: Path) -> Iterator[Elsewhere]:
    """A machine that has no IPv4 at all, not even at its loopback. ``address``: its own, as seen from here."""
    with _namespace() as name:
        here = f"dxs{os.getpid() % 100000}"
        _do("ip", "link", "add", here, "type", "veth", "peer", "name", "inside0", "netns", name)
        _do("ip", "address", "add", f"{HERE6}/64", "dev", here, "nodad")
        _do("ip", "link", "set", here, "up")
        _inside(name, f"address add {THERE6}/64 dev inside0 nodad", "link set inside0 up")
        _inside(name, "address delete 127.0.0.1/8 dev lo")
        yield Elsewhere(name, THERE6, folder)


class Roaming(Elsewhere):
    """A phone with two networks, of which one is there at a time. It begins in the first."""

    def enter(self, number: int) -> None:
        _inside(self.name, f"link set inside{1 - number} down", f"link set inside{number} up")
        _inside(self.name, f"route replace default via {ROAMS[number]}.1")


@contextlib.contextmanager
def two_networks(folder: Path) -> Iterator[Roaming]:
    """We have one address, reached from both of them."""
    _do("ip", "address", "add", f"{SERVER}/32", "dev", "lo")
    try:
        with _namespace() as name:
            for number, network in enumerate(ROAMS):
                _wire(name, number, f"dxr{number}{os.getpid() % 100000}", network)
            roaming = Roaming(name, SERVER, folder)
            roaming.enter(0)
            yield roaming
    finally:
        _do("ip", "address", "delete", f"{SERVER}/32", "dev", "lo")
