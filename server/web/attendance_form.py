"""The customary form of a 签到表, in words: what its files show, whichever format they have."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.attendance import WORDS, Rates, Standing
from server.domain.attendance_sheets import Body, Figures, Line
from server.domain.roster_sheet import KIND_WORDS
from server.domain.sign_ins import Way
from server.services.sheets import Printable, SheetView

WAY_WORDS = {Way.QR: "扫码", Way.CODE: "签到码", Way.PHONE: "手机", Way.ASSISTED: "协助签到", Way.KIOSK: "自助签到"}
_NOTES = (
    "应到为开放会场时固定的名单，增补另列；实到含迟到、早退；借调人员已计入各行，另列一行。",
    "实到率两种口径均以应到与增补之和计算：其一为实到 ÷ 应到，其二为实到 ÷（应到 − 准假）。",
)
FIGURE_TITLES = (
    *("范围", "应到", "增补", "实到", "迟到", "早退", "请假", "缺席", "协助签到"),
    *("实到/应到", "实到/（应到−准假）"),
)
LINE_TITLES = ("序号", "姓名", "编号", "类别", "情况", "签到时间", "方式", "地点", "备注")
ABSENCE_TITLES = ("姓名", "党组织", "情况", "原因")
TRAIL_TITLES = ("版次", "确认人", "确认时间", "重新确认的理由", "摘要（SHA-256）", "状态")


class Status(enum.StrEnum):
    DRAFT = "draft"
    HOLDS = "holds"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class AttendanceForm:
    """``file``: its name, without an ending. ``stamp``: whether it holds. ``lists``: the names, by unit."""

    file: str
    title: str
    status: Status
    stamp: str
    facts: tuple[tuple[str, str], ...]
    figures: Table
    notes: tuple[str, ...]
    absences: Table
    lists: tuple[Table, ...]
    trail: Table
    foot: str


def form_of(printable: Printable) -> AttendanceForm:
    body, sheet = printable.body, printable.sheet
    zone = dt.timezone(dt.timedelta(minutes=body.occasion.zone_minutes))
    status = Status.DRAFT if sheet is None else Status.SUPERSEDED if sheet.superseded_by else Status.HOLDS
    return AttendanceForm(
        file=_file(body, sheet, zone),
        title=body.occasion.title,
        status=status,
        stamp=_stamp(printable, zone),
        facts=_facts(body, zone),
        figures=Table("人数统计", FIGURE_TITLES, tuple(_figure_rows(body))),
        notes=_NOTES,
        absences=Table("未参加人员及原因", ABSENCE_TITLES, tuple(_absences(body))),
        lists=tuple(_lists(body, zone)),
        trail=Table("确认记录", TRAIL_TITLES, tuple(_trail(each, zone) for each in printable.trail)),
        foot=f"{'内容' if sheet is None else '本表'}摘要（SHA-256）：{printable.digest}",
    )


def _file(body: Body, sheet: SheetView | None, zone: dt.tzinfo) -> str:
    day = body.occasion.starts_at.astimezone(zone)
    version = "草稿" if sheet is None else f"第{sheet.version}版"
    plain = "".join(sign for sign in f"签到表-{body.unit}-{body.occasion.title}" if sign not in '\\/:*?"<>|')
    return f"{plain[:80]}-{day:%Y%m%d}-{version}"


def _stamp(printable: Printable, zone: dt.tzinfo) -> str:
    sheet = printable.sheet
    if sheet is None:
        return "草稿 · 尚未确认，仅供核对"
    if sheet.superseded_by is None:
        return f"已确认 · 第 {sheet.version} 版 · {sheet.confirmed_by.name} · {_minute(sheet.confirmed_at, zone)}"
    last = printable.trail[-1]
    return f"已被取代 · 现行为第 {last.version} 版（{_minute(last.confirmed_at, zone)}），理由：{last.why}"


def _facts(body: Body, zone: dt.tzinfo) -> tuple[tuple[str, str], ...]:
    of = body.occasion
    begins, ends = of.starts_at.astimezone(zone), of.ends_at.astimezone(zone)
    moments = (("开放签到", of.opened_at), ("上课", of.live_at), ("下课", of.ended_at))
    really = "，".join(f"{word} {at.astimezone(zone):%H:%M}" for word, at in moments if at)
    return (
        ("党组织", body.unit),
        ("时间", f"{begins.year}年{begins.month}月{begins.day}日 {begins:%H:%M}–{ends:%H:%M}"),
        ("地点", "、".join(body.places)),
        ("主办", of.unit),
        ("讲师", of.lecturer or "–"),
        ("实际", really or "–"),
    )


def _figure_rows(body: Body) -> Iterable[tuple[str, ...]]:
    yield _figures("合计", body.total)
    for kind in body.kinds:
        yield _figures(KIND_WORDS[kind.kind], kind.figures)
    if body.loans.expected + body.loans.added:
        yield _figures("其中借调", body.loans)
    if len(body.units) > 1:
        for unit in body.units:
            yield _figures(unit.unit, unit.figures)


def _figures(name: str, of: Figures) -> tuple[str, ...]:
    counts = (of.expected, of.added, of.present, of.late, of.left_early, of.on_leave, of.absent, of.assisted)
    return (name, *map(str, counts), *_rates(of.rates))


def _rates(of: Rates) -> tuple[str, str]:
    return _percent(of.of_expected), _percent(of.of_due)


def _percent(thousandths: int | None) -> str:
    return "–" if thousandths is None else f"{thousandths / 10:.1f}%"


def _absences(body: Body) -> Iterable[tuple[str, ...]]:
    for line in body.lines:
        if line.standing in {Standing.ABSENT, Standing.ON_LEAVE}:
            yield line.name, line.unit, _said(line, body), line.reason or "–"


def _lists(body: Body, zone: dt.tzinfo) -> Iterable[Table]:
    for unit in body.units:
        mine = [line for line in body.lines if line.unit_id == unit.unit_id]
        rows = tuple(_row(number, line, body, zone) for number, line in enumerate(mine, 1))
        yield Table(f"{unit.unit}（{len(mine)} 人）", LINE_TITLES, rows)


def _row(number: int, line: Line, body: Body, zone: dt.tzinfo) -> tuple[str, ...]:
    at = f"{line.at.astimezone(zone):%H:%M:%S}" if line.at else "–"
    way = WAY_WORDS[line.way] if line.way else "–"
    said = _said(line, body)
    return str(number), line.name, line.number, KIND_WORDS[line.kind], said, at, way, line.place, _remark(line)


def _said(line: Line, body: Body) -> str:
    """Nobody is called absent before the end."""
    if line.standing is Standing.ABSENT and body.occasion.ended_at is None:
        return "未到"
    return WORDS[line.standing][0]


def _remark(line: Line) -> str:
    marks = [f"借调：{line.loan}" if line.loan else "", "增补" if line.added else "", "更正" if line.corrected else ""]
    return "；".join(mark for mark in (*marks, line.reason) if mark)


def _trail(sheet: SheetView, zone: dt.tzinfo) -> tuple[str, ...]:
    state = f"已被第 {sheet.superseded_by} 版取代" if sheet.superseded_by else "现行"
    at = _minute(sheet.confirmed_at, zone)
    return f"第 {sheet.version} 版", sheet.confirmed_by.name, at, sheet.why or "–", sheet.digest, state


def _minute(at: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
