"""Secretaries, committee members and the exempt, as the year's credit asks them: entered and ended by the school."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.attendance_report import in_tree_order
from server.domain.names import in_natural_order
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held, require_care
from server.domain.study_roles import RoleRow, StudyRole, added, ended
from server.services.commands import command, once
from server.services.credit_report import units_of_year
from server.services.records import Records, Transaction
from server.services.views import Named


@dataclass(frozen=True, slots=True)
class StudyRoleView:
    """``unit``: the member's of today, else the last one. ``holds``: today. ``by``, ``ended_by``: names."""

    id: str
    member: Named
    unit: Named
    role: StudyRole
    since: dt.date
    until: dt.date | None
    holds: bool
    reason: str
    by: str
    at: dt.datetime
    ended_by: str
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class StudyRolePage:
    items: tuple[StudyRoleView, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class StudyRolePlan:
    """The member by id, or by login number."""

    member_id: str | None
    number: str | None
    role: StudyRole
    since: dt.date
    until: dt.date | None
    reason: str


_VIEW = TypeAdapter(StudyRoleView)


async def list_study_roles(
    records: Records,
    principal: Principal,
    unit_id: str,
    now: dt.datetime,
    *,
    role: StudyRole | None = None,
    offset: int = 0,
    limit: int = 200,
) -> StudyRolePage:
    """Of who belongs to the unit and all below it today, past rows too; by tree and name, the newest first.

    Raises ``forbidden`` for who looks after no unit, ``unit_not_found``.
    """

    def load(tx: Transaction) -> StudyRolePage:
        today, tree = tx.calendar.day(now), tx.units.tree()
        below = units_of_year(tree, principal, unit_id, today, today)
        people = {person.member_id: person for person in tx.members.people(sorted(below), today)}
        order = {each: at for at, (each, _, _) in enumerate(in_tree_order(below, tree, today))}
        rows = [row for some in tx.study_roles.of_members(people.keys()).values() for row in some]

        def key(row: RoleRow) -> tuple[object, ...]:
            person = people[row.member_id]
            return order[person.unit_id], in_natural_order(person.name), row.member_id, -row.since.toordinal(), row.id

        wanted = sorted((row for row in rows if role in (None, row.role)), key=key)
        last = offset + limit
        return StudyRolePage(_views(tx, wanted[offset:last], today), str(last) if last < len(wanted) else None)

    return await records.read(load)


def _views(tx: Transaction, rows: Iterable[RoleRow], today: dt.date) -> tuple[StudyRoleView, ...]:
    listed, tree = tuple(rows), tx.units.tree()
    files = tx.members.files({row.member_id for row in listed})
    names = tx.accounts.names({who for row in listed for who in (row.made_by, row.ended_by) if who})

    def one(row: RoleRow) -> StudyRoleView:
        file = files[row.member_id]
        home = file.home(today)
        return StudyRoleView(
            id=row.id,
            member=Named(row.member_id, file.member.name),
            unit=Named(home, tree.name(home, today)),
            role=row.role,
            since=row.since,
            until=row.until,
            holds=row.holds(today),
            reason=row.reason,
            by=names.get(row.made_by, ""),
            at=row.made_at,
            ended_by=names.get(row.ended_by or "", ""),
            ended_at=row.ended_at,
        )

    return tuple(one(row) for row in listed)


async def add_study_role(
    records: Records, principal: Principal, command_id: str, plan: StudyRolePlan, now: dt.datetime
) -> StudyRoleView:
    """Raises ``forbidden``, ``member_not_found``, ``study_role_own``, ``study_role_overlaps``, ``past_fixed``,
    ``invalid_body``, ``command_reused``.
    """
    held(principal)  # who looks after nobody is not told which numbers there are
    asked = command(principal, command_id, "add_study_role", plan=asdict(plan))

    def do(tx: Transaction, member_id: str) -> StudyRoleView:
        today = tx.calendar.day(now)
        row = RoleRow(
            *(str(uuid.uuid4()), member_id, plan.role, plan.since, plan.until, plan.reason),
            made_by=principal.account_id,
            made_at=now,
        )
        tx.members.lock(member_id)  # of two at once the second sees the first
        tx.study_roles.add(added(tx.study_roles.of_members([member_id]).get(member_id, ()), row, today))
        return _views(tx, [row], today)[0]

    def work(tx: Transaction) -> StudyRoleView:
        member_id = plan.member_id or _of_number(tx, plan.number or "")
        _check(tx, principal, member_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx, member_id))

    return await records.write(work)


def _of_number(tx: Transaction, number: str) -> str:
    account = tx.accounts.by_number(number)
    if account is None or account.member_id is None:
        raise Refusal("member_not_found", "by number")
    return account.member_id


def _check(
    tx: Transaction, principal: Principal, member_id: str, now: dt.datetime, hidden: str = "member_not_found"
) -> None:
    """The school's, and nobody's own. ``hidden``: the code for who must not learn that it exists."""
    file, today = tx.members.files([member_id]).get(member_id), tx.calendar.day(now)
    if file is None:
        raise Refusal(hidden, member_id)
    require_care(principal, Care.EDIT, tx.units.line(file.home(today), today), hidden)
    if principal.member_id == member_id:
        raise Refusal("study_role_own", member_id)


async def end_study_role(
    records: Records, principal: Principal, row_id: str, command_id: str, *, until: dt.date, now: dt.datetime
) -> StudyRoleView:
    """``until`` its first day: it never held. Raises ``forbidden``, ``study_role_not_found``, ``study_role_own``,
    ``past_fixed``, ``invalid_body``, ``command_reused``.
    """
    asked = command(principal, command_id, "end_study_role", row_id=row_id, until=until.isoformat())

    def do(tx: Transaction, member_id: str) -> StudyRoleView:
        today = tx.calendar.day(now)
        tx.members.lock(member_id)
        row = _found(tx, row_id)
        changed = ended(row, until, today, by=principal.account_id, at=now)
        tx.study_roles.end(changed)
        return _views(tx, [changed], today)[0]

    def work(tx: Transaction) -> StudyRoleView:
        row = _found(tx, row_id)
        _check(tx, principal, row.member_id, now, "study_role_not_found")
        return once(tx, asked, now, _VIEW, lambda: do(tx, row.member_id))

    return await records.write(work)


def _found(tx: Transaction, row_id: str) -> RoleRow:
    row = tx.study_roles.get(row_id)
    if row is None:
        raise Refusal("study_role_not_found", row_id)
    return row
