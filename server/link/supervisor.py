"""Starts one media process, starts it again when it ends or hangs, and stops it: only ever our own children.

While it serves another stands by (:mod:`server.link.spare`), which takes over at once when it dies.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from server.link import children
from server.link.children import Backoff, Child, Process, StartFailed
from server.link.client import MediaLink
from server.link.codec import BadFrame
from server.link.pulse import TICK_S, Limits, Pulse, Scheduling
from server.link.spare import Spare

log = structlog.get_logger()


class Hung(Exception):
    """The media process lives and says nothing."""


class Supervisor:
    """Owns one child that serves. Use ``run`` as a task; ``ready`` is set while it does. The spare is shared."""

    def __init__(
        self,
        child: Child,
        link: MediaLink,
        spare: Spare,
        *,
        backoff: Backoff | None = None,
        limits: Limits | None = None,
        stop_s: float = 5.0,
    ) -> None:
        self._child = child
        self._link = link
        self._spare = spare
        self._backoff = backoff or Backoff()
        self._limits = limits or Limits()
        self._stop_s = stop_s
        self._process: Process | None = None
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
            await children.end(self._process, self._stop_s)

    async def _one_life(self) -> float:
        """From start to end of one child; the seconds it lived."""
        began = asyncio.get_running_loop().time()
        try:
            process = self._spare.take(self._child.place)
            promoted = process is not None
            process = process or await children.start(self._child)
        except OSError as error:
            self._failed(f"the media process cannot be started: {error}")
            return 0.0
        self._process = process
        hung = False
        try:
            await self._follow(process, children.PROMOTION_S if promoted else children.START_S)
        except Hung:
            hung = True
            log.error("media.hung", pid=process.pid)
        except (StartFailed, OSError, BadFrame) as error:
            # One that was loaded and does not get ready is as good as hung.
            hung = promoted and not self.ready.is_set()
            self._failed(str(error))
        finally:
            self.ready.clear()
            # Also when the link broke and the child still runs: without its link it is of no use.
            await (children.drop(process) if hung else children.end(process, self._stop_s))
            self._process = None
            log.info("media.ended", worker=self._link.worker, code=process.returncode)
        return asyncio.get_running_loop().time() - began

    async def _follow(self, process: Process, start_s: float) -> None:
        report = await children.report(process, start_s)
        log.info("media.ready", pid=process.pid, worker=self._link.worker, **report)
        tasks = {
            asyncio.create_task(self._link.run(self._child.socket)),
            asyncio.create_task(process.wait()),
            asyncio.create_task(self._watch(process)),
        }
        self.ready.set()
        self._spare.want()
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

    async def _watch(self, process: Process) -> None:
        """Raises :class:`Hung`."""
        pulse, scheduling = Pulse(self._limits), Scheduling(process.pid)
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(TICK_S)
            if pulse.tick(self._link.beats, starved=scheduling.starved(loop.time() - began)):
                raise Hung

    def _failed(self, sentence: str) -> None:
        log.error("media.failed", reason=sentence)
        if not self.started.done():
            self.started.set_exception(StartFailed(sentence))
