"""改判: a closed quiz gets its right key, and every answer its marks by it; what depends on them follows.

Looked at first, then done by name and with a reason. In a settled lesson whoever passes by the right key gets a
correcting entry; nothing before it changes, and nothing is taken back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import remarking as rules
from server.domain.access import Action, LessonTarget, Principal, allowed
from server.domain.credit import Verdict, VerdictFilter, evidence_facts, overturn, rule_facts
from server.domain.ledger import Award, EntryKind, lesson_key, remark_key
from server.domain.lessons import Lesson
from server.domain.quiz import Quiz
from server.domain.quiz_answers import key_of
from server.domain.refusals import Refusal
from server.domain.remarking import MOST_REMARKS, Change, CreditEffect, Remark
from server.domain.scoring import Key
from server.services.commands import command, once
from server.services.finding import allowed_target
from server.services.house import House
from server.services.make_ups import withdraw
from server.services.records import Records, Transaction
from server.services.remark_views import (
    MOST_SHOWN,
    RemarkPreview,
    RemarkSheet,
    RemarkView,
    key_view,
    people_of,
    remark_views,
)
from server.services.remarked_make_ups import StudyChange, mark_studies_again, studies_after
from server.services.rooms import tell
from server.services.settling_entries import enter, frozen_rule, text_of
from server.services.teaching import who_taught
from server.services.views import OptionView

_MOST_VERDICTS = 1_000_000
REASON = "测验改判，更正学时"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What re-marking comes to, in one transaction. ``verdicts``: of a settled lesson, as they will be."""

    target: LessonTarget
    quiz: Quiz
    former: Quiz
    done: int
    answers: int
    changes: tuple[Change, ...]
    verdicts: tuple[Verdict, ...]
    studies: tuple[StudyChange, ...]

    def count(self, effect: CreditEffect) -> int:
        return sum(1 for each in self.changes if each.credit is effect)

    @property
    def made_up(self) -> int:
        return sum(1 for each in self.studies if each.passes)

    @property
    def raised(self) -> int:
        return sum(1 for each in self.changes if each.after > each.before)


_VIEW = TypeAdapter(RemarkView)


async def preview_remark(
    records: Records, principal: Principal, quiz_id: str, key: Key, now: dt.datetime
) -> RemarkPreview:
    """What it would change. Nothing is written. Raises as :func:`remark_quiz`."""

    def load(tx: Transaction) -> RemarkPreview:
        plan = _plan(tx, principal, quiz_id, key, now)
        return RemarkPreview(
            quiz_id=quiz_id,
            after=plan.done,
            answers=plan.answers,
            changed=len(plan.changes),
            raised=plan.raised,
            granted=plan.count(CreditEffect.GRANTED),
            kept=plan.count(CreditEffect.KEPT),
            made_up=plan.made_up,
            settled=plan.target.lesson.settled_at is not None,
            people=people_of(tx, plan.target.lesson, plan.changes[:MOST_SHOWN], now),
        )

    return await records.read(load)


async def remark_quiz(
    house: House,
    principal: Principal,
    quiz_id: str,
    command_id: str,
    *,
    key: Key,
    reason: str,
    after: int,
    now: dt.datetime,
) -> RemarkView:
    """``after``: how often it had been marked again when the preview was made.

    Raises ``quiz_not_found``, ``forbidden``, ``quiz_open``, ``remark_unscored``, ``remark_same``, ``remark_outdated``,
    ``remark_own``, ``remarks_full``, ``invalid_body``, ``command_reused``.
    """
    body = {"correct": list(key.chosen), "blanks": [list(each) for each in key.blanks]}
    asked = command(principal, command_id, "remark_quiz", quiz_id=quiz_id, reason=reason, after=after, **body)

    def work(tx: Transaction) -> RemarkView:
        _found(tx, principal, quiz_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    def do(tx: Transaction) -> RemarkView:
        done = len(tx.remarks.of_quiz(quiz_id))
        if done != after:
            raise Refusal("remark_outdated", f"{after}, now {done}")
        plan = _plan(tx, principal, quiz_id, key, now)
        made = _remark(plan, reason, principal.account_id, now)
        tx.remarks.add(made, plan.changes)
        tx.remarks.apply(plan.quiz, plan.changes)
        _mend_question(tx, plan)
        _settle_again(tx, plan, made, now)
        mark_studies_again(tx, plan.studies, made, now)
        said = [events.quiz_remarked(plan.quiz, tx.quizzes.outcome(plan.quiz), made)]
        tx.events.append(made.lesson_id, said, now, principal.account_id)
        return remark_views(tx, [made])[0]

    view = await house.records.write(work)
    lesson_id = await house.records.read(lambda tx: _lesson_of(tx, quiz_id))
    await tell(house, lesson_id)
    return view


def _lesson_of(tx: Transaction, quiz_id: str) -> str:
    quiz = tx.quizzes.get(quiz_id)
    assert quiz is not None
    return quiz.lesson_id


async def see_remarks(records: Records, principal: Principal, quiz_id: str, now: dt.datetime) -> RemarkSheet:
    """Raises ``quiz_not_found``, ``forbidden``, ``quiz_open``."""

    def load(tx: Transaction) -> RemarkSheet:
        quiz, _ = _found(tx, principal, quiz_id, now)
        if not quiz.closed:
            raise Refusal("quiz_open", quiz_id)
        return RemarkSheet(
            quiz_id=quiz.id,
            number=quiz.number,
            kind=quiz.kind,
            text=quiz.text,
            options=tuple(OptionView(option.id, option.text) for option in quiz.options),
            key=key_view(key_of(quiz)),
            items=remark_views(tx, tx.remarks.of_quiz(quiz.id)),
        )

    return await records.read(load)


def may_remark(principal: Principal, target: LessonTarget) -> bool:
    """Whoever launches the lesson's quizzes; once it is settled, whoever settles it besides."""
    rights = allowed(principal, target)
    return Action.QUIZ in rights and (target.lesson.settled_at is None or Action.SETTLE in rights)


# ---- what it comes to ------------------------------------------------------------------------------------


def _found(
    tx: Transaction, principal: Principal, quiz_id: str, now: dt.datetime, *, lock: bool = False
) -> tuple[Quiz, LessonTarget]:
    """``lock``: the lesson's row, so that one re-marks at a time. Raises ``quiz_not_found``, ``forbidden``."""
    quiz = tx.quizzes.get(quiz_id)
    if quiz is None:
        raise Refusal("quiz_not_found", quiz_id)
    try:
        target = allowed_target(tx, principal, Action.QUIZ, quiz.lesson_id, now, lock=lock)
    except Refusal as refusal:
        raise Refusal("quiz_not_found" if refusal.code == "lesson_not_found" else refusal.code) from None
    if not may_remark(principal, target):
        raise Refusal("forbidden", "the lesson is settled")
    again = tx.quizzes.get(quiz_id) if lock else quiz  # it may have been changed while we waited for the lock
    assert again is not None
    return again, target


def _plan(tx: Transaction, principal: Principal, quiz_id: str, key: Key, now: dt.datetime) -> _Plan:
    former, target = _found(tx, principal, quiz_id, now)
    quiz = rules.rekeyed(former, key)
    done = len(tx.remarks.of_quiz(quiz_id))
    if done >= MOST_REMARKS:
        raise Refusal("remarks_full", quiz_id)
    given = tx.remarks.answers(quiz_id)
    changes = rules.differences(quiz, given)
    changes, verdicts = _weighed(tx, target.lesson, changes)
    granted = {each.member_id for each in changes if each.credit is CreditEffect.GRANTED}
    studies = studies_after(tx, former, quiz, besides=granted)
    if principal.member_id in {each.member_id for each in changes} | {each.member_id for each in studies}:
        raise Refusal("remark_own", quiz_id)
    return _Plan(target, quiz, former, done, len(given), changes, verdicts, studies)


def _weighed(
    tx: Transaction, lesson: Lesson, changes: Sequence[Change]
) -> tuple[tuple[Change, ...], tuple[Verdict, ...]]:
    """What becomes of the verdicts of a settled lesson."""
    if lesson.settled_at is None or not changes:
        return tuple(changes), ()
    rule = frozen_rule(tx, lesson)
    listed = tx.verdicts.listed(lesson.id, VerdictFilter(), None, _MOST_VERDICTS)
    known = {verdict.member_id: verdict for verdict, _ in listed}
    weighed: list[Change] = []
    verdicts: list[Verdict] = []
    for change in changes:
        verdict = known.get(change.member_id)
        if verdict is None:
            weighed.append(change)
            continue
        new = rules.verdict_after(verdict, change, rule, lesson.credit_hundredths)
        weighed.append(replace(change, credit=rules.effect_on(verdict, new, rule)))
        verdicts.append(new)
    return tuple(weighed), tuple(verdicts)


def _remark(plan: _Plan, reason: str, by: str, now: dt.datetime) -> Remark:
    return Remark(
        id=str(uuid4()),
        quiz_id=plan.quiz.id,
        lesson_id=plan.quiz.lesson_id,
        number=plan.done + 1,
        former=key_of(plan.former),
        key=key_of(plan.quiz),
        reason=reason,
        by=by,
        at=now,
        changed=len(plan.changes),
        raised=plan.raised,
        granted=plan.count(CreditEffect.GRANTED),
        kept=plan.count(CreditEffect.KEPT),
        made_up=plan.made_up,
    )


def _mend_question(tx: Transaction, plan: _Plan) -> None:
    """The lesson's own question, which make-up studies ask: when it still says what was asked."""
    question = tx.questions.get(plan.quiz.question_id)
    if question is None or question.options != plan.former.options or key_of(question) != key_of(plan.former):
        return
    quiz = plan.quiz
    mended = replace(question, correct=quiz.correct, blanks=quiz.blanks, bank_version_id=None)
    tx.questions.save(replace(mended, version=question.version + 1))


def _settle_again(tx: Transaction, plan: _Plan, remark: Remark, now: dt.datetime) -> None:
    lesson = plan.target.lesson
    granted = {each.member_id for each in plan.changes if each.credit is CreditEffect.GRANTED}
    taught = who_taught(tx, lesson.id) if granted else frozenset()
    awards = {
        each.member_id: _award(tx, lesson, each, remark, taught) for each in plan.verdicts if each.member_id in granted
    }
    entries = enter(tx, lesson.id, [each for each in awards.values() if each.hundredths], now) if awards else {}
    for verdict in plan.verdicts:
        award = awards.get(verdict.member_id)
        if award is None:
            tx.verdicts.save(lesson.id, verdict)
            continue
        entry = entries.get(award.idempotency_key)
        tx.verdicts.save(lesson.id, overturn(verdict, award.hundredths, entry.id if entry else None, now))


def _award(tx: Transaction, lesson: Lesson, verdict: Verdict, remark: Remark, taught: Collection[str]) -> Award:
    """What somebody made up meanwhile was granted already, and what waits to be made up is taken back. Who ``taught``
    was granted all that the rule multiplies.
    """
    made_up = withdraw(tx, lesson.id, verdict.member_id)
    left = 0 if verdict.member_id in taught else max(0, lesson.credit_hundredths - made_up)
    return Award(
        idempotency_key=remark_key(remark.id, verdict.member_id),
        kind=EntryKind.CORRECTION,
        member_id=verdict.member_id,
        unit_id=verdict.evidence.unit_id,
        lesson_id=lesson.id,
        hundredths=left,
        rule=text_of(rule_facts(frozen_rule(tx, lesson))),
        evidence=text_of({**evidence_facts(verdict.evidence), "remark_id": remark.id, "quiz_id": remark.quiz_id}),
        reason=REASON,
        corrects=lesson_key(lesson.id, verdict.member_id),
        actor=remark.by,
    )
