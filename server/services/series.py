"""Series: one plan that is repeated, each time as a draft; and taking back what nobody has touched since."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, Principal, allowed, require_planning
from server.domain.calendar import Calendar
from server.domain.courses import Repeats, Series, days_of
from server.domain.lessons import Lesson, LessonState, LessonStep, step
from server.domain.refusals import Refusal
from server.domain.roster import Assignments
from server.services.commands import command, once
from server.services.finding import placed
from server.services.lessons import LessonPlan, add_draft, views
from server.services.records import Records, Transaction
from server.services.views import LessonView


@dataclass(frozen=True, slots=True)
class SeriesView:
    """``lessons``: all of it, by start."""

    id: str
    repeats: Repeats
    undone_at: dt.datetime | None
    lessons: tuple[LessonView, ...]


@dataclass(frozen=True, slots=True)
class UndoneView:
    """``kept``: those that somebody has scheduled or changed."""

    cancelled: int
    kept: tuple[LessonView, ...]


_VIEW = TypeAdapter(SeriesView)
_UNDONE = TypeAdapter(UndoneView)


async def plan_series(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    plan: LessonPlan,
    repeats: Repeats,
    numbered: bool,
    now: dt.datetime,
) -> SeriesView:
    """Drafts at the same time of the school's day. ``numbered``: each title ends with its number.

    Raises as creating one lesson.
    """
    asked = command(principal, command_id, "plan_series", plan=asdict(plan), repeats=asdict(repeats), numbered=numbered)

    def do(tx: Transaction) -> SeriesView:
        series = Series(str(uuid.uuid4()), plan.unit_id, repeats, principal.account_id, now)
        plans = _plans(tx.calendar, plan, repeats, numbered=numbered)
        tx.courses.add_series(series)
        made = [add_draft(tx, principal, each, now, series_id=series.id) for each in plans]
        return SeriesView(series.id, repeats, None, tuple(views(tx, principal, made, now)))

    def work(tx: Transaction) -> SeriesView:
        require_planning(principal, tx.units.line(plan.unit_id, tx.calendar.day(now)), plan.kind, media=plan.media)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


def _plans(calendar: Calendar, plan: LessonPlan, repeats: Repeats, *, numbered: bool) -> list[LessonPlan]:
    begins, lasts = plan.starts_at.astimezone(calendar.zone), plan.ends_at - plan.starts_at

    def one(number: int, day: dt.date) -> LessonPlan:
        starts_at = dt.datetime.combine(day, begins.time(), calendar.zone).astimezone(dt.UTC)
        title = f"{plan.title.strip()}（第{number}次）" if numbered else plan.title
        return replace(plan, title=title, starts_at=starts_at, ends_at=starts_at + lasts)

    return [one(number, day) for number, day in enumerate(days_of(begins.date(), repeats), 1)]


async def undo_series(
    records: Records, principal: Principal, series_id: str, command_id: str, now: dt.datetime
) -> UndoneView:
    """Cancels the drafts that are as they were made; what was scheduled, changed or given people since stays.

    Raises ``series_not_found``, also for who may not plan there, ``command_reused``.
    """
    asked = command(principal, command_id, "undo_series", series_id=series_id)

    def work(tx: Transaction) -> UndoneView:
        series = tx.courses.series(series_id)
        if series is None:
            raise Refusal("series_not_found", series_id)
        if not all(_may_edit(tx, principal, lesson, now) for lesson in tx.lessons.of_series(series.id)):
            raise Refusal("series_not_found", series_id)
        return once(tx, asked, now, _UNDONE, lambda: _undo(tx, principal, series, now))

    return await records.write(work)


def _undo(tx: Transaction, principal: Principal, series: Series, now: dt.datetime) -> UndoneView:
    lessons = tx.lessons.of_series(series.id)
    untouched = [each for each in lessons if _untouched(tx, each)]
    for lesson in untouched:
        _cancel(tx, principal, lesson, now)
    tx.courses.undo_series(series.id, now)
    kept = [each for each in lessons if each not in untouched and each.state is not LessonState.CANCELLED]
    return UndoneView(len(untouched), tuple(views(tx, principal, kept, now)))


def _may_edit(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> bool:
    return Action.EDIT in allowed(principal, placed(tx, lesson, now, [principal]))


def _untouched(tx: Transaction, lesson: Lesson) -> bool:
    """Assignments are no part of the lesson's version."""
    as_made = lesson.state is LessonState.DRAFT and lesson.version == 1
    return as_made and tx.assignments.of(lesson.id) == Assignments()


def _cancel(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> None:
    """A draft: nobody was invited, and nothing is open."""
    moved = step(lesson, LessonStep.CANCEL, now, recording_id="")
    tx.lessons.save(moved)
    tx.events.append(lesson.id, [events.lesson_changed(moved.state)], now, principal.account_id)
