"""Inquiries: asking, seeing, voting; and what staff do with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints

from server.domain.inquiries import MOST_IN_A_LESSON, MOST_TEXT, InquiryStep, Order
from server.services.inquiries import ask_inquiry, list_inquiries, vote_inquiry
from server.services.inquiry_export import inquiry_rows
from server.services.inquiry_views import DeskView, InquiryPage, InquiryView, InquiryVote
from server.services.moderating import (
    MOST_AT_ONCE,
    DeskChange,
    answer_inquiry,
    assign_inquiry,
    decide_many,
    mute_asker,
    order_inquiries,
    set_desk,
    step_inquiry,
)
from server.services.muting import MuteView
from server.web.api.chat import Silence
from server.web.api.credit import Paragraphs
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Paged
from server.web.sheets import csv_response

calls = Endpoints()

_PACE = ("inquiries_waiting", "inquiries_too_many")
_STAFF = ("forbidden", "inquiry_not_found", "command_reused")
Written = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=MOST_TEXT, pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]*$"
    ),
]
Who = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewInquiry(Command):
    text: Written


class Vote(Command):
    up: bool


class Step(Command):
    step: InquiryStep = Field(strict=False)
    into: UUID | None = None


class Assigned(Command):
    to: Who


class Replied(Command):
    answer: Paragraphs


class Decided(Command):
    step: Literal["approve", "decline"]
    ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_AT_ONCE, strict=False)]


class Ordered(Command):
    ids: Annotated[tuple[UUID, ...], Field(max_length=MOST_AT_ONCE, strict=False)]


class ChangedDesk(Command):
    names: bool | None = None
    order: Order | None = Field(default=None, strict=False)
    band: bool | None = None


@dataclass(frozen=True, slots=True)
class Inquiries:
    items: tuple[InquiryView, ...]


@dataclass(frozen=True, slots=True)
class Places:
    ids: tuple[str, ...]


@calls.on("GET", "/api/v1/lessons/{lesson_id}/inquiries")
async def get_inquiries(call: Call, lesson_id: UUID, query: Paged) -> InquiryPage:
    """Staff: all; everybody else what is shown, and the own ones. In the order of asking."""
    records = call.site.house.records
    return await list_inquiries(
        records, call.principal, str(lesson_id), cursor=query.cursor, limit=query.limit, now=call.now
    )


@calls.on(
    "POST",
    "/api/v1/lessons/{lesson_id}/inquiries",
    status=201,
    refusals=("forbidden", "lesson_not_on_air", "talk_muted", *_PACE, "command_reused"),
    unaudited="the inquiry is a row of its own, with its author",
)
async def post_inquiry(call: Call, lesson_id: UUID, body: NewInquiry) -> InquiryView:
    """Ask; it waits for approval."""
    return await ask_inquiry(*call.order(lesson_id, body), text=body.text, now=call.now)


@calls.on(
    "POST",
    "/api/v1/inquiries/{inquiry_id}/vote",
    refusals=("forbidden", "inquiry_not_found", "inquiry_state", "lesson_not_on_air", "command_reused"),
    unaudited="the vote is a row of its own",
)
async def post_vote(call: Call, inquiry_id: UUID, body: Vote) -> InquiryVote:
    """Vote for an approved inquiry, or take the vote back."""
    return await vote_inquiry(*call.order(inquiry_id, body), up=body.up, now=call.now)


@calls.on(
    "POST",
    "/api/v1/inquiries/{inquiry_id}/steps",
    refusals=(*_STAFF, "inquiry_state", "inquiry_merge", "lesson_not_on_air"),
)
async def post_step(call: Call, inquiry_id: UUID, body: Step) -> InquiryView:
    """Decide about one inquiry."""
    into = str(body.into) if body.into else None
    return await step_inquiry(*call.order(inquiry_id, body), step=body.step, into=into, now=call.now)


@calls.on("POST", "/api/v1/inquiries/{inquiry_id}/assign", refusals=_STAFF)
async def post_assign(call: Call, inquiry_id: UUID, body: Assigned) -> InquiryView:
    """Say who is to answer."""
    return await assign_inquiry(*call.order(inquiry_id, body), to=body.to, now=call.now)


@calls.on("POST", "/api/v1/inquiries/{inquiry_id}/mute", refusals=_STAFF)
async def post_mute_asker(call: Call, inquiry_id: UUID, body: Silence) -> MuteView:
    """Whoever asked this says nothing in this lesson for a while."""
    return await mute_asker(*call.order(inquiry_id, body), minutes=body.minutes, reason=body.reason, now=call.now)


@calls.on("POST", "/api/v1/inquiries/{inquiry_id}/answer", refusals=(*_STAFF, "inquiry_state"))
async def post_written_answer(call: Call, inquiry_id: UUID, body: Replied) -> InquiryView:
    """Answer in writing, also after the lesson."""
    return await answer_inquiry(*call.order(inquiry_id, body), answer=body.answer, now=call.now)


@calls.on("POST", "/api/v1/lessons/{lesson_id}/inquiries/decisions", refusals=_STAFF, large=True)
async def post_decisions(call: Call, lesson_id: UUID, body: Decided) -> Inquiries:
    """Approve or decline many at once; those that were decided meanwhile stay as they are."""
    step, ids = InquiryStep(body.step), [str(each) for each in body.ids]
    return Inquiries(await decide_many(*call.order(lesson_id, body), step=step, ids=ids, now=call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/inquiries/order", refusals=_STAFF, large=True)
async def post_order(call: Call, lesson_id: UUID, body: Ordered) -> Places:
    """Order by hand, the first one first."""
    ids = [str(each) for each in body.ids]
    return Places(await order_inquiries(*call.order(lesson_id, body), ids=ids, now=call.now))


@calls.on("POST", "/api/v1/lessons/{lesson_id}/inquiries/desk", refusals=("forbidden", "command_reused"))
async def post_desk(call: Call, lesson_id: UUID, body: ChangedDesk) -> DeskView:
    """How inquiries are shown; what is left out stays."""
    change = DeskChange(body.names, body.order, body.band)
    return await set_desk(*call.order(lesson_id, body), change=change, now=call.now)


@calls.on("GET", "/api/v1/lessons/{lesson_id}/inquiries/export", refusals=("forbidden",))
async def get_export(call: Call, lesson_id: UUID) -> web.Response:
    """Everything that was asked, as CSV for spreadsheets."""
    rows = await inquiry_rows(call.site.house.records, call.principal, str(lesson_id), call.now)
    assert len(rows) <= MOST_IN_A_LESSON + 1
    return csv_response(rows, "提问.csv")
