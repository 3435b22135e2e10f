"""签到表 of many units in one archive (逐个党组织打包): long work with progress and a result that expires."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from server.domain.jobs import MOST_ATTEMPTS, OVER, RUNNER_LOST, TRANSITIONS, JobState, JobStep
from server.domain.refusals import Refusal

KEPT = dt.timedelta(days=1)
"""So long the file can be loaded down; it holds names, and is made again in minutes."""


class SheetFormat(enum.StrEnum):
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class SheetBundle:
    """Of ``unit_id`` and all below it, a file for each unit that has people on the roster. ``account_id``: who asked,
    who alone is given it. ``bytes``: of the archive, which is kept beside it until it expires.
    """

    id: str
    lesson_id: str
    unit_id: str
    format: SheetFormat
    account_id: str
    created_by: str
    created_at: dt.datetime
    runner: str
    state: JobState = JobState.QUEUED
    attempts: int = 0
    code: str | None = None
    bytes: int = 0
    ended_at: dt.datetime | None = None

    @property
    def over(self) -> bool:
        return self.state in OVER

    @property
    def expires_at(self) -> dt.datetime | None:
        return self.ended_at + KEPT if self.state is JobState.DONE and self.ended_at else None

    def ready(self, now: dt.datetime) -> bool:
        """``bytes`` 0: it was emptied when somebody in it was erased."""
        return self.expires_at is not None and now < self.expires_at and self.bytes > 0


def check_pace(unfinished: Iterable[SheetBundle], account_id: str, most: int) -> None:
    """One at a time for each, and so many for the house. Raises ``too_fast``."""
    going = list(unfinished)
    if len(going) >= most or any(one.account_id == account_id for one in going):
        raise Refusal("too_fast", "sheets are being made", retry_after_s=30)


def begun(one: SheetBundle, runner: str, now: dt.datetime) -> SheetBundle:
    """Also again, after the end of whoever made it; given up (``export_interrupted``) when tried often enough."""
    if one.attempts >= MOST_ATTEMPTS:
        return ended(replace(one, state=JobState.RUNNING), JobStep.FAIL, now, code="export_interrupted")
    waiting = replace(one, state=JobState.QUEUED)
    return replace(_moved(waiting, JobStep.BEGIN), runner=runner, attempts=one.attempts + 1)


def ended(one: SheetBundle, step: JobStep, now: dt.datetime, *, code: str | None = None, size: int = 0) -> SheetBundle:
    """Raises ``job_over``."""
    return replace(_moved(one, step), code=code, bytes=size, ended_at=now)


def falls_to(one: SheetBundle, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` makes it: it is its own, or whoever has it gave no sign of life for long."""
    return one.runner == runner or now - signs.get(one.runner, one.created_at) >= RUNNER_LOST


def _moved(one: SheetBundle, step: JobStep) -> SheetBundle:
    state = TRANSITIONS.get((one.state, step))
    if state is None:
        raise Refusal("job_over", f"{step} in {one.state}")
    return replace(one, state=state)
