"""Make-up study as the faces see it: the objects of docs/protocol.md as frozen dataclasses, same field names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.attendance import Standing
from server.domain.make_up_terms import MakeUpTerms
from server.domain.make_ups import Attempt, Extension, MakeUp, MakeUpState, Step, may_remind, next_at
from server.domain.marks import missing, tally
from server.domain.question_pictures import Picture
from server.domain.quiz import QuestionKind, scored
from server.domain.quiz_answers import marks_of
from server.domain.replays import reached_ms
from server.domain.scoring import is_whole
from server.services.credit_views import LessonNameView
from server.services.make_up_marks import MakeUpMarkView, mark_views, marked_quizzes
from server.services.records import Transaction
from server.services.views import Named, OptionView, PersonView


@dataclass(frozen=True, slots=True)
class ExtensionView:
    by: PersonView
    at: dt.datetime
    deadline_at: dt.datetime
    reason: str
    more_attempts: int


@dataclass(frozen=True, slots=True)
class MakeUpView:
    """The member's own. ``progress``: whole percents of what is to be watched; ``reached_ms``: so far a first watch
    may seek; ``questions``: how many are asked, 0 when none; ``attempt_id``: one that is not handed in yet; ``marks``:
    its answers at marks, of ``marks_asked``; ``marks_missing``: how many more the terms want.
    """

    id: str
    lesson: LessonNameView
    starts_at: dt.datetime
    recording_id: str
    standing: Standing
    step: Step
    offered_at: dt.datetime
    deadline_at: dt.datetime
    hundredths: int
    terms: MakeUpTerms
    skips: bool
    progress: int
    position_ms: int
    reached_ms: int
    questions: int
    attempts_left: int
    next_attempt_at: dt.datetime | None
    attempt_id: str | None
    passed: bool
    marks: tuple[MakeUpMarkView, ...]
    marks_asked: int
    marks_missing: int
    done_at: dt.datetime | None
    entry_id: str | None
    extensions: tuple[ExtensionView, ...]


@dataclass(frozen=True, slots=True)
class BranchMakeUpView:
    """Of somebody for whom one vouches: steps, no percents and no minutes. ``own``: who asks; another vouches then."""

    id: str
    lesson: LessonNameView
    member: Named
    unit: Named
    standing: Standing
    step: Step
    deadline_at: dt.datetime
    reminded_at: dt.datetime | None
    may_remind: bool
    attempts_left: int
    extensions: tuple[ExtensionView, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class PaperQuestionView:
    id: str
    kind: QuestionKind
    text: str
    options: tuple[OptionView, ...]
    places: int = 0
    """How many texts an answer has; 0: it is made of options."""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class SolutionView:
    """Told after passing only."""

    question_id: str
    right: bool
    correct: tuple[str, ...]
    explanation: str
    blanks: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptView:
    """``right`` null until it is handed in; ``solutions`` empty unless passed."""

    id: str
    number: int
    questions: tuple[PaperQuestionView, ...]
    submitted_at: dt.datetime | None
    right: int | None
    passed: bool
    solutions: tuple[SolutionView, ...]


def own_views(tx: Transaction, made: Sequence[MakeUp], now: dt.datetime) -> tuple[MakeUpView, ...]:
    """All of one member."""
    return tuple(_own_view(tx, each, now) for each in made)


def _own_view(tx: Transaction, make_up: MakeUp, now: dt.datetime) -> MakeUpView:
    lesson = tx.lessons.get(make_up.lesson_id)
    assert lesson is not None
    watch = tx.watches.get(make_up.recording_id, make_up.member_id)
    tried = tx.make_ups.attempts(make_up.id)
    waiting = next((each for each in tried if each.submitted_at is None), None)
    after = next_at(make_up, tried)
    asked = make_up.terms.right_percent is not None
    marked, given = marked_quizzes(tx, make_up.lesson_id), tx.make_ups.marked([make_up.id]).get(make_up.id, ())
    lacking = missing(tally(marked, given), make_up.terms.marked_percent)
    return MakeUpView(
        id=make_up.id,
        lesson=LessonNameView(lesson.id, lesson.title),
        starts_at=lesson.starts_at,
        recording_id=make_up.recording_id,
        standing=make_up.standing,
        step=make_up.step(now),
        offered_at=make_up.offered_at,
        deadline_at=make_up.deadline_at,
        hundredths=make_up.hundredths,
        terms=make_up.terms,
        skips=make_up.skips,
        progress=make_up.progress,
        position_ms=watch[0].position_ms if watch else 0,
        reached_ms=reached_ms(watch[0].watched) if watch else 0,
        questions=len(scored(tx.questions.of(make_up.lesson_id))) if asked else 0,
        attempts_left=_left(make_up, tried),
        next_attempt_at=after if after is not None and now < after and not make_up.passed else None,
        attempt_id=waiting.id if waiting else None,
        passed=make_up.passed,
        marks=mark_views(make_up, marked, given),
        marks_asked=len(marked),
        marks_missing=lacking if make_up.open(now) else 0,
        done_at=make_up.done_at,
        entry_id=make_up.entry_id,
        extensions=_extensions(tx, make_up.extensions),
    )


def _left(make_up: MakeUp, tried: Sequence[Attempt]) -> int:
    """One that is begun can still be handed in."""
    return max(0, make_up.attempts - sum(each.submitted_at is not None for each in tried))


def branch_views(
    tx: Transaction, made: Sequence[MakeUp], own_id: str | None, now: dt.datetime
) -> tuple[BranchMakeUpView, ...]:
    """``own_id``: the member who asks."""
    titles = tx.lessons.titles({each.lesson_id for each in made})
    people = tx.members.names({each.member_id for each in made})
    units = tx.units.names({each.unit_id for each in made}, tx.calendar.day(now))

    def one(each: MakeUp) -> BranchMakeUpView:
        tried = tx.make_ups.attempts(each.id) if each.state is MakeUpState.OPEN and each.watched else ()
        return BranchMakeUpView(
            id=each.id,
            lesson=LessonNameView(each.lesson_id, titles[each.lesson_id]),
            member=Named(each.member_id, people[each.member_id]),
            unit=Named(each.unit_id, units[each.unit_id]),
            standing=each.standing,
            step=each.step(now),
            deadline_at=each.deadline_at,
            reminded_at=each.reminded_at,
            may_remind=may_remind(each, now),
            attempts_left=_left(each, tried),
            extensions=_extensions(tx, each.extensions),
            own=each.member_id == own_id,
        )

    return tuple(one(each) for each in made)


def _extensions(tx: Transaction, given: Sequence[Extension]) -> tuple[ExtensionView, ...]:
    names = tx.accounts.names({each.by for each in given}) if given else {}
    return tuple(
        ExtensionView(PersonView(each.by, names[each.by]), each.at, each.deadline_at, each.reason, each.more_attempts)
        for each in given
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    given = attempt.choices or {}
    questions = tuple(
        PaperQuestionView(
            *(each.id, each.kind, each.text, tuple(OptionView(o.id, o.text) for o in each.options)),
            places=len(each.blanks),
            picture=each.picture,
        )
        for each in attempt.paper
    )
    solutions = tuple(
        SolutionView(
            *(each.id, is_whole(marks_of(each, given.get(each.id, ()))), each.correct, each.explanation, each.blanks)
        )
        for each in attempt.paper
    )
    return AttemptView(
        id=attempt.id,
        number=attempt.number,
        questions=questions,
        submitted_at=attempt.submitted_at,
        right=None if attempt.submitted_at is None else attempt.right,
        passed=attempt.passed,
        solutions=solutions if attempt.passed else (),
    )
