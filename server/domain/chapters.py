"""Chapters (章节): moments of a lesson that somebody will want to come back to."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

MOST_CHAPTERS = 500
"""Of one lesson."""
TITLE_LENGTH = 60


class ChapterKind(enum.StrEnum):
    MARK = "mark"  # by hand
    INQUIRY = "inquiry"  # one that was answered
    CLIP = "clip"
    SLIDES = "slides"  # a page that stayed
    STAGE = "stage"  # who came on the air
    QUIZ = "quiz"


@dataclass(frozen=True, slots=True)
class Chapter:
    """``title`` may be empty. ``inquiry_id``: of an inquiry that was answered then."""

    id: str
    lesson_id: str
    at: dt.datetime
    title: str
    marked_by: str
    inquiry_id: str | None = None


def chapter_title(text: str) -> str:
    """One line of it."""
    whole = " ".join(text.split())
    return whole if len(whole) <= TITLE_LENGTH else whole[: TITLE_LENGTH - 1] + "…"
