"""What ends with a membership: roles, logins and codes, on the day on which somebody belongs elsewhere or nowhere."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from server.domain.access import Principal, Role, RoleGrant
from server.domain.audit import DONE, Deed, detail_of
from server.domain.departures import KEPT, check_not_last, ended_grants, last_of, left, returned
from server.domain.members import Ending, Loan, Membership
from server.domain.personnel import MemberFile, ended, transferred
from server.domain.refusals import Refusal
from server.domain.stewards import Care
from server.domain.units import UnitTree
from server.services.audit import new_salt
from server.services.house import House
from server.services.login import tell_ended
from server.services.member_views import cared
from server.services.operators import leave_rooms
from server.services.organisation import standing_unit
from server.services.records import Records, Transaction
from server.services.views import Named

_log = logging.getLogger(__name__)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class EndingRole:
    role: Role
    unit: Named


@dataclass(frozen=True, slots=True)
class DepartureView:
    """What a change would end. ``last``: of an administrator after whom there would be none: it is refused.

    ``login``: whether the account ends too; ``logins``: on how many devices it is logged in.
    """

    roles: tuple[EndingRole, ...]
    login: bool
    logins: int
    last: Role | None


@dataclass(frozen=True, slots=True)
class Ends:
    """What ends for one of many who change together. ``since``: its day."""

    member_id: str
    since: dt.date
    roles: tuple[EndingRole, ...]
    login: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """One account's. ``before``, ``after``: the units to which its member belongs."""

    member_id: str
    account_id: str
    before: frozenset[str]
    after: frozenset[str]
    ends: tuple[RoleGrant, ...]


Pair = tuple[MemberFile, MemberFile]


def follow(tx: Transaction, principal: Principal | None, pairs: Sequence[Pair], now: dt.datetime) -> tuple[str, ...]:
    """After members changed: ends what ends today, and remembers the days on which more will. The logins that ended:
    once it is committed the caller tells of them (:func:`tell_ended`), so that sockets and streams end at once.

    Raises ``last_administrator``, and ``forbidden`` for an administrator's role from above whoever changes them, also
    for a day to come.
    """
    today, tree = tx.calendar.day(now), tx.units.tree()
    steps = _steps(tx, [(one, two, today) for one, two in pairs], tree, today)
    _check_reach(principal, steps, tree, today)
    ended = _end(tx, principal, steps, now)
    coming = {(after.member.id, day): (after, day) for _, after in pairs for day in _days(after) if day > today}
    planned = [(after, after, day) for after, day in coming.values()]
    steps = _steps(tx, planned, tree, today, before=today)
    _check_reach(principal, steps, tree, today)
    _check(tx, _ending(steps))
    tx.members.remind([after.member.id for _, after in pairs], coming, today)
    return ended


async def end_due(house: House, now: dt.datetime) -> None:
    """To be called now and then: what ends because its day has come, some at a time: a whole roster may be due."""

    def work(tx: Transaction) -> tuple[bool, list[str]]:
        logins: list[str] = []
        today, tree = tx.calendar.day(now), tx.units.tree()
        due = tx.members.due(today, _AT_ONCE)
        files, done = tx.members.files({member_id for member_id, _ in due}), 0
        for member_id, day in due:
            file = files[member_id]
            steps = _steps(tx, [(file, file, today)], tree, today, before=day - dt.timedelta(days=1))
            last = last_of(_ending(steps), _holders(tx))
            if last is not None:
                _log.warning("account %s left, and stays: the last %s", *(last[0], last[1].role))
                continue
            logins += _end(tx, None, steps, now)
            tx.members.done(member_id, day)
            done += 1
        return done > 0 and len(due) == _AT_ONCE, logins

    more = True
    while more:
        more, logins = await house.records.write(work)
        await tell_ended(house.fanout, logins)


async def see_departure(
    records: Records, principal: Principal, member_id: str, *, unit_id: str | None, since: dt.date, now: dt.datetime
) -> DepartureView:
    """What ends if the member goes to ``unit_id`` (None: leaves) on that day.

    Raises ``member_not_found``, ``forbidden``, and as the change itself would.
    """

    def load(tx: Transaction) -> DepartureView:
        file = cared(tx, principal, Care.EDIT, tx.members.files([member_id]).get(member_id), now)
        today, tree = tx.calendar.day(now), tx.units.tree()
        if unit_id is not None:
            standing_unit(tx, principal, unit_id, since, now)
        after = transferred(file, unit_id, since, today) if unit_id else ended(file, Ending.OTHER, since, today)
        steps = _steps(tx, [(file, after, max(since, today))], tree, today, before=today)
        _check_reach(principal, steps, tree, today)
        last = last_of(_ending(steps), _holders(tx))
        gone = [step for step in steps if left(step.before, step.after)]
        return DepartureView(
            roles=_roles((grant for _, grant in _ending(steps)), tree, today),
            login=bool(gone),
            logins=sum(len(tx.sessions.of_account(step.account_id)) for step in gone),
            last=last[1].role if last else None,
        )

    return await records.read(load)


def foreseen(
    tx: Transaction, principal: Principal, pairs: Sequence[tuple[*Pair, dt.date]], now: dt.datetime
) -> tuple[tuple[Ends, ...], str | None]:
    """What ends if all of these change together, each on its day: those who lose more than membership first. And the
    code with which it would be refused, if it would.
    """
    today, tree = tx.calendar.day(now), tx.units.tree()
    days = {after.member.id: max(since, today) for _, after, since in pairs}
    changes = [(before, after, days[after.member.id]) for before, after, _ in pairs]
    steps = _steps(tx, changes, tree, today, before=today)
    stop = None
    try:
        _check_reach(principal, steps, tree, today)
        _check(tx, _ending(steps))
    except Refusal as refusal:
        stop = refusal.code
    found = [
        Ends(step.member_id, days[step.member_id], _roles(step.ends, tree, today), left(step.before, step.after))
        for step in steps
    ]
    ending = [each for each in found if each.roles or each.login]
    return tuple(
        sorted(ending, key=lambda each: (not any(one.role is not Role.MEMBER for one in each.roles), each.since))
    ), stop


def _roles(grants: Iterable[RoleGrant], tree: UnitTree, today: dt.date) -> tuple[EndingRole, ...]:
    return tuple(EndingRole(each.role, Named(each.unit_id, tree.name(each.unit_id, today))) for each in grants)


def _days(file: MemberFile) -> Iterable[dt.date]:
    rows: tuple[Membership | Loan, ...] = (*file.memberships, *file.loans)
    for row in rows:
        yield row.since
        if row.until is not None:
            yield row.until


def _belonging(file: MemberFile, on: dt.date, tree: UnitTree, today: dt.date) -> frozenset[str]:
    """By the tree of today: that a unit moves ends nobody's role."""
    loan = file.loan(on)
    units = [unit for unit in (file.unit(on), loan.unit_id if loan else None) if unit is not None]
    return frozenset[str]().union(*(tree.line(unit, today) for unit in units))


def _steps(
    tx: Transaction,
    changes: Sequence[tuple[MemberFile, MemberFile, dt.date]],
    tree: UnitTree,
    today: dt.date,
    before: dt.date | None = None,
) -> list[_Step]:
    """Where something changes. ``before``: the day to compare with, if not the same."""
    found: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for one, two, day in changes:
        lines = _belonging(one, before or day, tree, today), _belonging(two, day, tree, today)
        if lines[0] != lines[1]:
            found[two.member.id] = lines
    accounts = tx.accounts.of_members(list(found)) if found else {}
    held = tx.accounts.held(list(accounts.values()))
    return [
        _Step(member_id, account_id, *found[member_id], ended_grants(held.get(account_id, ()), *found[member_id]))
        for member_id, account_id in accounts.items()
    ]


def _ending(steps: Iterable[_Step]) -> list[tuple[str, RoleGrant]]:
    return [(step.account_id, grant) for step in steps for grant in step.ends]


def _check(tx: Transaction, ending: Sequence[tuple[str, RoleGrant]]) -> None:
    if any(grant.role in KEPT for _, grant in ending):
        check_not_last(ending, _holders(tx))


def _check_reach(principal: Principal | None, steps: Sequence[_Step], tree: UnitTree, today: dt.date) -> None:
    """Who keeps the people of one branch takes nobody an administrator's role of the house. Raises ``forbidden``."""
    own = {grant.unit_id for grant in principal.grants if grant.role is Role.SCHOOL_ADMIN} if principal else set[str]()
    for account_id, grant in _ending(steps) if principal else ():
        if grant.role in KEPT and own.isdisjoint(tree.line(grant.unit_id, today)):
            raise Refusal("forbidden", f"{grant.role} of {account_id}")


def _holders(tx: Transaction) -> dict[Role, Sequence[tuple[str, str]]]:
    return {role: [(account.id, unit_id) for account, unit_id in tx.accounts.with_role(role)] for role in KEPT}


def _end(tx: Transaction, principal: Principal | None, steps: Sequence[_Step], now: dt.datetime) -> tuple[str, ...]:
    """The logins that ended."""
    ending = _ending(steps)
    _check(tx, ending)
    for account_id, grant in ending:
        tx.accounts.revoke(account_id, grant)
    gone = {step.account_id for step in steps if left(step.before, step.after)}
    logins = tx.accounts.leave(gone)
    rooms = {who: leave_rooms(tx, [who], principal.account_id if principal else None, now) for who in gone}
    tx.accounts.come_back([step.account_id for step in steps if returned(step.before, step.after)])
    for step in steps:
        if step.ends or step.account_id in gone:
            about = rooms.get(step.account_id, ())
            tx.audit.add(_deed(principal, step, about, ended=step.account_id in gone, now=now))
    return logins


def _deed(principal: Principal | None, step: _Step, rooms: tuple[str, ...], *, ended: bool, now: dt.datetime) -> Deed:
    roles = [f"{grant.role}@{grant.unit_id}" for grant in step.ends]
    said = detail_of(roles=roles, disabled=ended, **({"rooms": list(rooms)} if rooms else {}))
    actor = principal.account_id if principal else None
    about = ("membership.ended" if ended else "membership.moved", f"account/{step.account_id}", DONE)
    return Deed(now, actor, "", "", "", *about, said, new_salt())
