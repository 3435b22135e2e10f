"""预约发布: a question or a paper that the house launches by itself when a mark of the lesson is reached.

What becomes of a plan follows from its row, the time and what is in the way; who launches it holds the lesson's lock.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from server.domain.papers import MOST_QUESTIONS
from server.domain.quiz import Terms
from server.domain.refusals import Refusal

LATEST = dt.timedelta(seconds=60)
"""The house was away: so long after its time a plan is launched still; later a person decides."""
LEAD = dt.timedelta(seconds=20)
"""Between whatever was in the way and the launch: time for the lecturer to put it off."""
AFTER_MARK = dt.timedelta(seconds=10)
"""The same, after a chapter was marked or a page was reached."""
LATER = dt.timedelta(minutes=5)
_RENEWED = dt.timedelta(seconds=10)
MOST_PLANNED = 30
"""Of one lesson, that wait."""
MOST_MINUTES = 600
MOST_NUMBER = 10_000


class MarkKind(enum.StrEnum):
    MINUTES = "minutes"  # so many after 开始上课
    CHAPTER = "chapter"  # that many chapters were marked by hand since
    PAGE = "page"  # of a deck, or a later one


class PlanState(enum.StrEnum):
    WAITING = "waiting"
    MISSED = "missed"  # its time is over, and a person decides
    LAUNCHED = "launched"
    CANCELLED = "cancelled"
    OVER = "over"  # the lesson ended before


class Obstacle(enum.StrEnum):
    """Why one whose time has come is not launched yet."""

    QUIZ = "quiz"
    CURTAIN = "curtain"  # 备播 or 紧急切断: nobody looks


class Missed(enum.StrEnum):
    AWAY = "away"  # the house was, for longer than ``LATEST``
    QUESTION_GONE = "question_gone"
    ASKED = "asked"  # by hand, meanwhile
    TOO_MANY = "too_many"  # the lesson may ask no more


@dataclass(frozen=True, slots=True)
class Mark:
    """``number``: minutes, markings or the page, from 1. ``material_id``: of the deck, with ``PAGE`` alone."""

    kind: MarkKind
    number: int
    material_id: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedLaunch:
    """``question_ids``: one stands by itself, several are a paper. ``due_at`` None: its mark is not reached.

    ``held``: what was in the way when it was looked at last. ``missed``: why it waits for a hand. ``quiz_id``: what
    it was launched as, of a paper the first.
    """

    id: str
    lesson_id: str
    question_ids: tuple[str, ...]
    mark: Mark
    terms: Terms
    mix_questions: bool
    mix_options: bool
    planned_by: str
    planned_at: dt.datetime
    due_at: dt.datetime | None = None
    state: PlanState = PlanState.WAITING
    held: Obstacle | None = None
    missed: Missed | None = None
    quiz_id: str | None = None

    @property
    def open(self) -> bool:
        """Something may still come of it."""
        return self.state in {PlanState.WAITING, PlanState.MISSED}


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a live lesson is: ``chapters`` marked by hand since the start, ``pages``: of each deck the furthest."""

    live_at: dt.datetime
    chapters: int
    pages: dict[str, int]

    def mark(self, mark: Mark, now: dt.datetime) -> bool:
        if mark.kind is MarkKind.MINUTES:
            return now >= self.live_at + dt.timedelta(minutes=mark.number)
        if mark.kind is MarkKind.CHAPTER:
            return self.chapters >= mark.number
        return self.pages.get(mark.material_id or "", 0) >= mark.number


# ---- planning --------------------------------------------------------------------------------------------


def check_plan(plan: PlannedLaunch, others: Iterable[PlannedLaunch], reached: Reached | None, now: dt.datetime) -> None:
    """``others``: of the lesson. ``reached`` None: it has not begun. Raises ``invalid_body``, ``mark_passed``."""
    mark = plan.mark
    most = MOST_MINUTES if mark.kind is MarkKind.MINUTES else MOST_NUMBER
    if not 1 <= mark.number <= most or (mark.kind is MarkKind.PAGE) != (mark.material_id is not None):
        raise Refusal("invalid_body", f"mark: 1 to {most}, material_id with page alone")
    if not 1 <= len(plan.question_ids) <= MOST_QUESTIONS or len(set(plan.question_ids)) != len(plan.question_ids):
        raise Refusal("invalid_body", f"question_ids: 1 to {MOST_QUESTIONS}, each once")
    if len(plan.question_ids) > 1 and plan.terms.seconds is None:
        raise Refusal("invalid_body", "seconds: a paper has its own")
    waiting = [one for one in others if one.open]
    if len(waiting) >= MOST_PLANNED:
        raise Refusal("invalid_body", f"{MOST_PLANNED} planned launches at most")
    taken = {each for one in waiting for each in one.question_ids}
    if taken & set(plan.question_ids):
        raise Refusal("invalid_body", "question_ids: one is planned already")
    if reached is not None and reached.mark(mark, now):
        raise Refusal("mark_passed", f"{mark.kind} {mark.number}")


def begun(plan: PlannedLaunch, live_at: dt.datetime) -> PlannedLaunch:
    """The lesson is live since then: minutes have their time."""
    if plan.mark.kind is not MarkKind.MINUTES or plan.due_at is not None or not plan.open:
        return plan
    return replace(plan, due_at=live_at + dt.timedelta(minutes=plan.mark.number))


def noted(plan: PlannedLaunch, reached: Reached, now: dt.datetime) -> PlannedLaunch:
    """A chapter was marked, or a page turned to. What was due already, stays as it is."""
    if not plan.open or plan.due_at is not None or not reached.mark(plan.mark, now):
        return plan
    return replace(plan, due_at=now + AFTER_MARK)


# ---- by the clock ----------------------------------------------------------------------------------------


def looked_at(plan: PlannedLaunch, now: dt.datetime, obstacle: Obstacle | None) -> tuple[PlannedLaunch, bool]:
    """What it becomes at this moment of a live lesson, and whether it is to be launched now.

    With something in the way its time moves on before it, so that ``LEAD`` is left when the way is free; and since it
    moves only while somebody looks, a time long past means that the house was away.
    """
    if plan.state is not PlanState.WAITING or plan.due_at is None:
        return plan, False
    if now - plan.due_at > LATEST:
        return missed(plan, Missed.AWAY), False
    if obstacle is not None:
        far = plan.due_at - now > (LEAD - _RENEWED if plan.held is obstacle else LEAD)
        return (plan if far else replace(plan, held=obstacle, due_at=now + LEAD)), False
    if plan.held is not None:
        return replace(plan, held=None, due_at=now + LEAD), False
    return plan, now >= plan.due_at


def missed(plan: PlannedLaunch, why: Missed) -> PlannedLaunch:
    return replace(plan, state=PlanState.MISSED, missed=why, held=None)


def launched(plan: PlannedLaunch, quiz_id: str) -> PlannedLaunch:
    """Raises ``planned_over``."""
    _check_open(plan)
    return replace(plan, state=PlanState.LAUNCHED, quiz_id=quiz_id, held=None, missed=None)


# ---- by hand ---------------------------------------------------------------------------------------------


def put_off(plan: PlannedLaunch, now: dt.datetime) -> PlannedLaunch:
    """Five minutes later than it would have been, or than now. Raises ``planned_over``, ``mark_not_reached``."""
    _check_open(plan)
    if plan.due_at is None:
        raise Refusal("mark_not_reached", plan.id)
    due_at = max(plan.due_at, now) + LATER
    return replace(plan, state=PlanState.WAITING, due_at=due_at, held=None, missed=None)


def cancelled(plan: PlannedLaunch) -> PlannedLaunch:
    """Again is no fault. Raises ``planned_over``."""
    if plan.state is PlanState.CANCELLED:
        return plan
    _check_open(plan)
    return replace(plan, state=PlanState.CANCELLED, held=None)


def over(plan: PlannedLaunch) -> PlannedLaunch:
    """The lesson has ended."""
    return replace(plan, state=PlanState.OVER, held=None) if plan.open else plan


def unasked(plan: PlannedLaunch, asked: Collection[str]) -> bool:
    """None of its questions was asked in the lesson."""
    return not set(plan.question_ids) & set(asked)


def _check_open(plan: PlannedLaunch) -> None:
    if not plan.open:
        raise Refusal("planned_over", plan.state)
