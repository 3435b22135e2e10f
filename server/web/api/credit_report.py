"""A unit's year of study credit: as a list, and as a file."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from server.domain.ledger import EntryKind
from server.services.credit_report import CreditYear, CreditYearRow, unit_year
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Query
from server.web.sheets import Sheet, Xlsx, csv_response, xlsx_response

calls = Endpoints()
_KINDS = {
    EntryKind.LESSON: "课程",
    EntryKind.CORRECTION: "复核与改判",
    EntryKind.MAKE_UP: "补学",
    EntryKind.MICRO: "微视频",
    EntryKind.OUTSIDE: "校外",
    EntryKind.TEACHING: "授课",
}
_COLUMNS = ("姓名", "党组织", "学时合计", *_KINDS.values(), "笔数")
_REFUSALS = ("forbidden", "unit_not_found")


class WantedYear(Query):
    unit: UUID
    year: Annotated[int, Field(ge=2000, le=2100)] | None = None


class WantedYearPage(WantedYear):
    cursor: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class WantedYearFile(WantedYear):
    format: Literal["xlsx", "csv"] = "xlsx"


@calls.on("GET", "/api/v1/credit-report", refusals=_REFUSALS)
async def get_credit_report(call: Call, query: WantedYearPage) -> CreditYear:
    """What everybody of a unit, and below it, was granted in a year, by kind."""
    records, unit_id = call.site.house.records, str(query.unit)
    return await unit_year(
        records, call.principal, unit_id, query.year, call.now, offset=query.cursor, limit=query.limit
    )


@calls.on("GET", "/api/v1/credit-report/export", refusals=_REFUSALS, audited=True)
async def get_credit_report_export(call: Call, query: WantedYearFile) -> web.Response | Xlsx:
    """The same as a file, whole."""
    found = await unit_year(call.site.house.records, call.principal, str(query.unit), query.year, call.now)
    rows = [_COLUMNS, *map(_row, found.items)]
    name = f"学时统计-{found.year}-{call.now:%Y%m%d}.{query.format}"
    if query.format == "csv":
        return csv_response(rows, name)
    return await xlsx_response([Sheet("学时统计", rows, (20, 28, *(12 for _ in _COLUMNS[2:])))], name)


def _row(row: CreditYearRow) -> tuple[str, ...]:
    kinds = (_hours(row.kinds[kind]) for kind in _KINDS)
    return (row.member.name, row.unit.name, _hours(row.hundredths), *kinds, str(row.entries))


def _hours(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
