"""A branch's list of a year: reminding who is short, confirming it; and the reminder as the member has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from server.domain.year_lists import MOST_REMINDED
from server.services import year_lists
from server.services.year_lists import Reminded, ReminderView, YearListView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query

calls = Endpoints()
Year = Annotated[int, Field(ge=2000, le=2100)]
_ONE = ("forbidden", "unit_not_found")


class OfYear(Query):
    year: Year | None = None


class OfUnit(OfYear):
    unit: UUID


class NewReminders(Command):
    unit_id: UUID
    year: Year | None = None
    member_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=MOST_REMINDED, strict=False)]


class NewConfirmation(Command):
    unit_id: UUID
    year: Year
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class OwnReminder:
    reminder: ReminderView | None


@calls.on("GET", "/api/v1/year-list", refusals=_ONE)
async def get_year_list(call: Call, query: OfUnit) -> YearListView:
    """Who of the unit and below is short and was reminded when, and whether the list was confirmed as it is now."""
    return await year_lists.see_year_list(
        call.site.house.records, call.principal, str(query.unit), query.year, call.now
    )


@calls.on("POST", "/api/v1/year-list/reminders", refusals=(*_ONE, "command_reused"))
async def post_year_reminders(call: Call, body: NewReminders) -> Reminded:
    """Remind members who are short, each once in thirty days."""
    return await year_lists.remind_short(
        *(call.site.house.records, call.principal, body.command),
        unit_id=str(body.unit_id),
        year=body.year,
        member_ids=[str(each) for each in body.member_ids],
        now=call.now,
    )


@calls.on(
    "POST",
    "/api/v1/year-list/confirmations",
    status=201,
    refusals=(*_ONE, "year_list_changed", "year_list_same", "command_reused"),
)
async def post_year_confirmation(call: Call, body: NewConfirmation) -> YearListView:
    """Confirm the list as it was seen."""
    return await year_lists.confirm_year_list(
        *(call.site.house.records, call.principal, body.command),
        unit_id=str(body.unit_id),
        year=body.year,
        digest=body.digest,
        now=call.now,
    )


@calls.on("GET", "/api/v1/year-list/reminder")
async def get_own_reminder(call: Call, query: OfYear) -> OwnReminder:
    """The newest reminder that the caller was sent about a year."""
    return OwnReminder(await year_lists.own_reminder(call.site.house.records, call.principal, query.year, call.now))
