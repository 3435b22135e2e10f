"""An export of somebody's data: long work with progress and a result that expires."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.jobs import MOST_ATTEMPTS, OVER, RUNNER_LOST, TRANSITIONS, JobState, JobStep
from server.domain.refusals import Refusal

KEPT = dt.timedelta(days=7)
"""So long the file can be loaded down."""
MOST_A_DAY = 3
MOST_OF_OTHERS_A_DAY = 20
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DataExport:
    """``account_id``: whose data; ``asked_by``: the account that asked, ``created_by`` its name. ``reason``: of one
    that an administrator asked for. ``bytes``: of the file, which is kept beside it until it expires.
    """

    id: str
    account_id: str
    asked_by: str
    created_by: str
    reason: str
    created_at: dt.datetime
    runner: str
    state: JobState = JobState.QUEUED
    attempts: int = 0
    code: str | None = None
    bytes: int = 0
    ended_at: dt.datetime | None = None

    @property
    def own(self) -> bool:
        return self.account_id == self.asked_by

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def expires_at(self) -> dt.datetime | None:
        return self.ended_at + KEPT if self.state is JobState.DONE and self.ended_at else None

    def ready(self, now: dt.datetime) -> bool:
        return self.expires_at is not None and now < self.expires_at


def check_pace(before: Iterable[DataExport], now: dt.datetime) -> None:
    """One at a time, and a few a day. Raises ``too_fast``."""
    recent = [one for one in before if now - one.created_at < DAY]
    if any(not one.over for one in recent):
        raise Refusal("too_fast", "an export is being made", retry_after_s=30)
    _check_day(recent, MOST_A_DAY, now)


def check_pace_of(before: Iterable[DataExport], account_id: str, now: dt.datetime) -> None:
    """What an administrator may ask for of others: as many a day as somebody answers for one by one, and of one person
    one at a time. ``before``: what the administrator asked for within a day. Raises ``too_fast``.
    """
    recent = [one for one in before if now - one.created_at < DAY]
    if any(one.account_id == account_id and not one.over for one in recent):
        raise Refusal("too_fast", "an export of this person is being made", retry_after_s=30)
    _check_day(recent, MOST_OF_OTHERS_A_DAY, now)


def _check_day(recent: Sequence[DataExport], most: int, now: dt.datetime) -> None:
    if len(recent) >= most:
        first = min(one.created_at for one in recent)
        raise Refusal("too_fast", "exports of a day", retry_after_s=int((first + DAY - now).total_seconds()) + 1)


def begun(one: DataExport, runner: str, now: dt.datetime) -> DataExport:
    """Also again, after the end of whoever made it; given up (``export_interrupted``) when tried often enough."""
    if one.attempts >= MOST_ATTEMPTS:
        return ended(replace(one, state=JobState.RUNNING), JobStep.FAIL, now, code="export_interrupted")
    waiting = replace(one, state=JobState.QUEUED)
    return replace(_moved(waiting, JobStep.BEGIN), runner=runner, attempts=one.attempts + 1)


def ended(one: DataExport, step: JobStep, now: dt.datetime, *, code: str | None = None, size: int = 0) -> DataExport:
    """Raises ``job_over``."""
    return replace(_moved(one, step), code=code, bytes=size, ended_at=now)


def falls_to(one: DataExport, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` makes it: it is its own, or whoever has it gave no sign of life for long."""
    return one.runner == runner or now - signs.get(one.runner, one.created_at) >= RUNNER_LOST


def _moved(one: DataExport, step: JobStep) -> DataExport:
    state = TRANSITIONS.get((one.state, step))
    if state is None:
        raise Refusal("job_over", f"{step} in {one.state}")
    return replace(one, state=state)
