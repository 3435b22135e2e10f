"""Chapters (章节): moments of a lesson that somebody will want to come back to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MOST_CHAPTERS = 500
"""Of one lesson."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """``title`` may be empty. ``inquiry_id``: of an inquiry that was answered then."""

    id: str
    lesson_id: str
    at: dt.datetime
    title: str
    marked_by: str
    inquiry_id: str | None = None
