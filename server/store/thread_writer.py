"""The one writer of a SQLite file: a thread with group commit.

Jobs that arrive while the last batch was being synced to disk share the next transaction (BEGIN IMMEDIATE, a
SAVEPOINT each): no timer makes a lone writer wait, and under load the disk is waited for once per batch.
Nobody else writes or checkpoints (SQLite before 3.51.3 has a WAL-reset bug with two connections that do).
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import sqlalchemy as sa

from server.domain.refusals import Refusal
from server.store.jobs import Alike, Job, Outcome, run_each
from server.store.seen import Changes, Touch, taken_writes, watch_writes

T = TypeVar("T")
MOST_WAITING = 8192
_log = logging.getLogger(__name__)


class ThreadWriter:
    """Start with :meth:`start` on the event loop that will call :meth:`write`."""

    def __init__(self, engine: sa.Engine, *, most_waiting: int = MOST_WAITING) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # a Queue changes threads more often
        self._most_waiting = most_waiting
        self._thread = threading.Thread(target=self._work, name="sqlite-writer")
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self.batches = 0
        self.changes = Changes()
        watch_writes(engine)

    def start(self) -> None:
        self._thread.start()

    async def write(self, fn: Callable[[sa.Connection], T]) -> T:
        """Returns ``fn``'s result after its commit. Cancelling the caller does not stop the work.

        Raises ``busy`` when the queue is full, ``unavailable`` when the file can't be written.
        """
        result: T = await self._done(Job(fn, self._loop.create_future()))
        return result

    async def write_alike(self, alike: Alike, item: object) -> Any:  # noqa: ANN401 - whatever ``alike`` gives
        """As :meth:`write`, done together with others of its kind that wait beside it."""
        return await self._done(Job.one_of(alike, item, self._loop.create_future()))

    async def _done(self, job: Job) -> Any:  # noqa: ANN401
        if self._closing:
            raise Refusal("draining")
        if self._jobs.qsize() >= self._most_waiting:
            raise Refusal("busy", "writer queue is full", retry_after_s=1)
        self._jobs.put(job)
        return await job.done

    async def close(self) -> None:
        """Does what waits, then ends. Idempotent."""
        if not self._closing:
            self._closing = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    # ---- on the thread -------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            if self._commit(first):
                break

    def _commit(self, first: Job) -> bool:
        """One batch; whether the end was among the jobs."""
        drawn: list[Job] = []
        ended = threading.Event()
        touches: set[Touch] = set()
        try:
            with self._engine.begin() as connection:
                outcomes = run_each(connection, self._draw(first, drawn, ended))
                touches = taken_writes(connection)
        except Exception as error:  # noqa: BLE001 - every job of the batch must get its answer
            _log.exception("a batch could not be committed")
            outcomes = [Outcome(job, error=_unavailable(error)) for job in drawn]
        self.batches += 1
        self.changes.note(touches)  # a COMMIT that failed may have come through
        self._loop.call_soon_threadsafe(_deliver, outcomes)
        return ended.is_set()

    def _draw(self, first: Job, drawn: list[Job], ended: threading.Event) -> Iterator[Job]:
        job: Job | None = first
        while job is not None:
            drawn.append(job)
            yield job
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
        ended.set()


def _deliver(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome.deliver()


def _unavailable(error: BaseException) -> Refusal:
    refusal = Refusal("unavailable", type(error).__name__, retry_after_s=2)
    refusal.__cause__ = error
    return refusal
