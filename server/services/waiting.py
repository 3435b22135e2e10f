"""Before the lesson: viewers see its name and a countdown, not who tries the microphone."""

from __future__ import annotations

import datetime as dt

from server.domain.curtain import Standby
from server.domain.events import Announcement
from server.domain.lessons import Lesson, LessonStep
from server.domain.programme import set_standby
from server.services.curtain import said
from server.services.records import Transaction


def wait(tx: Transaction, lesson: Lesson, step: LessonStep, now: dt.datetime, by: str) -> list[Announcement]:
    """The slate is there from the opening on, and goes with the start, whoever set it. The lesson's row is locked."""
    if step not in (LessonStep.OPEN, LessonStep.START):
        return []
    before = tx.programmes.get(lesson.id)
    after = set_standby(before, Standby(now) if step is LessonStep.OPEN else None)
    if after != before:
        tx.programmes.save(lesson.id, after)
    return said(before, after, by)
