"""Overseen items (督办)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.oversight import TEXT_LENGTH, Shown, Step, Subject
from server.services.oversight import (
    OversightCounts,
    OversightView,
    count_oversights,
    list_oversights,
    open_oversight,
    see_oversight,
    take_step,
)
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Day, Paged

calls = Endpoints()
WrittenDay = Annotated[Day, Field(strict=False)]
Words = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=TEXT_LENGTH, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
]


class OversightListing(Paged):
    unit: UUID | None = None
    state: Shown | None = None


class NewOversight(Command):
    unit_id: UUID
    subject: Subject
    text: Words
    due_on: WrittenDay


class Worded(Command):
    text: Words


class Returned(Worded):
    due_on: WrittenDay | None = None


@dataclass(frozen=True, slots=True)
class OversightPage:
    items: tuple[OversightView, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/oversights", refusals=("forbidden", "unit_not_found"))
async def get_oversights(call: Call, query: OversightListing) -> OversightPage:
    """Overseen items of the units that the caller looks after, newest first."""
    page = await list_oversights(
        *(call.site.house.records, call.principal),
        unit_id=str(query.unit) if query.unit else None,
        state=query.state,
        cursor=query.cursor,
        limit=query.limit,
        now=call.now,
    )
    return OversightPage(page.items, page.next_cursor)


@calls.on("GET", "/api/v1/oversights/counts", refusals=("forbidden",))
async def get_oversight_counts(call: Call) -> OversightCounts:
    """How many there are in each state, how many wait for the caller's answer, and of which units he could ask."""
    return await count_oversights(call.site.house.records, call.principal, call.now)


@calls.on("GET", "/api/v1/oversights/{oversight_id}", refusals=("forbidden", "oversight_not_found"))
async def get_oversight(call: Call, oversight_id: UUID) -> OversightView:
    """One, with everything that was said about it."""
    return await see_oversight(call.site.house.records, call.principal, str(oversight_id), call.now)


@calls.on(
    "POST",
    "/api/v1/oversights",
    status=201,
    refusals=(
        *("forbidden", "unit_not_found", "unit_dissolved", "oversight_day_wrong", "oversight_too_many"),
        "command_reused",
    ),
)
async def post_oversight(call: Call, body: NewOversight) -> OversightView:
    """Ask something of a unit below by a day."""
    return await open_oversight(
        *(call.site.house.records, call.principal, body.command),
        unit_id=str(body.unit_id),
        subject=body.subject,
        text=body.text,
        due_on=body.due_on,
        now=call.now,
    )


_STEP = ("forbidden", "oversight_not_found", "oversight_state", "command_reused")


async def _step(call: Call, oversight_id: UUID, body: Worded, step: Step) -> OversightView:
    return await take_step(
        *(call.site.house.records, call.principal, str(oversight_id), body.command),
        step=step,
        text=body.text,
        now=call.now,
        due_on=body.due_on if isinstance(body, Returned) else None,
    )


@calls.on("POST", "/api/v1/oversights/{oversight_id}/answer", refusals=_STEP)
async def post_oversight_answer(call: Call, oversight_id: UUID, body: Worded) -> OversightView:
    """By the unit's own secretary."""
    return await _step(call, oversight_id, body, Step.ANSWER)


@calls.on(
    "POST",
    "/api/v1/oversights/{oversight_id}/return",
    refusals=(*_STEP, "oversight_own", "oversight_day_wrong", "oversight_returned_often"),
)
async def post_oversight_return(call: Call, oversight_id: UUID, body: Returned) -> OversightView:
    """The answer does not do: why, and until when it is to be answered anew."""
    return await _step(call, oversight_id, body, Step.RETURN)


@calls.on("POST", "/api/v1/oversights/{oversight_id}/close", refusals=(*_STEP, "oversight_own"))
async def post_oversight_close(call: Call, oversight_id: UUID, body: Worded) -> OversightView:
    """The answer does."""
    return await _step(call, oversight_id, body, Step.CLOSE)


@calls.on("POST", "/api/v1/oversights/{oversight_id}/withdraw", refusals=_STEP)
async def post_oversight_withdraw(call: Call, oversight_id: UUID, body: Worded) -> OversightView:
    """It is no longer asked, and why."""
    return await _step(call, oversight_id, body, Step.WITHDRAW)
