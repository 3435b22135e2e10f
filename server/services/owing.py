"""Who still owes a lesson's questions to a make-up study, and so is not told what is right."""

from __future__ import annotations

from dataclasses import replace

from server.domain.access import LessonTarget, Principal, listener
from server.domain.events import Listener
from server.domain.lessons import Lesson, LessonState
from server.services.records import Transaction


def owes_answers(tx: Transaction, principal: Principal, lesson: Lesson) -> bool:
    """Offers are made at settling: before the end nobody is looked up."""
    if principal.member_id is None:
        return False
    if lesson.settled_at is None:
        return lesson.state is LessonState.ENDED and _will_owe(tx, principal.member_id, lesson)
    known = tx.make_ups.seen(lesson.id, principal.member_id)
    return known is not None and known.owes_answers


def _will_owe(tx: Transaction, member_id: str, lesson: Lesson) -> bool:
    """Was expected, did not come, and the lesson's rule is going to ask its questions."""
    rule = tx.credit_rules.get(lesson.rule_id) if lesson.rule_id and lesson.recording_id else None
    if rule is None or rule.make_up is None or rule.make_up.right_percent is None:
        return False
    return tx.sign_ins.get(lesson.id, member_id) is None and tx.roster.get(lesson.id, member_id) is not None


def hearing(tx: Transaction, principal: Principal, target: LessonTarget) -> Listener:
    """:func:`server.domain.access.listener`, and what is kept back from whoever owes something."""
    return replace(listener(principal, target), owes=owes_answers(tx, principal, target.lesson))
