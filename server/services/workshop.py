"""Whoever does the long work of this control process: one job at a time, at low priority, and watched."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any

from server.domain.jobs import Job
from server.domain.refusals import Refusal
from server.services.depot import Crafts
from server.services.house import House
from server.services.jobs import claim, done, failed, note_progress, resume
from server.services.materials import forget_strays

LOOK_S = 1.0
"""Between two looks: for new work, and at whether the present one is still wanted."""
AT_ONCE = 2
log = logging.getLogger(__name__)


class Unwanted(Exception):
    """The job was cancelled, or its material deleted."""


class Workshop:
    """Made by the composition root; :meth:`run` is owned by it."""

    def __init__(self, house: House, crafts: Crafts, now: Callable[[], dt.datetime], *, look_s: float = LOOK_S) -> None:
        self._house = house
        self._crafts = crafts
        self._now = now
        self._look_s = look_s

    async def run(self) -> None:
        """Until cancelled: what runs then ends with it, and is begun again at the next start."""
        await self._tidy()
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._serve())

    async def _serve(self) -> None:
        while True:
            if not await self.step():
                await asyncio.sleep(self._look_s)

    async def _tidy(self) -> None:
        """What the last run left behind. A database that is away now leaves it for the next start."""
        try:
            resumed = await resume(self._house, self._now())
            if resumed:
                log.info("jobs resumed: %d", resumed)
            await forget_strays(self._house, self._now())
        except Refusal as refusal:
            log.warning("jobs of the last run could not be looked at: %s", refusal.code)

    async def step(self) -> bool:
        """One job to its end; False when none waits, or the record is away."""
        try:
            job = await claim(self._house, self._now())
            if job is None:
                return False
            await self._settle(job, *await self._outcome(job))
        except Refusal as refusal:
            if refusal.code != "job_over":
                log.warning("a job was left: %s", refusal.code)
                return False
        return True

    async def _settle(self, job: Job, result: Mapping[str, Any] | None, code: str) -> None:
        if result is None:
            log.info("job %s of material %s failed: %s", job.kind, job.material_id, code)
            await failed(self._house, job, code, self._now())
        else:
            await done(self._house, job, result, self._now())

    async def _outcome(self, job: Job) -> tuple[Mapping[str, Any] | None, str]:
        """The result, or why there is none."""
        try:
            return await self._worked(job), ""
        except Refusal as refusal:
            return None, refusal.code
        except Unwanted:
            return None, "job_cancelled"
        except Exception:
            log.exception("job %s of material %s", job.kind, job.material_id)
            return None, "conversion_failed"

    async def _worked(self, job: Job) -> Mapping[str, Any]:
        depot, seen = self._house.depot, Seen()
        into = await depot.workplace(job.material_id)
        work = asyncio.ensure_future(self._crafts[job.kind](depot.original(job.material_id), into, seen.tell))
        try:
            while not (await asyncio.wait({work}, timeout=self._look_s))[0]:
                if not await note_progress(self._house, job.id, seen.percent):
                    raise Unwanted
            result = work.result()
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work
        await depot.keep(job.material_id)
        return result


class Seen:
    """How far the craft said it is."""

    def __init__(self) -> None:
        self.percent = 0

    def tell(self, percent: int) -> None:
        self.percent = percent
