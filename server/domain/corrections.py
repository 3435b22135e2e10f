"""Corrections of attendance (更正): by name and with a reason; each is a new row, and what was said before stays."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace

from server.domain.attendance import Standing
from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal

_CORRECTABLE = frozenset({LessonState.OPEN, LessonState.LIVE, LessonState.ENDED})


class CorrectionState(enum.StrEnum):
    WAITING = "waiting"  # for a second person
    HOLDS = "holds"  # or held, until a later one
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Correction:
    """``number`` counts in the lesson. ``before``: what was said until then, by the record or a former correction."""

    id: str
    lesson_id: str
    member_id: str
    number: int
    before: Standing
    after: Standing
    reason: str
    state: CorrectionState
    asked_by: str  # account
    asked_at: dt.datetime
    decided_by: str | None = None  # account
    decided_at: dt.datetime | None = None
    answer: str = ""


def check_correctable(lesson: Lesson) -> None:
    """From the opening to settling; afterwards there are reviews. Raises ``correction_closed``."""
    if lesson.state not in _CORRECTABLE:
        raise Refusal("correction_closed", lesson.state)


def propose(correction: Correction, *, by_two: bool) -> Correction:
    """Holds at once, or waits for a second person. Raises ``correction_same`` where there is nothing to correct."""
    if correction.before is correction.after:
        raise Refusal("correction_same", correction.after)
    if by_two:
        return replace(correction, state=CorrectionState.WAITING)
    by, at = correction.asked_by, correction.asked_at
    return replace(correction, state=CorrectionState.HOLDS, decided_by=by, decided_at=at)


def decide(correction: Correction, *, approve: bool, answer: str, by: str, now: dt.datetime) -> Correction:
    """By the second person. Raises ``correction_decided``, ``correction_own``."""
    if correction.state is not CorrectionState.WAITING:
        raise Refusal("correction_decided", correction.state)
    if by == correction.asked_by:
        raise Refusal("correction_own", correction.id)
    state = CorrectionState.HOLDS if approve else CorrectionState.DECLINED
    return replace(correction, state=state, decided_by=by, decided_at=now, answer=answer)
