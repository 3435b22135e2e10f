"""Starts the media process, starts it again when it ends, and stops it: only ever our own child.

The child says on its standard output that it is ready, or in one sentence why it cannot be; its standard input is our
life line: when that closes, it ends by itself.
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

import structlog

from server.link.client import MediaLink
from server.link.codec import BadFrame

log = structlog.get_logger()

_START_TIMEOUT_S = 30.0
_LINE_LIMIT = 65_536


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
    """How to start the media process, and where it listens."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    socket: Path


def worker_command(socket: Path) -> tuple[str, ...]:
    return (sys.executable, "-m", "server", "worker", "--socket", str(socket))


class Supervisor:
    """Owns one child at a time. Use ``run`` as a task; ``ready`` is set while the child answers."""

    def __init__(self, child: Child, link: MediaLink, *, backoff: Backoff | None = None, stop_s: float = 5.0) -> None:
        self._child = child
        self._link = link
        self._backoff = backoff or Backoff()
        self._stop_s = stop_s
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False
        self.restarts = 0
        self.ready = asyncio.Event()
        self.started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def run(self) -> None:
        """Until :meth:`stop`. ``started`` gets the first child's report, or its :class:`StartFailed`."""
        deaths = 0
        while not self._stopping:
            await asyncio.sleep(self._backoff.wait_s(deaths))
            lived_s = await self._one_life()
            deaths = deaths + 1 if lived_s < self._backoff.young_s else 0
            self.restarts += not self._stopping

    async def stop(self) -> None:
        """Ask, then insist, then kill; returns when the child is gone. Idempotent."""
        self._stopping = True
        if self._process is not None:
            await _end(self._process, self._stop_s)

    async def _one_life(self) -> float:
        """From start to end of one child; the seconds it lived."""
        began = asyncio.get_running_loop().time()
        try:
            process = await self._start()
        except OSError as error:
            self._failed(f"the media process cannot be started: {error}")
            return 0.0
        self._process = process
        try:
            await self._follow(process)
        except (StartFailed, OSError, BadFrame) as error:
            self._failed(str(error))
        finally:
            self.ready.clear()
            # Also when the link broke and the child still runs: without its link it is of no use.
            await _end(process, self._stop_s)
            self._process = None
            log.info("media.ended", code=process.returncode)
        return asyncio.get_running_loop().time() - began

    async def _start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._child.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=dict(self._child.environment),
            start_new_session=True,  # Ctrl-C at the terminal is for us alone; we tell the child in order
            limit=_LINE_LIMIT,
        )

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        report = await _report(process)
        log.info("media.ready", pid=process.pid, **report)
        tasks = {asyncio.create_task(self._link.run(self._child.socket)), asyncio.create_task(process.wait())}
        self.ready.set()
        if not self.started.done():
            self.started.set_result(report)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _failed(self, sentence: str) -> None:
        log.error("media.failed", reason=sentence)
        if not self.started.done():
            self.started.set_exception(StartFailed(sentence))


async def _report(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The child's first line. Raises :class:`StartFailed`."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_TIMEOUT_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise StartFailed("the media process does not get ready") from None
    with contextlib.suppress(ValueError):
        report = json.loads(line)
        if isinstance(report, dict):
            if "failed" in report:
                raise StartFailed(str(report["failed"]))
            return report
    raise StartFailed("the media process ended before it was ready; its log says why")


async def _end(process: asyncio.subprocess.Process, patience_s: float) -> None:
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


def _nothing() -> None:
    """The closed life line is enough for a healthy child."""
