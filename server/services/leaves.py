"""Leave (请假): asked for by a member or taken down by the secretary, decided, withdrawn, seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import events
from server.domain import leaves as rules
from server.domain.access import Action, Principal
from server.domain.leaves import Leave, LeaveState
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.services.assignments import expected_place
from server.services.commands import Command, command, once
from server.services.finding import allowed_target, found
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.rooms import tell
from server.services.views import Named, PersonView
from server.services.vouching import check_within, last_units_of, unit_of, vouched_lesson


@dataclass(frozen=True, slots=True)
class LeaveView:
    """``by_other``: taken down by somebody else than the member."""

    id: str
    lesson_id: str
    member: Named
    unit: Named
    reason: str
    state: LeaveState
    asked_at: dt.datetime
    by_other: bool
    decided_at: dt.datetime | None
    decided_by: PersonView | None
    answer: str


_VIEW = TypeAdapter(LeaveView)


async def list_leaves(
    records: Records, principal: Principal, lesson_id: str, now: dt.datetime
) -> tuple[LeaveView, ...]:
    """Of those whom the principal may vouch for; what waits for a decision first, then the newest.

    Raises ``lesson_not_found``, ``forbidden``.
    """

    def load(tx: Transaction) -> tuple[LeaveView, ...]:
        _, units = vouched_lesson(tx, principal, lesson_id, now)
        shown = leave_views(tx, tx.leaves.of(lesson_id), now)
        mine = [one for one in shown if units is None or one.unit.id in units]
        return tuple(sorted(mine, key=lambda one: (one.state is not LeaveState.ASKED, -one.asked_at.timestamp())))

    return await records.read(load)


async def ask_leave(
    house: House,
    principal: Principal,
    lesson_id: str,
    command_id: str,
    *,
    reason: str,
    member_id: str | None = None,
    now: dt.datetime,
) -> LeaveView:
    """One's own; or ``member_id``'s, who told the secretary: that one is granted with it.

    Raises ``lesson_not_found``, ``not_on_roster``, ``leave_closed``, ``leave_stands``, ``forbidden``,
    ``member_not_found``, ``leave_own``, ``command_reused``.
    """
    asked = command(principal, command_id, "ask_leave", lesson_id=lesson_id, reason=reason, member_id=member_id)

    def work(tx: Transaction) -> LeaveView:
        lesson = found(tx.lessons.lock(lesson_id))
        whose = (
            _asker(tx, principal, lesson, now) if member_id is None else _told(tx, principal, lesson, member_id, now)
        )
        leave = Leave(str(uuid4()), lesson_id, whose, reason, principal.account_id, now)
        if member_id is not None:
            leave = replace(leave, state=LeaveState.APPROVED, decided_at=now, decided_by=principal.account_id)
        return once(tx, asked, now, _VIEW, lambda: _add(tx, principal, lesson, leave, now))

    view = await house.records.write(work)
    await tell(house, lesson_id)
    return view


def _asker(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> str:
    """The member's own id. Raises ``lesson_not_found`` for whom the lesson does not reach, ``not_on_roster``."""
    member_id = principal.member_id
    listed = member_id is not None and tx.roster.get(lesson.id, member_id) is not None
    planned = lesson.opened_at is None and expected_place(tx, principal, lesson, now)[0]
    if member_id is None or not (listed or planned):
        allowed_target(tx, principal, Action.READ, lesson.id, now)
        raise Refusal("not_on_roster", lesson.id)
    return member_id


def _told(tx: Transaction, principal: Principal, lesson: Lesson, member_id: str, now: dt.datetime) -> str:
    _, units = vouched_lesson(tx, principal, lesson.id, now)
    check_within(unit_of(tx, lesson.id, member_id, now), units)
    if member_id == principal.member_id:
        raise Refusal("leave_own", member_id)
    if lesson.opened_at is not None and tx.roster.get(lesson.id, member_id) is None:
        raise Refusal("member_not_found", "not on the roster")
    return member_id


def _add(tx: Transaction, principal: Principal, lesson: Lesson, leave: Leave, now: dt.datetime) -> LeaveView:
    rules.check_askable(lesson)
    if not tx.leaves.add(leave):
        raise Refusal("leave_stands", leave.member_id)
    view = leave_views(tx, [leave], now)[0]
    said = [events.leave_asked(audience, leave.id, view.member.name) for audience in _hearers(leave)]
    if leave.state is not LeaveState.ASKED:
        said += [events.leave_changed(audience, leave.id, leave.state.value) for audience in _hearers(leave)]
    tx.events.append(lesson.id, said, now, principal.account_id)
    return view


async def decide_leave(
    house: House, principal: Principal, leave_id: str, command_id: str, *, approve: bool, answer: str, now: dt.datetime
) -> LeaveView:
    """By a secretary of the member's unit or one above it, or who settles; never one's own.

    Raises ``leave_not_found``, ``forbidden``, ``leave_own``, ``leave_decided``, ``leave_closed``, ``command_reused``.
    """
    asked = command(principal, command_id, "decide_leave", leave_id=leave_id, approve=approve, answer=answer)

    def change(tx: Transaction, leave: Leave) -> Leave:
        target, units = vouched_lesson(tx, principal, leave.lesson_id, now, lock=True)
        check_within(unit_of(tx, leave.lesson_id, leave.member_id, now), units)
        if leave.member_id == principal.member_id:
            raise Refusal("leave_own", leave.id)
        by = principal.account_id
        return rules.decide(leave, target.lesson, approve=approve, answer=answer, by=by, now=now)

    return await _change(house, principal, leave_id, asked, change, now=now)


async def withdraw_leave(
    house: House, principal: Principal, leave_id: str, command_id: str, now: dt.datetime
) -> LeaveView:
    """One's own, before it is decided. Raises ``leave_not_found``, ``leave_decided``, ``leave_closed``."""
    asked = command(principal, command_id, "withdraw_leave", leave_id=leave_id)

    def change(tx: Transaction, leave: Leave) -> Leave:
        if leave.member_id != principal.member_id:
            raise Refusal("leave_not_found", leave.id)
        return rules.withdraw(leave, found(tx.lessons.lock(leave.lesson_id)), now)

    return await _change(house, principal, leave_id, asked, change, now=now)


async def _change(
    house: House,
    principal: Principal,
    leave_id: str,
    asked: Command,
    change: Callable[[Transaction, Leave], Leave],
    *,
    now: dt.datetime,
) -> LeaveView:
    def work(tx: Transaction) -> LeaveView:
        def do() -> LeaveView:
            changed = change(tx, _known(tx, leave_id))
            tx.leaves.save(changed)
            said = [events.leave_changed(audience, leave_id, changed.state.value) for audience in _hearers(changed)]
            tx.events.append(changed.lesson_id, said, now, principal.account_id)
            return leave_views(tx, [changed], now)[0]

        return once(tx, asked, now, _VIEW, do)

    view = await house.records.write(work)
    await tell(house, view.lesson_id)
    return view


def _known(tx: Transaction, leave_id: str) -> Leave:
    leave = tx.leaves.get(leave_id)
    if leave is None:
        raise Refusal("leave_not_found", leave_id)
    return leave


def _hearers(leave: Leave) -> Sequence[str]:
    return events.STAFF, events.to_account(leave.asked_by)


def leave_views(tx: Transaction, leaves: Sequence[Leave], now: dt.datetime) -> tuple[LeaveView, ...]:
    """Of one lesson; the unit as frozen in the roster, else as of today."""
    members = tx.members.names({leave.member_id for leave in leaves})
    units = last_units_of(tx, leaves[0].lesson_id, set(members), now) if leaves else {}
    names = tx.units.names(set(units.values()), tx.calendar.day(now))
    people = tx.accounts.names({leave.decided_by for leave in leaves if leave.decided_by})

    def one(leave: Leave) -> LeaveView:
        by = leave.decided_by
        return LeaveView(
            id=leave.id,
            lesson_id=leave.lesson_id,
            member=Named(leave.member_id, members[leave.member_id]),
            unit=Named(units[leave.member_id], names[units[leave.member_id]]),
            reason=leave.reason,
            state=leave.state,
            asked_at=leave.asked_at,
            by_other=leave.state is LeaveState.APPROVED and leave.asked_by == by,
            decided_at=leave.decided_at,
            decided_by=PersonView(by, people[by]) if by else None,
            answer=leave.answer,
        )

    return tuple(one(leave) for leave in leaves)
