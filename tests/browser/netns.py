"""A machine behind a firewall: a network namespace whose only way out is one TCP port of ours."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INSIDE, OUTSIDE = "10.211.7.2", "10.211.7.1"
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
class Firewalled:
    """``address``: ours, as seen from inside."""

    name: str
    address: str
    folder: Path

    def launcher(self, executable: str) -> Path:
        """A program that starts ``executable`` inside, for whoever takes a path only."""
        script = self.folder / "inside"
        script.write_text(f'#!/bin/sh\nexec ip netns exec {self.name} "{executable}" "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return script

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        inside = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(inside, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def only_port(port: int, folder: Path) -> Iterator[Firewalled]:
    """Removes the namespace at the end, and with it its interfaces and rules."""
    name, here, there = f"dangxiao-{os.getpid()}", f"dxo{os.getpid() % 100000}", "inside"

    def do(*words: str, given: str | None = None) -> None:
        subprocess.run(words, check=True, capture_output=True, text=True, input=given)

    do("ip", "netns", "add", name)
    try:
        do("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", name)
        do("ip", "address", "add", f"{OUTSIDE}/30", "dev", here)
        do("ip", "link", "set", here, "up")
        for words in (f"address add {INSIDE}/30 dev {there}", f"link set {there} up", "link set lo up"):
            do("ip", "-n", name, *words.split())
        do("ip", "netns", "exec", name, "nft", "-f", "-", given=RULES.format(port=port))
        yield Firewalled(name, OUTSIDE, folder)
    finally:
        do("ip", "netns", "delete", name)
