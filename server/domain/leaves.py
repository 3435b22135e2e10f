"""Leave (请假): a member asks for one lesson, a secretary grants or refuses it, always with a reason."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, replace

from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal

_ASKABLE = frozenset({LessonState.SCHEDULED, LessonState.OPEN, LessonState.LIVE})
_DECIDABLE = _ASKABLE | {LessonState.ENDED}


class LeaveState(enum.StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STANDS = frozenset({LeaveState.ASKED, LeaveState.APPROVED})
"""A member has at most one of these in a lesson."""


@dataclass(frozen=True, slots=True)
class Leave:
    """``asked_by``: the account that entered it, not the member's own when the secretary took it down."""

    id: str
    lesson_id: str
    member_id: str
    reason: str
    asked_by: str
    asked_at: dt.datetime
    state: LeaveState = LeaveState.ASKED
    decided_at: dt.datetime | None = None
    decided_by: str | None = None  # account
    answer: str = ""

    @property
    def stands(self) -> bool:
        return self.state in STANDS


def check_askable(lesson: Lesson) -> None:
    """Raises ``leave_closed``."""
    if lesson.state not in _ASKABLE:
        raise Refusal("leave_closed", lesson.state)


def decide(leave: Leave, lesson: Lesson, *, approve: bool, answer: str, by: str, now: dt.datetime) -> Leave:
    """Until settling; a lesson that is over may still get its paper. Raises ``leave_decided``, ``leave_closed``."""
    if leave.state is not LeaveState.ASKED:
        raise Refusal("leave_decided", leave.state)
    if lesson.state not in _DECIDABLE:
        raise Refusal("leave_closed", lesson.state)
    state = LeaveState.APPROVED if approve else LeaveState.REFUSED
    return replace(leave, state=state, decided_at=now, decided_by=by, answer=answer)


def withdraw(leave: Leave, lesson: Lesson, now: dt.datetime) -> Leave:
    """Before anybody decided. Raises as :func:`decide`."""
    if leave.state is not LeaveState.ASKED:
        raise Refusal("leave_decided", leave.state)
    check_askable(lesson)
    return replace(leave, state=LeaveState.WITHDRAWN, decided_at=now, decided_by=leave.asked_by)
