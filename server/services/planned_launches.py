"""预约发布: questions and papers that the house launches when a mark of the lesson is reached.

Any control process may launch one; the lesson's row lock and the plan's state let one of them do it, once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import planned_launches as rules
from server.domain.access import Action, Principal
from server.domain.audit import of_the_house
from server.domain.events import Announcement
from server.domain.lessons import EDITABLE, ON_AIR, Lesson, LessonState
from server.domain.materials import MaterialKind, MaterialState
from server.domain.planned_launches import LEAD, Mark, MarkKind, Missed, Obstacle, PlannedLaunch, PlanState
from server.domain.quiz import Keep, Terms, check_seconds
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.audit import new_salt
from server.services.commands import Command, command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.paper_runs import RunPlan, ask_together
from server.services.planned_marks import reached_by
from server.services.questions import prepared_lesson
from server.services.quiz_launches import ask
from server.services.records import Records, Transaction
from server.services.rooms import tell

LAUNCHED = "quizzes.planned"
"""The line in the audit log: the house launched one by itself."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """What is to be launched, and when: one question, or several as a paper."""

    question_ids: tuple[str, ...]
    mark: Mark
    terms: Terms
    mix_questions: bool = False
    mix_options: bool = False


@dataclass(frozen=True, slots=True)
class MarkView:
    """``name``: of the deck."""

    kind: MarkKind
    number: int
    material_id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class PlannedView:
    """``text``: of the first question, "" when it is gone; ``gone``: how many of them are. ``due_at`` null: its mark
    is not reached.
    """

    id: str
    question_ids: tuple[str, ...]
    text: str
    gone: int
    mark: MarkView
    seconds: int | None
    keep: Keep
    mix_questions: bool
    mix_options: bool
    due_at: dt.datetime | None
    state: PlanState
    held: Obstacle | None
    missed: Missed | None
    quiz_id: str | None
    planned_at: dt.datetime
    server_time: dt.datetime


_VIEW = TypeAdapter(PlannedView)


async def list_planned(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[PlannedView, ...]:
    """For who prepares its questions, the one that was planned first first. Raises ``lesson_not_found``,
    ``forbidden``.
    """

    def load(tx: Transaction) -> tuple[PlannedView, ...]:
        prepared_lesson(tx, principal, lesson_id, now)
        return tuple(_view(tx, plan, now) for plan in tx.planned.of(lesson_id))

    return await records.read(load)


def _view(tx: Transaction, plan: PlannedLaunch, now: dt.datetime) -> PlannedView:
    found = [question for each in plan.question_ids if (question := tx.questions.get(each)) is not None]
    deck = tx.materials.get(plan.mark.material_id) if plan.mark.material_id else None
    return PlannedView(
        id=plan.id,
        question_ids=plan.question_ids,
        text=found[0].text if found else "",
        gone=len(plan.question_ids) - len(found),
        mark=MarkView(plan.mark.kind, plan.mark.number, plan.mark.material_id, deck.name if deck else None),
        seconds=plan.terms.seconds,
        keep=plan.terms.keep,
        mix_questions=plan.mix_questions,
        mix_options=plan.mix_options,
        due_at=plan.due_at,
        state=plan.state,
        held=plan.held,
        missed=plan.missed,
        quiz_id=plan.quiz_id,
        planned_at=plan.planned_at,
        server_time=now,
    )


# ---- by hand ---------------------------------------------------------------------------------------------


async def plan_launch(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, plan: LaunchPlan, now: dt.datetime
) -> PlannedView:
    """Before the lesson or in it. Raises ``forbidden``, ``not_editable`` when it is over, ``question_not_found``,
    ``material_not_found``, ``page_unknown``, ``mark_passed``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "plan_launch", lesson_id=lesson_id, **asdict(plan))

    def work(tx: Transaction) -> PlannedView:
        lesson = prepared_lesson(tx, principal, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: _plan(tx, principal, lesson, plan, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _plan(tx: Transaction, principal: Principal, lesson: Lesson, plan: LaunchPlan, now: dt.datetime) -> PlannedView:
    if lesson.state not in EDITABLE | ON_AIR:
        raise Refusal("not_editable", lesson.state)
    if plan.terms.seconds is not None:
        check_seconds(plan.terms.seconds)
    made = PlannedLaunch(
        id=str(uuid4()),
        lesson_id=lesson.id,
        question_ids=plan.question_ids,
        mark=plan.mark,
        terms=plan.terms,
        mix_questions=plan.mix_questions,
        mix_options=plan.mix_options,
        planned_by=principal.account_id,
        planned_at=now,
    )
    rules.check_plan(made, tx.planned.of(lesson.id), reached_by(tx, lesson), now)
    own = {question.id for question in tx.questions.of(lesson.id)}
    for each in plan.question_ids:
        if each not in own:
            raise Refusal("question_not_found", each)
    _check_deck(tx, lesson, plan.mark)
    if lesson.state is LessonState.LIVE and lesson.live_at is not None:
        made = rules.begun(made, lesson.live_at)
    _keep(tx, made, now, principal.account_id)
    return _view(tx, made, now)


def _check_deck(tx: Transaction, lesson: Lesson, mark: Mark) -> None:
    if mark.material_id is None:
        return
    deck = tx.materials.get(mark.material_id)
    if deck is None or (deck.lesson_id, deck.kind) != (lesson.id, MaterialKind.SLIDES):
        raise Refusal("material_not_found", mark.material_id)
    if deck.state is MaterialState.DELETED:
        raise Refusal("material_not_found", mark.material_id)
    pages = (deck.result or {}).get("pages")
    if pages is not None and mark.number > int(pages):
        raise Refusal("page_unknown", f"{mark.number} of {pages}")


async def launch_planned(
    house: House, principal: Principal, planned_id: str, command_id: str, now: Moment
) -> PlannedView:
    """立即发布, also of one that was missed. Raises ``planned_not_found``, ``planned_over``, ``forbidden``, and what
    launching raises.
    """
    asked = command(principal, command_id, "launch_planned", planned_id=planned_id)

    def step(tx: Transaction, lesson: Lesson, plan: PlannedLaunch) -> PlannedLaunch:
        if not plan.open:
            raise Refusal("planned_over", plan.state)
        quiz_id, told = _ask(tx, lesson, plan, by=principal.account_id, now=now.at)
        tx.events.append(lesson.id, told, now.at, principal.account_id)
        return rules.launched(plan, quiz_id)

    return await _step(house, principal, planned_id, asked, step, now=now.at, action=Action.QUIZ)


async def put_off_planned(
    house: House, principal: Principal, planned_id: str, command_id: str, now: dt.datetime
) -> PlannedView:
    """Raises ``planned_not_found``, ``planned_over``, ``mark_not_reached``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "put_off_planned", planned_id=planned_id)
    return await _step(
        house, principal, planned_id, asked, lambda _tx, _lesson, plan: rules.put_off(plan, now), now=now
    )


async def cancel_planned(
    house: House, principal: Principal, planned_id: str, command_id: str, now: dt.datetime
) -> PlannedView:
    """Raises ``planned_not_found``, ``planned_over``, ``forbidden``, ``command_reused``."""
    asked = command(principal, command_id, "cancel_planned", planned_id=planned_id)
    return await _step(house, principal, planned_id, asked, lambda _tx, _lesson, plan: rules.cancelled(plan), now=now)


Step = Callable[[Transaction, Lesson, PlannedLaunch], PlannedLaunch]


async def _step(
    house: House,
    principal: Principal,
    planned_id: str,
    asked: Command,
    step: Step,
    *,
    now: dt.datetime,
    action: Action | None = None,
) -> PlannedView:
    """``action``: what it takes besides preparing."""

    def work(tx: Transaction) -> tuple[str, PlannedView]:
        lesson = _lesson_of(tx, principal, planned_id, now, action)

        def do() -> PlannedView:
            plan = tx.planned.get(planned_id)
            assert plan is not None
            after = step(tx, lesson, plan)
            if after != plan:
                _keep(tx, after, now, principal.account_id)
            return _view(tx, after, now)

        return lesson.id, once(tx, asked, now, _VIEW, do)

    lesson_id, view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _lesson_of(
    tx: Transaction, principal: Principal, planned_id: str, now: dt.datetime, action: Action | None
) -> Lesson:
    """Its row locked. Whoever may not know the lesson learns of no plan."""
    plan = tx.planned.get(planned_id)
    if plan is None:
        raise Refusal("planned_not_found", planned_id)
    try:
        if action is not None:
            return allowed_target(tx, principal, action, plan.lesson_id, now, lock=True).lesson
        return prepared_lesson(tx, principal, plan.lesson_id, now, lock=True)
    except Refusal as refusal:
        raise Refusal("planned_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None


def _keep(tx: Transaction, plan: PlannedLaunch, now: dt.datetime, by: str | None) -> None:
    tx.planned.put(plan)
    tx.events.append(plan.lesson_id, [events.quiz_planned(plan)], now, by)


def _ask(
    tx: Transaction, lesson: Lesson, plan: PlannedLaunch, *, by: str, now: dt.datetime
) -> tuple[str, list[Announcement]]:
    """The (first) quiz, and what is said of it. When it refuses, nothing is written."""
    if len(plan.question_ids) == 1:
        quiz = ask(tx, lesson, plan.question_ids[0], by=by, terms=plan.terms, now=now)
        return quiz.id, [events.quiz_launched(quiz)]
    mixed = RunPlan(plan.question_ids, mix_questions=plan.mix_questions, mix_options=plan.mix_options)
    run, quizzes = ask_together(tx, lesson, mixed, by=by, terms=plan.terms, now=now)
    return quizzes[0].id, [events.paper_launched(run, quizzes[0].deadline_at, quizzes[0].seconds)]


# ---- by the clock ----------------------------------------------------------------------------------------


async def launch_due(house: House, now: dt.datetime) -> float | None:
    """Launches what is due; returns the seconds until the next one is, None: nothing has a time. Idempotent: in every
    process, and again after a restart.
    """

    def look(tx: Transaction) -> tuple[list[str], float | None]:
        due = tx.planned.due()
        near = [plan for plan in due if plan.due_at is not None and plan.due_at - now <= LEAD]
        lessons = dict.fromkeys(plan.lesson_id for plan in near)
        stirred = [each for each in lessons if any(_decided(tx, each, near, now))]
        waits = [(plan.due_at - now).total_seconds() for plan in due if plan.due_at is not None]
        return stirred, min((each for each in waits if each > 0), default=None)

    stirred, wait_s = await house.records.read(look)
    for lesson_id in stirred:
        try:
            told = await house.records.write(partial(_launch_due, lesson_id=lesson_id, now=now))
        except Refusal as refusal:
            _log.warning("what was planned in lesson %s was left: %s", lesson_id, refusal.code)
            continue
        if told:
            await tell(house, lesson_id)
    return wait_s


def _decided(tx: Transaction, lesson_id: str, near: list[PlannedLaunch], now: dt.datetime) -> list[bool]:
    """Whether anything would come of each."""
    lesson = tx.lessons.get(lesson_id)
    if lesson is None or lesson.state is not LessonState.LIVE:
        return []
    obstacle = _obstacle(tx, lesson)
    mine = [plan for plan in near if plan.lesson_id == lesson_id]
    return [rules.looked_at(plan, now, obstacle) != (plan, False) for plan in mine]


def _launch_due(tx: Transaction, lesson_id: str, now: dt.datetime) -> bool:
    lesson = tx.lessons.lock(lesson_id)
    if lesson is None or lesson.state is not LessonState.LIVE:
        return False
    told = False
    for plan in (one for one in tx.planned.due() if one.lesson_id == lesson_id):
        after, go = rules.looked_at(plan, now, _obstacle(tx, lesson))
        if go:
            after = _launched(tx, lesson, plan, now)
        if after.held is not None and after.held is plan.held:
            tx.planned.put(after)  # it waits as before: nothing to say
        elif after != plan:
            _keep(tx, after, now, None)
            told = True
    return told


def _obstacle(tx: Transaction, lesson: Lesson) -> Obstacle | None:
    if tx.quizzes.running(lesson.id) is not None:
        return Obstacle.QUIZ
    return Obstacle.CURTAIN if tx.programmes.get(lesson.id).curtain is not None else None


_WHY = {"question_not_found": Missed.QUESTION_GONE, "invalid_body": Missed.TOO_MANY}


def _launched(tx: Transaction, lesson: Lesson, plan: PlannedLaunch, now: dt.datetime) -> PlannedLaunch:
    """In the name of who planned it; what can't be launched waits for a hand and says why."""
    if not rules.unasked(plan, {quiz.question_id for quiz, _ in tx.quizzes.of(lesson.id)}):
        return rules.missed(plan, Missed.ASKED)
    try:
        quiz_id, told = _ask(tx, lesson, plan, by=plan.planned_by, now=now)
    except Refusal as refusal:
        if refusal.code not in _WHY:
            raise
        return rules.missed(plan, _WHY[refusal.code])
    tx.events.append(lesson.id, told, now, None)
    said = {"planned": plan.id, "questions": len(plan.question_ids), "quiz": quiz_id}
    tx.audit.add(of_the_house(now, LAUNCHED, f"lesson/{lesson.id}", new_salt(), **said))
    return rules.launched(plan, quiz_id)
