"""未到名单: who is missing, for whoever vouches for them, and the number to call."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.services import missing
from server.services.missing import MissingView, PhoneView
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import MostItems, Query

calls = Endpoints()


class Narrowed(Query):
    unit: UUID | None = None
    below: bool = True
    cursor: UUID | None = None
    limit: MostItems = 50


@dataclass(frozen=True, slots=True)
class MissingPage:
    items: tuple[MissingView, ...]
    next_cursor: str | None


@calls.on("GET", "/api/v1/lessons/{lesson_id}/missing", refusals=("forbidden", "unit_not_found"))
async def get_missing(call: Call, lesson_id: UUID, query: Narrowed) -> MissingPage:
    """Who is missing without leave, of those the caller vouches for, telephone numbers masked."""
    page = await missing.list_missing(
        call.site.house.records,
        call.principal,
        str(lesson_id),
        unit_id=str(query.unit) if query.unit else None,
        below=query.below,
        cursor=str(query.cursor) if query.cursor else None,
        limit=query.limit,
        now=call.now,
    )
    return MissingPage(page.items, page.next_cursor)


@calls.on(
    "GET",
    "/api/v1/lessons/{lesson_id}/missing/{member_id}/phone",
    refusals=("forbidden", "not_missing", "phone_unknown"),
    audited=True,
)
async def get_missing_phone(call: Call, lesson_id: UUID, member_id: UUID) -> PhoneView:
    """The whole number of somebody who is missing; leaves a line in the audit log."""
    call.site.pace.number(call.principal.account_id)
    return await missing.see_phone(call.site.house.records, call.principal, str(lesson_id), str(member_id), call.now)
