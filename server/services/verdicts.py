"""Seeing verdicts and credit: staff those of a lesson, a member the own ones."""

from __future__ import annotations

import datetime as dt
import uuid

from server.domain.access import Action, LessonTarget, Principal, allowed, lesson_venue_of
from server.domain.credit import VerdictFilter
from server.domain.ledger import balance
from server.domain.lessons import Lesson
from server.domain.reaches import board_reach
from server.domain.refusals import Refusal
from server.services.credit_views import CreditView, VerdictView, entry_views, verdict_views
from server.services.finding import MOST_LISTED, allowed_target, found, report_day
from server.services.records import Records, Transaction
from server.services.views import Page


async def list_verdicts(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    passed: bool | None = None,
    unit_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[VerdictView]:
    """By unit and name; whose, is narrowed as the board, and what somebody wrote for a review is for who decides it.
    ``unit_id``: this unit and all below it.

    Raises ``lesson_not_found``, ``forbidden``, ``not_settled``, ``unit_not_found``, ``invalid_body`` for a cursor.
    """
    after, wanted = _read_cursor(cursor), max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[VerdictView]:
        target, narrowed = _narrowed(tx, principal, lesson_id, passed=passed, unit_id=unit_id, now=now)
        rows = tx.verdicts.listed(lesson_id, narrowed, after, wanted + 1)
        decides = Action.SETTLE in allowed(principal, target)
        shown = verdict_views(
            tx, target.lesson, rows[:wanted], reviews=decides, corrector=principal if decides else None
        )
        return Page(shown, shown[-1].member_id if len(rows) > wanted else None)

    return await records.read(load)


def _narrowed(
    tx: Transaction,
    principal: Principal,
    lesson_id: str,
    *,
    passed: bool | None,
    unit_id: str | None,
    now: dt.datetime,
) -> tuple[LessonTarget, VerdictFilter]:
    target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
    reach, tree, on = board_reach(principal, target), tx.units.tree(), report_day(tx, target.lesson)
    if reach.lesson_venue_id is not None and lesson_venue_of(principal, target.lesson) is None:
        raise Refusal("forbidden", "operates a room: what came of its people is their units' business")
    check_settled(target.lesson)
    units = None
    if reach.unit_ids is not None:
        units = frozenset[str]().union(*(tree.subtree(each, on) for each in reach.unit_ids))
    if unit_id is not None:
        below = tree.subtree(unit_id, on)
        units = below if units is None else units & below
    return target, VerdictFilter(passed, units, reach.lesson_venue_id)


def check_settled(lesson: Lesson) -> None:
    """Raises ``not_settled``."""
    if lesson.settled_at is None:
        raise Refusal("not_settled", lesson.state)


def _read_cursor(cursor: str | None) -> str | None:
    """The last member of the page before. Raises ``invalid_body`` for one that is not ours."""
    try:
        return None if cursor is None else str(uuid.UUID(cursor))
    except ValueError:
        raise Refusal("invalid_body", "cursor") from None


async def own_verdict(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> VerdictView:
    """Raises ``not_settled``, ``not_on_roster``, ``lesson_not_found``."""

    def load(tx: Transaction) -> VerdictView:
        lesson = own_lesson(tx, principal, lesson_id, now)
        known = tx.verdicts.get(lesson.id, principal.member_id) if principal.member_id else None
        if known is None:
            raise Refusal("not_on_roster", lesson_id)
        return verdict_views(tx, lesson, [known])[0]

    return await records.read(load)


def own_lesson(
    tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime, *, lock: bool = False
) -> Lesson:
    """A settled lesson in which the principal has a verdict, or which it may read.

    A member's verdict stays the member's, whichever unit it belongs to today. Raises ``lesson_not_found``,
    ``not_settled``.
    """
    if principal.member_id is not None and tx.verdicts.get(lesson_id, principal.member_id) is not None:
        lesson = found(tx.lessons.lock(lesson_id) if lock else tx.lessons.get(lesson_id))
    else:
        lesson = allowed_target(tx, principal, Action.READ, lesson_id, now, lock=lock).lesson
    check_settled(lesson)
    return lesson


async def own_credit(records: Records, principal: Principal, year: int | None, now: dt.datetime) -> CreditView:
    """The principal's entries for lessons of a civil year (the present one), newest first. No member: none."""

    def load(tx: Transaction) -> CreditView:
        asked = year if year is not None else tx.calendar.day(now).year
        since, until = tx.calendar.year_bounds(asked)
        entries = tx.ledger.of_member(principal.member_id, since, until) if principal.member_id else ()
        return CreditView(asked, balance(entries), entry_views(tx, entries))

    return await records.read(load)
