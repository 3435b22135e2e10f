"""For whom somebody may vouch: decide leave, sign in, correct, look at doubts. Shared by these use cases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from server.domain.access import Action, LessonTarget, Principal
from server.domain.reaches import assist_reach, vouch_reach
from server.domain.refusals import Refusal
from server.services.finding import allowed_target
from server.services.records import Transaction
from server.services.roster import units_below


def vouched_lesson(
    tx: Transaction, principal: Principal, lesson_id: str, now: dt.datetime, *, lock: bool = False
) -> tuple[LessonTarget, frozenset[str] | None]:
    """The lesson, and the units whose people the principal may vouch for in it; None: everybody.

    Raises ``lesson_not_found``, ``forbidden``.
    """
    target = allowed_target(tx, principal, Action.VOUCH, lesson_id, now, lock=lock)
    return target, units_below(tx, vouch_reach(principal, target), tx.calendar.day(now))


def check_assisted(
    tx: Transaction, principal: Principal, target: LessonTarget, unit_id: str, place: str | None, *, now: dt.datetime
) -> None:
    """Raises ``forbidden`` for a secretary of other units, unless at a room that he operates."""
    units = units_below(tx, assist_reach(principal, target, place), tx.calendar.day(now))
    check_within(unit_id, units)


def check_within(unit_id: str, units: Collection[str] | None) -> None:
    """Raises ``forbidden``."""
    if units is not None and unit_id not in units:
        raise Refusal("forbidden", f"no secretary of {unit_id}")


def units_of(tx: Transaction, lesson_id: str, member_ids: Collection[str], now: dt.datetime) -> dict[str, str]:
    """Of members, as frozen in the roster, else as of today. Raises ``member_not_found``."""
    known = tx.roster.units(lesson_id, member_ids)
    others = [member_id for member_id in member_ids if member_id not in known]
    people = tx.members.found(others, tx.calendar.day(now)) if others else {}
    for member_id in others:
        if member_id not in people:
            raise Refusal("member_not_found", member_id)
    return known | {member_id: person.unit_id for member_id, person in people.items()}


def last_units_of(tx: Transaction, lesson_id: str, member_ids: Collection[str], now: dt.datetime) -> dict[str, str]:
    """As :func:`units_of`; of who is no member any more, where that was last."""
    known = tx.roster.units(lesson_id, member_ids)
    files = tx.members.files([member_id for member_id in member_ids if member_id not in known])
    return known | {member_id: file.home(tx.calendar.day(now)) for member_id, file in files.items()}


def unit_of(tx: Transaction, lesson_id: str, member_id: str, now: dt.datetime) -> str:
    return units_of(tx, lesson_id, [member_id], now)[member_id]
