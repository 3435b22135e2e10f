"""交卷: a member hands in a paper that is asked as a whole. What was saved of it until then stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Action, Principal
from server.domain.paper_runs import HandIn
from server.domain.quiz import Quiz
from server.domain.quiz_clock import Moment, check_in_time
from server.domain.refusals import Refusal
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction


@dataclass(frozen=True, slots=True)
class HandInView:
    """``at``: of the first time in this round."""

    run_id: str
    round: int
    at: dt.datetime


async def hand_in(house: House, principal: Principal, quiz_id: str, arrival: Moment) -> HandInView:
    """The paper of this quiz. Again gives the same, also when it is closed; committed when it returns.

    Raises ``quiz_not_found``, ``not_on_roster``, ``not_a_paper``, ``quiz_closed``, ``quiz_paused``.
    """

    def work(tx: Transaction) -> HandInView:
        quiz, member_id = _found(tx, principal, quiz_id, arrival.at)
        if quiz.run_id is None:
            raise Refusal("not_a_paper", quiz_id)
        before = tx.papers.handed_in({quiz.run_id}, {member_id}).get((quiz.run_id, member_id, quiz.round))
        if before is not None:
            return HandInView(quiz.run_id, quiz.round, before)
        received_at = house.deadlines.received_at(quiz, arrival)
        check_in_time(quiz, received_at)
        made = HandIn(quiz.run_id, member_id, quiz.round, received_at, principal.account_id)
        if not tx.papers.hand_in(made):
            known = tx.papers.handed_in({quiz.run_id}, {member_id})
            return HandInView(quiz.run_id, quiz.round, known[quiz.run_id, member_id, quiz.round])
        return HandInView(quiz.run_id, quiz.round, received_at)

    return await house.records.write(work)


def _found(tx: Transaction, principal: Principal, quiz_id: str, now: dt.datetime) -> tuple[Quiz, str]:
    """As answering has it: the roster decides; who may not even know the lesson learns of no quiz."""
    quiz = tx.quizzes.held({quiz_id}).get(quiz_id)
    if quiz is None:
        raise Refusal("quiz_not_found", quiz_id)
    member_id = principal.member_id
    if member_id is not None and member_id in tx.roster.among(quiz.lesson_id, {member_id}):
        return quiz, member_id
    try:
        allowed_target(tx, principal, Action.READ, quiz.lesson_id, now)
    except Refusal:
        raise Refusal("quiz_not_found", quiz_id) from None
    raise Refusal("not_on_roster")
