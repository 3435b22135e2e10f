"""A recording's way to the object store: one at a time for each process, tried again for as long as it takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.jobs import RUNNER_LOST, JobState

LEAST_WAIT = dt.timedelta(minutes=1)
MOST_WAIT = dt.timedelta(hours=6)
PICTURES_FIRST = 8
"""Tries, about four hours, for which it waits here for its pictures: they are drawn of files that are here."""


@dataclass(frozen=True, slots=True)
class Move:
    """The last try. ``code``: why it failed."""

    recording_id: str
    runner: str
    state: JobState
    attempts: int
    begun_at: dt.datetime
    code: str | None = None
    ended_at: dt.datetime | None = None


def again_at(one: Move) -> dt.datetime:
    """When one that failed is tried again: the waits double from a minute to six hours."""
    wait = min(MOST_WAIT, LEAST_WAIT * (1 << min(one.attempts - 1, 20)))
    return (one.ended_at or one.begun_at) + wait


def falls_to(one: Move | None, runner: str, signs: Mapping[str, dt.datetime], now: dt.datetime) -> bool:
    """Whether ``runner`` begins it: nobody has, its own was cut off, whoever had it gave no sign of life for long, or
    one that failed has waited long enough."""
    if one is None or one.state in {JobState.QUEUED, JobState.CANCELLED}:
        return True
    if one.state is JobState.RUNNING:
        return one.runner == runner or now - signs.get(one.runner, one.begun_at) >= RUNNER_LOST
    return one.state is JobState.FAILED and now >= again_at(one)
