"""Who still owes a lesson's questions to a make-up study, and so is not told what is right."""

from __future__ import annotations

from dataclasses import replace

from server.domain.access import LessonTarget, Principal, listener
from server.domain.events import Listener
from server.domain.lessons import Lesson
from server.services.records import Transaction


def owes_answers(tx: Transaction, principal: Principal, lesson: Lesson) -> bool:
    """Offers are made at settling: before it nobody is looked up."""
    if principal.member_id is None or lesson.settled_at is None:
        return False
    known = tx.make_ups.seen(lesson.id, principal.member_id)
    return known is not None and known.owes_answers


def hearing(tx: Transaction, principal: Principal, target: LessonTarget) -> Listener:
    """:func:`server.domain.access.listener`, and what is kept back from whoever owes something."""
    return replace(listener(principal, target), owes=owes_answers(tx, principal, target.lesson))
