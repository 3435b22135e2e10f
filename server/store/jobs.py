"""Work for the database: one function of a connection, run in a transaction with others, answered after its commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from server import clock
from server.store.trail import pending, write_pending

MOST_IN_BATCH = 256
LEAST_IN_BATCH = 16  # of those that wait: on a starved machine a clock alone would make every batch a batch of one
LONGEST_BATCH_MS = 20.0

# PostgreSQL's words for "not your fault, again please": serialization_failure, deadlock_detected, lock_not_available.
_AGAIN = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True, slots=True)
class Alike:
    """Work that is done for many at once. Jobs with equal ``key`` that wait together share one call of ``fn``, with
    their items in order; it gives one result each, an exception for what it refuses.
    """

    key: object
    fn: Callable[[sa.Connection, Sequence[Any]], Sequence[Any]]


@dataclass(slots=True)
class Job:
    """``fn``, or ``alike`` with the job's ``item``. ``tries``: how often it was sent back for another transaction."""

    fn: Callable[[sa.Connection], Any]
    done: asyncio.Future[Any]
    tries: int = 0
    alike: Alike | None = None
    item: Any = None

    @classmethod
    def one_of(cls, alike: Alike, item: object, done: asyncio.Future[Any]) -> Job:
        return cls(_not_alone, done, alike=alike, item=item)


def _not_alone(_connection: sa.Connection) -> None:
    raise AssertionError("runs with its kind")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job came to. ``again``: its work is undone and may be tried in another transaction. ``failed``: undone
    by an error, while an ``error`` without it is a result like another.
    """

    job: Job
    value: Any = None
    error: BaseException | None = None
    again: bool = False
    failed: bool = False

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
    Jobs alike that no other work separates are run as one; different kinds of them do not separate each other.

    Jobs are drawn while the batch is young and small enough; whoever gives them decides what waits, and all that
    were drawn are run. An error of the link (not of a job) is raised: the whole transaction is lost then.
    """
    pending(connection).clear()
    outcomes: list[Outcome] = []
    deadline = clock.monotonic_ms() + LONGEST_BATCH_MS
    waiting: dict[object, list[Job]] = {}  # drawn and not run yet, by kind
    for drawn, job in enumerate(jobs, 1):
        if job.alike is None:
            outcomes += _run_kinds(connection, waiting)
            outcomes += _run_alone(connection, job)
        else:
            waiting.setdefault(job.alike.key, []).append(job)
        late = drawn >= LEAST_IN_BATCH and clock.monotonic_ms() >= deadline
        if late or drawn >= MOST_IN_BATCH:
            break
    outcomes += _run_kinds(connection, waiting)
    write_pending(connection)
    return outcomes


def _run_kinds(connection: sa.Connection, waiting: dict[object, list[Job]]) -> list[Outcome]:
    """All that wait, which they no longer do afterwards."""
    kinds = list(waiting.values())
    waiting.clear()
    return [outcome for jobs in kinds for outcome in _run_alike(connection, jobs)]


def _run_alone(connection: sa.Connection, job: Job) -> list[Outcome]:
    return _run(connection, [job], lambda: [job.fn(connection)])


def _run_alike(connection: sa.Connection, jobs: list[Job]) -> list[Outcome]:
    """When they fail together each is tried by itself: one's bad luck is its own."""
    alike = jobs[0].alike
    assert alike is not None
    outcomes = _run(connection, jobs, lambda: alike.fn(connection, [job.item for job in jobs]))
    failed = len(jobs) > 1 and all(outcome.failed and not outcome.again for outcome in outcomes)
    return [each for job in jobs for each in _run_alike(connection, [job])] if failed else outcomes


def _run(connection: sa.Connection, jobs: list[Job], work: Callable[[], Sequence[Any]]) -> list[Outcome]:
    savepoint = _Savepoint(connection)
    deeds = pending(connection)
    before = len(deeds)
    try:
        values = work()
        savepoint.release()
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        savepoint.roll_back()
        del deeds[before:]
        again = sqlstate(error) in _AGAIN
        return [Outcome(job, error=error, again=again, failed=True) for job in jobs]
    return [_outcome(job, value) for job, value in zip(jobs, values, strict=True)]


def _outcome(job: Job, value: object) -> Outcome:
    return Outcome(job, error=value) if isinstance(value, Exception) else Outcome(job, value=value)


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
