"""A unit's year of credit as it is printed: header, rule versions, a line a member, totals, digest, signatures."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.ledger import EntryKind
from server.domain.refusals import Refusal
from server.domain.roster_sheet import KIND_WORDS
from server.domain.year_rules import TYPES, Position
from server.domain.year_standing import Place, StandingState, reached
from server.services.standing import StandingPage, StandingView

MOST_LINES = 5000
_TYPES = {
    EntryKind.LESSON: "课程",
    EntryKind.MAKE_UP: "补学",
    EntryKind.MICRO: "微视频",
    EntryKind.OUTSIDE: "校外",
    EntryKind.TEACHING: "授课",
}
_POSITIONS = {
    Position.SECRETARY: "支部书记",
    Position.COMMITTEE: "班子成员",
    **{Position.of(kind): word for kind, word in KIND_WORDS.items()},
}
_STATES = {
    StandingState.MET: "达标",
    StandingState.SHORT: "未达标",
    StandingState.EXEMPT: "免修",
    StandingState.UNASKED: "无要求",
}
_PLACES = {Place.LENT: "借出", Place.BORROWED: "借入"}
TITLES = (
    *("序号", "姓名", "党组织", "身份", "应修", *(_TYPES[each] for each in TYPES), "上年结转", "合计", "差", "情况"),
)
HOURS = range(4, 4 + 1 + len(TYPES) + 3)
"""Columns of 学时."""
_NOTES = (
    "学时按本年度学时账合计，各类超过年度上限的部分不计入；复核、改判计入课程，更正计入原来的类别。合计为计入的各类学时与上年结转之和。",
    "借调人员在原单位和借调单位都列出，只在一处计入合计：一般在原单位，年度要求另有规定的从其规定；不计入的注明。",
    "达标率为达标人数 ÷（达标 + 未达标）人数；免修、无要求和借调另列。本表不排名次。",
)


@dataclass(frozen=True, slots=True)
class YearForm:
    """``file``: its name, without an ending. ``rows``: the last one is the totals. ``hours``: columns of numbers."""

    file: str
    title: str
    facts: tuple[tuple[str, str], ...]
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    hours: tuple[int, ...]
    notes: tuple[str, ...]
    foot: str
    signatures: tuple[str, ...]


def year_form(page: StandingPage, at: dt.datetime) -> YearForm:
    """``page``: of the whole unit. ``at``: when it was made, in the school's time. Raises ``sheet_too_large``."""
    if len(page.items) > MOST_LINES:
        raise Refusal("sheet_too_large", f"{len(page.items)} of {MOST_LINES} lines")
    rows = tuple(_row(number, one) for number, one in enumerate(page.items, 1))
    facts = (*_facts(page), ("制表时间", f"{at:%Y-%m-%d %H:%M}"))
    plain = "".join(sign for sign in f"年度学时-{page.unit.name}-{page.year}" if sign not in '\\/:*?"<>|')
    return YearForm(
        file=f"{plain[:80]}-{at:%Y%m%d}",
        title=f"{page.year} 年度学时统计表",
        facts=facts,
        titles=TITLES,
        rows=(*rows, _totals(page.items)) if rows else (),
        hours=tuple(HOURS),
        notes=_NOTES,
        foot=f"内容摘要（SHA-256）：{digest(page, rows)}",
        signatures=("制表人", "审核人", "党组织负责人（签字）"),
    )


def digest(page: StandingPage, rows: Sequence[Sequence[str]]) -> str:
    """Of what the table says, not of when it was printed: the same year printed twice has the same one."""
    said = [page.year, page.on.isoformat(), page.unit.id, _rules(page.items), [list(row) for row in rows]]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _facts(page: StandingPage) -> tuple[tuple[str, str], ...]:
    tally, share = page.tally, reached(page.tally)
    rate = "不足 5 人，不计算比率" if share is None else f"{share / 10:.1f}%"
    beside = f"免修 {tally.exempt} 人，无要求 {tally.unasked} 人，借出 {tally.lent} 人，借入 {tally.borrowed} 人"
    return (
        ("党组织", page.unit.name),
        ("期间", f"{page.year}-01-01 至 {page.on:%Y-%m-%d}"),
        ("年度要求", _rules(page.items) or "本年度没有学时要求"),
        ("达标", f"{tally.met} / {tally.asked} 人（{rate}）"),
        ("另列", beside),
    )


def _rules(items: Iterable[StandingView]) -> str:
    return "、".join(sorted({f"{one.rule.name}（第 {one.rule.version} 版）" for one in items if one.rule}))


def _row(number: int, one: StandingView) -> tuple[str, ...]:
    earned = {each.type: each.counted for each in one.types}
    target = "–" if one.target is None else hours(one.target)
    unit = f"{one.unit.name}（借至{one.loan.name}）" if one.loan else one.unit.name
    position = _POSITIONS[one.position] if one.position else "免修"
    amounts = (*(earned[each] for each in TYPES), one.carried, one.total, one.short)
    state = _PLACES.get(one.place) or _STATES[one.state]
    if not one.in_total:
        state = f"{state}，不计入合计"
    return (str(number), one.member.name, unit, position, target, *map(hours, amounts), state)


def _totals(listed: Sequence[StandingView]) -> tuple[str, ...]:
    """Of whom the sum has: who is listed in two units is in that of one of them."""
    items = [one for one in listed if one.in_total]
    types = [sum(each.counted for one in items for each in one.types if each.type is kind) for kind in TYPES]
    more = (sum(one.carried for one in items), sum(one.total for one in items), sum(one.short for one in items))
    target = sum(one.target or 0 for one in items)
    return ("", "合计", "", f"{len(items)} 人", *map(hours, (target, *types, *more)), "")


def hours(hundredths: int) -> str:
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02}"
