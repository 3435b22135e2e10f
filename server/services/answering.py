"""A member answers a quiz: once, in time, and by whatever way the answer came."""

from __future__ import annotations

from dataclasses import dataclass

from server.domain import quiz as rules
from server.domain.access import Action, Principal
from server.domain.quiz import Answer, AnswerChannel, Deadlines, Moment, Quiz
from server.domain.refusals import Refusal
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.views import AnswerView


@dataclass(frozen=True, slots=True)
class Attempt:
    """``arrival``: when it had been read and parsed here; no other clock counts.

    ``lesson_id``: the only lesson it may be for (a socket's), None for any.
    """

    quiz_id: str
    command_id: str
    choice: tuple[str, ...]
    channel: AnswerChannel
    arrival: Moment
    lesson_id: str | None = None


async def answer_quiz(house: House, principal: Principal, attempt: Attempt) -> AnswerView:
    """Committed when it returns. The same command again gives the same answer, also after closing.

    Raises ``quiz_not_found``, ``not_on_roster``, ``quiz_closed``, ``option_unknown``, ``invalid_body``,
    ``already_answered``, ``command_reused``. Nothing is written then.
    """
    return await house.records.write(lambda tx: _answer(tx, house.deadlines, principal, attempt))


def _answer(tx: Transaction, deadlines: Deadlines, principal: Principal, attempt: Attempt) -> AnswerView:
    """Two statements for an answer that counts: two thousand come in the same two seconds."""
    quiz = _found(tx, principal, attempt)
    received_at = deadlines.received_at(quiz, attempt.arrival)
    try:
        rules.check_in_time(quiz, received_at)
        choice = rules.choice_of(quiz, attempt.choice)
    except Refusal:
        before = _before(tx, principal, attempt)
        if before is not None:
            return before
        raise
    assert principal.member_id is not None
    answer = Answer(
        quiz_id=quiz.id,
        member_id=principal.member_id,
        command_id=attempt.command_id,
        choice=choice,
        right=rules.is_right(quiz, choice),
        received_at=received_at,
        account_id=principal.account_id,
        channel=attempt.channel,
    )
    if tx.quizzes.put(answer):
        return _view(answer)
    before = _before(tx, principal, attempt)
    if before is None:
        raise Refusal("already_answered" if _has_answered(tx, principal, quiz.id) else "command_reused")
    return before


def _found(tx: Transaction, principal: Principal, attempt: Attempt) -> Quiz:
    """Whoever is on the roster may answer; who may not even know the lesson learns of no quiz."""
    candidate = tx.quizzes.candidate(attempt.quiz_id, principal.member_id)
    if candidate is None or attempt.lesson_id not in {None, candidate[0].lesson_id}:
        raise Refusal("quiz_not_found", attempt.quiz_id)
    quiz, expected = candidate
    if expected:
        return quiz
    try:
        allowed_target(tx, principal, Action.READ, quiz.lesson_id, attempt.arrival.at)
    except Refusal:
        raise Refusal("quiz_not_found", attempt.quiz_id) from None
    raise Refusal("not_on_roster")


def _before(tx: Transaction, principal: Principal, attempt: Attempt) -> AnswerView | None:
    """What the same command did before. Raises ``command_reused`` when it chose something else."""
    assert principal.member_id is not None
    answer = tx.quizzes.answer(attempt.quiz_id, principal.member_id)
    if answer is None or answer.command_id != attempt.command_id:
        return None
    if set(answer.choice) != set(attempt.choice):
        raise Refusal("command_reused", attempt.command_id)
    return _view(answer)


def _has_answered(tx: Transaction, principal: Principal, quiz_id: str) -> bool:
    assert principal.member_id is not None
    return tx.quizzes.answer(quiz_id, principal.member_id) is not None


def _view(answer: Answer) -> AnswerView:
    return AnswerView(answer.quiz_id, answer.choice, answer.received_at)
