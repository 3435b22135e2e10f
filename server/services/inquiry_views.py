"""Inquiries as each may see them: the only place where one becomes what somebody is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from server.domain.inquiries import Desk, Inquiry, InquiryState, Order


@dataclass(frozen=True, slots=True)
class InquiryView:
    """``name`` and ``unit``: null when the lesson hides them. ``votes``: of others. ``position``: by hand. ``listed``:
    what in it stands for a listed word, to staff.
    """

    id: str
    text: str
    state: InquiryState
    asked_at: dt.datetime
    name: str | None
    unit: str | None
    mine: bool
    voted: bool
    votes: int
    position: int | None
    assigned_to: str
    staged_at: dt.datetime | None
    answered_at: dt.datetime | None
    answer: str | None
    merged_into: str | None  # staff only
    listed: tuple[str, ...] = ()  # staff only


@dataclass(frozen=True, slots=True)
class DeskView:
    names: bool
    order: Order
    band: bool


@dataclass(frozen=True, slots=True)
class InquiryPage:
    """``seq``: what happened up to there is in it. ``waiting``: how many wait for approval, staff only."""

    items: tuple[InquiryView, ...]
    next_cursor: str | None
    seq: int
    desk: DeskView
    waiting: int | None


@dataclass(frozen=True, slots=True)
class InquiryVote:
    inquiry_id: str
    up: bool
    votes: int


VIEW = TypeAdapter(InquiryView)
_OWN = {"mine", "voted"}


def for_staff(inquiry: Inquiry, *, voted: bool = False, mine: bool = False) -> InquiryView:
    """Nothing is anonymous towards staff."""
    return InquiryView(
        id=inquiry.id,
        text=inquiry.text,
        state=inquiry.state,
        asked_at=inquiry.asked_at,
        name=inquiry.name,
        unit=inquiry.unit_name,
        mine=mine,
        voted=voted,
        votes=inquiry.votes,
        position=inquiry.position,
        assigned_to=inquiry.assigned_to,
        staged_at=inquiry.staged_at,
        answered_at=inquiry.answered_at,
        answer=inquiry.answer,
        merged_into=inquiry.merged_into,
        listed=inquiry.listed,
    )


def for_others(inquiry: Inquiry, desk: Desk, *, voted: bool = False) -> InquiryView:
    """Of one that is shown."""
    assert inquiry.shown
    whole = replace(for_staff(inquiry, voted=voted), listed=())
    return whole if desk.names else replace(whole, name=None, unit=None)


def for_author(inquiry: Inquiry) -> InquiryView:
    """What became of it, in one word; until it is shown, nothing of what staff do with it."""
    whole = replace(for_staff(inquiry, mine=True), listed=())
    if inquiry.shown:
        return whole
    return replace(whole, votes=0, position=None, assigned_to="", merged_into=None)


def told(view: InquiryView) -> dict[str, Any]:
    """For the log, whoever reads it."""
    data: dict[str, Any] = VIEW.dump_python(view, mode="json", exclude=_OWN)
    return data


def desk_view(desk: Desk) -> DeskView:
    return DeskView(desk.names, desk.order, desk.band)
