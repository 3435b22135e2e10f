"""Readers: a few workers with a connection each, a bounded queue before them.

A handler that is cancelled leaves its worker alone, so no connection is lost half-way through a statement.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from server.domain.refusals import Refusal
from server.store.jobs import Job, Outcome

T = TypeVar("T")
MOST_WAITING = 8192
TRIES = 3
_log = logging.getLogger(__name__)


class Readers:
    """Start with :meth:`start`; :meth:`close` ends the workers."""

    def __init__(
        self, engine: AsyncEngine, workers: int, options: dict[str, Any], *, most_waiting: int = MOST_WAITING
    ) -> None:
        self._engine = engine.execution_options(**options)
        self._count = workers
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(most_waiting)
        self._workers: list[asyncio.Task[None]] = []
        self._closing = False

    def start(self) -> None:
        self._workers = [asyncio.create_task(self._work(), name=f"reader-{n}") for n in range(self._count)]

    async def read(self, fn: Callable[[sa.Connection], T]) -> T:
        """``fn`` sees one snapshot. Raises ``busy`` when the queue is full, ``unavailable`` when the link is lost."""
        if self._closing:
            raise Refusal("draining")
        job = Job(fn, asyncio.get_running_loop().create_future())
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            raise Refusal("busy", "reader queue is full", retry_after_s=1) from None
        result: T = await job.done
        return result

    async def close(self) -> None:
        """Answers what waits, then ends. Idempotent."""
        if not self._closing:
            self._closing = True
            for _ in self._workers:
                await self._jobs.put(None)
        if self._workers:
            await asyncio.wait(self._workers)

    async def _work(self) -> None:
        while (job := await self._jobs.get()) is not None:
            if not job.done.done():  # nobody waits for it any more: reading is without effect
                (await self._run(job)).deliver()

    async def _run(self, job: Job) -> Outcome:
        for _ in range(TRIES):
            try:
                async with self._engine.connect() as connection:
                    return Outcome(job, value=await connection.run_sync(job.fn))
            except (OSError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and not error.connection_invalidated:
                    return Outcome(job, error=error)
                lost: Exception = error
            except Exception as error:  # noqa: BLE001 - the caller's own error, handed to the caller
                return Outcome(job, error=error)
        _log.error("the database stays away: %s", type(lost).__name__)
        return Outcome(job, error=Refusal("unavailable", type(lost).__name__, retry_after_s=2))
