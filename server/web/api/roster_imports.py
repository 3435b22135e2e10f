"""导入名单 and the members' export: template, dry run, errors, confirming, cancelling, history."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints

from server.domain.refusals import Refusal
from server.domain.roster_sheet import ENDING_WORDS, KIND_WORDS, REQUIRED, TITLES, Column
from server.services import import_views, roster_imports
from server.services.import_views import ImportView, IssuePage
from server.services.roster_export import roster_rows
from server.services.roster_imports import Upload
from server.services.tables import MOST_FILE_BYTES
from server.web.api.organisation import Day
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Command, Query
from server.web.sheets import Sheet, Xlsx, csv_response, xlsx_response

calls = Endpoints()

_BYTES = "application/octet-stream"
_WIDTHS = (16, 16, 28, 16, 16, 18, 14, 18)
_OF_ONE = ("forbidden", "import_not_found")
_EXPLAINED = {
    Column.NUMBER: "必填。登录用的编号，全单位唯一；只用字母、数字和 : , . _ -。同一工号再次导入即更新此人。",
    Column.NAME: "必填。",
    Column.UNIT: "必填。系统中已有的党组织名称；重名时写成“上级/本级”，例如“机关党总支/综合党支部”。",
    Column.KIND: "必填。从下拉列表中选择：" + "、".join(KIND_WORDS.values()) + "。",
    Column.GROUP: "可空。该党组织内已建立的党小组；留空表示不改。",
    Column.PHONE: "可空。留空表示不改。",
    Column.SINCE: "可空。写成 2026-01-31；留空用上传时选择的日期。转入、类别变动、离开都从这一天算起。",
    Column.ENDING: "可空。填写后此人从生效日期起不再属于任何党组织：" + "、".join(ENDING_WORDS.values()) + "。",
}


class Form(enum.StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    GB18030 = "gb18030"


class Export(Query):
    format: Form = Form.XLSX
    unit: UUID | None = None


class NewImport(Query):
    command_id: UUID
    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$"),
    ]
    since: Day | None = Field(default=None)


class Issues(Query):
    cursor: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


@dataclass(frozen=True, slots=True)
class Imports:
    items: tuple[ImportView, ...]


@calls.on("GET", "/api/v1/roster-imports/template", refusals=("forbidden",))
async def get_template(call: Call) -> Xlsx:
    """The empty table, with a sheet of explanations."""
    await roster_imports.check_may_import(call.site.house.records, call.principal, call.now)
    columns = list(TITLES)
    choices = {
        columns.index(Column.KIND): list(KIND_WORDS.values()),
        columns.index(Column.ENDING): list(ENDING_WORDS.values()),
    }
    notes = {columns.index(column): text for column, text in _EXPLAINED.items()}
    titles = [f"{TITLES[column]}*" if column in REQUIRED else TITLES[column] for column in columns]
    explained = [("列", "怎么填"), *((TITLES[column], _EXPLAINED[column]) for column in columns)]
    more = ("密码", "名单不带密码。导入后在“账号与首次登录”里为新人发激活码。")
    sheets = [Sheet("名单", [titles], _WIDTHS, choices, notes), Sheet("填写说明", [*explained, more], (14, 90))]
    return await xlsx_response(sheets, "党员名单模板.xlsx")


@calls.on(
    "POST",
    "/api/v1/roster-imports",
    status=201,
    upload=True,
    refusals=(
        *("forbidden", "unsupported_media_type", "file_too_large", "table_broken", "table_too_large"),
        *("table_no_titles", "conversion_failed", "conversion_too_heavy", "command_reused"),
    ),
)
async def post_import(call: Call, query: NewImport) -> ImportView:
    """Upload a table as the body: what it would change, and every cell that is wrong. Nothing changes yet."""
    if call.request.content_type != _BYTES:
        raise Refusal("unsupported_media_type", call.request.content_type[:80])
    site = call.site
    site.pace.upload(call.principal.account_id)
    with site.checks.place(call.principal.account_id):
        content = await call.read(MOST_FILE_BYTES, "file_too_large")
        upload = Upload(query.name, content, query.since)
        return await roster_imports.check_roster(
            site.house, site.tables, call.principal, str(query.command_id), upload=upload, now=call.now
        )


@calls.on("GET", "/api/v1/roster-imports", refusals=("forbidden",))
async def get_imports(call: Call) -> Imports:
    """The last hundred, newest first, without their lists."""
    return Imports(await import_views.list_imports(call.site.house, call.principal, call.now))


@calls.on("GET", "/api/v1/roster-imports/{import_id}", refusals=_OF_ONE)
async def get_import(call: Call, import_id: UUID) -> ImportView:
    """One import: what it changes, its errors, how far it is."""
    return await import_views.see_import(call.site.house, call.principal, str(import_id), call.now)


@calls.on("GET", "/api/v1/roster-imports/{import_id}/issues", refusals=_OF_ONE)
async def get_import_issues(call: Call, import_id: UUID, query: Issues) -> IssuePage:
    """Every cell that is wrong, in the order of the table; of a hopeless one the first 5,000."""
    return await import_views.page_of_issues(
        *(call.site.house.records, call.principal, str(import_id)), after=query.cursor, limit=query.limit, now=call.now
    )


@calls.on("GET", "/api/v1/roster-imports/{import_id}/errors", refusals=_OF_ONE)
async def get_import_errors(call: Call, import_id: UUID) -> Xlsx:
    """The errors as XLSX."""
    rows = await import_views.import_issues(call.site.house.records, call.principal, str(import_id), call.now)
    return await xlsx_response([Sheet("错误", rows, (16, 12, 30, 60))], "导入错误.xlsx")


@calls.on(
    "POST",
    "/api/v1/roster-imports/{import_id}/apply",
    refusals=(*_OF_ONE, "import_over", "import_forgotten", "import_has_errors", "import_outdated", "command_reused"),
)
async def post_import_apply(call: Call, import_id: UUID, body: Command) -> ImportView:
    """Confirm: all of it is applied, or nothing."""
    return await roster_imports.apply_import(*call.order(import_id, body), call.now)


@calls.on("POST", "/api/v1/roster-imports/{import_id}/cancel", refusals=(*_OF_ONE, "import_over"))
async def post_import_cancel(call: Call, import_id: UUID) -> ImportView:
    """End it; nobody is changed."""
    return await roster_imports.cancel_import(call.site.house, call.principal, str(import_id), call.now)


@calls.on("GET", "/api/v1/roster-export", refusals=("forbidden", "unit_not_found"), audited=True)
async def get_roster_export(call: Call, query: Export) -> web.Response | Xlsx:
    """Members in the caller's care, in the columns of the template."""
    unit = str(query.unit) if query.unit else None
    rows = await roster_rows(call.site.house.records, call.principal, unit, call.now)
    if query.format is Form.XLSX:
        return await xlsx_response([Sheet("名单", rows, _WIDTHS)], "党员名单.xlsx")
    return csv_response(rows, "党员名单.csv", "gb18030" if query.format is Form.GB18030 else "utf-8")
