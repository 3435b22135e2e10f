"""The whole server as a process of a bench's own: ``python -m server serve`` on a free port of this machine."""

from __future__ import annotations

import os
import ssl
import sys
import urllib.request
from pathlib import Path

from tests.servers.process import Owner, ServerProcess, free_port

ROOT = Path(__file__).resolve().parent.parent


def free_origin() -> str:
    return f"https://127.0.0.1:{free_port()}"


def process(folder: Path, origin: str, **more: object) -> ServerProcess:
    """Not started yet; its data are in ``folder``. ``more``: further settings, without their prefix.

    Settings of the shell that calls the bench have no say.
    """
    settings: dict[str, object] = {
        "HOST": "127.0.0.1",
        "PORT": origin.rpartition(":")[2],
        "PLAIN_PORT": 0,
        "MEDIA_PORT": 0,
        "MEDIA_ADDRESSES": "127.0.0.1",
        "DATA": folder / "data",
        "STANDBY_BEFORE_LIVE": "off",  # who watches is served from the opening on
    }
    foreign = [word for key in os.environ if key.startswith("DANGXIAO_") for word in ("-u", key)]
    ours = [f"DANGXIAO_{key}={value}" for key, value in (settings | more).items()]
    foreign += ["-u", "PYTHONDONTWRITEBYTECODE"]  # a server that begins again need not compile itself again
    command = ["/usr/bin/env", *foreign, *ours, f"PYTHONPATH={ROOT}", sys.executable, "-m", "server", "serve"]
    return ServerProcess(command, folder, Owner(None, None), lambda: _is_ready(origin))


def _is_ready(origin: str) -> bool:
    anyone = ssl.create_default_context()
    anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE  # the CA was made a second ago
    try:
        with urllib.request.urlopen(f"{origin}/readyz", timeout=2, context=anyone) as answer:
            return bool(answer.status == 200)
    except OSError:  # URLError and TimeoutError are among them
        return False
