"""A paper asked as a whole (整卷作答): quizzes of one lesson that begin, stand still, end and are opened again as one.

Each is a quiz like any other: answered, marked, counted and re-marked by itself. What is theirs together is their time,
and the order in which each member sees them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.papers import MOST_QUESTIONS
from server.domain.quiz import MOST_PREPARED, Option, Question, QuestionKind, Quiz, Terms, launched
from server.domain.refusals import Refusal

LEAST_QUESTIONS = 2
_MIXED = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE})
"""Whose options may be mixed: 正确 stands before 错误, and an ordering is asked as its author laid it out."""


@dataclass(frozen=True, slots=True)
class PaperRun:
    """``quiz_ids`` in the common order. ``seed``, ``mix_questions`` and ``mix_options``: see :func:`own_order`.

    ``draw_id``: the evidence of the draw that these questions came of; None: they were put together by hand.
    """

    id: str
    lesson_id: str
    name: str
    draw_id: str | None
    seed: str
    mix_questions: bool
    mix_options: bool
    quiz_ids: tuple[str, ...]
    launched_by: str
    launched_at: dt.datetime


@dataclass(frozen=True, slots=True)
class HandIn:
    """交卷: the member is through with it; until it is opened again nothing of it changes. ``at``: by the server."""

    run_id: str
    member_id: str
    round: int
    at: dt.datetime
    account_id: str


@dataclass(frozen=True, slots=True)
class Through:
    """How a member came to the end of a paper. ``at``: 交卷, the last time it was handed in, and in which round; None:
    it was not. ``collected``: nor was it handed in, but something of it was answered (自动收卷).
    """

    at: dt.datetime | None = None
    round: int = 0
    collected: bool = False


def through(handed_in: Mapping[int, dt.datetime], *, answered: bool) -> Through:
    """``handed_in``: by round. Of a paper whose time is over."""
    if handed_in:
        last = max(handed_in)
        return Through(handed_in[last], last)
    return Through(collected=answered)


HandInKey = tuple[str, str, int]
"""Run, member and round."""


def own_order(seed: str, member_id: str, ids: Sequence[str]) -> tuple[str, ...]:
    """The order in which a member sees these: by SHA-256 over seed, line feed, member, line feed, id in UTF-8. The
    same on every machine and each time, whatever order they come in, so that an auditor can compute it again.
    """

    def rank(each: str) -> tuple[bytes, str]:
        return hashlib.sha256(f"{seed}\n{member_id}\n{each}".encode()).digest(), each

    return tuple(sorted(ids, key=rank))


def place_of(run: PaperRun, quiz_id: str, member_id: str | None) -> int:
    """Where this one sees the question, from 1; None: the common order (staff, screens)."""
    mixed = run.mix_questions and member_id is not None
    ids = own_order(run.seed, member_id or "", run.quiz_ids) if mixed else run.quiz_ids
    return ids.index(quiz_id) + 1


def options_of(run: PaperRun, quiz: Quiz, member_id: str | None) -> tuple[Option, ...]:
    """In the order in which this one sees them. What an answer means stands in their ids, not in their places."""
    if not run.mix_options or member_id is None or quiz.kind not in _MIXED:
        return quiz.options
    options = {option.id: option for option in quiz.options}
    return tuple(options[each] for each in own_order(run.seed, member_id, tuple(options)))


def check_choice(question_ids: Sequence[str], asked_before: int) -> None:
    """Raises ``invalid_body``: too few, too many, one twice, more than a lesson may ask."""
    if not LEAST_QUESTIONS <= len(question_ids) <= MOST_QUESTIONS or len(set(question_ids)) != len(question_ids):
        raise Refusal("invalid_body", f"question_ids: {LEAST_QUESTIONS} to {MOST_QUESTIONS}, each once")
    if asked_before + len(question_ids) > MOST_PREPARED:
        raise Refusal("invalid_body", f"{MOST_PREPARED} quizzes at most")


def launched_together(
    run: PaperRun, questions: Sequence[Question], first_number: int, *, terms: Terms, now: dt.datetime
) -> tuple[Quiz, ...]:
    """One quiz of each, with one deadline. Raises ``invalid_body``."""
    asked = enumerate(zip(run.quiz_ids, questions, strict=True))
    quizzes = (
        (place, launched(question, quiz_id, first_number + place, by=run.launched_by, terms=terms, now=now))
        for place, (quiz_id, question) in asked
    )
    return tuple(replace(quiz, run_id=run.id, run_place=place + 1) for place, quiz in quizzes)


def moved(quizzes: Sequence[Quiz], step: Callable[[Quiz], Quiz]) -> tuple[Quiz, ...]:
    """All of them or, when ``step`` refuses one, none."""
    return tuple(step(quiz) for quiz in quizzes)
