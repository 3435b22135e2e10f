"""Readers of a SQLite file: a few threads with a connection each, a bounded queue before them.

A whole transaction runs on its thread. Through aiosqlite every statement would cross to a thread and back four or
five times, which cost a request more than everything else together.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from server.domain.refusals import Refusal
from server.store.jobs import Job, Outcome

T = TypeVar("T")
MOST_WAITING = 8192


class ThreadReaders:
    """Satisfies the same promises as :class:`server.store.readers.Readers`."""

    def __init__(self, engine: sa.Engine, workers: int, *, most_waiting: int = MOST_WAITING) -> None:
        self._engine = engine
        self._jobs: queue.Queue[Job | None] = queue.Queue(most_waiting)
        self._threads = [threading.Thread(target=self._work, name=f"sqlite-reader-{n}") for n in range(workers)]
        self._loop = asyncio.get_running_loop()
        self._closing = False

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    async def read(self, fn: Callable[[sa.Connection], T]) -> T:
        """``fn`` sees one snapshot. Raises ``busy`` when the queue is full."""
        if self._closing:
            raise Refusal("draining")
        job = Job(fn, self._loop.create_future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise Refusal("busy", "reader queue is full", retry_after_s=1) from None
        result: T = await job.done
        return result

    async def close(self) -> None:
        """Answers what waits, then ends. Idempotent."""
        if not self._closing:
            self._closing = True
            for _ in self._threads:
                await asyncio.to_thread(self._jobs.put, None)
        for thread in self._threads:
            if thread.ident is not None:
                await asyncio.to_thread(thread.join)

    # ---- on a thread ---------------------------------------------------------------------------------------

    def _work(self) -> None:
        with self._engine.connect() as connection:
            while (job := self._jobs.get()) is not None:
                if not job.done.done():  # nobody waits for it any more: reading is without effect
                    self._loop.call_soon_threadsafe(_run(connection, job).deliver)


def _run(connection: sa.Connection, job: Job) -> Outcome:
    """The connection stays the thread's own, and the driver is told of the transaction directly: a pool's checking
    out and in, twice per request, cost as much as the statements.
    """
    driver: sqlite3.Connection = connection.connection.dbapi_connection  # type: ignore[assignment]
    try:
        driver.execute("BEGIN")
        try:
            return Outcome(job, value=job.fn(connection))
        finally:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
    except Exception as error:  # noqa: BLE001 - the caller's own error, handed to the caller
        return Outcome(job, error=error)
