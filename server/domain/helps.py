"""呼叫会控: a venue or the lecturer asks the director for help, and what the director tells all operators."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.access import Principal, operated, operated_venue
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.venues import MAIN_SOURCE

MOST_HELPS = 500
MOST_NOTICES = 100
"""Of one lesson."""
TEXT_LENGTH = 200


class Urgency(enum.StrEnum):
    NORMAL = "normal"  # 普通
    URGENT = "urgent"  # 紧急


class HelpState(enum.StrEnum):
    WAITING = "waiting"  # nobody has answered: it stays on top
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Caller:
    """A sub-venue or main venue by its part in the lesson, or the lecturer (``lesson_venue_id`` None)."""

    account_id: str
    lesson_venue_id: str | None
    name: str

    @property
    def key(self) -> str:
        """One call at a time for each."""
        return self.lesson_venue_id or MAIN_SOURCE


@dataclass(frozen=True, slots=True)
class Help:
    id: str
    lesson_id: str
    caller: Caller
    urgency: Urgency
    text: str
    asked_at: dt.datetime
    answer: str = ""
    answered_at: dt.datetime | None = None
    answered_by: str | None = None  # a name
    closed_at: dt.datetime | None = None
    closed_by: str | None = None

    @property
    def state(self) -> HelpState:
        if self.closed_at is not None:
            return HelpState.CLOSED
        return HelpState.WAITING if self.answered_at is None else HelpState.ANSWERED


@dataclass(frozen=True, slots=True)
class Notice:
    """From the director to every venue's operator. ``read`` are the lesson venues that have seen it."""

    id: str
    lesson_id: str
    text: str
    sent_at: dt.datetime
    sent_by: str
    read: frozenset[str] = frozenset()


def caller_of(principal: Principal, lesson: Lesson, lesson_venue_id: str | None = None) -> Caller:
    """The lecturer calls for a room only where one is named.

    Raises ``forbidden``: members raise a hand instead; ``which_venue``, ``venue_not_found``.
    """
    if lesson.lecturer_id == principal.account_id and lesson_venue_id is None:
        return Caller(principal.account_id, None, principal.name)
    venue = operated_venue(principal, lesson, lesson_venue_id)
    return Caller(principal.account_id, venue.id, venue.name)


def callers_of(principal: Principal, lesson: Lesson) -> tuple[Caller, ...]:
    """As whom the principal might have called. Raises ``forbidden``."""
    rooms = tuple(Caller(principal.account_id, venue.id, venue.name) for venue in operated(principal, lesson))
    if lesson.lecturer_id == principal.account_id:
        return (Caller(principal.account_id, None, principal.name), *rooms)
    if not rooms:
        raise Refusal("forbidden", "neither a venue of this lesson nor its lecturer")
    return rooms


def ask(
    help_id: str,
    lesson_id: str,
    caller: Caller,
    open_one: Help | None,
    urgency: Urgency,
    *,
    text: str,
    now: dt.datetime,
) -> Help:
    """A new call, or the caller's open one said anew: it waits since it was first asked, and for an answer again."""
    if open_one is None:
        return Help(help_id, lesson_id, caller, urgency, text, now)
    return replace(open_one, urgency=urgency, text=text, answer="", answered_at=None, answered_by=None)


def answer(called: Help, text: str, *, by: str, now: dt.datetime) -> Help:
    """Raises ``help_closed``."""
    _check_open(called)
    return replace(called, answer=text, answered_at=now, answered_by=by)


def close(called: Help, *, by: str, now: dt.datetime) -> Help:
    """By the director, or by the caller who needs it no more. Raises ``help_closed``."""
    _check_open(called)
    return replace(called, closed_at=now, closed_by=by)


def in_order(helps: Iterable[Help]) -> tuple[Help, ...]:
    """As the director sees them: who waits goes first, the urgent before, the longest before; then the answered,
    then the closed, newest first.
    """

    def rank(one: Help) -> tuple[int, bool, float]:
        at = one.asked_at.timestamp()
        if one.closed_at is not None:
            return 2, False, -one.closed_at.timestamp()
        return (1, False, at) if one.answered_at else (0, one.urgency is not Urgency.URGENT, at)

    return tuple(sorted(helps, key=rank))


def _check_open(called: Help) -> None:
    if called.closed_at is not None:
        raise Refusal("help_closed", called.id)
