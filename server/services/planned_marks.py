"""What the lesson's own steps do to its planned launches: they begin, marks are reached, it ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from server.domain import planned_launches as rules
from server.domain.events import Announcement, quiz_planned
from server.domain.lessons import Lesson, LessonState
from server.domain.planned_launches import PlannedLaunch, Reached
from server.services.records import Transaction


def begin_planned(tx: Transaction, lesson: Lesson) -> list[Announcement]:
    """At the start, in its transaction: what was planned by minutes has its time."""
    live_at = lesson.live_at
    return [] if live_at is None else _each(tx, lesson, lambda plan: rules.begun(plan, live_at))


def note_marks(tx: Transaction, lesson: Lesson, now: dt.datetime) -> list[Announcement]:
    """After a chapter was marked or a page turned to, in that transaction, the lesson's row locked."""
    if lesson.state is not LessonState.LIVE:
        return []
    if not any(plan.open and plan.due_at is None for plan in tx.planned.of(lesson.id)):
        return []
    reached = reached_by(tx, lesson)
    return [] if reached is None else _each(tx, lesson, lambda plan: rules.noted(plan, reached, now))


def drop_planned(tx: Transaction, lesson: Lesson) -> list[Announcement]:
    """The lesson is over: nothing is launched any more."""
    return _each(tx, lesson, rules.over)


def reached_by(tx: Transaction, lesson: Lesson) -> Reached | None:
    """None: it is not live. What was leafed through before the start, to try it, counts for nothing."""
    live_at = lesson.live_at
    if lesson.state is not LessonState.LIVE or live_at is None:
        return None
    by_hand = [one for one in tx.chapters.of(lesson.id) if one.inquiry_id is None and one.at >= live_at]
    pages: dict[str, int] = {}
    for turn in tx.slides.of(lesson.id):
        if turn.material_id is not None and turn.at >= live_at:
            pages[turn.material_id] = max(turn.page, pages.get(turn.material_id, 0))
    return Reached(live_at, len(by_hand), pages)


def _each(tx: Transaction, lesson: Lesson, step: Callable[[PlannedLaunch], PlannedLaunch]) -> list[Announcement]:
    told = []
    for plan in tx.planned.of(lesson.id):
        after = step(plan)
        if after != plan:
            tx.planned.put(after)
            told.append(quiz_planned(after))
    return told
