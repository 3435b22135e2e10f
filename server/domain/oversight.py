"""Overseen items (督办): a unit above asks a unit of its subtree for something by a day; that one answers; the asker
closes it, or returns it with a reason.

What is asked and said is a history that is only added to. Overdue is no state of its own: it follows from the day.
Nobody is punished by it: an item past its day is shown as such, and that is all.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.domain.access import Principal, Role
from server.domain.refusals import Refusal

TEXT_LENGTH = 500
MOST_UNDONE = 50
"""Of one unit, that are not closed."""
MOST_RETURNS = 20
LONGEST = dt.timedelta(days=366)
"""From today until its day."""


class Subject(enum.StrEnum):
    MISSING = "missing"  # 缺课
    CREDIT = "credit"  # 学时不足
    MEETING = "meeting"  # 会议逾期
    OTHER = "other"


class OversightState(enum.StrEnum):
    """As it is kept."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Shown(enum.StrEnum):
    """As it is seen on a day."""

    OPEN = "open"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Step(enum.StrEnum):
    OPEN = "open"
    ANSWER = "answer"
    RETURN = "return"
    CLOSE = "close"
    WITHDRAW = "withdraw"


_TABLE: dict[tuple[OversightState, Step], OversightState] = {
    (OversightState.OPEN, Step.ANSWER): OversightState.ANSWERED,
    (OversightState.OPEN, Step.WITHDRAW): OversightState.WITHDRAWN,
    (OversightState.ANSWERED, Step.RETURN): OversightState.OPEN,
    (OversightState.ANSWERED, Step.CLOSE): OversightState.CLOSED,
    (OversightState.ANSWERED, Step.WITHDRAW): OversightState.WITHDRAWN,
}
DONE = frozenset({OversightState.CLOSED, OversightState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Oversight:
    """``unit_id``: of which it is asked; ``above_id``: in whose name. ``due_on``: its last day, the school's.

    ``answered_by``: the account of the last answer; ``returns``: how often it came back; ``done_at``: when it was
    closed or withdrawn, from when on its period of being kept counts.
    """

    id: str
    unit_id: str
    above_id: str
    subject: Subject
    text: str
    due_on: dt.date
    opened_by: str
    opened_at: dt.datetime
    state: OversightState = OversightState.OPEN
    answered_by: str | None = None
    returns: int = 0
    done_at: dt.datetime | None = None

    @property
    def done(self) -> bool:
        return self.state in DONE


@dataclass(frozen=True, slots=True)
class OversightStep:
    """``number`` from 1, the opening. ``due_on``: the day that held from then on."""

    oversight_id: str
    number: int
    step: Step
    by: str  # account
    at: dt.datetime
    text: str
    due_on: dt.date


def shown(one: Oversight, today: dt.date) -> Shown:
    """Overdue is what is not answered on the day after its last one."""
    if one.state is OversightState.OPEN and today > one.due_on:
        return Shown.OVERDUE
    return Shown(one.state.value)


def check_due(due_on: dt.date, today: dt.date) -> None:
    """Raises ``oversight_day_wrong``."""
    if not today <= due_on <= today + LONGEST:
        raise Refusal("oversight_day_wrong", f"{due_on}: from {today} on")


def moved(
    one: Oversight, step: Step, by: str, today: dt.date, *, due_on: dt.date | None = None, now: dt.datetime
) -> Oversight:
    """What it is after the step. ``due_on``: a new day, of a return; None: the old one, where that is not over.

    Raises ``oversight_state``, ``oversight_own``, ``oversight_returned_often``, ``oversight_day_wrong``.
    """
    after = _TABLE.get((one.state, step))
    if after is None:
        raise Refusal("oversight_state", f"{step} of what is {one.state}")
    if step in {Step.CLOSE, Step.RETURN} and by == one.answered_by:
        raise Refusal("oversight_own", one.id)
    if step is Step.ANSWER:
        return replace(one, state=after, answered_by=by)
    if step is not Step.RETURN:
        return replace(one, state=after, done_at=now)
    if one.returns >= MOST_RETURNS:
        raise Refusal("oversight_returned_often", one.id)
    day = due_on or one.due_on
    check_due(day, today)
    return replace(one, state=after, due_on=day, returns=one.returns + 1)


# ---- who ---------------------------------------------------------------------------------------------------

_ABOVE = frozenset({Role.SECRETARY, Role.SCHOOL_ADMIN})


def asks_as(principal: Principal, line: Sequence[str]) -> str | None:
    """The nearest unit above in whose name the principal asks something of the first of ``line``; None: of none.

    ``line``: the unit, its parent, … up to the root. Nobody oversees the unit that he holds himself.
    """
    mine = {grant.unit_id for grant in principal.grants if grant.role in _ABOVE}
    return next((unit for unit in line[1:] if unit in mine), None)


def decides(principal: Principal, above_line: Sequence[str]) -> bool:
    """Closes, returns and withdraws: who looks after the unit that asks, or one above it."""
    return any(grant.role in _ABOVE and grant.unit_id in above_line for grant in principal.grants)


def answers(principal: Principal, unit_id: str) -> bool:
    """The unit's own secretary, not the ones above."""
    return any(grant.role is Role.SECRETARY and grant.unit_id == unit_id for grant in principal.grants)


def may(principal: Principal, one: Oversight, above_line: Sequence[str]) -> tuple[Step, ...]:
    """The steps that the principal could take now."""
    found: list[Step] = []
    if answers(principal, one.unit_id) and (one.state, Step.ANSWER) in _TABLE:
        found.append(Step.ANSWER)
    if decides(principal, above_line):
        own = principal.account_id == one.answered_by
        steps = (Step.WITHDRAW,) if own else (Step.RETURN, Step.CLOSE, Step.WITHDRAW)
        found += [step for step in steps if (one.state, step) in _TABLE]
    return tuple(found)
