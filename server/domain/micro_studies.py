"""A member on the way through a micro-video (微视频): watched by the rules of make-up study, tested, granted.

The study keeps the terms of the day on which it began. What is watched is reckoned in :mod:`server.domain.replays`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.make_ups import Attempt, Step, shuffled
from server.domain.micro_terms import MicroTerms
from server.domain.quiz import Question
from server.domain.refusals import Refusal
from server.domain.replays import ReplayRule

MOST_QUESTIONS = 50
"""Of one video: its test, and those at marks."""
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MicroQuestion:
    """``mark_ms`` None: of the test. Else the film pauses there, and asks once; that counts for nothing."""

    question: Question
    mark_ms: int | None = None


@dataclass(frozen=True, slots=True)
class MicroStudy:
    """One per video and member. ``rule_id`` None: no rule held that gives credit, and nothing is granted.

    ``progress``: whole percents of what is to be watched, as the server reckoned it. ``entry_id``, ``test_entry_id``:
    of the ledger.
    """

    id: str
    video_id: str
    member_id: str
    unit_id: str
    terms: MicroTerms
    rule_id: str | None
    hundredths: int
    test_hundredths: int
    skips: bool
    began_at: dt.datetime
    progress: int = 0
    passed: bool = False
    done_at: dt.datetime | None = None
    entry_id: str | None = None
    test_entry_id: str | None = None

    @property
    def watched(self) -> bool:
        return self.progress >= 100

    @property
    def replay_rule(self) -> ReplayRule:
        return ReplayRule(self.terms.most_rate_percent, self.skips)

    def step(self) -> Step:
        if self.done_at is not None:
            return Step.DONE
        if self.watched:
            return Step.QUESTIONS
        return Step.WATCHING if self.progress else Step.NOT_STARTED


def tests(questions: Iterable[MicroQuestion]) -> tuple[Question, ...]:
    return tuple(each.question for each in questions if each.mark_ms is None)


def further(study: MicroStudy, *, progress: int, asked: bool, now: dt.datetime) -> MicroStudy:
    """More was watched. Without a test (``asked`` False) that may be all. Never backwards."""
    moved = replace(study, progress=max(study.progress, progress))
    return _ended(moved, asked=asked, now=now)


def passed(study: MicroStudy, now: dt.datetime) -> MicroStudy:
    return _ended(replace(study, passed=True), asked=True, now=now)


def _ended(study: MicroStudy, *, asked: bool, now: dt.datetime) -> MicroStudy:
    over = study.watched and (study.passed or not asked)
    return replace(study, done_at=study.done_at or now) if over else study


def next_at(study: MicroStudy, tried: Sequence[Attempt]) -> dt.datetime | None:
    """When the next attempt may begin; None: at once."""
    last = max((each.submitted_at for each in tried if each.submitted_at), default=None)
    if last is None:
        return None
    used_up = len(tried) % study.terms.attempts == 0
    return last + (A_DAY if used_up else dt.timedelta(minutes=study.terms.pause_minutes))


def begin(
    study: MicroStudy, tried: Sequence[Attempt], attempt_id: str, questions: Sequence[Question], now: dt.datetime
) -> Attempt:
    """Raises ``study_not_watched``, ``study_passed``, ``study_no_test``, ``study_pause``."""
    if not questions:
        raise Refusal("study_no_test", study.video_id)
    if not study.watched:
        raise Refusal("study_not_watched", study.id)
    if study.passed:
        raise Refusal("study_passed", study.id)
    after = next_at(study, tried)
    if after is not None and now < after:
        raise Refusal("study_pause", study.id, retry_after_s=int((after - now).total_seconds()) + 1)
    number = 1 + max((each.number for each in tried), default=0)  # old ones may be gone by now
    return Attempt(attempt_id, study.id, study.member_id, number, shuffled(questions, attempt_id), now)


def check_marks(questions: Collection[MicroQuestion], duration_ms: int) -> None:
    """Raises ``invalid_body``."""
    marks = [each.mark_ms for each in questions if each.mark_ms is not None]
    if len(questions) > MOST_QUESTIONS:
        raise Refusal("invalid_body", f"questions: {MOST_QUESTIONS} at most")
    if any(not 1000 <= mark < duration_ms for mark in marks) or len(set(marks)) < len(marks):
        raise Refusal("invalid_body", "mark_ms: within the film, a second from its beginning at least, each once")
