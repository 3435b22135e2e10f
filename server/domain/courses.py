"""Courses (课程): what holds several lessons together; and series: one plan that is repeated, as drafts."""

from __future__ import annotations

import calendar
import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.refusals import Refusal

NOTE_LENGTH = 2000
MOST_REPEATED = 60
MOST_BETWEEN = 12
LONGEST_AHEAD = dt.timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Course:
    """``closed``: no lesson is added any more; those that are in it stay. ``version`` grows with every change."""

    id: str
    unit_id: str
    title: str
    note: str = ""
    closed: bool = False
    version: int = 1


class Repeat(enum.StrEnum):
    WEEK = "week"
    MONTH = "month"  # the same day of the month, in a shorter one its last
    WEEKDAY = "weekday"  # the same weekday of the month: the second Friday; a fifth one becomes the last


@dataclass(frozen=True, slots=True)
class Repeats:
    """``times`` lessons in all, ``between`` weeks or months from one to the next."""

    every: Repeat
    times: int
    between: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """``undone_at``: the drafts that nobody had touched were cancelled."""

    id: str
    unit_id: str
    repeats: Repeats
    created_by: str
    created_at: dt.datetime
    undone_at: dt.datetime | None = None


def check_open(course: Course) -> None:
    """Raises ``course_closed``."""
    if course.closed:
        raise Refusal("course_closed", course.id)


def days_of(first: dt.date, repeats: Repeats) -> tuple[dt.date, ...]:
    """``first`` and the days after it, rising. Raises ``invalid_body`` beyond what can be planned."""
    if not 2 <= repeats.times <= MOST_REPEATED:
        raise Refusal("invalid_body", f"times: 2 to {MOST_REPEATED}")
    if not 1 <= repeats.between <= MOST_BETWEEN:
        raise Refusal("invalid_body", f"between: 1 to {MOST_BETWEEN}")
    if first.year > dt.MAXYEAR - MOST_REPEATED * MOST_BETWEEN // 12 - 1:
        raise Refusal("invalid_body", "starts_at: at the end of the calendar")
    days = tuple(_day(first, repeats.every, number * repeats.between) for number in range(repeats.times))
    if days[-1] - first > LONGEST_AHEAD:
        raise Refusal("invalid_body", "times: beyond three years")
    return days


def _day(first: dt.date, every: Repeat, steps: int) -> dt.date:
    if every is Repeat.WEEK:
        return first + dt.timedelta(weeks=steps)
    months = first.year * 12 + first.month - 1 + steps
    year, month = months // 12, months % 12 + 1
    most = calendar.monthrange(year, month)[1]
    if every is Repeat.MONTH:
        return dt.date(year, month, min(first.day, most))
    begins = dt.date(year, month, 1)
    day = 1 + (first.weekday() - begins.weekday()) % 7 + 7 * ((first.day - 1) // 7)
    return begins.replace(day=day if day <= most else day - 7)
