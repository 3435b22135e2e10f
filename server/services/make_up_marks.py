"""What was asked in a lesson, answered at its marks of the replay by who makes it up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.domain.make_ups import MakeUp, MakeUpState
from server.domain.marks import MarkAnswer, MarkTally, is_right, tally
from server.domain.quiz import CHOICES, Quiz
from server.services.records import Transaction


@dataclass(frozen=True, slots=True)
class MakeUpMarkView:
    """An answer at a mark; the first one, which stays. ``told``: what is right may be said; until the questions are
    passed ``right`` is null, ``correct`` and ``explanation`` are empty."""

    question_id: str
    choice: tuple[str, ...]
    told: bool
    right: bool | None
    correct: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class MadeUpView:
    """What became of the offer beside a verdict. ``marks_right`` null while what is right is kept back."""

    id: str
    state: MakeUpState
    marks_asked: int
    marks_answered: int
    marks_right: int | None


def marked_quizzes(tx: Transaction, lesson_id: str) -> dict[str, Quiz]:
    """By id: those that were closed, and are made of options to choose. Each stands at its mark of the replay."""
    return {quiz.id: quiz for quiz, _ in tx.quizzes.of(lesson_id) if quiz.closed and quiz.kind in CHOICES}


def mark_tally(tx: Transaction, make_up: MakeUp) -> MarkTally:
    return tally(marked_quizzes(tx, make_up.lesson_id), tx.make_ups.marked([make_up.id]).get(make_up.id, ()))


def mark_view(make_up: MakeUp, quiz: Quiz, said: MarkAnswer) -> MakeUpMarkView:
    if make_up.owes_answers:
        return MakeUpMarkView(said.question_id, said.choice, told=False, right=None, correct=(), explanation="")
    solution = (quiz.correct, quiz.explanation)
    return MakeUpMarkView(said.question_id, said.choice, True, is_right(quiz, said.choice), *solution)


def mark_views(make_up: MakeUp, asked: dict[str, Quiz], given: Sequence[MarkAnswer]) -> tuple[MakeUpMarkView, ...]:
    return tuple(mark_view(make_up, asked[each.question_id], each) for each in given if each.question_id in asked)


def made_up(tx: Transaction, lesson_id: str, member_ids: Collection[str]) -> dict[str, MadeUpView]:
    """By member, of those to whom it was offered."""
    offers = tx.make_ups.of_lesson(lesson_id, member_ids)
    if not offers:
        return {}
    asked = marked_quizzes(tx, lesson_id)
    given = tx.make_ups.marked([each.id for each in offers.values()])

    def one(make_up: MakeUp) -> MadeUpView:
        came = tally(asked, given.get(make_up.id, ()))
        right = None if make_up.owes_answers else came.right
        return MadeUpView(make_up.id, make_up.state, came.asked, came.answered, right)

    return {member_id: one(make_up) for member_id, make_up in offers.items()}
