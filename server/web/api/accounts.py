"""The accounts in the caller's care."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

from server.services import accounts
from server.services.accounts import AccountsAsked, AccountView
from server.services.views import Page
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import MostItems, Query

calls = Endpoints()

Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class AccountsWanted(Query):
    unit_id: UUID | None = None
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    waiting: bool = False
    cursor: Cursor | None = None
    limit: MostItems = 50


@calls.on("GET", "/api/v1/accounts", refusals=("forbidden", "unit_not_found"))
async def get_accounts(call: Call, query: AccountsWanted) -> Page[AccountView]:
    """Accounts in one's care, by number."""
    asked = AccountsAsked(
        unit_id=str(query.unit_id) if query.unit_id else None,
        words=query.words,
        waiting=query.waiting,
        cursor=query.cursor,
        limit=query.limit,
    )
    return await accounts.list_accounts(call.site.house.records, call.principal, asked, call.now)
