"""What is taken out of an archive (导出): long work on a recording, and for how long its files stay."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from server.domain.jobs import MOST_ATTEMPTS, OVER, RUNNER_LOST, TRANSITIONS, JobState, JobStep
from server.domain.recordings import Recording, RecordingState
from server.domain.refusals import Refusal

UNFINISHED = frozenset(JobState) - OVER


class ExportKind(enum.StrEnum):
    FILMS = "films"  # an MP4 for each track
    PACKAGE = "package"  # everything of the lesson in one file, signed


@dataclass(frozen=True, slots=True)
class Export:
    """``runner``: the control process in whose data folder its files lie. ``result``: JSON types, when done.

    ``until``: then its files go.
    """

    id: str
    kind: ExportKind
    recording_id: str
    lesson_id: str
    account_id: str
    created_by: str
    created_at: dt.datetime
    runner: str
    state: JobState = JobState.QUEUED
    attempts: int = 0
    code: str | None = None
    result: Mapping[str, Any] | None = None
    ended_at: dt.datetime | None = None
    until: dt.datetime | None = None

    def kept(self, now: dt.datetime) -> bool:
        """Whether its files are there, or on their way."""
        return self.state in UNFINISHED or (self.state is JobState.DONE and self.until is not None and now < self.until)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """``key``: whose signature it bears, to be compared with ``dangxiao archive key``; "" where it bears none."""

    name: str
    bytes: int
    duration_ms: int
    key: str = ""


def check_exportable(recording: Recording) -> None:
    """Raises ``recording_not_finished``, ``nothing_recorded``."""
    if recording.state is not RecordingState.FINISHED:
        raise Refusal("recording_not_finished", recording.state)
    if recording.duration_ms <= 0:
        raise Refusal("nothing_recorded", recording.id)


def begun(one: Export, runner: str, now: dt.datetime) -> Export:
    """Also again, after the end of whoever ran it; ``export_interrupted`` when that was tried often enough."""
    if one.attempts >= MOST_ATTEMPTS:
        running = replace(one, state=JobState.RUNNING)
        return ended(running, JobStep.FAIL, now, code="export_interrupted")
    waiting = replace(one, state=JobState.QUEUED)
    return replace(_moved(waiting, JobStep.BEGIN), runner=runner, attempts=one.attempts + 1)


def ended(one: Export, step: JobStep, now: dt.datetime, *, code: str | None = None) -> Export:
    """Raises ``job_over``."""
    return replace(_moved(one, step), code=code, ended_at=now)


def made(one: Export, result: Mapping[str, Any], now: dt.datetime, kept_for: dt.timedelta) -> Export:
    """Raises ``job_over``."""
    return replace(ended(one, JobStep.FINISH, now), result=result, until=now + kept_for)


def falls_to(one: Export, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` does it: it is its own, or whoever has it gave no sign of life for long."""
    return one.runner == runner or now - signs.get(one.runner, one.created_at) >= RUNNER_LOST


def _moved(one: Export, step: JobStep) -> Export:
    state = TRANSITIONS.get((one.state, step))
    if state is None:
        raise Refusal("job_over", f"{step} in {one.state}")
    return replace(one, state=state)
