"""Hands: raising, withdrawing, taking the next one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from server.domain.hands import TOPIC_LENGTH
from server.services import hands
from server.services.hands import HandsView, HandView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command

calls = Endpoints()

Topic = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=TOPIC_LENGTH, pattern=r"^[^\x00-\x1f\x7f]*$")
]

_STAFF = ("forbidden", "hand_not_found", "hand_over", "lesson_not_on_air", "command_reused")


class Raised(Command):
    topic: Topic = ""


@calls.on("GET", "/api/v1/lessons/{lesson_id}/hands")
async def get_hands(call: Call, lesson_id: UUID) -> HandsView:
    """The queue as staff see it; for everybody else the own hand and how many wait."""
    return await hands.see_hands(call.site.house.records, call.principal, str(lesson_id), call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/hands",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "talk_muted", "too_fast", "hands_full", "command_reused"),
    unaudited="the hand is a row of its own, and in the lesson's log",
)
async def post_hand(call: Call, lesson_id: UUID, body: Raised) -> HandView:
    """Raise a hand, for oneself or for one's room."""
    return await hands.raise_hand(*call.order(lesson_id, body), topic=body.topic, now=call.now)


@calls.on(
    "POST",
    "/api/v1/hands/{hand_id}/withdraw",
    refusals=("hand_not_found", "hand_over", "lesson_not_on_air", "command_reused"),
    unaudited="the hand is a row of its own, and in the lesson's log",
)
async def post_withdraw(call: Call, hand_id: UUID, body: Command) -> HandView:
    """Take the own hand down, say 稍后 to an invitation, or end one's turn."""
    return await hands.withdraw_hand(*call.order(hand_id, body), call.now)


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/hands/next",
    refusals=("forbidden", "hands_none", "hand_active", "lesson_not_on_air", "command_reused"),
)
async def post_next(call: Call, lesson_id: UUID, body: Command) -> HandView:
    """Ask whoever waits longest to speak."""
    return await hands.take_next(*call.order(lesson_id, body), call.now)


@calls.on(
    "POST", "/api/v1/lessons/{lesson_id}/hands/lower-all", refusals=("forbidden", "lesson_not_on_air", "command_reused")
)
async def post_lower_all(call: Call, lesson_id: UUID, body: Command) -> HandsView:
    """Put down every hand that waits."""
    return await hands.lower_all(*call.order(lesson_id, body), call.now)


@calls.on("POST", "/api/v1/hands/{hand_id}/take", refusals=(*_STAFF, "hand_active"))
async def post_take_hand(call: Call, hand_id: UUID, body: Command) -> HandView:
    """Ask this one to speak."""
    return await hands.take_hand(*call.order(hand_id, body), call.now)


@calls.on("POST", "/api/v1/hands/{hand_id}/lower", refusals=_STAFF)
async def post_lower(call: Call, hand_id: UUID, body: Command) -> HandView:
    """Put a hand down, unheard."""
    return await hands.lower_hand(*call.order(hand_id, body), call.now)


@calls.on("POST", "/api/v1/hands/{hand_id}/finish", refusals=_STAFF)
async def post_finish(call: Call, hand_id: UUID, body: Command) -> HandView:
    """End a turn: the former picture is back."""
    return await hands.finish_hand(*call.order(hand_id, body), call.now)
