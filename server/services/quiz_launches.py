"""A prepared question is launched: by hand, or by the house when its mark is reached."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import quiz as rules
from server.domain.access import Action, Principal
from server.domain.lessons import Lesson
from server.domain.quiz import MOST_PREPARED, Quiz, Terms
from server.domain.quiz_clock import Moment
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.finding import allowed_target, check_on_air
from server.services.house import House
from server.services.quizzes import Eye
from server.services.records import Transaction
from server.services.rooms import tell
from server.services.views import QuizView

_VIEW = TypeAdapter(QuizView)


async def launch_quiz(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    question_id: str,
    terms: Terms,
    now: Moment,
) -> QuizView:
    """Everybody gets the question, and so long to answer.

    Raises ``lesson_not_on_air``, ``quiz_running``, ``question_not_found``, ``invalid_body``, ``forbidden``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "launch_quiz", lesson_id=lesson_id, question=question_id, **asdict(terms))

    def work(tx: Transaction) -> QuizView:
        target = allowed_target(tx, principal, Action.QUIZ, lesson_id, now.at, lock=True)

        def do() -> QuizView:
            quiz = ask(tx, target.lesson, question_id, by=principal.account_id, terms=terms, now=now.at)
            tx.events.append(lesson_id, [events.quiz_launched(quiz)], now.at, principal.account_id)
            return Eye(tx, principal, target, now.at).view(quiz, None, None)

        return once(tx, asked, now.at, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def ask(tx: Transaction, lesson: Lesson, question_id: str, *, by: str, terms: Terms, now: dt.datetime) -> Quiz:
    """The lesson's row is locked; telling it is the caller's. Raises what launching raises."""
    check_on_air(lesson)
    if tx.quizzes.running(lesson.id) is not None:
        raise Refusal("quiz_running")
    question = tx.questions.get(question_id)
    if question is None or question.lesson_id != lesson.id:
        raise Refusal("question_not_found", question_id)
    number = tx.quizzes.count(lesson.id) + 1
    if number > MOST_PREPARED:
        raise Refusal("invalid_body", f"{MOST_PREPARED} quizzes at most")
    quiz = rules.launched(question, str(uuid4()), number, by=by, terms=terms, now=now)
    tx.quizzes.add(quiz)
    return quiz
