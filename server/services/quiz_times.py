"""The lecturer stops a quiz's time, lets it go on, adds to it, and opens a closed one again.

Of a paper asked as a whole each of these moves all questions together, whichever is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain import events
from server.domain import quiz_clock as rules
from server.domain.access import Principal
from server.domain.paper_runs import moved
from server.domain.quiz import Quiz
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.commands import Command, command, once
from server.services.finding import check_on_air
from server.services.house import House
from server.services.quizzes import Eye, in_locking_order, quiz_target
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.views import QuizView

_VIEW = TypeAdapter(QuizView)


async def pause_quiz(house: House, principal: Principal, quiz_id: str, command_id: str, now: Moment) -> QuizView:
    """Raises ``quiz_not_found``, ``forbidden``, ``quiz_closed``, ``command_reused``."""
    asked = command(principal, command_id, "pause_quiz", quiz_id=quiz_id)
    return await _timed(house, principal, quiz_id, asked, now=now, step=lambda quiz, at: rules.paused(quiz, at.at))


async def resume_quiz(house: House, principal: Principal, quiz_id: str, command_id: str, now: Moment) -> QuizView:
    """As pausing."""
    asked = command(principal, command_id, "resume_quiz", quiz_id=quiz_id)
    return await _timed(house, principal, quiz_id, asked, now=now, step=lambda quiz, at: rules.resumed(quiz, at.at))


async def extend_quiz(
    house: House, principal: Principal, quiz_id: str, command_id: str, *, seconds: int, now: Moment
) -> QuizView:
    """As pausing, and ``invalid_body`` for more than an hour altogether."""
    asked = command(principal, command_id, "extend_quiz", quiz_id=quiz_id, seconds=seconds)
    return await _timed(
        house, principal, quiz_id, asked, now=now, step=lambda quiz, at: rules.extended(quiz, seconds, at.at)
    )


async def reopen_quiz(
    house: House, principal: Principal, quiz_id: str, command_id: str, *, seconds: int, reason: str, now: Moment
) -> QuizView:
    """Raises ``quiz_not_found``, ``forbidden``, ``quiz_open``, ``quiz_reopened_often``, ``quiz_running``,
    ``lesson_not_on_air``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "reopen_quiz", quiz_id=quiz_id, seconds=seconds, reason=reason)
    return await _timed(
        house, principal, quiz_id, asked, now=now, step=lambda quiz, at: rules.reopened(quiz, seconds, reason, at.at)
    )


async def _timed(
    house: House,
    principal: Principal,
    quiz_id: str,
    asked: Command,
    *,
    now: Moment,
    step: Callable[[Quiz, Moment], Quiz],
) -> QuizView:
    """``step`` is given the moment on the time line on which the deadline was set."""

    def work(tx: Transaction) -> QuizView:
        quiz, target = quiz_target(tx, principal, quiz_id, now.at)

        def do() -> QuizView:
            on_line = replace(now, at=house.deadlines.received_at(quiz, now))
            before = tx.quizzes.together(quiz)
            after = moved(before, lambda each: step(each, on_line))
            changed = next(each for each in after if each.id == quiz.id)
            again = changed.round != quiz.round
            if again:
                check_on_air(target.lesson)
                if tx.quizzes.running(quiz.lesson_id) is not None:
                    raise Refusal("quiz_running")
            if changed != quiz:
                for each in in_locking_order(after):
                    tx.quizzes.save(each)
                told = [events.quiz_reopened(each) if again else events.quiz_timed(each) for each in after]
                tx.events.append(quiz.lesson_id, told, now.at, principal.account_id)
            return Eye(tx, principal, target, now.at).view(changed, None, None)

        return once(tx, asked, now.at, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view
