"""What a member was on which day, and the dated changes of it: each gives a new file, the one before stays.

A change may be entered after it happened (a vote is held before its minutes are typed), but not before the row that it
follows: what was frozen meanwhile, rosters and verdicts, keeps what was known then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server.domain.members import Ending, KindChange, Loan, Member, MemberKind, Membership
from server.domain.refusals import Refusal


@dataclass(frozen=True, slots=True)
class MemberFile:
    """All that is kept of one member's standing; rows by date, memberships and loans without overlap."""

    member: Member
    memberships: tuple[Membership, ...]
    kinds: tuple[KindChange, ...] = ()
    loans: tuple[Loan, ...] = ()

    def membership(self, on: dt.date) -> Membership | None:
        return next((row for row in self.memberships if row.holds(on)), None)

    def unit(self, on: dt.date) -> str | None:
        row = self.membership(on)
        return row.unit_id if row else None

    def kind(self, on: dt.date) -> MemberKind:
        return next((row.kind for row in reversed(self.kinds) if row.since <= on), self.member.kind)

    def loan(self, on: dt.date) -> Loan | None:
        return next((row for row in self.loans if row.holds(on)), None)

    @property
    def last(self) -> Membership:
        return self.memberships[-1]

    def home(self, on: dt.date) -> str:
        """Whose member it is for whoever looks after it: the unit of that day, else the nearest one."""
        first = self.memberships[0]
        return self.unit(on) or (first.unit_id if on < first.since else self.last.unit_id)


def enrolled(member: Member, unit_id: str, since: dt.date) -> MemberFile:
    return MemberFile(member, (Membership(member.id, unit_id, since),))


def became(file: MemberFile, kind: MemberKind, since: dt.date, today: dt.date) -> MemberFile:
    """Of another kind from ``since`` on (预备党员 becomes 正式党员); what was planned for then or later is replaced.

    Raises ``past_fixed`` for a day before which something else took effect already.
    """
    _check_open([row.since for row in file.kinds if row.since > since], today)
    if since < file.memberships[0].since:
        raise Refusal("past_fixed", f"{file.member.id}: {since}")
    kept = tuple(row for row in file.kinds if row.since < since)
    return replace(file, kinds=(*kept, KindChange(file.member.id, since, kind)))


def transferred(file: MemberFile, unit_id: str, since: dt.date, today: dt.date) -> MemberFile:
    """A member of ``unit_id`` from ``since`` on, also when it had left; a loan to there ends with it.

    What was planned for then or later is replaced. Raises ``past_fixed``, ``already_there``.
    """
    kept = _before(file, since, today)
    if kept and kept[-1].unit_id == unit_id and kept[-1].ending is None:
        raise Refusal("already_there", unit_id)
    loans = tuple(_cut(row, since) if row.unit_id == unit_id else row for row in file.loans)
    return replace(file, memberships=(*kept, Membership(file.member.id, unit_id, since)), loans=_begun(loans))


def ended(file: MemberFile, ending: Ending, since: dt.date, today: dt.date, note: str = "") -> MemberFile:
    """No member any more from ``since`` on; loans end too. Raises ``past_fixed``, ``membership_ended``."""
    last = file.last
    if last.ending is not None and last.until is not None and last.until <= today:
        raise Refusal("membership_ended", file.member.id)
    kept = _before(file, since, today)
    if not kept or kept[-1].until != since:
        raise Refusal("past_fixed", f"{file.member.id}: {since}")
    gone = replace(kept[-1], until=since, ending=ending, note=note)
    return replace(file, memberships=(*kept[:-1], gone), loans=_begun(tuple(_cut(row, since) for row in file.loans)))


def lent(file: MemberFile, loan: Loan) -> MemberFile:
    """借调. Raises ``past_fixed``, ``membership_ended``, ``already_there``, ``loan_overlaps``, ``invalid_body``."""
    if loan.until is not None and loan.until <= loan.since:
        raise Refusal("invalid_body", "a loan ends after it began")
    if file.last.ending is not None:
        raise Refusal("membership_ended", file.member.id)
    if loan.since < file.memberships[0].since:
        raise Refusal("past_fixed", f"{file.member.id}: {loan.since}")
    if file.home(loan.since) == loan.unit_id:
        raise Refusal("already_there", loan.unit_id)
    if any(_meet(loan, other) for other in file.loans):
        raise Refusal("loan_overlaps", file.member.id)
    return replace(file, loans=tuple(sorted((*file.loans, loan), key=lambda row: row.since)))


def returned(file: MemberFile, until: dt.date) -> MemberFile:
    """Back from the last loan, on ``until`` already. Raises ``loan_not_found``, ``past_fixed``."""
    if not file.loans or (file.loans[-1].until is not None and file.loans[-1].until <= until):
        raise Refusal("loan_not_found", file.member.id)
    last = file.loans[-1]
    if until < last.since:
        raise Refusal("past_fixed", f"{file.member.id}: {until}")
    return replace(file, loans=_begun((*file.loans[:-1], replace(last, until=until))))


def _check_open(days: Iterable[dt.date], today: dt.date) -> None:
    """What took effect stays. Raises ``past_fixed``."""
    for day in days:
        if day <= today:
            raise Refusal("past_fixed", str(day))


def _before(file: MemberFile, since: dt.date, today: dt.date) -> tuple[Membership, ...]:
    """The memberships that began before ``since``, the last one of them closed there, unless it had ended."""
    _check_open([row.since for row in file.memberships if row.since > since], today)
    kept = tuple(row for row in file.memberships if row.since < since)
    if not kept or (kept[-1].until is not None and kept[-1].until <= since):
        return kept
    if kept[-1].ending is not None:
        _check_open([kept[-1].until or since], today)
    return (*kept[:-1], replace(kept[-1], until=since, ending=None, note=""))


def _cut(row: Loan, on: dt.date) -> Loan:
    return row if row.until is not None and row.until <= on else replace(row, until=max(on, row.since))


def _begun(rows: tuple[Loan, ...]) -> tuple[Loan, ...]:
    """Without those that ended before they began."""
    return tuple(row for row in rows if row.until is None or row.since < row.until)


def _meet(one: Loan, other: Loan) -> bool:
    before = one.until is not None and one.until <= other.since
    after = other.until is not None and other.until <= one.since
    return not (before or after)
