"""Operators of a room: who they were, are and will be; assigned and ended by whoever keeps the room."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import operators as rules
from server.domain.access import AccountKind, Action, Principal, may_in_unit
from server.domain.accounts import Listed, Wanted
from server.domain.operators import Operator
from server.domain.refusals import Refusal
from server.domain.registry import VenueChange, VenueChangeKind
from server.domain.venues import Venue
from server.services.activation import withdraw_outgrown
from server.services.commands import command, once
from server.services.house import House
from server.services.records import Records, Transaction
from server.services.roster import units_below
from server.services.views import Named

MOST_FOUND = 20
MOST_READ = 100
MOST_FORMER = 100


class OperatorState(enum.StrEnum):
    CURRENT = "current"
    COMING = "coming"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class AssignedView:
    """``until``: the first day without; null: until further notice. ``disabled``: the account does not log in."""

    id: str
    account_id: str
    name: str
    number: str
    unit: Named | None
    since: dt.date
    until: dt.date | None
    state: OperatorState
    disabled: bool
    by: Named
    at: dt.datetime
    ended_by: Named | None
    ended_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OperatorsView:
    """Today's, those to come, and the last former ones. ``today``: the school's day. ``may_appoint``: the caller."""

    today: dt.date
    items: tuple[AssignedView, ...]
    may_appoint: bool


@dataclass(frozen=True, slots=True)
class CandidateView:
    account_id: str
    name: str
    number: str
    unit: Named | None


_ID = TypeAdapter(str)


async def list_operators(records: Records, principal: Principal, venue_id: str, now: dt.datetime) -> OperatorsView:
    """For who appoints them, plans lessons there, or operates the room. Raises ``venue_not_found``, ``forbidden``."""

    def load(tx: Transaction) -> OperatorsView:
        return _seen(tx, principal, _venue(tx, principal, venue_id, now), now)

    return await records.read(load)


async def find_candidates(
    records: Records, principal: Principal, venue_id: str, words: str, now: dt.datetime
) -> tuple[CandidateView, ...]:
    """People of the caller's units by name or number, whoever might be assigned. Raises ``venue_not_found``,
    ``forbidden``.
    """

    def load(tx: Transaction) -> tuple[CandidateView, ...]:
        on = tx.calendar.day(now)
        _appointed(tx, principal, venue_id, now)
        units = units_below(tx, rules.appointing(principal), on) or frozenset()
        people = _choosable(tx, units, words.strip(), on) if words.strip() else []
        names = tx.units.names({row.unit_id for row in people if row.unit_id}, on)
        return tuple(
            CandidateView(
                row.account.id,
                row.account.name,
                row.account.number,
                Named(row.unit_id, names[row.unit_id]) if row.unit_id else None,
            )
            for row in people
        )

    return await records.read(load)


def _choosable(tx: Transaction, units: Collection[str], words: str, on: dt.date) -> list[Listed]:
    """The first of those who might be chosen: machines and who has left stand among the numbers, too."""
    people: list[Listed] = []
    page = tx.accounts.listed(Wanted(units, words, limit=MOST_READ), on)
    while page:
        for row in page:
            account = row.account
            if account.kind is AccountKind.PERSON and account.venue_id is None and not account.disabled:
                people.append(row)
        if len(people) >= MOST_FOUND or len(page) < MOST_READ:
            break
        page = tx.accounts.listed(Wanted(units, words, page[-1].account.number, MOST_READ), on)
    return people[:MOST_FOUND]


async def assign_operator(
    house: House,
    principal: Principal,
    venue_id: str,
    command_id: str,
    *,
    account_id: str,
    since: dt.date | None,
    until: dt.date | None,
    now: dt.datetime,
) -> OperatorsView:
    """``since`` None: today, as the school counts days. All of the room's operators then.

    Raises ``venue_not_found``, ``forbidden``, ``account_not_found``, ``operator_of_person``, ``roles_apart``,
    ``venue_retired``, ``operator_past``, ``operator_days``, ``already_operator``, ``operators_full``,
    ``command_reused``. Codes whose issuer does not answer for the room serve no more.
    """
    body = {"venue_id": venue_id, "account_id": account_id, "since": since, "until": until}
    asked = command(principal, command_id, "assign_operator", **body)

    def work(tx: Transaction) -> OperatorsView:
        venue = _appointed(tx, principal, venue_id, now)
        today = tx.calendar.day(now)

        def do() -> str:
            tx.operators.lock(venue_id)
            present = _appointed(tx, principal, venue_id, now)  # it may have been given up while this waited
            chosen = rules.check_choice(principal, tx.accounts.principal(account_id, today), account_id)
            wanted = Operator(str(uuid4()), venue_id, account_id, since or today, until, principal.account_id, now)
            added = rules.assigned(tx.operators.of_venues([venue_id]), wanted, today, retired=present.retired)
            tx.operators.add(added)
            withdraw_outgrown(tx, replace(chosen, operates=tuple({*chosen.operates, venue_id})), today)
            _note(tx, principal.account_id, VenueChangeKind.OPERATOR_ASSIGNED, added, now)
            return added.id

        once(tx, asked, now, _ID, do)
        return _seen(tx, principal, venue, now)

    return await house.records.write(work)


async def end_operator(
    house: House,
    principal: Principal,
    venue_id: str,
    command_id: str,
    *,
    operator_id: str,
    until: dt.date | None,
    now: dt.datetime,
) -> OperatorsView:
    """``until``: the first day without; None: at once. One that never began is withdrawn. What was let in by it ends at
    the next look at rights.

    Raises ``venue_not_found``, ``forbidden``, ``operator_not_found``, ``operator_past``, ``operator_over``,
    ``operator_days``, ``command_reused``.
    """
    body = {"venue_id": venue_id, "operator_id": operator_id, "until": until}
    asked = command(principal, command_id, "end_operator", **body)

    def work(tx: Transaction) -> OperatorsView:
        venue = _appointed(tx, principal, venue_id, now)

        def do() -> str:
            tx.operators.lock(venue_id)
            today = tx.calendar.day(now)
            held = next((one for one in tx.operators.of_venues([venue_id]) if one.id == operator_id), None)
            if held is None:
                raise Refusal("operator_not_found", operator_id)
            after = rules.ended(held, until or today, by=principal.account_id, now=now, today=today)
            _keep(tx, principal.account_id, held, after, now)
            return operator_id

        once(tx, asked, now, _ID, do)
        return _seen(tx, principal, venue, now)

    return await house.records.write(work)


# ---- what ends with something else -----------------------------------------------------------------------


def close_room(tx: Transaction, principal: Principal, venue_id: str, now: dt.datetime) -> None:
    """A room that is used no more has no operators."""
    tx.operators.lock(venue_id)
    _end_all(tx, principal.account_id, tx.operators.of_venues([venue_id]), now)


def leave_rooms(tx: Transaction, account_ids: Collection[str], by: str | None, now: dt.datetime) -> tuple[str, ...]:
    """Who belongs nowhere any more operates nothing. ``by`` None: the day itself did it. Gives the rooms that were
    left.
    """
    held = tx.operators.of_accounts(account_ids)
    _end_all(tx, by, held, now)
    today = tx.calendar.day(now)
    return tuple(sorted({one.venue_id for one in held if not one.over(today)}))


def _end_all(tx: Transaction, by: str | None, operators: Iterable[Operator], now: dt.datetime) -> None:
    for before, after in rules.all_ended(operators, by=by, now=now, today=tx.calendar.day(now)):
        _keep(tx, by, before, after, now)


def _keep(tx: Transaction, by: str | None, before: Operator, after: Operator | None, now: dt.datetime) -> None:
    if after is None:
        tx.operators.withdraw(before.id)
        _note(tx, by, VenueChangeKind.OPERATOR_WITHDRAWN, before, now)
    else:
        tx.operators.end(after)
        _note(tx, by, VenueChangeKind.OPERATOR_ENDED, after, now)


def _note(tx: Transaction, by: str | None, kind: VenueChangeKind, operator: Operator, now: dt.datetime) -> None:
    """By id: what is told of it looks for the name. ``by`` None: nobody's hand, the actor is empty."""
    days = {"since": operator.since.isoformat(), "until": operator.until.isoformat() if operator.until else None}
    tx.venues.note(VenueChange(now, by or "", kind, operator.venue_id, {"account_id": operator.account_id, **days}))


# ---- seeing ----------------------------------------------------------------------------------------------


def _venue(tx: Transaction, principal: Principal, venue_id: str, now: dt.datetime) -> Venue:
    """Raises ``venue_not_found``, ``forbidden``."""
    venue = tx.venues.get(venue_id)
    if venue is None:
        raise Refusal("venue_not_found", venue_id)
    line = tx.units.line(venue.unit_id, tx.calendar.day(now))
    mine = principal.kind is not AccountKind.DEVICE and venue_id in principal.rooms
    if not (mine or rules.appoints(principal, line) or may_in_unit(principal, Action.EDIT, line)):
        raise Refusal("forbidden", "another's venue")
    return venue


def _appointed(tx: Transaction, principal: Principal, venue_id: str, now: dt.datetime) -> Venue:
    """Raises ``venue_not_found``, ``forbidden``."""
    venue = tx.venues.get(venue_id)
    if venue is None:
        raise Refusal("venue_not_found", venue_id)
    rules.check_may_appoint(principal, tx.units.line(venue.unit_id, tx.calendar.day(now)))
    return venue


def _seen(tx: Transaction, principal: Principal, venue: Venue, now: dt.datetime) -> OperatorsView:
    today = tx.calendar.day(now)
    rows = tx.operators.of_venues([venue.id])
    former = sorted((one for one in rows if one.over(today)), key=_lasted, reverse=True)[:MOST_FORMER]
    current = [one for one in rows if one.holds(today)]
    coming = [one for one in rows if one.since > today]
    line = tx.units.line(venue.unit_id, today)
    views = _views(tx, [*current, *coming, *former], today)
    return OperatorsView(today, views, rules.appoints(principal, line) and not venue.retired)


def _lasted(operator: Operator) -> tuple[dt.date, dt.date, str]:
    return operator.until or dt.date.max, operator.since, operator.id


def _views(tx: Transaction, rows: Collection[Operator], today: dt.date) -> tuple[AssignedView, ...]:
    people = {one.account_id for one in rows}
    acted = {who for one in rows for who in (one.by, one.ended_by) if who}
    named = tx.accounts.named(people | acted)
    principals = tx.accounts.principals(people, today)
    homes = {who: found.unit_id for who, found in principals.items() if found.unit_id}
    units = tx.units.names(set(homes.values()), today)

    def one(row: Operator) -> AssignedView:
        name, number = named.get(row.account_id, ("", ""))
        home = homes.get(row.account_id)
        return AssignedView(
            id=row.id,
            account_id=row.account_id,
            name=name,
            number=number,
            unit=Named(home, units[home]) if home else None,
            since=row.since,
            until=row.until,
            state=_state(row, today),
            disabled=row.account_id not in principals,
            by=Named(row.by, named.get(row.by, ("", ""))[0]),
            at=row.at,
            ended_by=Named(row.ended_by, named.get(row.ended_by, ("", ""))[0]) if row.ended_by else None,
            ended_at=row.ended_at,
        )

    return tuple(one(row) for row in rows)


def _state(row: Operator, today: dt.date) -> OperatorState:
    if row.over(today):
        return OperatorState.FORMER
    return OperatorState.CURRENT if row.holds(today) else OperatorState.COMING
