"""法定保全: while it stands, nothing of the person or the lesson is erased or cleared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import erasures as rules
from server.domain.access import Action, Principal
from server.domain.erasures import Hold
from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.consents import check_of_house
from server.services.data_exports import KEEPERS
from server.services.finding import allowed_target
from server.services.house import House
from server.services.records import Transaction
from server.services.views import Named

MOST_LIFTED = 100
"""Of those that hold each is listed: it is lifted there."""
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class HoldView:
    """``what``: the name of the person, or the lesson's title."""

    id: str
    kind: str
    what: str
    number: str
    reason: str
    set_at: dt.datetime
    set_by: str
    lifted_at: dt.datetime | None
    lifted_by: str


@dataclass(frozen=True, slots=True)
class FoundLesson:
    """A lesson to put under a hold. ``held``: it is already."""

    id: str
    title: str
    unit: Named
    starts_at: dt.datetime
    state: LessonState
    held: bool


@dataclass(frozen=True, slots=True)
class LessonHoldView:
    """``since`` and ``by``: of the oldest hold on this lesson; None: there is none. Who keeps data knows why."""

    since: dt.datetime | None
    by: str


_FREE = LessonHoldView(None, "")
_HOLD = TypeAdapter(HoldView)


async def list_holds(house: House, principal: Principal, now: dt.datetime) -> tuple[HoldView, ...]:
    """All that hold, then the last that were lifted. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[HoldView, ...]:
        check_of_house(tx, principal, KEEPERS, now)
        return _held(tx, tx.erasures.holds(MOST_LIFTED))

    return await house.records.read(look)


async def find_lessons(house: House, principal: Principal, words: str, now: dt.datetime) -> tuple[FoundLesson, ...]:
    """By a part of the title, newest first; a few. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[FoundLesson, ...]:
        check_of_house(tx, principal, KEEPERS, now)
        found = tx.personal.lessons_named(words, MOST_FOUND)
        names = tx.units.names({one.unit_id for one in found}, tx.calendar.day(now))
        return tuple(
            FoundLesson(one.id, one.title, Named(one.unit_id, names[one.unit_id]), one.starts_at, one.state, one.held)
            for one in found
        )

    return await house.records.read(look)


async def hold_of_lesson(house: House, principal: Principal, lesson_id: str, now: dt.datetime) -> LessonHoldView:
    """For who plans the lesson: why nothing of it is cleared. Raises ``lesson_not_found``, ``forbidden``."""

    def look(tx: Transaction) -> LessonHoldView:
        allowed_target(tx, principal, Action.EDIT, lesson_id, now)
        one = tx.erasures.lesson_held_since(lesson_id)
        return LessonHoldView(one.set_at, tx.accounts.names({one.set_by})[one.set_by]) if one else _FREE

    return await house.records.read(look)


async def set_hold(
    house: House,
    principal: Principal,
    command_id: str,
    *,
    number: str,
    lesson_id: str | None,
    reason: str,
    now: dt.datetime,
) -> HoldView:
    """On a person or on a lesson (法定保全). Raises ``forbidden``, ``account_not_found``, ``lesson_not_found``."""
    wanted = command(principal, command_id, "set_hold", number=number, lesson_id=lesson_id, reason=reason)

    def put(tx: Transaction) -> HoldView:
        person = None if lesson_id else tx.personal.by_number(number)
        if lesson_id is None and person is None:
            raise Refusal("account_not_found", number)
        if lesson_id is not None and tx.lessons.get(lesson_id) is None:
            raise Refusal("lesson_not_found", lesson_id)
        whose = person.account_id if person else None
        one = Hold(str(uuid4()), whose, lesson_id, reason, principal.account_id, now)
        tx.erasures.put_hold(one)
        return _held(tx, [one])[0]

    def work(tx: Transaction) -> HoldView:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, wanted, now, _HOLD, lambda: put(tx))

    return await house.records.write(work)


async def lift_hold(house: House, principal: Principal, hold_id: str, command_id: str, now: dt.datetime) -> HoldView:
    """One that was lifted stays so. Raises ``forbidden``, ``hold_not_found``."""
    wanted = command(principal, command_id, "lift_hold", hold_id=hold_id)

    def lift(tx: Transaction) -> HoldView:
        one = tx.erasures.hold(hold_id, lock=True)
        if one is None:
            raise Refusal("hold_not_found", hold_id)
        lifted = rules.lifted(one, principal.account_id, now)
        tx.erasures.put_hold(lifted)
        return _held(tx, [lifted])[0]

    def work(tx: Transaction) -> HoldView:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, wanted, now, _HOLD, lambda: lift(tx))

    return await house.records.write(work)


def _held(tx: Transaction, found: Sequence[Hold]) -> tuple[HoldView, ...]:
    people = tx.personal.people(frozenset(one.account_id for one in found if one.account_id))
    titles = tx.personal.lesson_titles(frozenset(one.lesson_id for one in found if one.lesson_id))
    names = tx.accounts.names({who for one in found for who in (one.set_by, one.lifted_by) if who})
    return tuple(
        HoldView(
            one.id,
            "lesson" if one.lesson_id else "person",
            titles.get(one.lesson_id, "") if one.lesson_id else people[one.account_id or ""].name,
            "" if one.lesson_id else people[one.account_id or ""].number,
            one.reason,
            set_at=one.set_at,
            set_by=names.get(one.set_by, ""),
            lifted_at=one.lifted_at,
            lifted_by=names.get(one.lifted_by or "", ""),
        )
        for one in found
    )
