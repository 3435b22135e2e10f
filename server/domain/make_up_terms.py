"""Under which terms a missed lesson is made up (补学): part of a credit rule, and dated with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.domain.attendance import Standing
from server.domain.replays import MOST_RATE_PERCENT

MOST_DAYS = 366
MOST_ATTEMPTS = 20
MOST_PAUSE_MINUTES = 1440


@dataclass(frozen=True, slots=True)
class MakeUpTerms:
    """``days``: after the day of settling, its last one whole.

    ``watched_percent``: of the recording. ``right_percent``: of the lesson's questions; None: no questions.
    ``pause_minutes``: from an attempt that failed to the next. ``credit_percent``: of the lesson's 核定学时.
    ``marked_percent``: of what was asked in the lesson, answered at its marks in the replay, right or wrong; None:
    answers there count for nothing. ``late``, ``left_early``, ``on_leave``: whether these make up, too; who was absent
    does.
    """

    days: int
    watched_percent: int = 90
    right_percent: int | None = 60
    attempts: int = 3
    pause_minutes: int = 10
    credit_percent: int = 100
    late: bool = True
    left_early: bool = True
    on_leave: bool = True
    most_rate_percent: int = MOST_RATE_PERCENT
    marked_percent: int | None = None

    def concern(self, standing: Standing) -> bool:
        wanted = {Standing.LATE: self.late, Standing.LEFT_EARLY: self.left_early, Standing.ON_LEAVE: self.on_leave}
        return standing is Standing.ABSENT or wanted.get(standing, False)


def terms_of(facts: Mapping[str, Any] | None) -> MakeUpTerms | None:
    """From JSON, as ``asdict`` made it."""
    return None if facts is None else MakeUpTerms(**facts)
