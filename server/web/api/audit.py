"""The audit log, for the audit administrator."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import hdrs, web
from pydantic import StringConstraints

from server.domain.audit import AuditQuery
from server.domain.refusals import Refusal
from server.services import audit_checks, audit_views
from server.services.audit_checks import AuditCheckView
from server.services.audit_views import HeadView, LinePage, LineView, Reading
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Moment, Paged, Query
from server.web.sheets import csv_response

calls = Endpoints()

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_MOST_DIGITS = 18
_COLUMNS = (
    *("序号 position", "时间 at (UTC)", "姓名 name", "编号 number", "账号 actor", "地址 address", "登录 login"),
    *("操作 action", "对象 about", "结果 result", "内容 detail", "请求 request_id", "hash"),
)


class Wanted(Query):
    """``who``: the number of an account."""

    since: Moment | None = None
    until: Moment | None = None
    who: Words = ""
    what: Words = ""
    action: Words = ""
    result: Literal["", "done", "refused"] = ""

    @property
    def query(self) -> AuditQuery:
        return AuditQuery(self.since, self.until, None, self.what, self.action, self.result)


class WantedPage(Wanted, Paged):
    pass


class WantedExport(Wanted):
    format: Literal["csv", "jsonl"] = "csv"


class Verification(Command):
    """``noted``: the hash of a head from earlier, which must still be in the log."""

    noted: Hash | None = None


@dataclass(frozen=True, slots=True)
class AuditChecks:
    items: tuple[AuditCheckView, ...]


@calls.on("GET", "/api/v1/audit", refusals=("forbidden",))
async def get_audit(call: Call, query: WantedPage) -> LinePage:
    """Who did what, when, from where, and what came of it; newest first."""
    before = _before(query.cursor)
    return await audit_views.list_lines(
        call.site.house.records, _reading(call, query), before=before, limit=query.limit
    )


@calls.on("GET", "/api/v1/audit/export", refusals=("forbidden",), audited=True)
async def get_audit_export(call: Call, query: WantedExport) -> web.Response:
    """The same as a file, oldest first, the newest 20,000: CSV, or a JSON object a line."""
    found = await audit_views.export_lines(call.site.house.records, _reading(call, query))
    name = f"audit-{call.now:%Y%m%d-%H%M%S}.{query.format}"
    if query.format == "csv":
        return csv_response([_COLUMNS, *map(_row, found)], name)
    body = "".join(json.dumps(asdict(line), ensure_ascii=False, default=str) + "\n" for line in found)
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"', hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(body=body.encode("utf-8", "replace"), content_type="application/x-ndjson", headers=headers)


@calls.on("GET", "/api/v1/audit/head", refusals=("forbidden",))
async def get_audit_head(call: Call) -> HeadView:
    """Where the log ends now; kept elsewhere, it proves later that nothing before it was changed."""
    return await audit_views.see_head(call.site.house.records, call.principal, call.now)


@calls.on("POST", "/api/v1/audit/checks", status=202, refusals=("forbidden", "too_fast", "command_reused"))
async def post_audit_check(call: Call, body: Verification) -> AuditCheckView:
    """Have the whole log read: was a line changed, deleted, moved or added?"""
    call.site.pace.probe(call.principal.account_id)
    return await audit_checks.begin_check(call.site.house, call.principal, body.command, noted=body.noted, now=call.now)


@calls.on("GET", "/api/v1/audit/checks", refusals=("forbidden",))
async def get_audit_checks(call: Call) -> AuditChecks:
    """The last twenty, newest first."""
    return AuditChecks(await audit_checks.list_checks(call.site.house, call.principal, call.now))


@calls.on("GET", "/api/v1/audit/checks/{verification_id}", refusals=("forbidden", "job_not_found"))
async def get_audit_check(call: Call, verification_id: UUID) -> AuditCheckView:
    """How far it is, and what came of it."""
    return await audit_checks.see_check(call.site.house, call.principal, str(verification_id), call.now)


@calls.on("POST", "/api/v1/audit/checks/{verification_id}/cancel", refusals=("forbidden", "job_not_found", "job_over"))
async def post_audit_check_cancel(call: Call, verification_id: UUID) -> AuditCheckView:
    """End it."""
    return await audit_checks.cancel_check(call.site.house, call.principal, str(verification_id), call.now)


def _reading(call: Call, query: Wanted) -> Reading:
    return Reading(call.principal, query.query, query.who, call.now)


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _MOST_DIGITS):
        raise Refusal("invalid_body", "not one of our cursors")
    return int(cursor)


def _row(line: LineView) -> tuple[str, ...]:
    return (
        *(str(line.position), line.at.isoformat(), line.actor_name or "", line.actor_number or "", line.actor or ""),
        *(line.address, line.login, line.action, line.about, line.result),
        *("" if line.detail is None else line.detail, line.request_id, line.hash),
    )
