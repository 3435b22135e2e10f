"""Questions as a table (题目表): its columns, each row read cell by cell, and questions written the same way."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from server.domain.bank import (
    BETWEEN_ACCEPTED,
    BETWEEN_BLANKS,
    BETWEEN_TAGS,
    FLAWS,
    SCORINGS,
    BankKind,
    Content,
    Difficulty,
    Flaw,
    tidied,
)
from server.domain.cells import bare_cell, cell_name
from server.domain.quiz import CHOICES, MOST_OPTIONS
from server.domain.scoring import Scoring
from server.domain.tables import Table, bare_title, head_of

MOST_QUESTIONS = 2000
"""Of one table."""
LETTERS = "ABCDEFGHIJ"[:MOST_OPTIONS]
_LONGEST = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_BLANKS, _ACCEPTED = re.compile(f"[{BETWEEN_BLANKS}]"), re.compile(f"[{re.escape(BETWEEN_ACCEPTED)}]")
_TAGS = re.compile(f"[{BETWEEN_TAGS}\\n]")
DIGEST_SHOWN = 16
_DIGEST = re.compile(rf"\[([0-9a-f]{{{DIGEST_SHOWN}}})\]$")
_IDLE = re.compile(r"[\s,，、;；.。]+")
W = TypeVar("W")

KIND, TEXT, ANSWER, SCORING = "题型", "题干", "答案", "计分方式"
DIFFICULTY, TAGS, SOURCE, EXPLANATION, SECONDS = "难度", "标签", "出处", "解析", "限时（秒）"
PICTURE = "配图"
"""What it shows and the beginning of its digest. A table brings no picture: it says which one a question has."""
OPTIONS = tuple(f"选项{letter}" for letter in LETTERS)
TITLES = (KIND, TEXT, *OPTIONS, ANSWER, SCORING, DIFFICULTY, TAGS, SOURCE, EXPLANATION, SECONDS, PICTURE)
REQUIRED = (KIND, TEXT)
_ALSO = {"类型": KIND, "题目": TEXT, "题目内容": TEXT, "正确答案": ANSWER, "来源": SOURCE, "解释": EXPLANATION}
_TITLED = {bare_title(title): title for title in TITLES} | _ALSO | {"限时": SECONDS, "限时(秒)": SECONDS}
_NAMED = {"text": TEXT, "correct": ANSWER, "blanks": ANSWER, "scoring": SCORING, "explanation": EXPLANATION}
_COLUMN_OF = _NAMED | {"source": SOURCE, "tags": TAGS, "seconds": SECONDS, "options": OPTIONS[0]}

KIND_WORDS: dict[BankKind, str] = {
    BankKind.SINGLE: "单选",
    BankKind.MULTIPLE: "多选",
    BankKind.TRUE_FALSE: "判断",
    BankKind.FILL_IN: "填空",
    BankKind.ORDERING: "排序",
    BankKind.OPINION: "意见征集",
    BankKind.WORD_CLOUD: "词云",
}
SCORING_WORDS: dict[Scoring, str] = {
    Scoring.NONE: "不计分",
    Scoring.EXACT: "全对得分",
    Scoring.HALF: "漏选得一半",
    Scoring.SHARES: "按选项得分",
    Scoring.BLANKS: "按空得分",
    Scoring.ORDER: "顺序全对得分",
    Scoring.PAIRS: "按先后关系得分",
}
DIFFICULTY_WORDS: dict[Difficulty, str] = {Difficulty.EASY: "易", Difficulty.MEDIUM: "中", Difficulty.HARD: "难"}
_KINDS = {word: kind for kind, word in KIND_WORDS.items()} | {
    **{f"{word}题": kind for kind, word in KIND_WORDS.items()},
    **{"单项选择题": BankKind.SINGLE, "多项选择题": BankKind.MULTIPLE, "是非题": BankKind.TRUE_FALSE},
}
_SCORINGS = {word: scoring for scoring, word in SCORING_WORDS.items()}
_DIFFICULTIES = {word: level for level, word in DIFFICULTY_WORDS.items()} | {
    **{"容易": Difficulty.EASY, "简单": Difficulty.EASY, "中等": Difficulty.MEDIUM, "困难": Difficulty.HARD},
}
_RIGHT = {
    **dict.fromkeys(("正确", "对", "是", "√", "T", "TRUE", "A"), 0),
    **dict.fromkeys(["错误", "错", "否", "×", "X", "F", "FALSE", "B"], 1),
}

FAULTS: Mapping[str, tuple[str, str]] = {
    **FLAWS,
    "column_missing": ("缺少这一列", "This column is missing"),
    "column_twice": ("这一列出现了两次", "This column is there twice"),
    "empty": ("不能为空", "May not be empty"),
    "control": ("含有控制字符", "Has control characters"),
    "kind_unknown": ("题型须为：" + "、".join(KIND_WORDS.values()), "The kind is none of those of the template"),
    "scoring_unknown": ("计分方式不在模板所列之中", "The marking is none of those of the template"),
    "difficulty_unknown": ("难度须为：易、中、难", "The difficulty is none of those of the template"),
    "answer_letters": ("答案须写成选项的字母，例如 AC", "The answer is written in letters of options, as AC"),
    "answer_true_false": ("答案须写成“正确”或“错误”", "The answer is 正确 or 错误"),
    "answer_order": ("答案须把每个选项的字母各写一次，例如 BDAC", "The answer has each option's letter once, as BDAC"),
    "option_gap": ("前面的选项空着，选项须从 A 起连续填写", "An option before it is empty: fill them in from A on"),
    "seconds_number": ("限时须写成秒数，例如 60", "The time is a number of seconds, as 60"),
    "question_twice": ("与前面的一行题型、题干相同", "The same kind and text as in a row before"),
    "too_many": (f"一次最多导入 {MOST_QUESTIONS} 道题", f"{MOST_QUESTIONS} questions at a time"),
}


@dataclass(frozen=True, slots=True)
class Issue:
    sheet: str
    cell: str
    fault: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """``cell``: of its text. ``picture``: the beginning of a digest, in hexadecimal, that its row names; "" for none,
    or none that is understood. ``pictured``: the cell that says something of a picture.
    """

    cell: str
    content: Content
    picture: str = ""
    pictured: str = ""

    @property
    def key(self) -> tuple[BankKind, str, str]:
        return self.content.kind, self.content.text, self.picture


@dataclass(frozen=True, slots=True)
class BankSheet:
    """``ignored``: titles that mean nothing here. ``rows``: how many had something in them."""

    name: str
    entries: tuple[Entry, ...]
    issues: tuple[Issue, ...]
    rows: int = 0
    ignored: tuple[str, ...] = ()


def has_titles(rows: Sequence[Sequence[str]]) -> bool:
    return head_of(rows, _TITLED, REQUIRED) is not None


def read_bank(table: Table) -> BankSheet | None:
    """None: no row has the titles 题型 and 题干."""
    head = head_of(table.rows, _TITLED, REQUIRED)
    if head is None:
        return None
    places, issues, ignored = _places(table, head)
    entries: list[Entry] = []
    seen: set[tuple[BankKind, str, str]] = set()
    rows = 0
    for at in range(head + 1, len(table.rows)):
        if issues and rows == 0:
            break  # the titles are wrong: every row would be
        if not any(text.strip() for text in table.rows[at]):
            continue
        rows += 1
        reader = _Row(table.sheet, at, table.rows[at], places)
        if rows > MOST_QUESTIONS:
            reader.wrong(TEXT, "too_many")
            issues += reader.issues
            break
        content = reader.content()
        entry = Entry(cell_name(at, places[TEXT]), content, *reader.picture()) if content else None
        if entry and entry.key in seen:
            reader.wrong(TEXT, "question_twice")
            entry = None
        issues += reader.issues
        if entry:
            seen.add(entry.key)
            entries.append(entry)
    return BankSheet(table.sheet, tuple(entries), tuple(issues), rows, ignored)


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
    return places, issues, tuple(ignored)


@dataclass(slots=True)
class _Row:
    """One row while it is read."""

    sheet: str
    at: int
    row: Sequence[str]
    places: Mapping[str, int]
    issues: list[Issue] = field(default_factory=list)

    def content(self) -> Content | None:
        """None when a cell is wrong; what is has been named then."""
        kind = self._one_of(KIND, _KINDS, "kind_unknown")
        texts = {title: self._text(title) for title in TITLES}
        if not texts[TEXT]:
            self.wrong(TEXT, "empty")
        options = self._options(texts)
        scoring = self._one_of(SCORING, _SCORINGS, "scoring_unknown")
        difficulty = self._one_of(DIFFICULTY, _DIFFICULTIES, "difficulty_unknown")
        seconds = self._seconds(texts[SECONDS])
        if kind is None or self.issues:
            if not texts[KIND]:
                self.wrong(KIND, "empty")
            return None
        options, correct, blanks = self._answered(kind, texts[ANSWER], options)
        try:
            tidy = tidied(
                Content(
                    kind=kind,
                    text=texts[TEXT],
                    options=options,
                    correct=correct,
                    blanks=blanks,
                    scoring=SCORINGS[kind][0] if scoring is None else scoring,
                    explanation=texts[EXPLANATION],
                    source=texts[SOURCE],
                    tags=tuple(_TAGS.split(texts[TAGS])),
                    difficulty=difficulty or Difficulty.MEDIUM,
                    seconds=60 if seconds is None else seconds,
                )
            )
        except Flaw as flaw:
            if not self.issues:
                self.wrong(_COLUMN_OF[flaw.name], flaw.wrong)
            return None
        return None if self.issues else tidy

    def picture(self) -> tuple[str, str]:
        """The beginning of the digest, and the cell; both "" where it is empty."""
        said = bare_cell(self._raw(PICTURE).strip()).strip()
        if not said:
            return "", ""
        found = _DIGEST.search(said)
        return found.group(1) if found else "", cell_name(self.at, self.places[PICTURE])

    def wrong(self, title: str, fault: str) -> None:
        """At the cell; of a column that is not there, at the text."""
        cell = cell_name(self.at, self.places.get(title, self.places[TEXT]))
        self.issues.append(Issue(self.sheet, cell, fault, self._raw(title)[:_LONGEST]))

    def _raw(self, title: str) -> str:
        at = self.places.get(title)
        return self.row[at] if at is not None and at < len(self.row) else ""

    def _text(self, title: str) -> str:
        text = bare_cell(self._raw(title).strip()).strip().replace("\r\n", "\n")
        if _CONTROL.search(text):
            self.wrong(title, "control")
            return ""
        return text

    def _one_of(self, title: str, words: Mapping[str, W], fault: str) -> W | None:
        text = bare_cell(self._raw(title).strip()).strip()
        if text and text not in words:
            self.wrong(title, fault)
        return words.get(text)

    def _options(self, texts: Mapping[str, str]) -> tuple[str, ...]:
        filled = [texts[title] for title in OPTIONS]
        count = max((place + 1 for place, text in enumerate(filled) if text), default=0)
        gap = next((place for place in range(count) if not filled[place]), None)
        if gap is not None:
            self.wrong(OPTIONS[count - 1], "option_gap")
        return tuple(filled[:count])

    def _seconds(self, text: str) -> int | None:
        if not text:
            return None
        plain = unicodedata.normalize("NFKC", text).removesuffix("秒").strip()
        if not (plain.isascii() and plain.isdigit() and len(plain) < 6):
            self.wrong(SECONDS, "seconds_number")
            return None
        return int(plain)

    def _answered(
        self, kind: BankKind, answer: str, options: tuple[str, ...]
    ) -> tuple[tuple[str, ...], tuple[int, ...], tuple[tuple[str, ...], ...]]:
        """Options, correct ones, blanks."""
        correct: tuple[int, ...] = ()
        blanks: tuple[tuple[str, ...], ...] = ()
        if kind is BankKind.TRUE_FALSE:
            options, correct = self._judged(answer, options)
        elif kind in CHOICES:
            correct = self._letters(answer, len(options), "answer_letters")
        elif kind is BankKind.ORDERING:
            options = self._ordered(answer, options)
        elif kind is BankKind.FILL_IN:
            blanks = tuple(tuple(_ACCEPTED.split(each)) for each in _BLANKS.split(answer)) if answer else ()
        elif answer:
            self.wrong(ANSWER, "correct_none")
        return options, correct, blanks

    def _judged(self, answer: str, options: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Options and the right one. Where 错误 was written first, they are turned: the answer means a word, and only
        A and B mean a column.
        """
        said = _plain(answer)
        place = _RIGHT.get(said)
        if place is None:
            self.wrong(ANSWER, "answer_true_false")
            return options, ()
        if not _stand_turned(options):
            return options, (place,)
        return options[::-1], (1 - place if said in LETTERS else place,)

    def _ordered(self, answer: str, options: tuple[str, ...]) -> tuple[str, ...]:
        """Without an answer they stand in the right order."""
        if not answer:
            return options
        order = self._letters(answer, len(options), "answer_order")
        if order and len(order) < len(options):
            self.wrong(ANSWER, "answer_order")
        return tuple(options[place] for place in order)

    def _letters(self, answer: str, options: int, fault: str) -> tuple[int, ...]:
        letters = _IDLE.sub("", unicodedata.normalize("NFKC", answer)).upper()
        places = tuple(LETTERS.find(letter) for letter in letters)
        if not places or not all(0 <= place < options for place in places) or len(set(places)) < len(places):
            self.wrong(ANSWER, fault)
            return ()
        return places


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper()


def _stand_turned(options: Sequence[str]) -> bool:
    """Whether 错误, in whatever spelling, stands before 正确."""
    return [_RIGHT.get(_plain(option)) for option in options] == [1, 0]


def row_of(content: Content) -> tuple[str, ...]:
    """In the columns of the template, so that it is read as it was."""
    options = (*content.options, *[""] * (len(OPTIONS) - len(content.options)))
    return (
        KIND_WORDS[content.kind],
        content.text,
        *options,
        _answer(content),
        SCORING_WORDS[content.scoring],
        DIFFICULTY_WORDS[content.difficulty],
        "、".join(content.tags),
        content.source,
        content.explanation,
        str(content.seconds),
        "" if content.picture is None else f"{content.picture.alt} [{content.picture.sha256[:DIGEST_SHOWN]}]",
    )


def _answer(content: Content) -> str:
    if content.kind is BankKind.TRUE_FALSE:
        return "正确" if (content.correct == (0,)) is not _stand_turned(content.options) else "错误"
    if content.kind is BankKind.FILL_IN:
        return "；".join("|".join(accepted) for accepted in content.blanks)
    if content.kind is BankKind.ORDERING:
        return LETTERS[: len(content.options)]
    return "".join(LETTERS[place] for place in content.correct)
