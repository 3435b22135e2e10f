"""Readers of a SQLite file: a few threads with a connection each, a bounded queue before them.

A whole transaction runs on its thread. Through aiosqlite every statement would cross to a thread and back four or
five times, which cost a request more than everything else together. Even one crossing costs as much as a few rows by
their keys, on virtual machines more: those are glanced at where one is (0148).
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
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()  # a Queue changes threads more often
        self._most_waiting = most_waiting
        self._threads = [threading.Thread(target=self._work, name=f"sqlite-reader-{n}") for n in range(workers)]
        self._loop = asyncio.get_running_loop()
        self._here: sa.Connection | None = None
        self._closing = False

    def start(self) -> None:
        self._here = self._engine.connect()
        _driver(self._here).execute("PRAGMA busy_timeout=0")  # nobody waits on the loop: a thread may
        for thread in self._threads:
            thread.start()

    async def read(self, fn: Callable[[sa.Connection], T]) -> T:
        """``fn`` sees one snapshot. Raises ``busy`` when the queue is full."""
        if self._closing:
            raise Refusal("draining")
        job = Job(fn, self._loop.create_future())
        if self._jobs.qsize() >= self._most_waiting:
            raise Refusal("busy", "reader queue is full", retry_after_s=1)
        self._jobs.put(job)
        result: T = await job.done
        return result

    async def glance(self, fn: Callable[[sa.Connection], T]) -> T:
        """As :meth:`read`, at once and on the loop: for a few rows by their keys."""
        if self._closing or self._here is None:
            raise Refusal("draining")
        try:
            return _snapshot(self._here, fn)
        except sa.exc.OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                raise
        return await self.read(fn)

    async def close(self) -> None:
        """Answers what waits, then ends. Idempotent."""
        if not self._closing:
            self._closing = True
            if self._here is not None:
                self._here.close()
            for _ in self._threads:
                self._jobs.put(None)
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
    try:
        return Outcome(job, value=_snapshot(connection, job.fn))
    except Exception as error:  # noqa: BLE001 - the caller's own error, handed to the caller
        return Outcome(job, error=error)


def _snapshot(connection: sa.Connection, fn: Callable[[sa.Connection], T]) -> T:
    """The connection stays who reads's own, and the driver is told of the transaction directly: a pool's checking
    out and in, twice per request, cost as much as the statements.
    """
    driver = _driver(connection)
    driver.execute("BEGIN")
    try:
        return fn(connection)
    finally:
        if driver.in_transaction:
            driver.execute("ROLLBACK")


def _driver(connection: sa.Connection) -> sqlite3.Connection:
    return connection.connection.dbapi_connection  # type: ignore[return-value]
