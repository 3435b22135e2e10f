"""A wrong key was wrong in make-up studies, too: attempts that failed by it are marked again by the right one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from server.domain.make_ups import Attempt, MakeUp, MakeUpState, marked_again
from server.domain.quiz import Quiz
from server.domain.quiz_answers import key_of
from server.domain.remarking import Remark
from server.services.make_ups import finish
from server.services.records import Transaction

REASON = "测验改判，补学测验达到要求，记入学时"


@dataclass(frozen=True, slots=True)
class StudyChange:
    """Of one make-up that is open, or whose deadline passed: its attempts as they will be."""

    make_up: MakeUp
    attempts: tuple[Attempt, ...]

    @property
    def member_id(self) -> str:
        return self.make_up.member_id

    @property
    def passes(self) -> bool:
        return self.passed is not None

    @property
    def passed(self) -> Attempt | None:
        """The first that passes by the right key."""
        return next((each for each in self.attempts if each.passed), None)


def studies_after(tx: Transaction, former: Quiz, quiz: Quiz, *, besides: Collection[str]) -> tuple[StudyChange, ...]:
    """``besides``: members who are granted the lesson itself, so that there is nothing to make up any more."""
    found: list[StudyChange] = []
    for make_up, attempts in tx.make_ups.tried(quiz.lesson_id):
        needed = make_up.terms.right_percent
        if make_up.state is not MakeUpState.OPEN or make_up.passed or needed is None or make_up.member_id in besides:
            continue
        keys = key_of(former), key_of(quiz)
        marked = (marked_again(each, quiz.question_id, *keys, needed) for each in attempts)
        changed = tuple(each for each in marked if each is not None)
        if changed:
            found.append(StudyChange(make_up, changed))
    return tuple(found)


def mark_studies_again(tx: Transaction, changes: Collection[StudyChange], remark: Remark, now: dt.datetime) -> None:
    """In the transaction of the re-marking. One that passes by it passed when it was handed in, so a deadline that is
    over by now takes nothing; it is entered now, with the re-marking in its evidence.
    """
    for change in changes:
        for attempt in change.attempts:
            tx.make_ups.save_attempt(attempt)
        passed = change.passed
        make_up = tx.make_ups.lock(change.make_up.id)
        if passed is None or make_up is None or make_up.state is not MakeUpState.OPEN:
            continue
        done = replace(make_up, passed=True)
        at = passed.submitted_at or now
        tx.make_ups.save(finish(tx, done, remark.by, now, as_of=at, because=(REASON, remark.id)))
