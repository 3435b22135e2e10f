"""What a secretary does with the year's list: reminds who is short, and confirms the list with its digest."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from server.domain.access import Principal
from server.domain.refusals import Refusal
from server.domain.stewards import Care, cares, require_care
from server.domain.year_lists import ListLine, Reminder, YearList, content_of, digest_of, may_remind
from server.domain.year_standing import StandingState
from server.services.commands import command, once
from server.services.letters import tell_short
from server.services.records import Records, Transaction
from server.services.standing import StandingPage, StandingView, unit_standings
from server.services.views import Named, PersonView


@dataclass(frozen=True, slots=True)
class Reminded:
    reminded: int
    skipped: int


@dataclass(frozen=True, slots=True)
class ReminderView:
    """``short``: what was missing when it was sent, in hundredths."""

    year: int
    short: int
    by: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ShortView:
    """Somebody who is short: when reminded last, and whether it may be done now."""

    member_id: str
    reminded_at: dt.datetime | None
    may_remind: bool


@dataclass(frozen=True, slots=True)
class ConfirmedList:
    version: int
    digest: str
    confirmed_by: PersonView
    confirmed_at: dt.datetime


@dataclass(frozen=True, slots=True)
class YearListView:
    """``digest``: of the list as it is now, to confirm it with. ``changed``: since it was ``confirmed`` last."""

    year: int
    unit: Named
    members: int
    digest: str
    confirmed: ConfirmedList | None
    changed: bool
    short: tuple[ShortView, ...]
    may_confirm: bool


_REMINDED = TypeAdapter(Reminded)
_VIEW = TypeAdapter(YearListView)


async def see_year_list(
    records: Records, principal: Principal, unit_id: str, year: int | None, now: dt.datetime
) -> YearListView:
    """Raises ``forbidden``, ``unit_not_found``."""
    page = await unit_standings(records, principal, unit_id, year, now)
    return await records.read(lambda tx: _view(tx, principal, page, now))


async def remind_short(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    unit_id: str,
    year: int | None,
    member_ids: Sequence[str],
    now: dt.datetime,
) -> Reminded:
    """Those of them who are short and were not reminded of this year lately, each by a letter in the inbox; nobody
    reminds himself.

    Raises ``forbidden``, ``unit_not_found``, ``command_reused``.
    """
    wanted = sorted(set(member_ids))
    page = await unit_standings(records, principal, unit_id, year, now, state=StandingState.SHORT)
    asked = command(principal, command_id, "remind_short", unit_id=unit_id, year=page.year, ids=wanted)
    found = {one.member.id: one for one in page.items if one.member.id in set(wanted)}

    def do(tx: Transaction) -> Reminded:
        tx.units.lock(unit_id)  # one after the other: pressed twice, sent once
        last = tx.year_lists.reminded(found.keys(), page.year)
        due = [
            one
            for key, one in found.items()
            if key != principal.member_id and may_remind(last.get(key), now) and _cared(tx, principal, one, now)
        ]
        by = principal.account_id
        sent = [Reminder(str(uuid.uuid4()), one.member.id, one.unit.id, page.year, one.short, by, now) for one in due]
        tx.year_lists.remind(sent)
        tell_short(tx, sent)
        return Reminded(len(due), len(wanted) - len(due))

    def work(tx: Transaction) -> Reminded:
        _require(tx, principal, unit_id, now)
        return once(tx, asked, now, _REMINDED, lambda: do(tx))

    return await records.write(work)


async def own_reminder(
    records: Records, principal: Principal, year: int | None, now: dt.datetime
) -> ReminderView | None:
    """The newest of a year; None: there is none, or the asker is no member."""

    def load(tx: Transaction) -> ReminderView | None:
        wanted = tx.calendar.day(now).year if year is None else year
        one = tx.year_lists.last_reminder(principal.member_id, wanted) if principal.member_id else None
        if one is None:
            return None
        return ReminderView(one.year, one.short, tx.accounts.names([one.by]).get(one.by, ""), one.at)

    return await records.read(load)


async def confirm_year_list(
    records: Records,
    principal: Principal,
    command_id: str,
    *,
    unit_id: str,
    year: int,
    digest: str,
    now: dt.datetime,
) -> YearListView:
    """As it was seen: ``digest``. A changed list is confirmed anew, as the next version.

    Raises ``forbidden``, ``unit_not_found``, ``year_list_changed``, ``year_list_same``, ``command_reused``.
    """
    page = await unit_standings(records, principal, unit_id, year, now)
    content = content_of(unit_id, year, map(_line, page.items))
    asked = command(principal, command_id, "confirm_year_list", unit_id=unit_id, year=year, digest=digest)

    def do(tx: Transaction) -> YearListView:
        if digest_of(content) != digest:
            raise Refusal("year_list_changed", unit_id)
        tx.units.lock(unit_id)
        last = tx.year_lists.last_list(unit_id, year)
        if last is not None and last.digest == digest:
            raise Refusal("year_list_same", unit_id)
        version = last.version + 1 if last else 1
        own = (str(uuid.uuid4()), unit_id, year, version, content, digest, principal.account_id, now)
        tx.year_lists.add_list(YearList(*own))
        return _view(tx, principal, page, now)

    def work(tx: Transaction) -> YearListView:
        _require(tx, principal, unit_id, now)
        return once(tx, asked, now, _VIEW, lambda: do(tx))

    return await records.write(work)


def _require(tx: Transaction, principal: Principal, unit_id: str, now: dt.datetime) -> None:
    require_care(principal, Care.CREDIT, tx.units.line(unit_id, tx.calendar.day(now)), "unit_not_found")


def _cared(tx: Transaction, principal: Principal, one: StandingView, now: dt.datetime) -> bool:
    """Not who is only lent here: the own unit reminds."""
    return Care.CREDIT in cares(principal, tx.units.line(one.unit.id, tx.calendar.day(now)))


def _line(one: StandingView) -> ListLine:
    rule = (one.rule.id, one.rule.version) if one.rule else (None, None)
    return ListLine(one.member.id, one.unit.id, one.state.value, one.target, one.total, one.short, *rule)


def _view(tx: Transaction, principal: Principal, page: StandingPage, now: dt.datetime) -> YearListView:
    unit, year, items = page.unit, page.year, page.items
    short = [one for one in items if one.state is StandingState.SHORT]
    told = tx.year_lists.reminded([one.member.id for one in short], year)
    digest = digest_of(content_of(unit.id, year, map(_line, items)))
    last = tx.year_lists.last_list(unit.id, year)
    confirmed = None
    if last is not None:
        name = tx.accounts.names([last.confirmed_by])[last.confirmed_by]
        by = PersonView(last.confirmed_by, name)
        confirmed = ConfirmedList(last.version, last.digest, by, last.confirmed_at)

    def one(each: StandingView) -> ShortView:
        key = each.member.id
        may = key != principal.member_id and may_remind(told.get(key), now) and _cared(tx, principal, each, now)
        return ShortView(key, told.get(key), may)

    line = tx.units.line(unit.id, tx.calendar.day(now))
    return YearListView(
        year=year,
        unit=unit,
        members=len(items),
        digest=digest,
        confirmed=confirmed,
        changed=last is not None and last.digest != digest,
        short=tuple(map(one, short)),
        may_confirm=Care.CREDIT in cares(principal, line) and (last is None or last.digest != digest),
    )
