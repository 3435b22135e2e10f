"""The roster (应到名单) of a lesson that was opened: seen, and added to beside what was frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from server.domain import events
from server.domain.access import Action, LessonTarget, Principal
from server.domain.attendance import Standing, standing
from server.domain.leaves import Leave, LeaveState
from server.domain.lessons import Lesson, LessonState
from server.domain.members import MemberKind
from server.domain.reaches import board_reach
from server.domain.refusals import Refusal
from server.domain.roster import (
    PHONE,
    Person,
    RosterEntry,
    RosterFilter,
    RosterState,
)
from server.domain.sign_ins import SignIn, Way, is_late, late_after
from server.services.assignments import Whom, people_of
from server.services.commands import command, once
from server.services.finding import MOST_LISTED, allowed_target, report_day
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import Named, Page

_ADDABLE = frozenset({LessonState.OPEN, LessonState.LIVE, LessonState.ENDED})


@dataclass(frozen=True, slots=True)
class RosterSignIn:
    at: dt.datetime
    way: Way
    lesson_venue_id: str | None
    late: bool
    left_at: dt.datetime | None
    arriving: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RosterItem:
    member_id: str
    name: str
    number: str | None
    kind: MemberKind
    unit: Named
    lesson_venue_id: str | None
    added_at: dt.datetime | None
    reason: str
    sign_in: RosterSignIn | None
    leave: LeaveState | None = None
    standing: Standing = Standing.ABSENT
    corrected: bool = False
    loan_unit: Named | None = None


_ITEM = TypeAdapter(RosterItem)


async def list_roster(
    records: Records,
    principal: Principal,
    lesson_id: str,
    *,
    state: RosterState | None = None,
    place: str | None = None,
    unit_id: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    now: dt.datetime,
) -> Page[RosterItem]:
    """Only whom the principal may see. Raises ``forbidden``, ``lesson_not_found``, ``venue_not_found``,
    ``unit_not_found``. ``cursor`` is a member's id.
    """
    wanted = max(1, min(limit, MOST_LISTED))

    def load(tx: Transaction) -> Page[RosterItem]:
        target = allowed_target(tx, principal, Action.BOARD, lesson_id, now)
        if place is not None and place != PHONE:
            target.lesson.venue(place)
        after = late_after(target.lesson, tx.sign_ins.grace_minutes(lesson_id))
        narrowed = _narrowed(tx, principal, target, RosterFilter(state, place, late_after=after), unit_id=unit_id)
        rows = tx.roster.listed(lesson_id, narrowed, cursor, wanted + 1)
        items = roster_items(tx, target.lesson, rows[:wanted], after)
        return Page(items, items[-1].member_id if len(rows) > wanted else None)

    return await records.read(load)


def _narrowed(
    tx: Transaction,
    principal: Principal,
    target: LessonTarget,
    asked: RosterFilter,
    *,
    unit_id: str | None,
) -> RosterFilter:
    seen, on = board_reach(principal, target, asked.place), report_day(tx, target.lesson)
    units = units_below(tx, seen.unit_ids, on)
    if unit_id is not None:
        asked_for = tx.units.tree().subtree(unit_id, on)
        units = asked_for if units is None else units & asked_for
    return RosterFilter(asked.state, asked.place, units, seen.lesson_venue_id, asked.late_after)


def units_below(tx: Transaction, roots: Collection[str] | None, on: dt.date) -> frozenset[str] | None:
    """Everything at and below some units; None stays None: all."""
    if roots is None:
        return None
    tree = tx.units.tree()
    return frozenset[str]().union(*(tree.subtree(root, on) for root in roots))


def roster_items(
    tx: Transaction, lesson: Lesson, rows: Sequence[tuple[RosterEntry, SignIn | None]], after: dt.datetime | None
) -> tuple[RosterItem, ...]:
    """``standing``: as of now; who has not come yet is absent in it, and called 未到 until settling."""
    leaves = tx.leaves.last(lesson.id, [entry.member_id for entry, _ in rows])
    on_loan = {entry.loan_unit_id for entry, _ in rows if entry.loan_unit_id}
    names = tx.units.names({entry.unit_id for entry, _ in rows} | on_loan, report_day(tx, lesson))
    numbers = tx.accounts.numbers([entry.member_id for entry, _ in rows])

    def signed(sign_in: SignIn | None) -> RosterSignIn | None:
        if sign_in is None:
            return None
        late = is_late(sign_in.at, after)
        arriving = sign_in.arriving is not None
        return RosterSignIn(
            sign_in.at, sign_in.way, sign_in.place, late, sign_in.left_at, arriving=arriving, reason=sign_in.reason
        )

    return tuple(
        RosterItem(
            member_id=entry.member_id,
            name=entry.name,
            number=numbers.get(entry.member_id),
            kind=entry.kind,
            unit=Named(entry.unit_id, names[entry.unit_id]),
            lesson_venue_id=entry.place,
            added_at=entry.added_at,
            reason=entry.reason,
            sign_in=signed(sign_in),
            leave=leaves[entry.member_id].state if entry.member_id in leaves else None,
            standing=standing_now(entry, sign_in, after, leaves.get(entry.member_id)),
            corrected=entry.corrected is not None,
            loan_unit=Named(entry.loan_unit_id, names[entry.loan_unit_id]) if entry.loan_unit_id else None,
        )
        for entry, sign_in in rows
    )


def standing_now(
    entry: RosterEntry, sign_in: SignIn | None, after: dt.datetime | None, leave: Leave | None
) -> Standing:
    return standing(
        signed_in=sign_in is not None,
        late=sign_in is not None and is_late(sign_in.at, after),
        left_early=sign_in is not None and sign_in.left_at is not None,
        on_leave=leave is not None and leave.state is LeaveState.APPROVED,
        corrected=entry.corrected,
    )


async def add_to_roster(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    whom: Whom,
    lesson_venue_id: str | None,
    reason: str,
    now: dt.datetime,
) -> RosterItem:
    """A later addition. Raises ``member_not_found``, ``venue_not_found``, ``already_on_roster``,
    ``illegal_transition`` outside open, live and ended.
    """
    body = {**asdict(whom), "lesson_venue_id": lesson_venue_id, "reason": reason}
    asked = command(principal, command_id, "add_to_roster", lesson_id=lesson_id, **body)

    def change(tx: Transaction) -> RosterItem:
        target = allowed_target(tx, principal, Action.RUN, lesson_id, now, lock=True)

        def do() -> RosterItem:
            person = _addable(tx, principal, target.lesson, whom, lesson_venue_id, now=now)
            return added_beside(tx, principal, target.lesson, person, (lesson_venue_id, reason), now=now)

        return once(tx, asked, now, _ITEM, do)

    item = await house.records.write(change)
    await tell(house, lesson_id)
    return item


def _addable(
    tx: Transaction,
    principal: Principal,
    lesson: Lesson,
    whom: Whom,
    lesson_venue_id: str | None,
    *,
    now: dt.datetime,
) -> Person:
    if lesson.state not in _ADDABLE:
        raise Refusal("illegal_transition", lesson.state)
    if lesson_venue_id is not None:
        lesson.venue(lesson_venue_id)
    person = people_of(tx, principal, lesson, [whom], tx.calendar.day(now))[0]
    if tx.roster.get(lesson.id, person.member_id) is not None:
        raise Refusal("already_on_roster", person.member_id)
    return person


def added_beside(
    tx: Transaction,
    principal: Principal,
    lesson: Lesson,
    person: Person,
    where: tuple[str | None, str],
    *,
    now: dt.datetime,
) -> RosterItem:
    """``where``: lesson venue (None: by phone), and why; it stands in the log of events. Not on the roster so far."""
    entry = RosterEntry(
        member_id=person.member_id,
        name=person.name,
        kind=person.kind,
        unit_id=person.unit_id,
        lesson_venue_id=where[0],
        added_at=now,
        added_by=principal.account_id,
        reason=where[1],
    )
    tx.roster.add(lesson.id, [entry])
    item = roster_items(tx, lesson, [(entry, None)], None)[0]
    said = events.roster_added(person.name, item.unit.name, entry.reason, principal.name)
    tx.events.append(lesson.id, [said], now, principal.account_id)
    return item
