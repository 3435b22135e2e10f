"""A paper is asked as a whole in the lesson (整卷发布): its questions at once, with one time for all of them."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, Principal
from server.domain.lessons import Lesson
from server.domain.paper_runs import PaperRun, check_choice, launched_together
from server.domain.quiz import Question, Quiz, Terms
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.quizzes import Eye
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import QuizView

_SEED_BYTES = 16


@dataclass(frozen=True, slots=True)
class RunPlan:
    """``question_ids`` in their common order. ``mix_*``: each member gets them in an order of the own."""

    question_ids: tuple[str, ...]
    mix_questions: bool = False
    mix_options: bool = False


@dataclass(frozen=True, slots=True)
class RunView:
    """``seed``: from which each member's order can be computed again; ``items``: its questions, as staff see them."""

    id: str
    name: str
    seed: str
    draw_id: str | None
    mix_questions: bool
    mix_options: bool
    items: tuple[QuizView, ...]


@dataclass(frozen=True, slots=True)
class RunEvidence:
    """From what each member's order follows, and what became of it. ``common``: quizzes in the common order.
    ``handed_in``: in its newest round; whoever else answered was collected by the clock.
    """

    id: str
    name: str
    seed: str
    draw_id: str | None
    mix_questions: bool
    mix_options: bool
    common: tuple[str, ...]
    launched_at: dt.datetime
    round: int
    handed_in: int


_VIEW = TypeAdapter(RunView)


async def list_runs(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[RunEvidence, ...]:
    """For who launches them, the first one first. Raises ``lesson_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> tuple[RunEvidence, ...]:
        allowed_target(tx, principal, Action.QUIZ, lesson_id, now)
        rounds = {quiz.run_id: quiz.round for quiz, _ in tx.quizzes.of(lesson_id)}
        return tuple(_evidence(tx, run, rounds.get(run.id, 1)) for run in tx.papers.runs(lesson_id))

    return await records.read(load)


def _evidence(tx: Transaction, run: PaperRun, number: int) -> RunEvidence:
    return RunEvidence(
        id=run.id,
        name=run.name,
        seed=run.seed,
        draw_id=run.draw_id,
        mix_questions=run.mix_questions,
        mix_options=run.mix_options,
        common=run.quiz_ids,
        launched_at=run.launched_at,
        round=number,
        handed_in=len(tx.papers.hand_ins(run.id, number)),
    )


async def launch_run(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    plan: RunPlan,
    terms: Terms,
    now: Moment,
) -> RunView:
    """Everybody gets all of it, and ``terms.seconds`` for it. From then on each of its quizzes stands for the whole:
    pausing, extending, closing or reopening one does it to all.

    Raises ``lesson_not_on_air``, ``quiz_running``, ``question_not_found``, ``invalid_body``, ``forbidden``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "launch_paper", lesson_id=lesson_id, **asdict(plan), **asdict(terms))

    def work(tx: Transaction) -> RunView:
        target = allowed_target(tx, principal, Action.QUIZ, lesson_id, now.at, lock=True)

        def do() -> RunView:
            run, quizzes = ask_together(tx, target.lesson, plan, by=principal.account_id, terms=terms, now=now.at)
            told = events.paper_launched(run, quizzes[0].deadline_at, quizzes[0].seconds)
            tx.events.append(lesson_id, [told], now.at, principal.account_id)
            eye = Eye(tx, principal, target, now.at)
            items = tuple(eye.view(quiz, None, None) for quiz in quizzes)
            return RunView(run.id, run.name, run.seed, run.draw_id, run.mix_questions, run.mix_options, items)

        return once(tx, asked, now.at, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def ask_together(
    tx: Transaction, lesson: Lesson, plan: RunPlan, *, by: str, terms: Terms, now: dt.datetime
) -> tuple[PaperRun, tuple[Quiz, ...]]:
    """The lesson's row is locked; telling it is the caller's. Raises what launching raises."""
    check_on_air(lesson)
    if tx.quizzes.running(lesson.id) is not None:
        raise Refusal("quiz_running")
    before = tx.quizzes.count(lesson.id)
    check_choice(plan.question_ids, before)
    questions = _questions(tx, lesson.id, plan.question_ids)
    draw_id, name = _draw_of(tx, lesson.id, questions)
    run = PaperRun(
        id=str(uuid4()),
        lesson_id=lesson.id,
        name=name,
        draw_id=draw_id,
        seed=secrets.token_hex(_SEED_BYTES),
        mix_questions=plan.mix_questions,
        mix_options=plan.mix_options,
        quiz_ids=tuple(str(uuid4()) for _ in questions),
        launched_by=by,
        launched_at=now,
    )
    quizzes = launched_together(run, questions, before + 1, terms=terms, now=now)
    tx.papers.keep_run(run)
    for quiz in quizzes:
        tx.quizzes.add(quiz)
    return run, quizzes


def _questions(tx: Transaction, lesson_id: str, question_ids: Sequence[str]) -> tuple[Question, ...]:
    """Raises ``question_not_found``."""
    known = {question.id: question for question in tx.questions.of(lesson_id)}
    for each in question_ids:
        if each not in known:
            raise Refusal("question_not_found", each)
    return tuple(known[each] for each in question_ids)


def _draw_of(tx: Transaction, lesson_id: str, questions: Sequence[Question]) -> tuple[str | None, str]:
    """The draw for this lesson that gave just these questions, the newest, and its paper's name."""
    versions = sorted(question.bank_version_id or "" for question in questions)
    for drawn in reversed(tx.papers.draws(lesson_id)):
        if sorted(drawn.version_ids) == versions:
            paper = tx.papers.get(drawn.paper_id)
            return drawn.id, "" if paper is None else paper.plan.name
    return None, ""
