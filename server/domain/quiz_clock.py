"""The time of a quiz: until when an answer counts, and how the lecturer stops, moves and gives it back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from server.domain.quiz import MOST_SECONDS, Quiz, check_seconds
from server.domain.refusals import Refusal

CLOSING_MARGIN = dt.timedelta(milliseconds=750)
"""How long after its end a quiz is closed: what arrived in time and still waits to be written counts."""
MOST_ROUNDS = 5
LONGEST_REASON = 200


def check_in_time(quiz: Quiz, received_at: dt.datetime) -> None:
    """Late is what arrives at the deadline and its grace or later, or after the quiz was closed. What arrives while
    its time stands still waits for it to go on; the grace holds there as well, for what was on its way.

    Raises ``quiz_closed``, ``quiz_paused``.
    """
    if quiz.closed:
        raise Refusal("quiz_closed")
    if quiz.paused_at is not None:
        if received_at >= quiz.paused_at + dt.timedelta(milliseconds=quiz.grace_ms):
            raise Refusal("quiz_paused")
    elif received_at >= quiz.ends_at:
        raise Refusal("quiz_closed")


def closing_time(quiz: Quiz, now: dt.datetime) -> dt.datetime:
    """When answering ended: now, or at its end when that has passed."""
    return now if quiz.paused_at is not None else min(now, quiz.ends_at)


# ---- what the lecturer does to it ------------------------------------------------------------------------


def paused(quiz: Quiz, now: dt.datetime) -> Quiz:
    """Its time stands still. Again is no fault. Raises ``quiz_closed``: it is, or its time is over."""
    _check_open(quiz)
    if quiz.paused_at is not None:
        return quiz
    if now >= quiz.deadline_at:
        raise Refusal("quiz_closed")
    return replace(quiz, paused_at=now)


def resumed(quiz: Quiz, now: dt.datetime) -> Quiz:
    """What was left of its time begins now. Again is no fault. Raises ``quiz_closed``."""
    _check_open(quiz)
    if quiz.paused_at is None:
        return quiz
    return replace(quiz, paused_at=None, deadline_at=quiz.deadline_at + max(now - quiz.paused_at, dt.timedelta()))


def extended(quiz: Quiz, seconds: int, now: dt.datetime) -> Quiz:
    """So much longer, also while it stands still. Raises ``quiz_closed``, ``invalid_body`` for more than an hour."""
    _check_open(quiz)
    if quiz.paused_at is None and now >= quiz.ends_at:
        raise Refusal("quiz_closed")
    check_seconds(seconds)
    if quiz.seconds + seconds > MOST_SECONDS:
        raise Refusal("invalid_body", f"seconds: {MOST_SECONDS} altogether")
    more = dt.timedelta(seconds=seconds)
    return replace(quiz, seconds=quiz.seconds + seconds, deadline_at=quiz.deadline_at + more)


def reopened(quiz: Quiz, seconds: int, reason: str, now: dt.datetime) -> Quiz:
    """Another round, for those who have not answered, or (``Keep.LAST``) for everybody.

    Raises ``quiz_open``, ``quiz_reopened_often``, ``invalid_body``.
    """
    if not quiz.closed:
        raise Refusal("quiz_open", quiz.id)
    if quiz.round >= MOST_ROUNDS:
        raise Refusal("quiz_reopened_often", quiz.id)
    check_seconds(seconds)
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Refusal("invalid_body", f"reason: 1 to {LONGEST_REASON} signs")
    return replace(
        quiz,
        closed_at=None,
        paused_at=None,
        seconds=seconds,
        deadline_at=now + dt.timedelta(seconds=seconds),
        round=quiz.round + 1,
        reopen_reason=reason,
    )


def _check_open(quiz: Quiz) -> None:
    if quiz.closed:
        raise Refusal("quiz_closed")


# ---- deadlines -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks, read together: UTC, and a steady one in milliseconds."""

    at: dt.datetime
    steady_ms: float


class Deadlines:
    """Deadlines mapped to one process's steady clock, each once: a wall clock that is set during a quiz changes
    nobody's time to answer. One that is moved keeps its distance to where it was. Keeps the newest ``most``.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._mapped: dict[str, tuple[dt.datetime, float]] = {}

    def steady_ms(self, quiz: Quiz, now: Moment) -> float:
        """The deadline on the steady clock. ``now`` counts at the first asking only."""
        deadline_at, steady_ms = self._mapped.get(quiz.id, (now.at, now.steady_ms))
        known = steady_ms + (quiz.deadline_at - deadline_at) / dt.timedelta(milliseconds=1)
        self._remember(quiz, known)
        return known

    def received_at(self, quiz: Quiz, arrival: Moment) -> dt.datetime:
        """When something arrived, on the time line on which the deadline was set."""
        left_ms = self.steady_ms(quiz, arrival) - arrival.steady_ms
        return quiz.deadline_at - dt.timedelta(milliseconds=left_ms)

    def _remember(self, quiz: Quiz, steady_ms: float) -> None:
        while quiz.id not in self._mapped and len(self._mapped) >= self._most:
            self._mapped.pop(next(iter(self._mapped)), None)
        self._mapped[quiz.id] = (quiz.deadline_at, steady_ms)
