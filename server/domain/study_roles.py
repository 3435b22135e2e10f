"""What a member is for the year's credit besides a member: secretary, of the committee, or exempt (免修). Dated rows,
each with its reason and who said so; the past never changes.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.refusals import Refusal
from server.domain.year_rules import Position


class StudyRole(enum.StrEnum):
    SECRETARY = "secretary"
    COMMITTEE = "committee"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class RoleRow:
    """From ``since`` until before ``until``. One that ends where it begins never held: it was withdrawn."""

    id: str
    member_id: str
    role: StudyRole
    since: dt.date
    until: dt.date | None
    reason: str
    made_by: str  # account
    made_at: dt.datetime
    ended_by: str | None = None
    ended_at: dt.datetime | None = None

    def holds(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)


_POSITIONS = ((StudyRole.SECRETARY, Position.SECRETARY), (StudyRole.COMMITTEE, Position.COMMITTEE))


def roles_on(rows: Iterable[RoleRow], on: dt.date) -> frozenset[StudyRole]:
    return frozenset(row.role for row in rows if row.holds(on))


def position_on(rows: Iterable[RoleRow], plain: Position, on: dt.date) -> Position | None:
    """As what the member is asked on that day: the first that holds. None: exempt. ``plain``: by kind of member."""
    held = roles_on(rows, on)
    if StudyRole.EXEMPT in held:
        return None
    return next((position for role, position in _POSITIONS if role in held), plain)


def added(rows: Iterable[RoleRow], row: RoleRow, today: dt.date) -> RoleRow:
    """``rows``: the member's others. Raises ``invalid_body`` for no period, ``past_fixed`` for a day in a year that is
    over, ``study_role_overlaps`` for one of the same role that holds on one of its days.
    """
    if row.until is not None and row.until <= row.since:
        raise Refusal("invalid_body", "until: after since")
    if row.since.year < today.year:
        raise Refusal("past_fixed", str(row.since))
    if any(other.role is row.role and _meet(other, row) for other in rows):
        raise Refusal("study_role_overlaps", row.member_id)
    return row


def ended(row: RoleRow, until: dt.date, today: dt.date, *, by: str, at: dt.datetime) -> RoleRow:
    """Earlier than it would have ended. Raises ``past_fixed`` for a day in a year that is over, ``invalid_body`` for
    one before it began or after it ends.
    """
    if until.year < today.year or (row.until is not None and row.until.year < today.year):
        raise Refusal("past_fixed", str(until))
    if until < row.since or (row.until is not None and until > row.until):
        raise Refusal("invalid_body", f"until: from {row.since} on, not later than it ends")
    return replace(row, until=until, ended_by=by, ended_at=at)


def _meet(one: RoleRow, other: RoleRow) -> bool:
    if one.until == one.since:
        return False
    before = one.until is not None and one.until <= other.since
    after = other.until is not None and other.until <= one.since
    return not (before or after)
