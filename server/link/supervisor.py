"""Starts the media process, starts it again when it ends, and stops it: only ever our own children.

While one serves another stands by (:mod:`server.link.spare`), which takes over at once when the first dies.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from server.link import children
from server.link.children import Backoff, Child, Process, StartFailed
from server.link.client import MediaLink
from server.link.codec import BadFrame
from server.link.spare import Patience, Spare

log = structlog.get_logger()


class Supervisor:
    """Owns one child that serves and one that stands by. Use ``run`` as a task; ``ready`` is set while one serves."""

    def __init__(
        self,
        child: Child,
        link: MediaLink,
        *,
        backoff: Backoff | None = None,
        patience: Patience | None = None,
        stop_s: float = 5.0,
    ) -> None:
        self._child = child
        self._link = link
        self._backoff = backoff or Backoff()
        self._stop_s = stop_s
        self._process: Process | None = None
        self._spare = Spare(child, patience)
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = False
        self.restarts = 0
        self.ready = asyncio.Event()
        self.started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def spare_pid(self) -> int | None:
        return self._spare.pid

    async def run(self) -> None:
        """Until :meth:`stop`. ``started`` gets the first child's report, or its :class:`StartFailed`."""
        async with asyncio.TaskGroup() as group:
            self._keeping = group.create_task(self._spare.keep())
            try:
                await self._keep_serving()
            finally:
                self._keeping.cancel()

    async def _keep_serving(self) -> None:
        deaths = 0
        while not self._stopping:
            await asyncio.sleep(self._backoff.wait_s(deaths))
            lived_s = await self._one_life()
            deaths = deaths + 1 if lived_s < self._backoff.young_s else 0
            self.restarts += not self._stopping

    async def stop(self) -> None:
        """Ask, then insist, then kill; returns when the children are gone. Idempotent."""
        self._stopping = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        if self._process is not None:
            await children.end(self._process, self._stop_s)

    async def _one_life(self) -> float:
        """From start to end of one child; the seconds it lived."""
        began = asyncio.get_running_loop().time()
        try:
            process = self._spare.take() or await children.start(self._child)
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
            await children.end(process, self._stop_s)
            self._process = None
            log.info("media.ended", code=process.returncode)
        return asyncio.get_running_loop().time() - began

    async def _follow(self, process: Process) -> None:
        report = await children.report(process)
        log.info("media.ready", pid=process.pid, **report)
        tasks = {asyncio.create_task(self._link.run(self._child.socket)), asyncio.create_task(process.wait())}
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

    def _failed(self, sentence: str) -> None:
        log.error("media.failed", reason=sentence)
        if not self.started.done():
            self.started.set_exception(StartFailed(sentence))
