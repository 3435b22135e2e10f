"""The roster as a table (导入名单): its columns, and each row read cell by cell. What is wrong is said by cell."""

from __future__ import annotations

import datetime as dt
import enum
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from server.domain.cells import active, bare_cell, cell_name
from server.domain.members import Ending, MemberKind
from server.domain.tables import Table, bare_title, head_of

_LONGEST = 200
_FIRST_DAY, _LAST_DAY = dt.date(1921, 7, 1), dt.date(2100, 1, 1)
_NUMBER = re.compile(r"[A-Za-z0-9:,._-]+")
_PHONE = re.compile(r"[0-9+*#()\- ]{3,40}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DATES = (
    re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]00:00:00)?"),
    re.compile(r"(\d{4})(\d\d)(\d\d)"),
)


class Column(enum.StrEnum):
    NUMBER = "number"
    NAME = "name"
    UNIT = "unit"
    KIND = "kind"
    GROUP = "group"
    PHONE = "phone"
    SINCE = "since"
    ENDING = "ending"


TITLES: dict[Column, str] = {
    Column.NUMBER: "工号",
    Column.NAME: "姓名",
    Column.UNIT: "党组织",
    Column.KIND: "人员类别",
    Column.GROUP: "党小组",
    Column.PHONE: "手机",
    Column.SINCE: "生效日期",
    Column.ENDING: "离开原因",
}
REQUIRED = (Column.NUMBER, Column.NAME, Column.UNIT, Column.KIND)
_ALSO: dict[Column, tuple[str, ...]] = {
    Column.NUMBER: ("编号", "员工号", "人员编号", "学号"),
    Column.NAME: ("名字",),
    Column.UNIT: ("所在党组织", "党支部", "所在党支部", "支部"),
    Column.KIND: ("类别", "党员类别"),
    Column.GROUP: ("小组", "所在党小组"),
    Column.PHONE: ("手机号", "手机号码", "电话", "联系电话"),
    Column.SINCE: ("生效时间",),
    Column.ENDING: ("离开", "减员原因"),
}
_TITLED = {title: column for column, titles in _ALSO.items() for title in (TITLES[column], *titles)}
KIND_WORDS: dict[MemberKind, str] = {
    MemberKind.FULL: "正式党员",
    MemberKind.PROBATIONARY: "预备党员",
    MemberKind.CANDIDATE: "发展对象",
    MemberKind.ACTIVIST: "入党积极分子",
    MemberKind.GUEST: "列席",
}
ENDING_WORDS: dict[Ending, str] = {
    Ending.MOVED_AWAY: "组织关系转出",
    Ending.LEFT: "离开本单位",
    Ending.DIED: "去世",
    Ending.WITHDRAWN: "出党或退出培养",
    Ending.MISTAKEN: "误录",
    Ending.OTHER: "其他",
}
_KINDS = {word: kind for kind, word in KIND_WORDS.items()} | {"积极分子": MemberKind.ACTIVIST}
_ENDINGS = {word: ending for ending, word in ENDING_WORDS.items()}


class Fault(enum.StrEnum):
    COLUMN_MISSING = "column_missing"
    COLUMN_TWICE = "column_twice"
    EMPTY = "empty"
    FORMULA = "formula"
    TOO_LONG = "too_long"
    NUMBER_WRONG = "number_wrong"
    NUMBER_TWICE = "number_twice"
    NUMBER_ELSEWHERE = "number_elsewhere"
    KIND_UNKNOWN = "kind_unknown"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    UNIT_ENDED = "unit_ended"
    GROUP_UNKNOWN = "group_unknown"
    PHONE_WRONG = "phone_wrong"
    DATE_WRONG = "date_wrong"
    DATE_FIXED = "date_fixed"
    ENDING_UNKNOWN = "ending_unknown"
    NOBODY_LEAVES = "nobody_leaves"


FAULTS: dict[Fault, tuple[str, str]] = {
    Fault.COLUMN_MISSING: ("缺少这一列", "This column is missing"),
    Fault.COLUMN_TWICE: ("这一列出现了两次", "This column is there twice"),
    Fault.EMPTY: ("不能为空", "May not be empty"),
    Fault.FORMULA: ("以公式符号开头，不接受公式", "Begins like a formula; formulas are not taken"),
    Fault.TOO_LONG: ("超过 200 个字或含有控制字符", "Longer than 200 signs, or with control characters"),
    Fault.NUMBER_WRONG: ("工号只能用字母、数字和 : , . _ -", "A number has letters, digits and : , . _ - only"),
    Fault.NUMBER_TWICE: ("工号在表中重复", "This number is in the table twice"),
    Fault.NUMBER_ELSEWHERE: (
        "该工号已属于您管理范围以外的账号",
        "This number belongs to an account outside your care",
    ),
    Fault.KIND_UNKNOWN: (
        "人员类别须为：正式党员、预备党员、发展对象、入党积极分子、列席",
        "The kind is none of those of the template",
    ),
    Fault.UNIT_UNKNOWN: ("您管理的范围内没有这个党组织", "There is no such unit in your care"),
    Fault.UNIT_AMBIGUOUS: (
        "有多个同名党组织，请写成“上级/本级”",
        "Several units have this name: write parent/unit",
    ),
    Fault.UNIT_ENDED: ("该党组织在生效日期不存在或已撤销", "The unit does not stand on that day, or is dissolved"),
    Fault.GROUP_UNKNOWN: ("该党组织没有这个党小组，请先建立", "The unit has no such group: make it first"),
    Fault.PHONE_WRONG: ("手机号码不正确", "This is no telephone number"),
    Fault.DATE_WRONG: ("日期须写成 2026-01-31", "A date is written 2026-01-31"),
    Fault.DATE_FIXED: ("早于已生效的变动，过去的记录不能改变", "Before a change that took effect: the past is fixed"),
    Fault.ENDING_UNKNOWN: ("离开原因不在模板所列之中", "The reason is none of those of the template"),
    Fault.NOBODY_LEAVES: ("名册中没有此人，无法登记离开", "Nobody with this number is there to leave"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    sheet: str
    cell: str
    fault: Fault
    value: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that can be read. None: the cell is empty, what is known stays."""

    row: int
    number: str
    name: str
    unit: str
    kind: MemberKind
    group: str | None = None
    phone: str | None = None
    since: dt.date | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that was read. ``ignored``: titles that mean nothing here."""

    name: str
    places: dict[Column, int]
    entries: tuple[Entry, ...]
    issues: tuple[Issue, ...]
    rows: int = 0
    ignored: tuple[str, ...] = ()

    def issue(self, entry: Entry, column: Column, fault: Fault, value: str = "") -> Issue:
        return Issue(self.name, cell_name(entry.row, self.places.get(column, 0)), fault, value[:_LONGEST])


def read_sheet(table: Table) -> Sheet | None:
    """None: no row has the titles 工号 and 姓名."""
    head = _head(table.rows)
    if head is None:
        return None
    places, issues, ignored = _places(table, head)
    if issues:
        return Sheet(table.sheet, places, (), tuple(issues), ignored=ignored)
    entries: list[Entry] = []
    seen: set[str] = set()
    rows = 0
    for at in range(head + 1, len(table.rows)):
        row = table.rows[at]
        if not any(text.strip() for text in row):
            continue
        rows += 1
        reader = _Row(table.sheet, at, row, places)
        entry = reader.entry()
        if entry and entry.number in seen:
            reader.wrong(Column.NUMBER, Fault.NUMBER_TWICE)
            entry = None
        issues += reader.issues
        if entry:
            seen.add(entry.number)
            entries.append(entry)
    return Sheet(table.sheet, places, tuple(entries), tuple(issues), rows, ignored)


def has_titles(rows: Sequence[Sequence[str]]) -> bool:
    return _head(rows) is not None


def _head(rows: Sequence[Sequence[str]]) -> int | None:
    return head_of(rows, _TITLED, (Column.NUMBER, Column.NAME))


def _places(table: Table, head: int) -> tuple[dict[Column, int], list[Issue], tuple[str, ...]]:
    places: dict[Column, int] = {}
    issues: list[Issue] = []
    ignored: list[str] = []
    for at, text in enumerate(table.rows[head]):
        column = _TITLED.get(bare_title(text))
        if column is None:
            ignored += [text.strip()[:_LONGEST]] if text.strip() else []
        elif column in places:
            issues.append(Issue(table.sheet, cell_name(head, at), Fault.COLUMN_TWICE, TITLES[column]))
        else:
            places[column] = at
    after = len(table.rows[head])
    missing = [column for column in REQUIRED if column not in places]
    issues += [Issue(table.sheet, cell_name(head, after), Fault.COLUMN_MISSING, TITLES[column]) for column in missing]
    return places, issues, tuple(ignored)


class _Row:
    """One row while it is read."""

    def __init__(self, sheet: str, at: int, row: Sequence[str], places: dict[Column, int]) -> None:
        self._sheet, self._at, self._row, self._places = sheet, at, row, places
        self.issues: list[Issue] = []

    def entry(self) -> Entry | None:
        """None when a cell is wrong; all that are have been named then."""
        number = self._word(Column.NUMBER, _narrow, _NUMBER, Fault.NUMBER_WRONG)
        name = self._text(Column.NAME)
        unit = self._text(Column.UNIT)
        kind = self._one_of(Column.KIND, _KINDS, Fault.KIND_UNKNOWN)
        group = self._text(Column.GROUP)
        phone = self._word(Column.PHONE, _narrow, _PHONE, Fault.PHONE_WRONG)
        since = self._day()
        ending = self._one_of(Column.ENDING, _ENDINGS, Fault.ENDING_UNKNOWN)
        if self.issues or number is None or name is None or unit is None or kind is None:
            return None
        return Entry(self._at, number, name, unit, kind, group, phone, since, ending)

    def wrong(self, column: Column, fault: Fault) -> None:
        cell = cell_name(self._at, self._places[column])
        self.issues.append(Issue(self._sheet, cell, fault, self._raw(column)[:_LONGEST]))

    def _raw(self, column: Column) -> str:
        at = self._places.get(column)
        return self._row[at] if at is not None and at < len(self._row) else ""

    def _text(self, column: Column) -> str | None:
        text = bare_cell(self._raw(column).strip()).strip()
        if not text:
            if column in REQUIRED:
                self.wrong(column, Fault.EMPTY)
            return None
        if column is not Column.PHONE and active(text):
            self.wrong(column, Fault.FORMULA)
            return None
        if len(text) > _LONGEST or _CONTROL.search(text):
            self.wrong(column, Fault.TOO_LONG)
            return None
        return text

    def _word(self, column: Column, made: Callable[[str], str], rule: re.Pattern[str], fault: Fault) -> str | None:
        text = self._text(column)
        if text is None:
            return None
        word = made(text)
        if not rule.fullmatch(word):
            self.wrong(column, fault)
            return None
        return word

    def _one_of(self, column: Column, words: dict[str, Any], fault: Fault) -> Any:  # noqa: ANN401 - two enumerations
        text = self._text(column)
        if text is None:
            return None
        if text not in words:
            self.wrong(column, fault)
            return None
        return words[text]

    def _day(self) -> dt.date | None:
        text = self._text(Column.SINCE)
        if text is None:
            return None
        day = read_day(_narrow(text))
        if day is None:
            self.wrong(Column.SINCE, Fault.DATE_WRONG)
        return day


def _narrow(text: str) -> str:
    """Full-width digits and letters as the usual ones."""
    return unicodedata.normalize("NFKC", text)


def read_day(text: str) -> dt.date | None:
    for rule in _DATES:
        found = rule.fullmatch(text)
        if found is None:
            continue
        try:
            day = dt.date(*map(int, found.groups()))
        except ValueError:
            return None
        return day if _FIRST_DAY <= day < _LAST_DAY else None
    return None
