"""Quizzes in a lesson: prepared questions, launched one at a time; the server's clock decides."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.refusals import Refusal

LEAST_OPTIONS, MOST_OPTIONS = 2, 10
LEAST_SECONDS, MOST_SECONDS = 5, 3600
TRUE_FALSE = ("正确", "错误")
MOST_PREPARED = 200
"""Questions of one lesson, and quizzes launched in it."""
CLOSING_MARGIN = dt.timedelta(milliseconds=750)
"""How long after the deadline a quiz is closed: what arrived in time and still waits to be written counts."""


class QuestionKind(enum.StrEnum):
    SINGLE = "single"  # 单选
    MULTIPLE = "multiple"  # 多选
    TRUE_FALSE = "true_false"  # 判断


class AnswerChannel(enum.StrEnum):
    SOCKET = "socket"
    HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A prepared question. ``correct`` are option ids, in the order of the options. ``version`` is its ETag.

    ``bank_version_id``: which version of a question of the bank it is; None when it is none, or was edited since.
    """

    id: str
    lesson_id: str
    position: int
    kind: QuestionKind
    text: str
    options: tuple[Option, ...]
    correct: tuple[str, ...]
    explanation: str
    seconds: int
    version: int = 1
    bank_version_id: str | None = None


@dataclass(frozen=True, slots=True)
class Quiz:
    """A launched question: its own copy, so that whatever is edited later, what was asked stays.

    ``number`` counts from 1 in the lesson. ``closed_at`` is set once and ends it.
    """

    id: str
    lesson_id: str
    number: int
    question_id: str
    kind: QuestionKind
    text: str
    options: tuple[Option, ...]
    correct: tuple[str, ...]
    explanation: str
    seconds: int
    launched_by: str
    launched_at: dt.datetime
    deadline_at: dt.datetime
    closed_at: dt.datetime | None = None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None


AnswerKey = tuple[str, str]
"""Quiz and member."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One per quiz and member. ``choice`` in the order of the options; ``received_at`` by the server's clock."""

    quiz_id: str
    member_id: str
    command_id: str
    choice: tuple[str, ...]
    right: bool
    received_at: dt.datetime
    account_id: str
    channel: AnswerChannel

    @property
    def key(self) -> AnswerKey:
        return self.quiz_id, self.member_id


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """``expected``: those of the unit on the roster, later additions among them."""

    unit_id: str
    name: str
    expected: int
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a quiz. ``distribution`` has every option; with several choices they add up to more than answers."""

    answered: int
    right: int
    expected: int
    distribution: Mapping[str, int]
    units: tuple[UnitOutcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """One member's answers in a lesson, closed quizzes only."""

    answered: int
    right: int


# ---- preparing -------------------------------------------------------------------------------------------


def options_of(kind: QuestionKind, texts: Sequence[str], ids: Sequence[str]) -> tuple[Option, ...]:
    """True or false needs no texts. ``ids`` are new ones, at least as many as options. Raises ``invalid_body``."""
    if kind is QuestionKind.TRUE_FALSE and not texts:
        texts = TRUE_FALSE
    texts = tuple(text.strip() for text in texts)
    most = len(TRUE_FALSE) if kind is QuestionKind.TRUE_FALSE else MOST_OPTIONS
    if not LEAST_OPTIONS <= len(texts) <= most:
        raise Refusal("invalid_body", f"options: {LEAST_OPTIONS} to {most}")
    if not all(texts) or len(set(texts)) < len(texts):
        raise Refusal("invalid_body", "options: each with a text of its own")
    return tuple(Option(own, text) for own, text in zip(ids, texts, strict=False))


def correct_of(kind: QuestionKind, options: Sequence[Option], indices: Collection[int]) -> tuple[str, ...]:
    """The right options, by their places from 0. Raises ``invalid_body``."""
    wanted = set(indices)
    if len(wanted) < len(indices) or not wanted <= set(range(len(options))):
        raise Refusal("invalid_body", "correct: places of options, each once")
    correct = tuple(option.id for place, option in enumerate(options) if place in wanted)
    check_correct(kind, correct)
    return correct


def check_correct(kind: QuestionKind, correct: Collection[str]) -> None:
    """Raises ``invalid_body``."""
    if not correct or (kind is not QuestionKind.MULTIPLE and len(correct) > 1):
        raise Refusal("invalid_body", "correct: exactly one; of a question with several choices at least one")


def check_seconds(seconds: int) -> None:
    """Raises ``invalid_body``."""
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise Refusal("invalid_body", f"seconds: {LEAST_SECONDS} to {MOST_SECONDS}")


def launched(question: Question, quiz_id: str, number: int, *, by: str, seconds: int, now: dt.datetime) -> Quiz:
    """Raises ``invalid_body``."""
    check_seconds(seconds)
    return Quiz(
        id=quiz_id,
        lesson_id=question.lesson_id,
        number=number,
        question_id=question.id,
        kind=question.kind,
        text=question.text,
        options=question.options,
        correct=question.correct,
        explanation=question.explanation,
        seconds=seconds,
        launched_by=by,
        launched_at=now,
        deadline_at=now + dt.timedelta(seconds=seconds),
    )


# ---- answering -------------------------------------------------------------------------------------------


def choice_of(quiz: Quiz, chosen: Collection[str]) -> tuple[str, ...]:
    """What was chosen, in the order of the options. Raises ``option_unknown``, or ``invalid_body`` for none, for one
    twice, for two where one may be chosen.
    """
    wanted = set(chosen)
    if not wanted <= {option.id for option in quiz.options}:
        raise Refusal("option_unknown")
    if not wanted or len(wanted) < len(chosen):
        raise Refusal("invalid_body", "choice: at least one, each once")
    if quiz.kind is not QuestionKind.MULTIPLE and len(wanted) > 1:
        raise Refusal("invalid_body", "choice: exactly one")
    return tuple(option.id for option in quiz.options if option.id in wanted)


def is_right(quiz: Quiz, choice: Collection[str]) -> bool:
    """All of the right options and no other: there is no half right."""
    return set(choice) == set(quiz.correct)


def check_in_time(quiz: Quiz, received_at: dt.datetime) -> None:
    """Late is what arrives at the deadline or later, or after the quiz was closed. Raises ``quiz_closed``."""
    if quiz.closed or received_at >= quiz.deadline_at:
        raise Refusal("quiz_closed")


def closing_time(quiz: Quiz, now: dt.datetime) -> dt.datetime:
    """When answering ended: now, or at the deadline when that has passed."""
    return min(now, quiz.deadline_at)


def outcome_of(
    quiz: Quiz, choices: Iterable[tuple[Collection[str], bool, int]], units: Sequence[UnitOutcome]
) -> Outcome:
    """From distinct choices (option ids, whether right, how often) and what each unit did."""
    distribution = {option.id: 0 for option in quiz.options}
    answered = right = 0
    for choice, is_so, count in choices:
        answered += count
        right += count if is_so else 0
        for option_id in choice:
            distribution[option_id] += count
    return Outcome(answered, right, sum(unit.expected for unit in units), distribution, tuple(units))


# ---- who sees what ---------------------------------------------------------------------------------------


class Onlooker(enum.Enum):
    """How somebody stands to a quiz."""

    STAFF = enum.auto()  # prepares and launches: sees everything, at once
    SCREEN = enum.auto()  # a venue's: how many have answered
    MEMBER = enum.auto()  # everybody else


@dataclass(frozen=True, slots=True)
class Sight:
    """``count``: how many have answered; ``result``: right answer, distribution, explanation, ratios."""

    count: bool
    result: bool


def sight(onlooker: Onlooker, *, closed: bool, owes: bool = False) -> Sight:
    """Nothing about the right answer or how others answer reaches members or venues before closing, nor a member who
    ``owes`` the lesson's questions to a make-up study.
    """
    if owes and onlooker is Onlooker.MEMBER:
        return Sight(count=closed, result=False)
    if closed or onlooker is Onlooker.STAFF:
        return Sight(count=True, result=True)
    return Sight(count=onlooker is Onlooker.SCREEN, result=False)


# ---- deadlines -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks, read together: UTC, and a steady one in milliseconds."""

    at: dt.datetime
    steady_ms: float


class Deadlines:
    """Deadlines mapped to one process's steady clock, each once: a wall clock that is set during a quiz changes
    nobody's time to answer. Keeps the newest ``most``.
    """

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._mapped: dict[str, float] = {}

    def steady_ms(self, quiz: Quiz, now: Moment) -> float:
        """The deadline on the steady clock. ``now`` counts at the first asking only."""
        known = self._mapped.get(quiz.id)
        if known is None:
            known = now.steady_ms + (quiz.deadline_at - now.at) / dt.timedelta(milliseconds=1)
            self._remember(quiz.id, known)
        return known

    def received_at(self, quiz: Quiz, arrival: Moment) -> dt.datetime:
        """When something arrived, on the time line on which the deadline was set."""
        left_ms = self.steady_ms(quiz, arrival) - arrival.steady_ms
        return quiz.deadline_at - dt.timedelta(milliseconds=left_ms)

    def _remember(self, quiz_id: str, steady_ms: float) -> None:
        while len(self._mapped) >= self._most:
            self._mapped.pop(next(iter(self._mapped)), None)
        self._mapped[quiz_id] = steady_ms
