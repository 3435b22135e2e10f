"""Attendance over many lessons: sums by unit, member, venue or lesson, the records behind them, and files of both."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints

from server.domain.attendance import WORDS, Standing
from server.domain.attendance_report import By, Loans, Narrowed
from server.domain.lesson_kinds import LessonKind
from server.domain.members import MemberKind
from server.domain.roster_sheet import KIND_WORDS
from server.services.attendance_report import (
    MOST_RECORDS,
    Asked,
    AttendanceRecords,
    AttendanceReport,
    ReportRow,
    attendance_records,
    report_attendance,
)
from server.web.call import Call
from server.web.endpoint import Endpoints
from server.web.forms import Day, Query
from server.web.sheets import Sheet, Xlsx, csv_response, xlsx_response

calls = Endpoints()

Place = Annotated[str, StringConstraints(pattern=r"^(phone|[0-9a-f-]{36})$")]
Offset = Annotated[int, Field(ge=0, le=10_000_000)]
_REFUSALS = ("forbidden", "unit_not_found")
_TITLES: dict[By, tuple[str, ...]] = {
    By.UNIT: ("党组织", "上级"),
    By.MEMBER: ("姓名", "党组织"),
    By.VENUE: ("会场", ""),
    By.LESSON: ("课程", "时间"),
}
_MORE = f"仅列出最近 {MOST_RECORDS} 条，其余未列出，请缩小期间或范围"
_COUNTS = ("场次", "应到(人次)", "实到", "其中迟到", "其中早退", "请假", "缺席", "实到/应到", "实到/(应到−准假)")


class Wanted(Query):
    """``since``, ``until``: days, the last one included."""

    since: Day | None = None
    until: Day | None = None
    unit: UUID | None = None
    lesson_kind: LessonKind | None = None
    kind: MemberKind | None = None
    loans: Loans = Loans.ALL
    place: Place | None = None

    def asked(self, member: UUID | None = None, standing: Standing | None = None) -> Asked:
        narrowed = Narrowed(self.kind, self.loans, self.place, str(member) if member else None, standing)
        return Asked(self.since, self.until, str(self.unit) if self.unit else None, self.lesson_kind, narrowed)


class WantedReport(Wanted):
    by: By = By.UNIT
    cursor: Offset = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class WantedRecords(Wanted):
    member: UUID | None = None
    standing: Standing | None = None
    cursor: Offset = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class WantedFile(Wanted):
    by: Literal[By.UNIT, By.MEMBER, By.VENUE, By.LESSON, "record"] = By.UNIT
    format: Literal["xlsx", "csv"] = "xlsx"
    member: UUID | None = None
    standing: Standing | None = None


@calls.on("GET", "/api/v1/attendance", refusals=_REFUSALS)
async def get_attendance_report(call: Call, query: WantedReport) -> AttendanceReport:
    """Settled lessons of a period, summed; by tree and name."""
    return await report_attendance(
        call.site.house.records,
        call.principal,
        query.by,
        query.asked(),
        offset=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on("GET", "/api/v1/attendance/records", refusals=_REFUSALS)
async def get_attendance_records(call: Call, query: WantedRecords) -> AttendanceRecords:
    """What a number of the report counts, one line for each member and lesson."""
    return await attendance_records(
        call.site.house.records,
        call.principal,
        query.asked(query.member, query.standing),
        offset=query.cursor,
        limit=query.limit,
        now=call.now,
    )


@calls.on("GET", "/api/v1/attendance/export", refusals=_REFUSALS, audited=True)
async def get_attendance_export(call: Call, query: WantedFile) -> web.Response | Xlsx:
    """The same as a file: the report, or its records."""
    records, asked = call.site.house.records, query.asked(query.member, query.standing)
    if query.by == "record":
        found = await attendance_records(records, call.principal, asked, limit=MOST_RECORDS, now=call.now)
        rows = _record_rows(found, call)
    else:
        report = await report_attendance(records, call.principal, query.by, asked, now=call.now)
        rows = _report_rows(report, call)
    name = f"考勤统计-{call.now:%Y%m%d}.{query.format}"
    if query.format == "csv":
        return csv_response(rows, name)
    return await xlsx_response([Sheet("考勤统计", rows, (28, 24, *(12 for _ in _COUNTS)))], name)


def _report_rows(report: AttendanceReport, call: Call) -> list[tuple[str, ...]]:
    names = {row.id: row.name for row in report.items}
    rows = [_row(row, _beside(report.by, row, names, call)) for row in report.items]
    period = f"{report.since} 至 {report.until}，已核定 {report.lessons} 场，未核定未计入 {report.unsettled} 场"
    return [(*_TITLES[report.by], *_COUNTS), *rows, (period,)]


def _beside(by: By, row: ReportRow, names: dict[str, str], call: Call) -> str:
    if by is By.LESSON:
        return _time(row.at, call)
    return row.unit if by is By.MEMBER else names.get(row.under or "", "")


def _row(row: ReportRow, beside: str) -> tuple[str, ...]:
    one = row.sum
    counts = (row.lessons, one.expected, one.came, one.late, one.left_early, one.on_leave, one.absent)
    shares = (one.rates.of_expected, one.rates.of_due)
    return (row.name, beside, *map(str, counts), *("" if one.few else _share(each) for each in shares))


def _share(thousandths: int | None) -> str:
    return "" if thousandths is None else f"{thousandths / 10:.1f}%"


def _record_rows(found: AttendanceRecords, call: Call) -> list[tuple[str, ...]]:
    """A file that does not hold all says so in its last line."""
    titles = ("课程", "时间", "姓名", "工号", "党组织", "人员类别", "借调", "应到会场", "考勤")
    return [
        titles,
        *(
            (
                *(one.lesson.name, _time(one.at, call), one.member.name, one.number or "", one.unit.name),
                *(KIND_WORDS[one.kind], "借调" if one.on_loan else "", one.place, WORDS[one.standing][0]),
            )
            for one in found.items
        ),
        *([(_MORE,)] if found.next_cursor else []),
    ]


def _time(at: dt.datetime | None, call: Call) -> str:
    return at.astimezone(call.site.settings.zone).strftime("%Y-%m-%d %H:%M") if at else ""
