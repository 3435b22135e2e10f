"""Outside credit as a table (校外学时登记表): its columns, and each row cell by cell. Who is meant is found later."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.domain.cells import active, bare_cell, cell_name
from server.domain.outside import MOST_HUNDREDTHS, TITLE_LENGTH, alike, earliest
from server.domain.roster_sheet import read_day
from server.domain.tables import Table, bare_title, head_of

MOST_ROWS_READ = 2000
"""Of one table."""
_LONGEST = 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOURS = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?")

NUMBER, NAME, TITLE, ORGANISER, DAY, HOURS = "工号", "姓名", "学习内容", "举办单位", "日期", "学时"
TITLES = (NUMBER, NAME, TITLE, ORGANISER, DAY, HOURS)
REQUIRED = (NAME, TITLE, ORGANISER, DAY, HOURS)
_ALSO = {"账号": NUMBER, "学员": NAME, "培训名称": TITLE, "课程名称": TITLE, "培训内容": TITLE, "主办单位": ORGANISER}
_TITLED = {title: title for title in TITLES} | _ALSO | {"学习日期": DAY, "培训日期": DAY, "学时数": HOURS}

FAULTS: Mapping[str, tuple[str, str]] = {
    "column_missing": ("缺少这一列", "This column is missing"),
    "column_twice": ("这一列出现了两次", "This column is there twice"),
    "empty": ("不能为空", "May not be empty"),
    "formula": ("以公式符号开头，不接受公式", "Begins like a formula; formulas are not taken"),
    "too_long": (f"超过 {TITLE_LENGTH} 个字或含有控制字符", "Too long, or with control characters"),
    "day_wrong": ("日期须写成 2026-01-31", "A date is written 2026-01-31"),
    "day_outside": ("日期须在去年 1 月 1 日至今天之间", "Between 1 January of last year and today"),
    "hours_wrong": ("学时须为 0.01 至 100，最多两位小数", "From 0.01 to 100, two decimals at most"),
    "number_unknown": ("您管理的范围内没有这个工号", "There is no such number in your care"),
    "name_differs": ("姓名与工号不符", "The name is not that of the number"),
    "name_unknown": ("您管理的范围内没有这个人", "There is nobody of this name in your care"),
    "name_ambiguous": ("有多人同名，请填写工号", "Several have this name: give the number"),
    "own": ("不能为本人导入，请在“我的学时”中填报", "Not for yourself: enter it under your own credit"),
    "row_twice": ("与前面的一行是同一人、同一天、同一内容", "The same person, day and title as in a row before"),
    "too_many": (f"一次最多导入 {MOST_ROWS_READ} 行", f"{MOST_ROWS_READ} rows at a time"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    sheet: str
    cell: str
    fault: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``number``: "" when the name is to be enough. ``hundredths`` of 学时."""

    at: int
    number: str
    name: str
    title: str
    organiser: str
    held_on: dt.date
    hundredths: int


@dataclass(frozen=True, slots=True)
class OutsideSheet:
    """``ignored``: titles that mean nothing here. ``rows``: how many had something in them."""

    name: str
    entries: tuple[Row, ...]
    issues: tuple[Issue, ...]
    places: Mapping[str, int]
    rows: int = 0
    ignored: tuple[str, ...] = ()

    def issue(self, row: Row, title: str, fault: str, value: str) -> Issue:
        at = self.places.get(title, self.places.get(NAME, 0))
        return Issue(self.name, cell_name(row.at, at), fault, value[:_LONGEST])


def has_titles(rows: Sequence[Sequence[str]]) -> bool:
    return head_of(rows, _TITLED, (NAME, HOURS)) is not None


def read_outside(table: Table, today: dt.date) -> OutsideSheet | None:
    """None: no row has the titles 姓名 and 学时."""
    head = head_of(table.rows, _TITLED, (NAME, HOURS))
    if head is None:
        return None
    places, issues, ignored = _places(table, head)
    if issues:
        return OutsideSheet(table.sheet, (), tuple(issues), places, ignored=ignored)
    entries: list[Row] = []
    seen: set[tuple[str, str, dt.date, str]] = set()
    rows = 0
    for at in range(head + 1, len(table.rows)):
        if not any(text.strip() for text in table.rows[at]):
            continue
        rows += 1
        reader = _Reader(table.sheet, at, table.rows[at], places)
        if rows > MOST_ROWS_READ:
            issues.append(reader.issue(NAME, "too_many"))
            break
        row = reader.row(today)
        if row and (key := (row.number, alike(row.name), row.held_on, alike(row.title))) in seen:
            reader.wrong(TITLE, "row_twice")
            row = None
        elif row:
            seen.add(key)
            entries.append(row)
        issues += reader.issues
    return OutsideSheet(table.sheet, tuple(entries), tuple(issues), places, rows, ignored)


def _places(table: Table, head: int) -> tuple[dict[str, int], list[Issue], tuple[str, ...]]:
    places: dict[str, int] = {}
    issues: list[Issue] = []
    ignored: list[str] = []
    for at, text in enumerate(table.rows[head]):
        title = _TITLED.get(bare_title(text))
        if title is None:
            ignored += [text.strip()[:_LONGEST]] if text.strip() else []
        elif title in places:
            issues.append(Issue(table.sheet, cell_name(head, at), "column_twice", title))
        else:
            places[title] = at
    after = cell_name(head, len(table.rows[head]))
    issues += [Issue(table.sheet, after, "column_missing", each) for each in REQUIRED if each not in places]
    return places, issues, tuple(ignored)


@dataclass(slots=True)
class _Reader:
    """One row while it is read."""

    sheet: str
    at: int
    cells: Sequence[str]
    places: Mapping[str, int]
    issues: list[Issue] = field(default_factory=list)

    def row(self, today: dt.date) -> Row | None:
        """None when a cell is wrong; all that are have been named then."""
        texts = {title: self._text(title) for title in TITLES}
        day, hundredths = self._day(texts[DAY], today), self._hundredths(texts[HOURS])
        if self.issues or day is None or hundredths is None:
            return None
        number = unicodedata.normalize("NFKC", texts[NUMBER]).replace(" ", "")
        return Row(self.at, number, texts[NAME], texts[TITLE], texts[ORGANISER], day, hundredths)

    def issue(self, title: str, fault: str) -> Issue:
        return Issue(self.sheet, cell_name(self.at, self.places.get(title, 0)), fault, self._raw(title)[:_LONGEST])

    def wrong(self, title: str, fault: str) -> None:
        self.issues.append(self.issue(title, fault))

    def _raw(self, title: str) -> str:
        at = self.places.get(title)
        return self.cells[at] if at is not None and at < len(self.cells) else ""

    def _text(self, title: str) -> str:
        text = bare_cell(self._raw(title).strip()).strip()
        if not text and title in REQUIRED:
            self.wrong(title, "empty")
        elif active(text):
            self.wrong(title, "formula")
        elif len(text) > TITLE_LENGTH or _CONTROL.search(text):
            self.wrong(title, "too_long")
        else:
            return text
        return ""

    def _day(self, text: str, today: dt.date) -> dt.date | None:
        if not text:
            return None
        day = read_day(unicodedata.normalize("NFKC", text))
        if day is None:
            self.wrong(DAY, "day_wrong")
        elif not earliest(today) <= day <= today:
            self.wrong(DAY, "day_outside")
        else:
            return day
        return None

    def _hundredths(self, text: str) -> int | None:
        if not text:
            return None
        found = _HOURS.fullmatch(unicodedata.normalize("NFKC", text))
        hundredths = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 0
        if not 0 < hundredths <= MOST_HUNDREDTHS:
            self.wrong(HOURS, "hours_wrong")
            return None
        return hundredths
