"""The floor under ``script/bench relay``: the same work at the same times by a compiled loop and nothing else.

The same datagrams (sizes, runs, sound) to the same viewers' sockets, paced as the stream of the run. The *hot* floor
has 10 ms between frames instead, so that a machine's caches stay warm: what the work costs at capacity.

It sends from the port that the server had, which must be gone: the viewers' sockets are connected to that port, and
the kernel drops what comes from any other before it does the work of delivering it. A floor whose datagrams did not
arrive is none.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relay_peers import FRAMES_PER_SECOND, SOUND_BYTES, Stream

from rooms import rtp

SOURCE = Path(__file__).with_name("bench_relay_floor.c")
HOT_PAUSE_MS = 10
MAX_LOSS = 0.001
FEWEST_FRAMES, MOST_SECONDS = 25, 10


@dataclass(frozen=True, slots=True)
class Floor:
    """``counts`` of the viewers once nothing more comes; ``ports`` of theirs, on the loopback."""

    counts: Callable[[], Awaitable[dict[str, int]]]
    server_port: int
    ports: list[int]
    stream: Stream

    async def measure(self, seconds: float, us: float) -> dict[str, Any]:
        """At the stream's own pace, in which caches cool down between frames, and hot."""
        with tempfile.TemporaryDirectory() as folder:
            binary = _built(Path(folder))
            hot = await self._run(binary, seconds, HOT_PAUSE_MS)
            own = await self._run(binary, seconds, 1000 // FRAMES_PER_SECOND)
        return {
            "floor_us_per_packet": own,
            "times_floor": round(us / own, 2) if own else None,
            "floor_hot_us_per_packet": hot,
            "times_hot_floor": round(us / hot, 2) if hot else None,
        }

    async def _run(self, binary: Path | None, seconds: float, pause_ms: int) -> float | None:
        """Microseconds of CPU per packet; ``None`` where it can't be compiled or run, or where it is not received."""
        if binary is None:
            return None
        frames = max(FEWEST_FRAMES, round(min(seconds, MOST_SECONDS) * FRAMES_PER_SECOND))
        stream = self.stream
        per_frame, size = stream.packets_per_frame, stream.payload_bytes + rtp.HEADER.size
        sound = SOUND_BYTES + rtp.HEADER.size if stream.sound else 0
        shape = [str(number) for number in (frames, per_frame, size, sound, pause_ms, self.server_port)]
        before = (await self.counts())["received"]
        done = await asyncio.to_thread(_output, [str(binary), *shape, *map(str, self.ports)])
        arrived = (await self.counts())["received"] - before
        sent = frames * (per_frame + 2 * stream.sound) * len(self.ports)
        return None if done is None or arrived < sent * (1 - MAX_LOSS) else round(float(done), 2)


def _built(folder: Path) -> Path | None:
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    binary = folder / "floor"
    built = subprocess.run([compiler, "-O2", "-o", binary, SOURCE, "-lcrypto"], capture_output=True, check=False)
    return binary if built.returncode == 0 else None


def _output(command: list[str]) -> str | None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None
