"""``script/bench start``: from the command to "ready", and from Ctrl-C to gone, on embedded defaults.

The command is ``script/serve``, with everything prepared (packages and web client are made before the clock starts).
The first start makes the certificates, the database and the demonstration organisation; the others find them. The
server alone (``python -m server serve``), on the same data, stands beside it.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.servers.process import free_port  # noqa: E402 - after the path of the checkout

READY = "就绪 ready:".encode()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds from the command to ready, and from Ctrl-C to gone"
    parser.add_argument("--starts", type=int, default=5, help="starts after the first, and of the server alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    serve, server = [str(ROOT / "script" / "serve")], [sys.executable, "-m", "server", "serve"]
    subprocess.run([*serve, "--setup-only"], check=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, _ = _once(serve, folder)
        # In turn, so that whatever else the machine does meets both.
        again, alone = zip(*((_once(serve, folder), _once(server, folder)) for _ in range(args.starts)), strict=True)
    ready, gone = zip(*again, strict=True)
    return {
        "first_start_s": round(first, 2),
        "starts": args.starts,
        "second_start_s": round(statistics.median(ready), 2),
        "second_start_max_s": round(max(ready), 2),
        "server_start_s": round(statistics.median(seconds for seconds, _ in alone), 2),
        "end_s": round(statistics.median(gone), 2),
        "load_average": round(os.getloadavg()[0], 2),
    }


def _once(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds to ready, seconds to gone. Raises RuntimeError when the server ends by itself."""
    log = folder / "log"
    with log.open("wb") as errors:
        began = time.monotonic()
        server = subprocess.Popen(command, cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE, stderr=errors)
        assert server.stdout is not None
        if not any(READY in line for line in server.stdout):
            server.wait()
            raise RuntimeError(log.read_text(errors="replace")[-2000:])
        ready = time.monotonic() - began
        began = time.monotonic()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
        return ready, time.monotonic() - began


def _environment(folder: Path) -> dict[str, str]:
    settings = {
        "HOST": "127.0.0.1",
        "PORT": free_port(),
        "PLAIN_PORT": 0,
        "MEDIA_PORT": 0,
        "DATA": folder / "data",
        "DEMO": "on",
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}
    inherited["PYTHONSAFEPATH"] = "1"  # as script/serve starts it
    return inherited | {f"DANGXIAO_{key}": str(value) for key, value in settings.items()}
