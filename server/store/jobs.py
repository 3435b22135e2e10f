"""Work for the database: one function of a connection, run in a transaction with others, answered after its commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from server import clock

MOST_IN_BATCH = 256
LEAST_IN_BATCH = 16  # of those that wait: on a starved machine a clock alone would make every batch a batch of one
LONGEST_BATCH_MS = 20.0

# PostgreSQL's words for "not your fault, again please": serialization_failure, deadlock_detected, lock_not_available.
_AGAIN = frozenset({"40001", "40P01", "55P03"})


@dataclass(slots=True)
class Job:
    """``tries``: how often it was sent back for another transaction."""

    fn: Callable[[sa.Connection], Any]
    done: asyncio.Future[Any]
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to. ``again``: its work is undone and may be tried in another transaction."""

    job: Job
    value: Any = None
    error: BaseException | None = None
    again: bool = False

    def deliver(self) -> None:
        """On the event loop. A caller that has gone away gets nothing; its work is done all the same."""
        if self.job.done.done():
            return
        if self.error is not None:
            self.job.done.set_exception(self.error)
        else:
            self.job.done.set_result(self.value)


def run_each(connection: sa.Connection, jobs: Iterator[Job]) -> list[Outcome]:
    """Run jobs inside the connection's transaction, each under a SAVEPOINT of its own: one's failure is its own.

    Jobs are drawn while the batch is young and small enough; whoever gives them decides what waits. An error of
    the link (not of a job) is raised: the whole transaction is lost then.
    """
    outcomes: list[Outcome] = []
    deadline = clock.monotonic_ms() + LONGEST_BATCH_MS
    for job in jobs:
        outcomes.append(_run(connection, job))
        late = len(outcomes) >= LEAST_IN_BATCH and clock.monotonic_ms() >= deadline
        if late or len(outcomes) >= MOST_IN_BATCH:
            break
    return outcomes


def _run(connection: sa.Connection, job: Job) -> Outcome:
    savepoint = _Savepoint(connection)
    try:
        value = job.fn(connection)
        savepoint.release()
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        savepoint.roll_back()
        return Outcome(job, error=error, again=sqlstate(error) in _AGAIN)
    return Outcome(job, value=value)


class _Savepoint:
    """On PostgreSQL one is not released but followed by the next of the same name: a round trip less for each job.
    ROLLBACK TO means the newest, and the COMMIT releases all.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._remote = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("SAVEPOINT job")

    def release(self) -> None:
        if not self._remote:
            self._connection.exec_driver_sql("RELEASE SAVEPOINT job")

    def roll_back(self) -> None:
        self._connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        self.release()


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five characters, where there are some."""
    return getattr(getattr(error, "orig", None), "sqlstate", None)
