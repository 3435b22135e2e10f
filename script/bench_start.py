"""``script/bench start``: from the command to "ready", and from Ctrl-C to gone, on embedded defaults.

The first start makes the certificates, the database and the demonstration organisation; the others find them.
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "seconds from the command to ready, and from Ctrl-C to gone"
    parser.add_argument("--starts", type=int, default=5, help="starts after the first")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        first, _ = _once(Path(folder))
        again = [_once(Path(folder)) for _ in range(args.starts)]
    ready, gone = ([pair[place] for pair in again] for place in (0, 1))
    return {
        "first_start_s": round(first, 2),
        "starts": args.starts,
        "second_start_s": round(statistics.median(ready), 2),
        "second_start_max_s": round(max(ready), 2),
        "end_s": round(statistics.median(gone), 2),
    }


def _once(folder: Path) -> tuple[float, float]:
    """Seconds to ready, seconds to gone. Raises RuntimeError when the server ends by itself."""
    settings = {"HOST": "127.0.0.1", "PORT": free_port(), "PLAIN_PORT": 0, "MEDIA_PORT": 0, "DATA": folder / "data"}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DANGXIAO_")}
    environment |= {f"DANGXIAO_{key}": str(value) for key, value in settings.items()}
    began = time.monotonic()
    command = [sys.executable, "-m", "server", "serve"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert server.stdout is not None
    while line := server.stdout.readline():
        if b"ready" in line:
            break
    else:
        raise RuntimeError(server.communicate()[1].decode(errors="replace")[-2000:])
    ready = time.monotonic() - began
    began = time.monotonic()
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    return ready, time.monotonic() - began
