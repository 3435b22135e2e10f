"""The question bank (题库): questions of a unit, by versions. What was used is never edited; it gets a successor."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.matching import normalised
from server.domain.question_pictures import ALT_LENGTH, Picture, is_digest
from server.domain.quiz import CHOICES, LEAST_OPTIONS, MOST_OPTIONS, TRUE_FALSE, QuestionKind, check_seconds
from server.domain.refusals import Refusal
from server.domain.scoring import Key, Scoring

MOST_TEXT, MOST_WORDS, MOST_PROSE = 500, 200, 2000
MOST_BLANKS, MOST_ACCEPTED = 10, 20
MOST_TAGS, LONGEST_TAG = 10, 20
BETWEEN_BLANKS, BETWEEN_ACCEPTED, BETWEEN_TAGS = ";；", "|｜", ",，、;；"
"""What parts them in a table's cell; so none of them has one inside."""
_GAP = re.compile("[_＿]{2,}")
MOST_VERSIONS = 200
MOST_IN_UNIT = 20_000
"""Questions of one unit, retired ones among them."""


BankKind = QuestionKind


class Difficulty(enum.StrEnum):
    EASY = "easy"  # 易
    MEDIUM = "medium"  # 中
    HARD = "hard"  # 难


SCORINGS: Mapping[BankKind, tuple[Scoring, ...]] = {
    BankKind.SINGLE: (Scoring.EXACT,),
    BankKind.MULTIPLE: (Scoring.EXACT, Scoring.HALF, Scoring.SHARES),
    BankKind.TRUE_FALSE: (Scoring.EXACT,),
    BankKind.FILL_IN: (Scoring.BLANKS,),
    BankKind.ORDERING: (Scoring.ORDER, Scoring.PAIRS),
    BankKind.OPINION: (Scoring.NONE,),
    BankKind.WORD_CLOUD: (Scoring.NONE,),
}
"""How each kind may be marked, the usual way first."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says. ``correct``: places in ``options`` from 0, of choices. Options of an ordering stand in the
    right order. ``blanks``: of each what is accepted there. ``seconds``: to answer in.
    """

    kind: BankKind
    text: str
    options: tuple[str, ...] = ()
    correct: tuple[int, ...] = ()
    blanks: tuple[tuple[str, ...], ...] = ()
    scoring: Scoring = Scoring.NONE
    explanation: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    difficulty: Difficulty = Difficulty.MEDIUM
    seconds: int = 60
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """``used_at``: when it was taken for a lesson first."""

    id: str
    question_id: str
    number: int
    content: Content
    created_by: str
    created_at: dt.datetime
    used_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """``latest``: its newest version. ``revision`` is its ETag. ``used``: whether a lesson has it, in any version."""

    id: str
    unit_id: str
    latest: Version
    created_at: dt.datetime
    retired_at: dt.datetime | None = None
    retired_by: str | None = None
    revision: int = 1
    used: bool = False


@dataclass(frozen=True, slots=True)
class BankFilter:
    """``unit_ids``: whose. ``words``: in the text, the source or a tag."""

    unit_ids: frozenset[str]
    words: str = ""
    tag: str = ""
    kind: BankKind | None = None
    difficulty: Difficulty | None = None
    retired: bool = False


# ---- what may stand in one -------------------------------------------------------------------------------


class Flaw(Exception):
    """What is wrong with a content, and with which of its fields: ``wrong`` is one of ``FLAWS``."""

    def __init__(self, name: str, wrong: str) -> None:
        super().__init__(f"{name}: {FLAWS[wrong][1]}")
        self.name = name
        self.wrong = wrong


FLAWS: Mapping[str, tuple[str, str]] = {
    "text_length": (f"题干须为 1 至 {MOST_TEXT} 个字", f"1 to {MOST_TEXT} signs"),
    "options_count": (f"须有 {LEAST_OPTIONS} 至 {MOST_OPTIONS} 个选项", f"{LEAST_OPTIONS} to {MOST_OPTIONS} options"),
    "options_alike": ("选项不能为空，也不能重复", "each option has a text of its own"),
    "options_none": ("这种题型没有选项", "this kind has no options"),
    "correct_one": ("须有且只有一个正确选项", "exactly one is right"),
    "correct_some": ("至少有一个正确选项，且都在选项之中", "at least one of the options is right"),
    "correct_none": ("这种题型没有正确答案", "this kind has no right answer"),
    "blanks_count": (f"须有 1 至 {MOST_BLANKS} 个空", f"1 to {MOST_BLANKS} blanks"),
    "blanks_accepted": (
        f"每空须有 1 至 {MOST_ACCEPTED} 个可接受的答案",
        f"1 to {MOST_ACCEPTED} accepted answers in each blank",
    ),
    "blanks_differ": (
        "题干中的空（两个以上下划线）与答案的空数不一致",
        "the text has another number of blanks (two or more underscores) than there are answers",
    ),
    "blanks_empty": ("答案不能只有标点或空格", "an answer is more than punctuation and spaces"),
    "scoring_kind": ("这种题型不能这样计分", "this kind is not marked so"),
    "tags_count": (f"标签最多 {MOST_TAGS} 个，每个不超过 {LONGEST_TAG} 个字", f"{MOST_TAGS} tags, {LONGEST_TAG} signs"),
    "marks_reserved": ("不能含有用来分隔的 ； | 、 ，", "may not hold the marks that part: ; | and commas"),
    "words_length": (f"不能超过 {MOST_WORDS} 个字", f"{MOST_WORDS} signs at most"),
    "prose_length": (f"不能超过 {MOST_PROSE} 个字", f"{MOST_PROSE} signs at most"),
    "alt_length": (
        f"配图须有说明，不超过 {ALT_LENGTH} 个字",
        f"a picture has words that say what it shows, {ALT_LENGTH} signs at most",
    ),
    "seconds_range": ("限时须为 5 至 3600 秒", "5 to 3600 seconds"),
}


def tidied(content: Content) -> Content:
    """As it is kept: no blanks around, tags once each, what is said twice once. Raises :class:`Flaw`."""
    kind = content.kind
    options = tuple(text.strip() for text in content.options)
    if kind is BankKind.TRUE_FALSE and not options:
        options = TRUE_FALSE
    tidy = replace(
        content,
        text=content.text.strip(),
        options=options,
        correct=tuple(sorted(set(content.correct))),
        blanks=tuple(_distinct(accepted) for accepted in content.blanks),
        explanation=content.explanation.strip(),
        source=content.source.strip(),
        tags=_distinct(content.tags),
        picture=None if content.picture is None else replace(content.picture, alt=content.picture.alt.strip()),
    )
    _check(tidy)
    return tidy


def checked(content: Content) -> Content:
    """As :func:`tidied`, for what comes from a page. Raises ``blanks_differ``, ``invalid_body``."""
    try:
        return tidied(content)
    except Flaw as flaw:
        raise Refusal(flaw.wrong if flaw.wrong in OWN_CODES else "invalid_body", str(flaw)) from None


OWN_CODES = frozenset({"blanks_differ"})
"""Flaws with a refusal of their own: what is wrong is none of the fields, but that two of them disagree."""


def gaps_in(text: str) -> int:
    """How many blanks (____) a text has. None: it asks in a sentence, and the blanks stand below it."""
    return len(_GAP.findall(text))


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _check(content: Content) -> None:
    _hold(1 <= len(content.text) <= MOST_TEXT, "text", "text_length")
    _check_options(content)
    _check_correct(content)
    _check_blanks(content)
    _hold(content.scoring in SCORINGS[content.kind], "scoring", "scoring_kind")
    fits = len(content.tags) <= MOST_TAGS and all(len(tag) <= LONGEST_TAG for tag in content.tags)
    _hold(fits, "tags", "tags_count")
    _hold(not any(mark in tag for tag in content.tags for mark in BETWEEN_TAGS), "tags", "marks_reserved")
    _hold(len(content.source) <= MOST_WORDS, "source", "words_length")
    _hold(len(content.explanation) <= MOST_PROSE, "explanation", "prose_length")
    if (picture := content.picture) is not None:
        _hold(1 <= len(picture.alt) <= ALT_LENGTH and is_digest(picture.sha256), "picture", "alt_length")
    try:
        check_seconds(content.seconds)
    except Refusal:
        raise Flaw("seconds", "seconds_range") from None


def _check_options(content: Content) -> None:
    options, kind = content.options, content.kind
    if kind not in CHOICES and kind is not BankKind.ORDERING:
        _hold(not options, "options", "options_none")
        return
    most = len(TRUE_FALSE) if kind is BankKind.TRUE_FALSE else MOST_OPTIONS
    _hold(LEAST_OPTIONS <= len(options) <= most, "options", "options_count")
    _hold(all(options) and len(set(options)) == len(options), "options", "options_alike")
    _hold(all(len(text) <= MOST_WORDS for text in options), "options", "words_length")


def _check_correct(content: Content) -> None:
    correct = content.correct
    if content.kind not in CHOICES:
        _hold(not correct, "correct", "correct_none")
        return
    within = bool(correct) and correct[0] >= 0 and correct[-1] < len(content.options)
    _hold(within, "correct", "correct_some")
    _hold(content.kind is BankKind.MULTIPLE or len(correct) == 1, "correct", "correct_one")


def _check_blanks(content: Content) -> None:
    blanks = content.blanks
    if content.kind is not BankKind.FILL_IN:
        _hold(not blanks, "blanks", "correct_none")
        return
    _hold(1 <= len(blanks) <= MOST_BLANKS, "blanks", "blanks_count")
    _hold(all(1 <= len(accepted) <= MOST_ACCEPTED for accepted in blanks), "blanks", "blanks_accepted")
    parted = any(mark in text for accepted in blanks for text in accepted for mark in BETWEEN_BLANKS + BETWEEN_ACCEPTED)
    _hold(not parted, "blanks", "marks_reserved")
    _hold(all(len(text) <= MOST_WORDS for accepted in blanks for text in accepted), "blanks", "words_length")
    _hold(all(normalised(text) for accepted in blanks for text in accepted), "blanks", "blanks_empty")
    _hold(gaps_in(content.text) in {0, len(blanks)}, "blanks", "blanks_differ")


def _hold(holds: bool, name: str, wrong: str) -> None:
    if not holds:
        raise Flaw(name, wrong)


# ---- its life --------------------------------------------------------------------------------------------


def succeeded(question: BankQuestion, version: Version) -> BankQuestion:
    """Raises ``bank_retired``, ``bank_versions_full``."""
    if question.retired_at is not None:
        raise Refusal("bank_retired", question.id)
    if version.number > MOST_VERSIONS:
        raise Refusal("bank_versions_full", question.id)
    return replace(question, latest=version, revision=question.revision + 1)


def retired(question: BankQuestion, by: str, now: dt.datetime) -> BankQuestion:
    """It is offered no more; lessons that have it keep it. Again is no fault."""
    if question.retired_at is not None:
        return question
    return replace(question, retired_at=now, retired_by=by, revision=question.revision + 1)


def restored(question: BankQuestion) -> BankQuestion:
    if question.retired_at is None:
        return question
    return replace(question, retired_at=None, retired_by=None, revision=question.revision + 1)


def check_revision(question: BankQuestion, revision: int) -> None:
    """Raises ``precondition_failed``."""
    if question.revision != revision:
        raise Refusal("precondition_failed", f"{revision}, now {question.revision}")


def key_of(content: Content, ids: Sequence[str]) -> Key:
    """``ids``: of the options, in their order."""
    if content.kind is BankKind.ORDERING:
        return Key(chosen=tuple(ids))
    return Key(tuple(ids[place] for place in content.correct), content.blanks)
