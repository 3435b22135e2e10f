"""Long work (后台任务) that has progress, can be cancelled, and is answered for after a restart."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.refusals import Refusal

MOST_ATTEMPTS = 3
"""A job that the house's end cut off is begun again so often; what kills the house every time is given up."""


RUNNER_LOST = dt.timedelta(minutes=2)
"""Who gave no sign of life for so long does not come back to its work: another does it that has the file."""
NOBODYS = dt.timedelta(days=1)
"""Work that nobody who lives has the file for is given up."""


class JobKind(enum.StrEnum):
    """One craft of the workshop for each."""

    SLIDES = "slides"  # a PDF becomes pictures of its pages
    CLIP = "clip"  # a film becomes what can be put on the air as it is


class JobState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobStep(enum.StrEnum):
    BEGIN = "begin"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    REQUEUE = "requeue"  # whoever ran it has ended


TRANSITIONS: dict[tuple[JobState, JobStep], JobState] = {
    (JobState.QUEUED, JobStep.BEGIN): JobState.RUNNING,
    (JobState.QUEUED, JobStep.CANCEL): JobState.CANCELLED,
    (JobState.RUNNING, JobStep.FINISH): JobState.DONE,
    (JobState.RUNNING, JobStep.FAIL): JobState.FAILED,
    (JobState.RUNNING, JobStep.CANCEL): JobState.CANCELLED,
    (JobState.RUNNING, JobStep.REQUEUE): JobState.QUEUED,
}
OVER = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Job:
    """``runner``: the control process whose work it is; the files lie in its data folder.

    ``code``: a refusal's, of one that failed. ``result``: JSON types, of one that is done.
    """

    id: str
    kind: JobKind
    lesson_id: str
    material_id: str
    account_id: str
    runner: str
    created_at: dt.datetime
    state: JobState = JobState.QUEUED
    progress: int = 0
    attempts: int = 0
    code: str | None = None
    result: Mapping[str, Any] | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER


def begin(job: Job, now: dt.datetime) -> Job:
    moved = _moved(job, JobStep.BEGIN)
    return replace(moved, started_at=now, progress=0, attempts=job.attempts + 1)


def progressed(job: Job, percent: int) -> Job:
    """Never backwards, and 100 only when it is done. A job that does not run stays as it is."""
    if job.state is not JobState.RUNNING:
        return job
    return replace(job, progress=max(job.progress, min(99, percent)))


def finish(job: Job, result: Mapping[str, Any], now: dt.datetime) -> Job:
    return replace(_moved(job, JobStep.FINISH), progress=100, result=result, ended_at=now)


def fail(job: Job, code: str, now: dt.datetime) -> Job:
    return replace(_moved(job, JobStep.FAIL), code=code, ended_at=now)


def cancel(job: Job, now: dt.datetime) -> Job:
    return replace(_moved(job, JobStep.CANCEL), ended_at=now)


def interrupted(job: Job, now: dt.datetime) -> Job:
    """After a restart: begun again, or failed (``job_interrupted``) when that has been tried often enough."""
    if job.attempts >= MOST_ATTEMPTS:
        return fail(job, "job_interrupted", now)
    return replace(_moved(job, JobStep.REQUEUE), progress=0, started_at=None)


def left(job: Job, sign: dt.datetime | None, now: dt.datetime) -> dt.timedelta | None:
    """For how long its runner has been gone, None while it may live. ``sign``: its last, None when it gave none."""
    gone = now - (sign or job.started_at or job.created_at)
    return None if job.over or gone < RUNNER_LOST else gone


def taken_over(job: Job, runner: str, now: dt.datetime) -> Job:
    """Of one whose runner is gone. What it had begun counts as an attempt."""
    mine = replace(job, runner=runner)
    return interrupted(mine, now) if mine.state is JobState.RUNNING else mine


def given_up(job: Job, now: dt.datetime) -> Job:
    """Nobody has the file."""
    begun = job if job.state is JobState.RUNNING else _moved(job, JobStep.BEGIN)
    return fail(begun, "job_interrupted", now)


def _moved(job: Job, step: JobStep) -> Job:
    """Raises ``job_over``; nothing has changed then."""
    state = TRANSITIONS.get((job.state, step))
    if state is None:
        raise Refusal("job_over", f"{step} in {job.state}")
    return replace(job, state=state)
