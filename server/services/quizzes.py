"""Launching quizzes, closing them, and seeing them as each may."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, LessonTarget, Principal, allowed, lesson_venue_of
from server.domain.paper_runs import HandInKey, PaperRun, options_of, place_of
from server.domain.quiz import (
    UNSCORED,
    Answer,
    AnswerChannel,
    Onlooker,
    Opinion,
    Outcome,
    Quiz,
    UnitOutcome,
    sight,
)
from server.domain.quiz_clock import Moment, closing_time
from server.domain.reaches import by_unit
from server.domain.refusals import Refusal
from server.domain.remarking import Remark
from server.services.commands import command, once
from server.services.finding import allowed_target, report_day
from server.services.house import House
from server.services.owing import owes_answers
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import (
    OpinionView,
    OptionView,
    QuizRemarkView,
    QuizResultView,
    QuizRunView,
    QuizUnitView,
    QuizView,
)

_VIEW = TypeAdapter(QuizView)


# ---- seeing ----------------------------------------------------------------------------------------------


async def list_quizzes(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[QuizView, ...]:
    """All that were launched, newest last, each as the principal may see it. Raises ``lesson_not_found``."""

    def load(tx: Transaction) -> tuple[QuizView, ...]:
        target = allowed_target(tx, principal, Action.READ, lesson_id, now)
        asked = tx.quizzes.of(lesson_id)
        if not asked:
            return ()
        own = tx.quizzes.own(lesson_id, principal.member_id) if principal.member_id else {}
        eye = Eye(tx, principal, target, now)
        return tuple(eye.view(quiz, outcome, own.get(quiz.id)) for quiz, outcome in asked)

    return await records.read(load)


@dataclass(frozen=True, slots=True)
class RunningCount:
    """For screens that show how many have answered. ``distribution`` is staff's alone."""

    quiz_id: str
    answered: int
    expected: int
    distribution: Mapping[str, int]
    run_id: str | None = None
    begun: int = 0
    """Of a paper asked as a whole who has answered any question; ``answered``: every one. It has no distribution."""
    handed_in: int = 0
    """交卷, in this round."""
    opinions: tuple[Opinion, ...] | None = None
    """Of an opinion or a word cloud by itself, what was approved; None of other kinds."""


async def running_count(records: Records, lesson_id: str) -> RunningCount | None:
    """None when no quiz of the lesson runs."""

    def load(tx: Transaction) -> RunningCount | None:
        quiz = tx.quizzes.running(lesson_id)
        if quiz is None:
            return None
        if quiz.run_id is not None:
            begun, answered = tx.quizzes.progress(tx.quizzes.together(quiz))
            handed_in = len(tx.papers.hand_ins(quiz.run_id, quiz.round))
            return RunningCount(quiz.id, answered, tx.quizzes.expected(lesson_id), {}, quiz.run_id, begun, handed_in)
        outcome = tx.quizzes.outcome(quiz, units=False)
        told = outcome.opinions if quiz.kind in UNSCORED else None
        return RunningCount(quiz.id, outcome.answered, outcome.expected, outcome.distribution, opinions=told)

    return await records.read(load)


class Eye:
    """One principal's view of one lesson's quizzes: the only place where a quiz becomes what somebody sees."""

    def __init__(self, tx: Transaction, principal: Principal, target: LessonTarget, now: dt.datetime) -> None:
        self._tx = tx
        self._now = now
        self._onlooker = onlooker(principal, target)
        self._owes = owes_answers(tx, principal, target.lesson)
        self._remarks: Mapping[str, Remark] | None = None
        self._runs: Mapping[str, PaperRun] | None = None
        self._hand_ins: Mapping[HandInKey, dt.datetime] | None = None
        self._member_id = principal.member_id if self._onlooker is Onlooker.MEMBER else None
        self._units = None if self._onlooker is Onlooker.STAFF else _own_units(tx, principal, target)

    def view(self, quiz: Quiz, outcome: Outcome | None, own: Answer | None) -> QuizView:
        """``outcome``: what was kept at closing; of a running one it is counted when it may be seen."""
        seen = sight(self._onlooker, closed=quiz.closed, owes=self._owes)
        if outcome is None and seen.result:
            outcome = self._tx.quizzes.outcome(quiz)
        answered = expected = None
        if outcome is not None and seen.count:
            answered, expected = outcome.answered, outcome.expected
        elif seen.count:
            answered, expected = self._tx.quizzes.answered(quiz.id), self._tx.quizzes.expected(quiz.lesson_id)
        run = self._run(quiz)
        options = quiz.options if run is None else options_of(run, quiz, self._member_id)
        return QuizView(
            id=quiz.id,
            lesson_id=quiz.lesson_id,
            question_id=quiz.question_id,
            number=quiz.number,
            kind=quiz.kind,
            text=quiz.text,
            options=tuple(OptionView(option.id, option.text) for option in options),
            seconds=quiz.seconds,
            launched_at=quiz.launched_at,
            deadline_at=quiz.deadline_at,
            closed_at=quiz.closed_at,
            server_time=self._now,
            my_choice=own.choice if own else None,
            answered=answered,
            expected=expected,
            result=self._result(quiz, outcome) if outcome is not None and seen.result else None,
            scored=quiz.scored,
            places=quiz.places,
            keep=quiz.keep,
            paused_at=quiz.paused_at,
            round=quiz.round,
            reopen_reason=quiz.reopen_reason,
            my_marks=own.marks if own and seen.result else None,
            my_round=own.round if own else None,
            run=None if run is None else self._run_view(run, quiz),
            my_nth=own.nth if own else 0,
            opinions=self._opinions(quiz, outcome) if seen.opinions else None,
            my_helped=own.reason if own and own.channel is AnswerChannel.ASSISTED else None,
            picture=quiz.picture,
        )

    def _opinions(self, quiz: Quiz, outcome: Outcome | None) -> tuple[OpinionView, ...] | None:
        if quiz.kind not in UNSCORED:
            return None
        known = outcome or self._tx.quizzes.outcome(quiz, units=False)
        return tuple(OpinionView(one.text, one.count) for one in known.opinions)

    def _run(self, quiz: Quiz) -> PaperRun | None:
        if quiz.run_id is None:
            return None
        if self._runs is None:
            self._runs = {run.id: run for run in self._tx.papers.runs(quiz.lesson_id)}
        return self._runs[quiz.run_id]

    def _run_view(self, run: PaperRun, quiz: Quiz) -> QuizRunView:
        place = place_of(run, quiz.id, self._member_id)
        return QuizRunView(run.id, run.name, place, len(run.quiz_ids), self._handed_in(run, quiz))

    def _handed_in(self, run: PaperRun, quiz: Quiz) -> dt.datetime | None:
        if self._member_id is None:
            return None
        if self._hand_ins is None:
            self._hand_ins = self._tx.papers.handed_in(self._runs or (), {self._member_id})
        return self._hand_ins.get((run.id, self._member_id, quiz.round))

    def _result(self, quiz: Quiz, outcome: Outcome) -> QuizResultView:
        units = [unit for unit in outcome.units if self._units is None or unit.unit_id in self._units]
        return QuizResultView(
            answered=outcome.answered,
            right=outcome.right,
            distribution=dict(outcome.distribution),
            correct=quiz.correct,
            explanation=quiz.explanation,
            units=tuple(_unit_view(unit) for unit in units),
            blanks=quiz.blanks,
            marks=outcome.marks,
            remarked=self._remarked(quiz),
        )

    def _remarked(self, quiz: Quiz) -> QuizRemarkView | None:
        if not quiz.closed:
            return None
        if self._remarks is None:
            self._remarks = self._tx.remarks.last(quiz.lesson_id)
        last = self._remarks.get(quiz.id)
        if last is None:
            return None
        return QuizRemarkView(last.number, last.former.chosen, last.former.blanks, last.reason, last.at)


def onlooker(principal: Principal, target: LessonTarget) -> Onlooker:
    if Action.QUIZ in allowed(principal, target):
        return Onlooker.STAFF
    return Onlooker.SCREEN if lesson_venue_of(principal, target.lesson) else Onlooker.MEMBER


def _own_units(tx: Transaction, principal: Principal, target: LessonTarget) -> frozenset[str]:
    """The own unit; for whoever sees the board of units, not merely a room's, those below where the role is held."""
    own = frozenset(principal.unit_line[:1])
    if principal.venue_id is not None or not by_unit(principal, Action.BOARD, target):
        return own
    tree, on = tx.units.tree(), report_day(tx, target.lesson)
    return own.union(*(tree.subtree(grant.unit_id, on) for grant in principal.grants))


def _unit_view(unit: UnitOutcome) -> QuizUnitView:
    return QuizUnitView(unit.unit_id, unit.name, unit.expected, unit.answered, unit.right)


# ---- closing ---------------------------------------------------------------------------------------------


async def close_quiz(house: House, principal: Principal, quiz_id: str, command_id: str, now: Moment) -> QuizView:
    """停止答题, of a paper asked as a whole with all its questions. One that is closed already stays as it is.

    Raises ``quiz_not_found``, ``forbidden``, ``command_reused``.
    """
    asked = command(principal, command_id, "close_quiz", quiz_id=quiz_id)

    def work(tx: Transaction) -> QuizView:
        quiz, target = quiz_target(tx, principal, quiz_id, now.at)
        at = closing_time(quiz, house.deadlines.received_at(quiz, now))
        return once(tx, asked, now.at, _VIEW, lambda: _close(tx, principal, target, quiz, at=at, now=now.at))

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


def quiz_target(
    tx: Transaction,
    principal: Principal,
    quiz_id: str,
    now: dt.datetime,
    action: Action = Action.QUIZ,
    *,
    lock: bool = True,
) -> tuple[Quiz, LessonTarget]:
    """The quiz as it stands, and its lesson, locked when something is to be changed.

    Whoever may not know the lesson learns of no quiz.
    """
    quiz = tx.quizzes.get(quiz_id)
    if quiz is None:
        raise Refusal("quiz_not_found", quiz_id)
    try:
        target = allowed_target(tx, principal, action, quiz.lesson_id, now, lock=lock)
    except Refusal as refusal:
        raise Refusal("quiz_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    return tx.quizzes.get(quiz_id) or quiz, target  # its time may have been moved while we waited for the lock


def _close(
    tx: Transaction, principal: Principal, target: LessonTarget, quiz: Quiz, *, at: dt.datetime, now: dt.datetime
) -> QuizView:
    announced = _ended(tx, quiz, at)
    if announced:
        tx.events.append(quiz.lesson_id, announced, now, principal.account_id)
    kept = next((each, outcome) for each, outcome in tx.quizzes.of(quiz.lesson_id) if each.id == quiz.id)
    return Eye(tx, principal, target, now).view(*kept, None)


async def close_by_clock(house: House, quiz: Quiz, now: dt.datetime) -> None:
    """Its time is over. Idempotent: in every process that knows of it, and again after a restart."""

    def work(tx: Transaction) -> bool:
        tx.lessons.lock(quiz.lesson_id)
        standing = tx.quizzes.get(quiz.id)
        if standing is None or standing.paused_at is not None or standing.deadline_at != quiz.deadline_at:
            return False  # its time was moved meanwhile
        announced = _ended(tx, standing, standing.ends_at)
        if announced:
            tx.events.append(quiz.lesson_id, announced, now, None)
        return bool(announced)

    if await house.records.write(work):
        await tell(house, quiz.lesson_id)


def close_running(tx: Transaction, lesson_id: str, now: dt.datetime) -> list[events.Announcement]:
    """The lesson is over, and with it what is being answered. The lesson's row is locked."""
    quiz = tx.quizzes.running(lesson_id)
    return [] if quiz is None else _ended(tx, quiz, closing_time(quiz, now))


def _ended(tx: Transaction, quiz: Quiz, at: dt.datetime) -> list[events.Announcement]:
    """With whatever shares its time; nothing when it was closed before."""
    asked = tx.quizzes.together(quiz)
    outcomes = {each.id: tx.quizzes.close(each, at) for each in in_locking_order(asked)}
    closed = [(each, outcomes[each.id]) for each in asked]
    return [events.quiz_closed(each, outcome) for each, outcome in closed if outcome is not None]


def in_locking_order(quizzes: Sequence[Quiz]) -> list[Quiz]:
    """As answers hold them: of two processes that take the rows of a paper in two orders PostgreSQL ends one."""
    return sorted(quizzes, key=lambda quiz: quiz.id)
