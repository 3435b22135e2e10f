"""Whoever does the long work of this control process: one job at a time, at low priority, and watched."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from server.domain.jobs import Job, JobKind
from server.domain.materials import check_result
from server.domain.refusals import Refusal
from server.services.depot import Crafts
from server.services.house import House
from server.services.jobs import SIGN_EVERY, claim, done, failed, note_progress, resume, take_over
from server.services.materials import forget_strays

LOOK_S = 1.0
"""Between two looks: for new work, and at whether the present one is still wanted."""
ALL = frozenset(JobKind)
HANDS = (ALL, frozenset({JobKind.SLIDES}))
"""So many jobs at once, and what each hand takes: a deck never waits for two films of an hour."""
_PASSING = frozenset({"unavailable", "busy"})
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
            group.create_task(self._inherit())
            for kinds in HANDS:
                group.create_task(self._serve(kinds))

    async def _serve(self, kinds: Collection[JobKind]) -> None:
        while True:
            try:
                worked = await self.step(kinds)
            except Exception:
                log.exception("the workshop stumbled")  # over one job, which is no reason for a lesson to end
                worked = False
            if not worked:
                await asyncio.sleep(self._look_s)

    async def _inherit(self) -> None:
        """The work of control processes that are gone."""
        while True:
            try:
                taken = await take_over(self._house, self._now())
                if taken:
                    log.info("jobs of processes that are gone: %d", taken)
            except Refusal as refusal:
                log.warning("jobs of others could not be looked at: %s", refusal.code)
            except Exception:
                log.exception("jobs of others could not be looked at")
            await asyncio.sleep(SIGN_EVERY.total_seconds())

    async def _tidy(self) -> None:
        """What the last run left behind. A database that is away now leaves it for the next start."""
        try:
            resumed = await resume(self._house, self._now())
            if resumed:
                log.info("jobs resumed: %d", resumed)
            await forget_strays(self._house, self._now())
        except Refusal as refusal:
            log.warning("jobs of the last run could not be looked at: %s", refusal.code)
        except Exception:
            log.exception("jobs of the last run could not be looked at")

    async def step(self, kinds: Collection[JobKind] = ALL) -> bool:
        """One job to its end; False when none waits, or the record is away."""
        try:
            job = await claim(self._house, self._now(), kinds)
            if job is None:
                return False
            await self._settle(job, *await self._outcome(job))
        except Refusal as refusal:
            if refusal.code != "job_over":
                log.warning("a job was left: %s", refusal.code)
                return False
        return True

    async def _settle(self, job: Job, result: Mapping[str, Any] | None, code: str) -> None:
        """Once it can be written down: an hour's work is not thrown away for a database that is away for a minute."""
        while True:
            try:
                return await self._note_end(job, result, code)
            except Refusal as refusal:
                if refusal.code not in _PASSING:
                    raise
            await asyncio.sleep(self._look_s)

    async def _note_end(self, job: Job, result: Mapping[str, Any] | None, code: str) -> None:
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
                if not await self._wanted(job, seen.percent):
                    raise Unwanted
            result = work.result()
            check_result(job.kind, result)
            await depot.keep(job.material_id)
        except BaseException:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await work
            await depot.give_up(job.material_id)
            raise
        return result

    async def _wanted(self, job: Job, percent: int) -> bool:
        """While the record is away nobody can have said otherwise."""
        try:
            return await note_progress(self._house, job.id, percent)
        except Refusal as refusal:
            if refusal.code not in _PASSING:
                raise
            return True


class Seen:
    """How far the craft said it is."""

    def __init__(self) -> None:
        self.percent = 0

    def tell(self, percent: int) -> None:
        self.percent = percent
