"""One's own attendance of a lesson: whether one is expected, where, and what has come of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.leaves import LeaveState
from server.domain.lessons import Lesson
from server.domain.refusals import Refusal
from server.domain.sign_ins import Door
from server.services.assignments import expected_place
from server.services.doorways import door_of
from server.services.finding import found
from server.services.records import Records, Transaction
from server.services.sign_in_views import SignInView, named_place, view_of
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class OwnLeave:
    """The newest request of one's own (请假)."""

    id: str
    reason: str
    state: LeaveState
    asked_at: dt.datetime
    answer: str


@dataclass(frozen=True, slots=True)
class AttendanceView:
    """One's own. Before the opening: as planned now."""

    expected: bool
    lesson_venue: Named | None
    added: bool
    sign_in: SignInView | None
    sign_in_open: bool
    moved_from: Named | None = None
    """The venue whose people were moved, while it holds (转到备用)."""
    leave: OwnLeave | None = None


async def see_attendance(records: Records, principal: Principal, lesson_id: str, now: dt.datetime) -> AttendanceView:
    """One's own. Raises ``lesson_not_found``."""

    def load(tx: Transaction) -> AttendanceView:
        try:
            door = door_of(tx, principal, lesson_id, now=now)
        except Refusal as refusal:
            if refusal.code != "not_on_roster":
                raise
            return _planned(tx, principal, found(tx.lessons.get(lesson_id)), now)
        assert principal.member_id is not None
        return AttendanceView(
            expected=True,
            lesson_venue=named_place(door.lesson, door.entry.place),
            added=not door.entry.frozen,
            sign_in=view_of(door, door.before) if door.before else None,
            sign_in_open=door.lesson.on_air,
            moved_from=named_place(door.lesson, _moved_from(door)),
            leave=_own_leave(tx, lesson_id, principal.member_id),
        )

    return await records.glance(load)


def _moved_from(door: Door) -> str | None:
    one = door.before or door.entry
    return one.lesson_venue_id if one.moved_at and one.moved_to != one.lesson_venue_id else None


def _planned(tx: Transaction, principal: Principal, lesson: Lesson, now: dt.datetime) -> AttendanceView:
    expected, place = (False, None) if lesson.opened_at else expected_place(tx, principal, lesson, now)
    leave = _own_leave(tx, lesson.id, principal.member_id) if principal.member_id else None
    return AttendanceView(expected, named_place(lesson, place), False, None, lesson.on_air, leave=leave)


def _own_leave(tx: Transaction, lesson_id: str, member_id: str) -> OwnLeave | None:
    leave = tx.leaves.last(lesson_id, [member_id]).get(member_id)
    return OwnLeave(leave.id, leave.reason, leave.state, leave.asked_at, leave.answer) if leave else None
