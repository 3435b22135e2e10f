"""Make-up study (补学): who missed a lesson watches its recording and passes its questions before a deadline.

The offer is made when the lesson is settled and keeps the terms of then; the lesson's own verdict stays what it was.
What is watched is reckoned in :mod:`server.domain.replays`; the credit is an entry of its own kind.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.attendance import Standing
from server.domain.credit import CreditRule, Verdict, percent
from server.domain.make_up_terms import MOST_DAYS, MakeUpTerms
from server.domain.quiz import Option, Question, QuestionKind, scored
from server.domain.quiz_answers import choice_of, key_of, marks_of
from server.domain.refusals import Refusal
from server.domain.replays import ReplayRule
from server.domain.scoring import Key, is_whole

MOST_EXTENSIONS = 20
REMINDED_AGAIN = dt.timedelta(hours=20)
"""Nobody is reminded twice of one offer within a working day, and everybody may be at the same time tomorrow."""


class MakeUpState(enum.StrEnum):
    """As stored; that an open one is too late is the clock's to say."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"  # a review found that there is nothing to make up


class Step(enum.StrEnum):
    """How far somebody is: steps, never minutes."""

    NOT_STARTED = "not_started"
    WATCHING = "watching"
    QUESTIONS = "questions"  # watched enough, the questions are next
    DONE = "done"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Extension:
    """The deadline was moved, by name and with a reason; perhaps more attempts with it."""

    by: str  # account
    at: dt.datetime
    deadline_at: dt.datetime
    reason: str
    more_attempts: int = 0


@dataclass(frozen=True, slots=True)
class MakeUp:
    """One per lesson and member. ``unit_id``: on the lesson's roster. ``hundredths``: what it grants.

    ``skips``: a first watch may leave parts out. ``passed``: the questions were. ``progress``: whole percents of what
    is to be watched, as of the last beat.
    """

    id: str
    lesson_id: str
    member_id: str
    unit_id: str
    recording_id: str
    standing: Standing
    terms: MakeUpTerms
    hundredths: int
    skips: bool
    offered_at: dt.datetime
    deadline_at: dt.datetime
    state: MakeUpState = MakeUpState.OPEN
    progress: int = 0
    passed: bool = False
    done_at: dt.datetime | None = None
    entry_id: str | None = None
    reminded_at: dt.datetime | None = None
    extensions: tuple[Extension, ...] = ()

    @property
    def replay_rule(self) -> ReplayRule:
        return ReplayRule(self.terms.most_rate_percent, self.skips)

    @property
    def watched(self) -> bool:
        return self.progress >= 100

    @property
    def attempts(self) -> int:
        return self.terms.attempts + sum(each.more_attempts for each in self.extensions)

    def open(self, now: dt.datetime) -> bool:
        return self.state is MakeUpState.OPEN and now < self.deadline_at

    @property
    def owes_answers(self) -> bool:
        """Its questions are still to be passed: nobody is told what is right before. Nor who let the deadline go by:
        it may be extended, with the same questions.
        """
        return self.state is MakeUpState.OPEN and self.terms.right_percent is not None and not self.passed

    def step(self, now: dt.datetime) -> Step:
        if self.state is not MakeUpState.OPEN:
            return Step(self.state.value)
        if not self.open(now):
            return Step.EXPIRED
        if self.watched:
            return Step.QUESTIONS
        return Step.WATCHING if self.progress else Step.NOT_STARTED


def offered(rule: CreditRule | None, verdict: Verdict) -> MakeUpTerms | None:
    """The terms under which this verdict may be made up; None: it may not, or need not."""
    terms = rule.make_up if rule is not None else None
    if terms is None or verdict.passed or not terms.concern(verdict.evidence.standing):
        return None
    return terms


def granted(hundredths: int, terms: MakeUpTerms) -> int:
    """Of a lesson's 核定学时; rounded down."""
    return hundredths * terms.credit_percent // 100


def check_open(make_up: MakeUp, now: dt.datetime) -> None:
    """By the server's clock. Raises ``make_up_expired``, ``make_up_closed``."""
    if make_up.state is not MakeUpState.OPEN:
        raise Refusal("make_up_closed", make_up.state)
    if now >= make_up.deadline_at:
        raise Refusal("make_up_expired", make_up.id)


def extend(make_up: MakeUp, by: Extension) -> MakeUp:
    """Also of one that expired. Raises ``make_up_closed``, ``invalid_body`` for an earlier deadline or one too far."""
    if make_up.state is not MakeUpState.OPEN:
        raise Refusal("make_up_closed", make_up.state)
    if by.deadline_at <= max(make_up.deadline_at, by.at):
        raise Refusal("invalid_body", "deadline_at: later than the present one")
    if by.deadline_at > by.at + dt.timedelta(days=MOST_DAYS) or len(make_up.extensions) >= MOST_EXTENSIONS:
        raise Refusal("invalid_body", f"deadline_at: within {MOST_DAYS} days; {MOST_EXTENSIONS} extensions at most")
    return replace(make_up, deadline_at=by.deadline_at, extensions=(*make_up.extensions, by))


def may_remind(make_up: MakeUp, now: dt.datetime) -> bool:
    again = make_up.reminded_at is None or now - make_up.reminded_at >= REMINDED_AGAIN
    return make_up.open(now) and again


# ---- the questions ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at the lesson's questions: its own copy, in its own order, so that what was asked stays.

    ``choices``: option ids by question, None until it is handed in.
    """

    id: str
    make_up_id: str
    member_id: str
    number: int
    paper: tuple[Question, ...]
    started_at: dt.datetime
    submitted_at: dt.datetime | None = None
    choices: Mapping[str, tuple[str, ...]] | None = None
    right: int = 0
    passed: bool = False


def next_at(make_up: MakeUp, tried: Sequence[Attempt]) -> dt.datetime | None:
    """When the next attempt may begin; None: at once."""
    last = max((each.submitted_at for each in tried if each.submitted_at), default=None)
    return None if last is None else last + dt.timedelta(minutes=make_up.terms.pause_minutes)


def begin(
    make_up: MakeUp, tried: Sequence[Attempt], attempt_id: str, questions: Sequence[Question], now: dt.datetime
) -> Attempt:
    """Raises ``make_up_not_watched``, ``make_up_passed``, ``make_up_no_attempts``, ``make_up_pause``."""
    if not make_up.watched:
        raise Refusal("make_up_not_watched", make_up.id)
    if make_up.passed:
        raise Refusal("make_up_passed", make_up.id)
    if len(tried) >= make_up.attempts:
        raise Refusal("make_up_no_attempts", make_up.id)
    after = next_at(make_up, tried)
    if after is not None and now < after:
        raise Refusal("make_up_pause", make_up.id, retry_after_s=int((after - now).total_seconds()) + 1)
    paper = shuffled(scored(questions), attempt_id)
    return Attempt(attempt_id, make_up.id, make_up.member_id, len(tried) + 1, paper, now)


def shuffled(questions: Sequence[Question], seed: str) -> tuple[Question, ...]:
    """Questions and their options in an order of this attempt's own; true or false stays as it is read."""

    def options(question: Question) -> tuple[Option, ...]:
        if question.kind is QuestionKind.TRUE_FALSE:
            return question.options
        return tuple(sorted(question.options, key=lambda each: _lot(seed, question.id, each.id)))

    drawn = sorted(questions, key=lambda each: _lot(seed, each.id))
    return tuple(replace(each, options=options(each)) for each in drawn)


def _lot(*words: str) -> bytes:
    return hashlib.sha256("\n".join(words).encode()).digest()


def hand_in(attempt: Attempt, choices: Mapping[str, Sequence[str]], right_percent: int, now: dt.datetime) -> Attempt:
    """A question without an answer is a wrong one; one is right when it is whole, as in the lesson.

    Raises ``attempt_over``, ``option_unknown``, ``question_not_found``, ``invalid_body``.
    """
    if attempt.submitted_at is not None:
        raise Refusal("attempt_over", attempt.id)
    asked = {question.id: question for question in attempt.paper}
    for question_id in choices:
        if question_id not in asked:
            raise Refusal("question_not_found", question_id)
    kept = {each: choice_of(asked[each], chosen) for each, chosen in choices.items() if any(chosen)}
    right = sum(is_whole(marks_of(asked[each], choice)) for each, choice in kept.items())
    passed = percent(right, len(attempt.paper)) >= right_percent
    return replace(attempt, submitted_at=now, choices=kept, right=right, passed=passed)


def marked_again(attempt: Attempt, question_id: str, former: Key, right: Key, right_percent: int) -> Attempt | None:
    """With the right key in its own copy of the question, where that had the ``former`` one; marked by it when it was
    handed in. None: nothing of it changes. One that passed stays as it is.
    """
    asked = next((each for each in attempt.paper if each.id == question_id), None)
    if attempt.passed or asked is None or key_of(asked) != former:
        return None
    if not set(right.chosen) <= {option.id for option in asked.options}:
        return None
    mended = replace(asked, correct=right.chosen, blanks=right.blanks, bank_version_id=None)
    paper = tuple(mended if each.id == question_id else each for each in attempt.paper)
    if attempt.submitted_at is None:
        return replace(attempt, paper=paper)
    given = attempt.choices or {}
    count = sum(is_whole(marks_of(each, given[each.id])) for each in paper if each.id in given)
    return replace(attempt, paper=paper, right=count, passed=percent(count, len(paper)) >= right_percent)
