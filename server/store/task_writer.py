"""The writer of a PostgreSQL database: a task with group commit over one connection.

Other processes write too, so locks are real: a job that meets a deadlock, or waits longer than ``LOCK_WAIT`` for a
lock inside a batch, is undone and tried again in a transaction of its own. When the link is lost the batch is run
again; when it is lost during COMMIT, the database is first asked what became of that transaction
(``pg_xact_status``), so nothing is done twice.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server import clock
from server.domain.refusals import Refusal
from server.store.jobs import MOST_IN_BATCH, Alike, Job, Outcome, run_each
from server.store.links import is_lost

T = TypeVar("T")
MOST_WAITING = 8192
MOST_TRIES = 8
LOCK_WAIT = "200ms"
GIVE_UP_S = 10.0
_log = logging.getLogger(__name__)


class TaskWriter:
    """Start with :meth:`start`; :meth:`close` ends its task."""

    def __init__(self, engine: AsyncEngine, *, most_waiting: int = MOST_WAITING, give_up_s: float = GIVE_UP_S) -> None:
        self._engine = engine
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(most_waiting)
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self._give_up_s = give_up_s
        self.batches = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="postgres-writer")

    async def write(self, fn: Callable[[sa.Connection], T]) -> T:
        """Returns ``fn``'s result after its commit. Cancelling the caller does not stop the work.

        Raises ``busy`` when the queue is full, ``unavailable`` when the database stays away.
        """
        result: T = await self._done(Job(fn, asyncio.get_running_loop().create_future()))
        return result

    async def write_alike(self, alike: Alike, item: object) -> Any:  # noqa: ANN401 - whatever ``alike`` gives
        """As :meth:`write`, done together with others of its kind that wait beside it."""
        return await self._done(Job.one_of(alike, item, asyncio.get_running_loop().create_future()))

    async def _done(self, job: Job) -> Any:  # noqa: ANN401
        if self._closing:
            raise Refusal("draining")
        try:
            self._jobs.put_nowait(job)
        except asyncio.QueueFull:
            raise Refusal("busy", "writer queue is full", retry_after_s=1) from None
        return await job.done

    async def close(self) -> None:
        """Does what waits, then ends. Idempotent."""
        if self._task is None:
            return
        if not self._closing:
            self._closing = True
            await self._jobs.put(None)
        await asyncio.shield(self._task)

    async def _work(self) -> None:
        while (first := await self._jobs.get()) is not None:
            jobs = [first]
            while not self._jobs.empty() and len(jobs) < MOST_IN_BATCH:
                job = self._jobs.get_nowait()
                if job is None:
                    await self._commit_all(jobs)
                    return
                jobs.append(job)
            await self._commit_all(jobs)

    async def _commit_all(self, jobs: list[Job]) -> None:
        """A batch, the rest that had no time in it, and then, each alone, those that met a lock."""
        waiting = list(jobs)
        while waiting:
            alone = waiting[0].tries > 0
            batch = waiting[:1] if alone else [job for job in waiting if job.tries == 0]
            outcomes = await self._commit(batch, alone=alone)
            settled = {id(outcome.job) for outcome in outcomes if not _goes_again(outcome)}
            for outcome in outcomes:
                if _goes_again(outcome):
                    outcome.job.tries += 1
                else:
                    outcome.deliver()
            waiting = sorted((job for job in waiting if id(job) not in settled), key=lambda job: job.tries > 0)

    async def _commit(self, jobs: list[Job], *, alone: bool) -> list[Outcome]:
        deadline = clock.monotonic_ms() + self._give_up_s * 1000
        pause = 0.05
        while True:
            attempt = _Attempt(self._engine, jobs, alone=alone)
            try:
                outcomes = await attempt.run()
            except Exception as error:  # noqa: BLE001 - every job of the batch must get its answer
                if not is_lost(error):
                    _log.exception("a batch could not be committed")
                    return [Outcome(job, error=_unavailable(error)) for job in jobs]
                if clock.monotonic_ms() >= deadline:
                    _log.error("the database stays away: %s", type(error).__name__)
                    return [Outcome(job, error=_unavailable(error)) for job in jobs]
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
                continue
            self.batches += 1
            return outcomes


class _Attempt:
    """One transaction with some jobs; after a lost COMMIT it finds out whether it held."""

    def __init__(self, engine: AsyncEngine, jobs: list[Job], *, alone: bool) -> None:
        self._engine = engine
        self._jobs = jobs
        self._alone = alone
        self._transaction_id: str | None = None
        self._outcomes: list[Outcome] = []

    async def run(self) -> list[Outcome]:
        """Raises when the link was lost and nothing was committed."""
        committing = False
        try:
            async with self._engine.connect() as connection:
                await connection.run_sync(self._prepare)
                committing = True
                await connection.commit()
        except Exception as error:
            if not (committing and is_lost(error) and await self._was_committed()):
                raise
        return self._outcomes

    def _prepare(self, connection: sa.Connection) -> None:
        if not self._alone:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        self._transaction_id = connection.exec_driver_sql("SELECT pg_current_xact_id()::text").scalar_one()
        self._outcomes = run_each(connection, self._draw())

    def _draw(self) -> Iterator[Job]:
        yield from self._jobs

    async def _was_committed(self) -> bool:
        """Raises when the link is still away: then nobody knows, and the caller is told ``unavailable``."""
        deadline = clock.monotonic_ms() + GIVE_UP_S * 1000
        while True:
            try:
                async with self._engine.connect() as connection:
                    status = await self._status(connection)
            except Exception as error:
                if not is_lost(error) or clock.monotonic_ms() >= deadline:
                    raise _UnknownOutcome from error
                status = "in progress"
            if status != "in progress":
                return status == "committed"
            if clock.monotonic_ms() >= deadline:
                raise _UnknownOutcome
            await asyncio.sleep(0.1)

    async def _status(self, connection: AsyncConnection) -> str | None:
        query = sa.text("SELECT pg_xact_status(cast(cast(:id as text) as xid8))")
        status: str | None = (await connection.execute(query, {"id": self._transaction_id})).scalar_one()
        return status


class _UnknownOutcome(Exception):
    """Not to be tried again here: whoever asked repeats it with the same command id."""


def _goes_again(outcome: Outcome) -> bool:
    return outcome.again and outcome.job.tries < MOST_TRIES


def _unavailable(error: BaseException) -> Refusal:
    refusal = Refusal("unavailable", type(error).__name__, retry_after_s=2)
    refusal.__cause__ = error
    return refusal
