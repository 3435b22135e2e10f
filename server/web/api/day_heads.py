"""The ledger's daily heads, for the audit administrator."""

from __future__ import annotations

import datetime as dt

from aiohttp import web

from server.domain.refusals import Refusal
from server.services import day_heads
from server.services.day_heads import DayHeadPage, NotedHeadView
from server.web.api.audit import Hash
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Paged, Query
from server.web.sheets import csv_response

calls = Endpoints()
_COLUMNS = ("日期 day", "条数 position", "账头 hash", "记录时间 at (UTC)")


@calls.on("GET", "/api/v1/ledger/heads", refusals=("forbidden",))
async def get_ledger_heads(call: Call, query: Paged) -> DayHeadPage:
    """Where the ledger of credit ended on each day, newest first; kept elsewhere, it proves what came before."""
    return await day_heads.list_day_heads(
        call.site.house.records, call.principal, _before(query.cursor), query.limit, call.now
    )


@calls.on("GET", "/api/v1/ledger/heads/export", refusals=("forbidden",), audited=True)
async def get_ledger_heads_export(call: Call) -> web.Response:
    """The same as CSV, oldest first, to be kept elsewhere."""
    found = await day_heads.export_day_heads(call.site.house.records, call.principal, call.now)
    rows = ((str(each.day), str(each.position), each.hash, each.at.isoformat()) for each in found)
    return csv_response([_COLUMNS, *rows], f"ledger-heads-{call.now:%Y%m%d}.csv")


class NotedHead(Query):
    hash: Hash


@calls.on("GET", "/api/v1/ledger/heads/check", refusals=("forbidden",))
async def get_ledger_heads_check(call: Call, query: NotedHead) -> NotedHeadView:
    """Whether the ledger still has a hash that was noted elsewhere; the whole chain is read by the command."""
    return await day_heads.check_noted_head(call.site.house.records, call.principal, query.hash, call.now)


def _before(cursor: str | None) -> dt.date | None:
    try:
        return None if cursor is None else dt.date.fromisoformat(cursor)
    except ValueError:
        raise Refusal("invalid_body", "cursor") from None
