"""The questions of a lesson that is made up: an attempt at a time, in an order of its own; the server decides.

And what was asked in the lesson itself, at its marks of the replay, once each.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain import marks
from server.domain.access import Principal
from server.domain.make_ups import begin, hand_in
from server.domain.quiz import scored
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.make_up_marks import MakeUpMarkView, mark_view, marked_quizzes
from server.services.make_up_views import AttemptView, attempt_view
from server.services.make_ups import finish, own_make_up
from server.services.records import Records, Transaction

_VIEW = TypeAdapter(AttemptView)
_MARK = TypeAdapter(MakeUpMarkView)


async def begin_attempt(
    records: Records, principal: Principal, make_up_id: str, command_id: str, now: dt.datetime
) -> AttemptView:
    """A new one, or the one that waits to be handed in.

    Raises ``make_up_not_found``, ``make_up_expired``, ``make_up_closed``, ``make_up_not_watched``, ``make_up_passed``,
    ``make_up_no_attempts``, ``make_up_pause``, ``make_up_no_questions``, ``command_reused``.
    """
    asked = command(principal, command_id, "begin_attempt", id=make_up_id)

    def work(tx: Transaction) -> AttemptView:
        make_up = own_make_up(tx, principal, make_up_id, now, lock=True)

        def do() -> AttemptView:
            tried = tx.make_ups.attempts(make_up.id)
            waiting = next((each for each in tried if each.submitted_at is None), None)
            if waiting is not None:
                return attempt_view(waiting)
            questions = tx.questions.of(make_up.lesson_id)
            if not scored(questions) or make_up.terms.right_percent is None:
                raise Refusal("make_up_no_questions", make_up.id)
            made = begin(make_up, tried, str(uuid.uuid4()), questions, now)
            tx.make_ups.add_attempt(made)
            return attempt_view(made)

        return once(tx, asked, now, _VIEW, do)

    return await records.write(work)


async def hand_in_attempt(
    records: Records,
    principal: Principal,
    make_up_id: str,
    attempt_id: str,
    command_id: str,
    *,
    choices: Mapping[str, Sequence[str]],
    now: dt.datetime,
) -> AttemptView:
    """Before the deadline, by the server's clock. One that passes makes it done, with its entry.

    Raises ``make_up_not_found``, ``make_up_expired``, ``make_up_closed``, ``attempt_not_found``, ``attempt_over``,
    ``question_not_found``, ``option_unknown``, ``command_reused``.
    """
    body = {each: list(chosen) for each, chosen in choices.items()}
    asked = command(principal, command_id, "hand_in_attempt", id=attempt_id, choices=body)

    def work(tx: Transaction) -> AttemptView:
        own_make_up(tx, principal, make_up_id, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    def do(tx: Transaction) -> AttemptView:
        make_up = own_make_up(tx, principal, make_up_id, now)
        attempt = next((each for each in tx.make_ups.attempts(make_up_id) if each.id == attempt_id), None)
        if attempt is None:
            raise Refusal("attempt_not_found", attempt_id)
        done = hand_in(attempt, choices, make_up.terms.right_percent or 0, now)
        tx.make_ups.save_attempt(done)
        if done.passed:
            tx.make_ups.save(finish(tx, replace(make_up, passed=True), principal.account_id, now))
        return attempt_view(done)

    return await records.write(work)


async def answer_mark(
    records: Records,
    principal: Principal,
    make_up_id: str,
    question_id: str,
    command_id: str,
    *,
    choice: Collection[str],
    now: dt.datetime,
) -> MakeUpMarkView:
    """``question_id``: of a quiz of the lesson. Asked once: a second answer changes nothing and is told what came of
    the first. Where the terms want such answers the last one may make it done.

    Raises ``make_up_not_found``, ``make_up_expired``, ``make_up_closed``, ``question_not_found``, ``option_unknown``,
    ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "answer_mark", id=make_up_id, question=question_id, choice=sorted(choice))

    def do(tx: Transaction) -> MakeUpMarkView:
        make_up = own_make_up(tx, principal, make_up_id, now)
        quiz = marked_quizzes(tx, make_up.lesson_id).get(question_id)
        if quiz is None:
            raise Refusal("question_not_found", question_id)
        given = tx.make_ups.marked([make_up_id]).get(make_up_id, ())
        said = next((each for each in given if each.question_id == question_id), None)
        if said is None:
            said = marks.answer(quiz, make_up.member_id, choice, now)
            tx.make_ups.mark(make_up_id, said)
            make_up = finish(tx, make_up, principal.account_id, now)
            tx.make_ups.save(make_up)
        return mark_view(make_up, quiz, said)

    def work(tx: Transaction) -> MakeUpMarkView:
        own_make_up(tx, principal, make_up_id, lock=True)
        return once(tx, asked, now, _MARK, lambda: do(tx))

    return await records.write(work)
