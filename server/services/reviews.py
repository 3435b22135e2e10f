"""Asking for a review of a verdict (申请复核), and deciding it: a granted one becomes a correcting entry."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain import access, events
from server.domain.access import Action, Principal, held_in
from server.domain.credit import Review, ReviewState, Verdict, decide, evidence_facts, overturn, rule_facts
from server.domain.ledger import Award, Entry, EntryKind, lesson_key, review_key
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.credit_views import ReviewView, review_views
from server.services.entry_corrections import apply_correction
from server.services.finding import MOST_LISTED, cursor_of, found, placed, read_cursor
from server.services.house import House
from server.services.make_ups import withdraw
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.settling_entries import enter, frozen_rule, text_of
from server.services.teaching import who_taught
from server.services.verdicts import own_lesson
from server.services.views import Page

REASON = "申请复核通过，更正学时"
_VIEW = TypeAdapter(ReviewView)


async def ask_review(
    house: House, principal: Principal, lesson_id: str, command_id: str, *, text: str, now: dt.datetime
) -> ReviewView:
    """The member's own, one open at a time. Raises ``lesson_not_found``, ``not_settled``, ``not_on_roster``,
    ``already_credited``, ``review_open``, ``command_reused``.
    """
    asked = command(principal, command_id, "ask_review", lesson_id=lesson_id, text=text)

    def work(tx: Transaction) -> ReviewView:
        lesson = own_lesson(tx, principal, lesson_id, now, lock=True)
        return once(tx, asked, now, _VIEW, lambda: _ask(tx, principal, lesson, text, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _ask(tx: Transaction, principal: Principal, lesson: Lesson, text: str, now: dt.datetime) -> ReviewView:
    known = tx.verdicts.get(lesson.id, principal.member_id) if principal.member_id else None
    if known is None:
        raise Refusal("not_on_roster", lesson.id)
    verdict, name = known
    credited = verdict.passed and reduced_entry(tx, verdict) is None
    if credited or verdict.member_id in who_taught(tx, lesson.id):
        raise Refusal("already_credited", lesson.id)
    review = Review(str(uuid.uuid4()), lesson.id, verdict.member_id, principal.account_id, text, now)
    if not tx.reviews.add(review):
        raise Refusal("review_open", lesson.id)
    audiences = (events.STAFF, events.to_account(principal.account_id))
    said = [events.review_asked(audience, review.id, name) for audience in audiences]
    tx.events.append(lesson.id, said, now, principal.account_id)
    return review_views(tx, [(review, lesson)])[0]


async def list_reviews(
    records: Records,
    principal: Principal,
    *,
    states: Collection[ReviewState] = (),
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[ReviewView]:
    """Of lessons that the principal settles, newest first. Raises ``forbidden``, ``invalid_body`` for a cursor."""
    held, before, wanted = held_in(principal, Action.SETTLE), read_cursor(cursor), max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[ReviewView]:
        tree = tx.units.tree()
        units = frozenset[str]().union(*(tree.subtree(unit, tx.calendar.day(now)) for unit in held))
        rows = tx.reviews.listed(units, states, before, wanted + 1)
        shown = review_views(tx, rows[:wanted])
        return Page(shown, cursor_of(shown[-1].asked_at, shown[-1].id) if len(rows) > wanted else None)

    return await records.read(load)


async def decide_review(
    house: House, principal: Principal, review_id: str, command_id: str, *, grant: bool, answer: str, now: dt.datetime
) -> ReviewView:
    """Granted: a correcting entry of the lesson's credit, and the verdict says passed.

    Raises ``review_not_found``, ``forbidden`` (also for the own review), ``review_decided``, ``already_credited``,
    ``command_reused``.
    """
    asked = command(principal, command_id, "decide_review", review_id=review_id, grant=grant, answer=answer)

    def work(tx: Transaction) -> ReviewView:
        lesson = _lesson_to_decide(tx, principal, review_id, now)
        return once(
            tx,
            asked,
            now,
            _VIEW,
            lambda: _decide(tx, principal, lesson, review_id, grant=grant, answer=answer, now=now),
        )

    view = await house.records.write(work)
    await tell(house, view.lesson.id)
    return view


def _lesson_to_decide(tx: Transaction, principal: Principal, review_id: str, now: dt.datetime) -> Lesson:
    """Its row locked, so that one decides at a time."""
    review = tx.reviews.get(review_id)
    if review is None:
        raise Refusal("review_not_found", review_id)
    lesson = found(tx.lessons.lock(review.lesson_id))
    verdict = access.decide(principal, Action.SETTLE, placed(tx, lesson, now, [principal]))
    if verdict is access.Verdict.HIDDEN:
        raise Refusal("review_not_found", review_id)
    if verdict is access.Verdict.FORBIDDEN or review.member_id == principal.member_id:
        raise Refusal("forbidden", f"decide {review_id}")
    return lesson


def _decide(
    tx: Transaction,
    principal: Principal,
    lesson: Lesson,
    review_id: str,
    *,
    grant: bool,
    answer: str,
    now: dt.datetime,
) -> ReviewView:
    review = tx.reviews.get(review_id)
    known = tx.verdicts.get(lesson.id, review.member_id) if review else None
    if review is None or known is None:
        raise Refusal("review_not_found", review_id)
    by, reduced = principal.account_id, reduced_entry(tx, known[0])
    decided = decide(
        review, known[0], grant=grant, answer=answer, decided_by=by, decided_at=now, reduced=reduced is not None
    )
    if grant and review.member_id in who_taught(tx, lesson.id):  # was entered since it was asked
        raise Refusal("already_credited", review_id)
    if grant and reduced is not None:
        decided = replace(decided, entry_id=_restore(tx, lesson, known[0], reduced, decided))
    elif grant:
        decided = replace(decided, entry_id=_correct(tx, lesson, known[0], decided, now))
    tx.reviews.save(decided)
    audiences = (events.STAFF, events.to_account(review.asked_by))
    said = [events.review_decided(audience, review.id, granted=grant) for audience in audiences]
    tx.events.append(lesson.id, said, now, by)
    return review_views(tx, [(decided, lesson)])[0]


def reduced_entry(tx: Transaction, verdict: Verdict) -> Entry | None:
    """Of a verdict that passed, the entry that a person corrected to less than it granted: the member may ask for a
    review of that. None: nothing was taken, or all of it, and the verdict says so.
    """
    if not verdict.passed or verdict.entry_id is None:
        return None
    entry = tx.ledger.named([verdict.entry_id]).get(verdict.entry_id)
    return entry if entry is not None and verdict.hundredths < entry.hundredths else None


def _restore(tx: Transaction, lesson: Lesson, verdict: Verdict, entry: Entry, review: Review) -> str:
    """What was taken is given again, by a correction. What was made up counts besides."""
    assert review.decided_by is not None
    assert review.decided_at is not None
    made_up = withdraw(tx, lesson.id, verdict.member_id)
    after = max(verdict.hundredths, min(entry.hundredths, lesson.credit_hundredths - made_up))
    if after == verdict.hundredths:
        raise Refusal("already_credited", review.id)
    return apply_correction(
        tx,
        review.decided_by,
        entry,
        after=after,
        seen=verdict.hundredths,
        reason=review.answer,
        now=review.decided_at,
    ).id


def _correct(tx: Transaction, lesson: Lesson, verdict: Verdict, review: Review, now: dt.datetime) -> str | None:
    """The verdict is overturned; the id of the correcting entry. A lesson that grants nothing needs none.

    What somebody made up meanwhile was granted already, and what waits to be made up is taken back.
    """
    made_up = withdraw(tx, lesson.id, verdict.member_id)
    award = Award(
        idempotency_key=review_key(review.id),
        kind=EntryKind.CORRECTION,
        member_id=verdict.member_id,
        unit_id=verdict.evidence.unit_id,
        lesson_id=lesson.id,
        hundredths=max(0, lesson.credit_hundredths - made_up),
        rule=text_of(rule_facts(frozen_rule(tx, lesson))),
        evidence=text_of({**evidence_facts(verdict.evidence), "review_id": review.id}),
        reason=REASON,
        corrects=lesson_key(lesson.id, verdict.member_id),
        actor=review.decided_by,
    )
    entry = enter(tx, lesson.id, [award], now)[award.idempotency_key] if award.hundredths else None
    entry_id = entry.id if entry else None
    tx.verdicts.save(lesson.id, overturn(verdict, award.hundredths, entry_id, now))
    return entry_id
