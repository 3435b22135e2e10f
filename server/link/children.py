"""One child of ours that is to be the media process: how it is started, told to serve, heard, and ended.

The child says on its standard output, one JSON line each, that it stands by, that it is ready, or in one sentence why
it cannot be. Its standard input is our life line, and carries one line: to a child that stands by, its place.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 30.0
PROMOTION_S = 5.0
"""How long a child may take that starts, and one that stood by with everything loaded."""
_LINE_LIMIT = 65_536

Process = asyncio.subprocess.Process


class StartFailed(Exception):
    """The media process cannot start. The message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between restarts: nothing at first, doubling while the child keeps dying young."""

    first_s: float = 0.05
    most_s: float = 5.0
    young_s: float = 10.0

    def wait_s(self, deaths: int) -> float:
        """``deaths``: how many children in a row lived for less than ``young_s``."""
        return 0.0 if deaths == 0 else min(self.most_s, self.first_s * 2 ** min(deaths, 16))


@dataclass(frozen=True, slots=True)
class Child:
    """How to start a media process. ``place`` are the words that make it one of several: socket, port, memory.

    One that stands by is started without them, and told when it is to serve; so it may stand by for all of them.
    ``descriptors``: open files of ours that every child inherits under the same numbers.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    socket: Path
    place: tuple[str, ...] = ()
    standby: tuple[str, ...] = ("--standby",)
    descriptors: tuple[int, ...] = ()


def worker_command() -> tuple[str, ...]:
    return (sys.executable, "-m", "server", "worker")


async def start(child: Child, *, standby: bool = False) -> Process:
    """Raises ``OSError``."""
    return await asyncio.create_subprocess_exec(
        *child.command,
        *(child.standby if standby else child.place),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=dict(child.environment),
        start_new_session=True,  # Ctrl-C at the terminal is for us alone; we tell the child in order
        limit=_LINE_LIMIT,
        pass_fds=child.descriptors,
    )


def tell_to_serve(process: Process, place: tuple[str, ...]) -> None:
    """To one that stands by. Should it be gone, its report says so."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(place).encode() + b"\n")


async def report(process: Process, timeout_s: float = START_S) -> dict[str, Any]:
    """What the child says next. Raises :class:`StartFailed`."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(timeout_s):
            line = await process.stdout.readline()
    except TimeoutError:
        raise StartFailed("the media process does not get ready") from None
    with contextlib.suppress(ValueError):
        said = json.loads(line)
        if isinstance(said, dict):
            if "failed" in said:
                raise StartFailed(str(said["failed"]))
            return said
    raise StartFailed("the media process ended before it was ready; its log says why")


async def end(process: Process, patience_s: float) -> None:
    """Close its life line, then SIGTERM, then SIGKILL. Nothing when it has ended."""
    if process.stdin is not None:
        process.stdin.close()
    for insist in (_nothing, process.terminate, process.kill):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            insist()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await process.wait()


async def drop(process: Process) -> None:
    """Kill one that has nothing to lose: it only stood by."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()


def _nothing() -> None:
    """The closed life line is enough for a healthy child."""
