"""Quizzes in a lesson: prepared questions, launched one at a time; the server's clock decides."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.domain.question_pictures import Picture
from server.domain.refusals import Refusal
from server.domain.scoring import Scoring

LEAST_OPTIONS, MOST_OPTIONS = 2, 10
LEAST_SECONDS, MOST_SECONDS = 5, 3600
TRUE_FALSE = ("正确", "错误")
MOST_PREPARED = 200
"""Questions of one lesson, and quizzes launched in it."""
MOST_GRACE_MS = 1000
USUAL_GRACE_MS = 500
MOST_TURNS = 20
"""Answers of one member to one quiz whose last one counts."""
MOST_NTH = 1000
"""What a member may count to: some of the answers never arrive."""
MOST_WORDS = 3
"""Of one member, in a word cloud."""


class QuestionKind(enum.StrEnum):
    SINGLE = "single"  # 单选
    MULTIPLE = "multiple"  # 多选
    TRUE_FALSE = "true_false"  # 判断
    FILL_IN = "fill_in"  # 填空
    ORDERING = "ordering"  # 排序
    OPINION = "opinion"  # 意见征集, 不代替组织表决
    WORD_CLOUD = "word_cloud"  # 词云, 不代替组织表决


CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.TRUE_FALSE})
UNSCORED = frozenset({QuestionKind.OPINION, QuestionKind.WORD_CLOUD})
"""Nothing is right in them, and their texts are shown when staff have approved them."""


class AnswerChannel(enum.StrEnum):
    SOCKET = "socket"
    HTTPS = "https"
    ASSISTED = "assisted"  # 协助作答: an operator put it in for the member


class Keep(enum.StrEnum):
    """Which of a member's answers counts."""

    FIRST = "first"
    LAST = "last"  # the last one before closing


@dataclass(frozen=True, slots=True)
class Option:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A prepared question. ``correct`` are option ids: of choices in the order of the options, of an ordering all of
    them in the right order (``options`` stand as they are shown). ``version`` is its ETag.

    ``bank_version_id``: which version of a question of the bank it is; None when it is none, or was edited since.
    ``scoring``: the number of the rule by which it is marked. ``blanks``: of each what is accepted there.
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
    scoring: Scoring = Scoring.EXACT
    blanks: tuple[tuple[str, ...], ...] = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Quiz:
    """A launched question: its own copy, so that whatever is edited later, what was asked stays.

    ``number`` counts from 1 in the lesson. ``seconds``: to answer in, with what was added. ``grace_ms``: so long after
    the deadline an answer still counts. ``paused_at``: its time stands still since then. ``round``: 1, and one more
    for each time it was opened again (``reopen_reason``: why, the last time). ``bank_version_id``: as of the question.
    ``run_id``: the paper that it is asked in as a whole, and where in it, from 1; None and 0: by itself.
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
    scoring: Scoring = Scoring.EXACT
    blanks: tuple[tuple[str, ...], ...] = ()
    keep: Keep = Keep.FIRST
    grace_ms: int = 0
    paused_at: dt.datetime | None = None
    round: int = 1
    reopen_reason: str = ""
    bank_version_id: str | None = None
    run_id: str | None = None
    run_place: int = 0
    picture: Picture | None = None

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    @property
    def ends_at(self) -> dt.datetime:
        """From here on an answer is late."""
        return self.deadline_at + dt.timedelta(milliseconds=self.grace_ms)

    @property
    def scored(self) -> bool:
        return self.scoring is not Scoring.NONE

    @property
    def places(self) -> int:
        """How many texts an answer may have; 0: it is made of options."""
        usual = {QuestionKind.OPINION: 1, QuestionKind.WORD_CLOUD: MOST_WORDS}
        return usual.get(self.kind, len(self.blanks))


AnswerKey = tuple[str, str]
"""Quiz and member."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One of several answers of a member. ``nth``: the member's own count of them, from 1."""

    command_id: str
    nth: int
    choice: tuple[str, ...]
    received_at: dt.datetime
    round: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One per quiz and member; ``received_at`` by the server's clock.

    ``choice``: see :func:`server.domain.quiz_answers.choice_of`. ``marks``: hundredths of the question, None where
    nothing is scored. ``round``: of the quiz, when it came. ``reason``: why somebody else put it in. ``command_id``:
    of the member's first. ``nth``: the member's count, from 1. ``turns``: all of the member's, in the order in which
    they counted, the standing one last; empty when there was but one.
    """

    quiz_id: str
    member_id: str
    command_id: str
    choice: tuple[str, ...]
    right: bool
    received_at: dt.datetime
    account_id: str
    channel: AnswerChannel
    marks: int | None = None
    round: int = 1
    reason: str = ""
    nth: int = 1
    turns: tuple[Turn, ...] = ()

    @property
    def key(self) -> AnswerKey:
        return self.quiz_id, self.member_id


@dataclass(frozen=True, slots=True)
class HelpedAnswer:
    """协助作答: that somebody else put an answer in, and why; never what was answered."""

    quiz_id: str
    number: int
    text: str
    member_id: str
    name: str
    unit_id: str
    account_id: str
    received_at: dt.datetime
    reason: str


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """``expected``: those of the unit on the roster, later additions among them."""

    unit_id: str
    name: str
    expected: int
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """Something that so many wrote alike to an opinion or a word cloud, approved for everybody."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a quiz. ``right``: whole ones. ``marks``: all of them together, in hundredths of the question.
    ``opinions``: what may be shown of the texts of an unscored one, as it was last decided on.

    ``distribution``, of choices: every option, with several choices they add up to more than answers; of an ordering:
    every option, who put it in its place; of a fill-in: its blanks from "1", who filled it rightly; else empty.
    """

    answered: int
    right: int
    expected: int
    distribution: Mapping[str, int]
    units: tuple[UnitOutcome, ...] = ()
    marks: int = 0
    opinions: tuple[Opinion, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """One member's answers in a lesson, closed quizzes only."""

    answered: int
    right: int


# ---- preparing -------------------------------------------------------------------------------------------


def scored(questions: Iterable[Question]) -> tuple[Question, ...]:
    """Those in which something is right: only they can be passed."""
    return tuple(each for each in questions if each.kind not in UNSCORED)


def check_seconds(seconds: int) -> None:
    """Raises ``invalid_body``."""
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise Refusal("invalid_body", f"seconds: {LEAST_SECONDS} to {MOST_SECONDS}")


@dataclass(frozen=True, slots=True)
class Terms:
    """How a question is asked. ``seconds`` None: the question's own."""

    seconds: int | None = None
    keep: Keep = Keep.FIRST
    grace_ms: int = USUAL_GRACE_MS


def launched(question: Question, quiz_id: str, number: int, *, by: str, terms: Terms, now: dt.datetime) -> Quiz:
    """Raises ``invalid_body``."""
    seconds = question.seconds if terms.seconds is None else terms.seconds
    check_seconds(seconds)
    if not 0 <= terms.grace_ms <= MOST_GRACE_MS:
        raise Refusal("invalid_body", f"grace_ms: 0 to {MOST_GRACE_MS}")
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
        scoring=question.scoring,
        blanks=question.blanks,
        keep=terms.keep,
        grace_ms=terms.grace_ms,
        bank_version_id=question.bank_version_id,
        picture=question.picture,
    )


# ---- who sees what ---------------------------------------------------------------------------------------


class Onlooker(enum.Enum):
    """How somebody stands to a quiz."""

    STAFF = enum.auto()  # prepares and launches: sees everything, at once
    SCREEN = enum.auto()  # a venue's: how many have answered
    MEMBER = enum.auto()  # everybody else


@dataclass(frozen=True, slots=True)
class Sight:
    """``count``: how many have answered; ``result``: right answer, distribution, explanation, ratios; ``opinions``:
    what staff approved of the texts.
    """

    count: bool
    result: bool
    opinions: bool


def sight(onlooker: Onlooker, *, closed: bool, owes: bool = False) -> Sight:
    """Nothing about the right answer or how others answer reaches members or venues before closing, nor a member who
    ``owes`` the lesson's questions to a make-up study.
    """
    if owes and onlooker is Onlooker.MEMBER:
        return Sight(count=closed, result=False, opinions=closed)
    if closed or onlooker is Onlooker.STAFF:
        return Sight(count=True, result=True, opinions=True)
    screen = onlooker is Onlooker.SCREEN
    return Sight(count=screen, result=False, opinions=screen)
