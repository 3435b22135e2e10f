"""A verification of the audit log: long work with progress and a result, and its own history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.jobs import MOST_ATTEMPTS, OVER, RUNNER_LOST, TRANSITIONS, JobState, JobStep
from server.domain.refusals import Refusal

UNFINISHED = frozenset(JobState) - OVER


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """``noted``: the hash of a head from earlier, which must still be in the log. ``result``: JSON types, when done."""

    id: str
    account_id: str
    created_by: str
    created_at: dt.datetime
    runner: str
    noted: str | None = None
    state: JobState = JobState.QUEUED
    attempts: int = 0
    code: str | None = None
    result: Mapping[str, Any] | None = None
    ended_at: dt.datetime | None = None


def begun(one: AuditCheck, runner: str, now: dt.datetime) -> AuditCheck:
    """Also again, after the end of whoever ran it; given up (``job_interrupted``) when that was tried often enough."""
    if one.attempts >= MOST_ATTEMPTS:
        running = replace(one, state=JobState.RUNNING)
        return ended(running, JobStep.FAIL, now, code="job_interrupted")
    waiting = replace(one, state=JobState.QUEUED)
    return replace(_moved(waiting, JobStep.BEGIN), runner=runner, attempts=one.attempts + 1)


def ended(
    one: AuditCheck,
    step: JobStep,
    now: dt.datetime,
    *,
    code: str | None = None,
    result: Mapping[str, Any] | None = None,
) -> AuditCheck:
    """Raises ``job_over``."""
    return replace(_moved(one, step), code=code, result=result, ended_at=now)


def falls_to(one: AuditCheck, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` does it: it is its own, or whoever has it gave no sign of life for long."""
    return one.runner == runner or now - signs.get(one.runner, one.created_at) >= RUNNER_LOST


def _moved(one: AuditCheck, step: JobStep) -> AuditCheck:
    state = TRANSITIONS.get((one.state, step))
    if state is None:
        raise Refusal("job_over", f"{step} in {one.state}")
    return replace(one, state=state)
