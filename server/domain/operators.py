"""Who operates a room, from which day until which: people, assigned by whoever keeps it.

Days are the school's, intervals half-open: ``until`` is the first day on which it holds no longer. What was, stays:
nothing begins or ends before today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from server.domain.access import ADMINISTRATORS, AccountKind, Principal, Role
from server.domain.refusals import Refusal

MOST = 30
"""Of one room, today and to come."""
_APPOINTING = frozenset({Role.SCHOOL_ADMIN, Role.DIRECTOR, Role.SECRETARY})


@dataclass(frozen=True, slots=True)
class Operator:
    """One person at one room. ``until`` None: until further notice; the day of ``since`` itself: it held for none.

    ``by``, ``ended_by``: accounts. ``ended_at``: it was ended, by nobody's hand where ``ended_by`` is None; without it
    the day was given from the beginning.
    """

    id: str
    venue_id: str
    account_id: str
    since: dt.date
    until: dt.date | None
    by: str
    at: dt.datetime
    ended_by: str | None = None
    ended_at: dt.datetime | None = None

    def holds(self, on: dt.date) -> bool:
        return self.since <= on and (self.until is None or on < self.until)

    def over(self, today: dt.date) -> bool:
        return self.until is not None and self.until <= today

    def meets(self, other: Operator) -> bool:
        """Whether there is a day on which both hold."""
        ends = [each.until for each in (self, other) if each.until is not None]
        return max(self.since, other.since) < min(ends, default=dt.date.max)


def check_may_appoint(principal: Principal, unit_line: tuple[str, ...]) -> None:
    """``unit_line``: of the room's unit. Raises ``forbidden``."""
    if not appoints(principal, unit_line):
        raise Refusal("forbidden", f"operators of rooms in {unit_line[0]}")


def appoints(principal: Principal, unit_line: tuple[str, ...]) -> bool:
    """School administrators and directors for every room of their scope, a secretary for those of the own units."""
    return bool(appointing(principal) & set(unit_line))


def appointing(principal: Principal) -> frozenset[str]:
    """The units for whose rooms, and out of whose people, the principal chooses operators; with all below them."""
    if principal.kind is AccountKind.DEVICE:
        return frozenset()
    return frozenset(grant.unit_id for grant in principal.grants if grant.role in _APPOINTING)


def check_choice(principal: Principal, chosen: Principal | None, account_id: str) -> Principal:
    """A person whom the principal knows from the own units. ``chosen`` None: there is none, or it logs in no more.
    Gives who was chosen.

    Raises ``account_not_found``; ``operator_of_person`` for a device and a room's own login; ``roles_apart`` for one of
    the three administrators.
    """
    if chosen is None or not appointing(principal) & {*chosen.unit_line, *chosen.loan_line}:
        raise Refusal("account_not_found", account_id)
    if chosen.kind is AccountKind.DEVICE or chosen.venue_id is not None:
        raise Refusal("operator_of_person", account_id)
    if any(grant.role in ADMINISTRATORS for grant in chosen.grants):
        raise Refusal("roles_apart", account_id)
    return chosen


def assigned(before: Sequence[Operator], wanted: Operator, today: dt.date, *, retired: bool) -> Operator:
    """``before``: all of that room, ever. Raises ``venue_retired``, ``operator_past``, ``operator_days``,
    ``already_operator``, ``operators_full``.
    """
    if retired:
        raise Refusal("venue_retired", wanted.venue_id)
    if wanted.since < today:
        raise Refusal("operator_past", wanted.since.isoformat())
    if wanted.until is not None and wanted.until <= wanted.since:
        raise Refusal("operator_days", f"{wanted.since} to {wanted.until}")
    if any(one.account_id == wanted.account_id and one.meets(wanted) for one in before):
        raise Refusal("already_operator", wanted.account_id)
    if sum(not one.over(today) for one in before) >= MOST:
        raise Refusal("operators_full", wanted.venue_id)
    return wanted


def ended(operator: Operator, on: dt.date, *, by: str | None, now: dt.datetime, today: dt.date) -> Operator | None:
    """``on``: the first day without. None: it never began, and is withdrawn.

    Raises ``operator_past`` for a day before today, ``operator_over`` for what has ended, ``operator_days`` for a day
    after the one on which it ends anyway.
    """
    if on < today:
        raise Refusal("operator_past", on.isoformat())
    if operator.over(today):
        raise Refusal("operator_over", operator.id)
    if operator.until is not None and on > operator.until:
        raise Refusal("operator_days", f"ends on {operator.until}")
    if operator.since > today and on <= operator.since:
        return None
    return replace(operator, until=on, ended_by=by, ended_at=now)


def all_ended(
    operators: Iterable[Operator], *, by: str | None, now: dt.datetime, today: dt.date
) -> tuple[tuple[Operator, Operator | None], ...]:
    """What becomes of each that is not over when the room is given up, or the person leaves: before and after."""
    return tuple((one, ended(one, today, by=by, now=now, today=today)) for one in operators if not one.over(today))
