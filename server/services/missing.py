"""未到名单: who is missing from a running lesson, by name, for whoever vouches for them; and one number to call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.attendance import HERE
from server.domain.leaves import LeaveState
from server.domain.lessons import Lesson
from server.domain.members import MemberKind
from server.domain.phones import masked
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry, RosterFilter, RosterState
from server.domain.sign_ins import late_after
from server.services.finding import MOST_LISTED, report_day
from server.services.records import Records, Transaction
from server.services.roster import standing_now
from server.services.views import Named, Page
from server.services.vouching import check_within, vouched_lesson


@dataclass(frozen=True, slots=True)
class MissingView:
    """``place``: where the member is expected. ``phone``: masked. ``own``: who asks; another vouches for that one."""

    member_id: str
    name: str
    number: str | None
    kind: MemberKind
    unit: Named
    lesson_venue_id: str | None
    place: str
    loan_unit: Named | None
    leave: LeaveState | None
    phone: str | None
    own: bool


@dataclass(frozen=True, slots=True)
class PhoneView:
    member_id: str
    phone: str


async def list_missing(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    unit_id: str | None = None,
    below: bool = True,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[MissingView]:
    """Neither there nor on leave, by unit and name, of those whom the principal may vouch for.

    ``unit_id``: with all ``below``, or its own people alone, as a board counts them. Raises ``lesson_not_found``,
    ``forbidden``, also for a unit of which the principal vouches for nobody, ``unit_not_found``.
    """
    wanted = max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[MissingView]:
        target, mine = vouched_lesson(tx, principal, lesson_id, now)
        asked = None if unit_id is None else tx.units.tree().subtree(unit_id, report_day(tx, target.lesson))
        if unit_id is not None and asked is not None and not below:
            asked &= {unit_id}
        units = mine if asked is None else asked if mine is None else asked & mine
        if asked and not units and units is not None:
            raise Refusal("forbidden", f"vouches for nobody of {unit_id}")
        rows = tx.roster.listed(lesson_id, RosterFilter(RosterState.MISSING, unit_ids=units), cursor, wanted + 1)
        shown = [entry for entry, _ in rows[:wanted]]
        views = _views(tx, principal, target.lesson, shown)
        return Page(views, views[-1].member_id if len(rows) > wanted else None)

    return await records.read(load)


def _views(
    tx: Transaction, principal: Principal, lesson: Lesson, entries: list[RosterEntry]
) -> tuple[MissingView, ...]:
    ids = [entry.member_id for entry in entries]
    leaves, numbers, files = tx.leaves.last(lesson.id, ids), tx.accounts.numbers(ids), tx.members.files(ids)
    lent = {entry.loan_unit_id for entry in entries if entry.loan_unit_id}
    names = tx.units.names({entry.unit_id for entry in entries} | lent, report_day(tx, lesson))

    def one(entry: RosterEntry) -> MissingView:
        phone = files[entry.member_id].member.phone
        leave = leaves.get(entry.member_id)
        return MissingView(
            member_id=entry.member_id,
            name=entry.name,
            number=numbers.get(entry.member_id),
            kind=entry.kind,
            unit=Named(entry.unit_id, names[entry.unit_id]),
            lesson_venue_id=entry.place,
            place=lesson.place_name(entry.place),
            loan_unit=Named(entry.loan_unit_id, names[entry.loan_unit_id]) if entry.loan_unit_id else None,
            leave=leave.state if leave else None,
            phone=masked(phone) if phone else None,
            own=entry.member_id == principal.member_id,
        )

    return tuple(one(entry) for entry in entries)


async def see_phone(
    records: Records, principal: Principal, lesson_id: str, member_id: str, now: dt.datetime
) -> PhoneView:
    """The whole number, to call somebody who is missing; nobody else's.

    Raises ``lesson_not_found``, ``forbidden``, ``member_not_found``, ``not_missing``, ``phone_unknown``.
    """

    def load(tx: Transaction) -> PhoneView:
        target, units = vouched_lesson(tx, principal, lesson_id, now)
        entry = tx.roster.get(lesson_id, member_id)
        if entry is None:
            raise Refusal("member_not_found", "not on the roster")
        check_within(entry.unit_id, units)
        after = late_after(target.lesson, tx.sign_ins.grace_minutes(lesson_id))
        leave = tx.leaves.last(lesson_id, [member_id]).get(member_id)
        if standing_now(entry, tx.sign_ins.get(lesson_id, member_id), after, leave) in HERE:
            raise Refusal("not_missing", member_id)
        phone = tx.members.files([member_id])[member_id].member.phone
        if not phone:
            raise Refusal("phone_unknown", member_id)
        return PhoneView(member_id, phone)

    return await records.read(load)
