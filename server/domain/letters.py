"""Letters to one person that belong to no lesson: credit that is missing or was corrected, and overseen items (督办).

They stand in the inbox of the portal and go nowhere else. What a letter is about is read when it is looked at; the
letter keeps what it told. Each occasion is told once to each person.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.oversight import Oversight, OversightState, OversightStep, Step

SOON = dt.timedelta(days=3)
"""So long before its last day a branch is told once more of what it has not answered."""
TOLD_LATE_FOR = dt.timedelta(days=30)
"""So long after its last day it is told that the day is over: shorter than any letter is kept, so never twice."""


class Topic(enum.StrEnum):
    CREDIT_SHORT = "credit_short"  # 学时提醒
    CREDIT_CORRECTED = "credit_corrected"  # 学时更正
    OVERSIGHT_ASKED = "oversight_asked"  # 督办通知
    OVERSIGHT_RETURNED = "oversight_returned"  # 督办退回
    OVERSIGHT_SOON = "oversight_soon"  # 督办将到期
    OVERSIGHT_OVERDUE = "oversight_overdue"  # 督办逾期
    OVERSIGHT_ANSWERED = "oversight_answered"  # 督办答复


@dataclass(frozen=True, slots=True)
class Letter:
    """To a member, or to an account: one of them is None. ``about``: id of the reminder, the correcting entry, or the
    overseen item. ``occasion``: what is told once. ``due_on``: as it was told.
    """

    id: str
    topic: Topic
    about: str
    occasion: str
    member_id: str | None
    account_id: str | None
    due_on: dt.date
    sent_at: dt.datetime
    read_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: letters to the account, and to the member whose it is."""

    member_id: str | None
    account_id: str


def last_day(year: int) -> dt.date:
    """Until when what is missing in a year can be earned."""
    return dt.date(year, 12, 31)


def of_step(step: OversightStep) -> str:
    """The occasion of a step that was taken."""
    return f"step/{step.oversight_id}/{step.number}"


def of_day(one: Oversight, topic: Topic) -> str:
    """The occasion of the item's last day: another day, after a return, is another one."""
    return f"{topic.value}/{one.id}/{one.due_on.isoformat()}"


def due_topic(one: Oversight, asked_on: dt.date, today: dt.date) -> Topic | None:
    """What the branch is to be told on a day, unless it was. ``asked_on``: the day on which it was asked, or asked
    again, for the last time: who heard of it within ``SOON`` of its day is not told so at once.
    """
    if one.state is not OversightState.OPEN:
        return None
    if today > one.due_on:
        return Topic.OVERSIGHT_OVERDUE if today - one.due_on <= TOLD_LATE_FOR else None
    if asked_on < one.due_on - SOON <= today:
        return Topic.OVERSIGHT_SOON
    return None


def asking(steps: tuple[OversightStep, ...]) -> tuple[OversightStep, ...]:
    """Those by which the branch was asked: the opening, and each return."""
    return tuple(step for step in steps if step.step in {Step.OPEN, Step.RETURN})
