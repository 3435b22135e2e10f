"""The real server as a process of its own: free ports, a data folder that is new, a demonstration organisation."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from tests.servers.process import Owner, ServerProcess, free_port
from tests.store.prepared import prepare

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "static"
SEEN_ONLY_BY_US = ssl.create_default_context()
SEEN_ONLY_BY_US.check_hostname = False
SEEN_ONLY_BY_US.verify_mode = ssl.CERT_NONE  # the private CA was made a second ago by the server under test


def build_client() -> Path:
    """The built web client, made when it is missing."""
    built = CLIENT / "dist"
    if not (built / "index.html").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("static/dist is missing and there is no npm to build it with")
        if not (CLIENT / "node_modules").exists():
            subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=CLIENT, check=True)
        subprocess.run([npm, "run", "build"], cwd=CLIENT, check=True)
    return built


@dataclass
class House:
    """One running server. ``origin``: what the browser types."""

    origin: str
    folder: Path
    process: ServerProcess

    @classmethod
    def open(cls, folder: Path, **more: str) -> House:
        """Returns when ``/readyz`` says so. ``more``: other settings, without their prefix.

        Raises ServerFailed with the end of the log.
        """
        build_client()
        prepare(folder / "data")
        port = free_port()
        settings = {
            "DANGXIAO_HOST": "127.0.0.1",
            "DANGXIAO_PORT": str(port),
            "DANGXIAO_PLAIN_PORT": "0",
            "DANGXIAO_MEDIA_PORT": "0",
            "DANGXIAO_MEDIA_ADDRESSES": "127.0.0.1",
            "DANGXIAO_MEDIA_TCP": "off",  # the phone without UDP is to find nothing but HLS
            "DANGXIAO_DATA": str(folder / "data"),
            "DANGXIAO_DEMO": "on",
            "DANGXIAO_ADMIN_SECOND_FACTOR": "off",  # has tests of its own
            "DANGXIAO_STANDBY_BEFORE_LIVE": "off",  # who watches in tests does so from the opening on
            **{f"DANGXIAO_{key}": value for key, value in more.items()},
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        command = ["/usr/bin/env", *(f"{key}={value}" for key, value in settings.items())]
        origin = f"https://127.0.0.1:{port}"
        process = ServerProcess(
            [*command, sys.executable, "-m", "server", "serve"], folder, Owner(None, None), lambda: _ready(origin)
        )
        process.start()
        return cls(origin, folder, process)

    def seen_from(self, address: str) -> House:
        """The same, as somebody types it who is elsewhere."""
        return replace(self, origin=self.origin.replace("127.0.0.1", address))

    def media_pid(self) -> int:
        """The media process that serves now, as the supervisor's log has it."""
        return self.media_starts()[-1][1]

    def media_starts(self) -> list[tuple[str, int]]:
        """When each media process was ready to serve (RFC 3339), and its pid."""
        return self._said("media.ready")

    def spare_starts(self) -> list[tuple[str, int]]:
        """The same of those that stood by."""
        return self._said("media.spare")

    def _said(self, event: str) -> list[tuple[str, int]]:
        lines = [line for line in self.process.log.read_text(encoding="utf-8").splitlines() if f'"{event}"' in line]
        return [(said["at"], said["pid"]) for said in map(json.loads, lines)]

    def kill_media(self) -> int:
        """``kill -9``. Returns the pid that is gone."""
        pid = self.media_pid()
        os.kill(pid, 9)
        return pid

    def close(self, log: Path | None = None) -> None:
        """End it; its log is kept at ``log`` for whoever wonders what happened."""
        self.process.stop()
        if log is not None:
            shutil.copyfile(self.process.log, log)


def _ready(origin: str) -> bool:
    try:
        with urllib.request.urlopen(f"{origin}/readyz", timeout=2, context=SEEN_ONLY_BY_US) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
