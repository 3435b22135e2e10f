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
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.domain.refusals import Refusal
from server.store.jobs import Job, Outcome
from server.store.links import is_lost

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

    async def glance(self, fn: Callable[[sa.Connection], T]) -> T:
        """As :meth:`read`: every statement goes over the network here, so none is done at once."""
        return await self.read(fn)

    async def close(self) -> None:
        """Answers what waits, then ends. Idempotent."""
        if not self._closing:
            self._closing = True
            for _ in self._workers:
                await self._jobs.put(None)
        if self._workers:
            await asyncio.wait(self._workers)

    async def _work(self) -> None:
        """The connection stays the worker's own: a pool's checking out, pinging and in cost more than most reading."""
        connection: AsyncConnection | None = None
        try:
            while (job := await self._jobs.get()) is not None:
                if not job.done.done():  # nobody waits for it any more: reading is without effect
                    outcome, connection = await self._run(job, connection)
                    outcome.deliver()
        finally:
            if connection is not None:
                await connection.close()

    async def _run(self, job: Job, connection: AsyncConnection | None) -> tuple[Outcome, AsyncConnection | None]:
        """What came of it, and the connection for the next job; None: the link was lost."""
        for _ in range(TRIES):
            try:
                connection = connection or await self._engine.connect()
                return Outcome(job, value=await connection.run_sync(_snapshot, job)), connection
            except (OSError, DBAPIError) as error:
                if isinstance(error, DBAPIError) and not is_lost(error):
                    return Outcome(job, error=error), connection
                lost: Exception = error
                await _drop(connection)
                connection = None
            except Exception as error:  # noqa: BLE001 - the caller's own error, handed to the caller
                return Outcome(job, error=error), connection
        _log.error("the database stays away: %s", type(lost).__name__)
        return Outcome(job, error=Refusal("unavailable", type(lost).__name__, retry_after_s=2)), connection


def _snapshot(connection: sa.Connection, job: Job) -> object:
    """One job in a transaction of its own."""
    try:
        return job.fn(connection)
    finally:
        connection.rollback()


async def _drop(connection: AsyncConnection | None) -> None:
    if connection is not None:
        await connection.invalidate()
        await connection.close()
