"""Changing people: entered, of another kind, with another unit, on loan, no member any more; each from a day on.

:func:`enrol` is for one and for fifty thousand: what is entered is planned first, then written at once.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from pydantic import TypeAdapter

from server.domain import personnel
from server.domain.access import AccountKind, Principal
from server.domain.accounts import Account
from server.domain.listing import Change
from server.domain.members import Ending, Loan, Member, MemberKind
from server.domain.personnel import MemberFile
from server.domain.refusals import Refusal
from server.domain.stewards import Care, held
from server.domain.units import UnitTree
from server.services.commands import command, once
from server.services.departures import follow
from server.services.house import House
from server.services.login import tell_ended
from server.services.member_views import MemberDetail, cared, detail
from server.services.organisation import check_stands, standing_unit
from server.services.records import Records, Transaction

_DETAIL = TypeAdapter(MemberDetail)
_PHONE = re.compile(r"[0-9+*#()\- ]{3,40}")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``number`` is what the member logs in with, once an account is activated: it is made without a password."""

    number: str
    name: str
    kind: MemberKind
    unit_id: str
    since: dt.date
    phone: str | None = None
    group_id: str | None = None


@dataclass(frozen=True, slots=True)
class Particulars:
    """None: leave as it is; "" takes phone or group away."""

    name: str | None = None
    phone: str | None = None
    group_id: str | None = None


async def enrol_member(
    records: Records, principal: Principal, command_id: str, entry: Enrolment, now: dt.datetime
) -> MemberDetail:
    """Raises ``number_taken``, ``unit_not_found``, ``unit_dissolved``, ``forbidden``, ``command_reused``."""
    held(principal)
    asked = command(
        principal,
        command_id,
        "enrol_member",
        entry={name: value for name, value in asdict(entry).items() if name != "group_id"},
    )

    def work(tx: Transaction) -> MemberDetail:
        standing_unit(tx, principal, entry.unit_id, entry.since, now)
        return once(tx, asked, now, _DETAIL, lambda: do(tx))

    def do(tx: Transaction) -> MemberDetail:
        file = enrol(tx, principal, [entry], now)[0]
        return detail(tx, principal, file, now)

    return await records.write(work)


def enrol(
    tx: Transaction, principal: Principal, entries: Sequence[Enrolment], now: dt.datetime
) -> tuple[MemberFile, ...]:
    """All of them or none, each with an account to be activated. The rights are the caller's to check.

    Raises ``number_taken`` (also twice among them), ``unit_not_found``, ``unit_dissolved``, ``invalid_body``.
    """
    numbers = [entry.number for entry in entries]
    taken = tx.accounts.taken(numbers)
    if taken or len(set(numbers)) < len(numbers):
        raise Refusal("number_taken", ", ".join(sorted(taken)[:5]))
    tree = tx.units.tree()
    for entry in {(each.unit_id, each.since): each for each in entries}.values():
        check_stands(tree, entry.unit_id, entry.since)
    files, accounts, changes = entering(principal, tree, entries, now)
    tx.members.enter(files)
    tx.accounts.add(accounts, [])
    tx.organisation.note(changes)
    return files


def entering(
    principal: Principal, tree: UnitTree, entries: Sequence[Enrolment], now: dt.datetime
) -> tuple[tuple[MemberFile, ...], tuple[Account, ...], tuple[Change, ...]]:
    """What is written of new people. Raises ``invalid_body``."""
    files = tuple(_file(entry) for entry in entries)
    both = tuple(zip(entries, files, strict=True))
    accounts = tuple(_account(entry, file) for entry, file in both)
    return files, accounts, tuple(_entered(principal, tree, entry, file, now) for entry, file in both)


def _entered(principal: Principal, tree: UnitTree, entry: Enrolment, file: MemberFile, now: dt.datetime) -> Change:
    facts = _facts(unit=tree.name(entry.unit_id, entry.since))
    return _line(principal, file, "member_enrolled", facts, since=entry.since, now=now)


def _file(entry: Enrolment) -> MemberFile:
    member = Member(str(uuid.uuid4()), entry.name, entry.kind, checked_phone(entry.phone) or None, entry.group_id)
    return personnel.enrolled(member, entry.unit_id, entry.since)


def _account(entry: Enrolment, file: MemberFile) -> Account:
    return Account(str(uuid.uuid4()), entry.number, entry.name, AccountKind.PERSON, member_id=file.member.id)


def checked_phone(phone: str | None) -> str | None:
    """As it is dialled; "" and None stay. Raises ``invalid_body``."""
    if phone and not _PHONE.fullmatch(phone):
        raise Refusal("invalid_body", "phone")
    return phone


async def change_particulars(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    particulars: Particulars,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """Name, telephone number, group: what has no date. A secretary may change the last two.

    Raises ``group_not_found``, ``invalid_body``, and as :func:`_change`.
    """
    care = Care.EDIT if particulars.name is not None else Care.GROUPS

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        member, facts = file.member, {}
        if particulars.name is not None and particulars.name != member.name:
            facts = {"from": member.name, "to": particulars.name}
            member = replace(member, name=particulars.name)
            tx.accounts.rename(member.id, member.name)
        if particulars.phone is not None:
            member = replace(member, phone=checked_phone(particulars.phone) or None)
            facts["phone"] = "removed" if member.phone is None else "changed"  # never the number itself
        if particulars.group_id is not None:
            member = replace(member, group_id=_group(tx, file, particulars.group_id, now))
            group = tx.units.group(member.group_id) if member.group_id else None
            facts["group"] = group.name if group else ""
        return replace(file, member=member), facts

    asked = (command_id, "member_changed", asdict(particulars))
    return await _change(house, principal, member_id, asked, (care, version), since=None, change=changed, now=now)


def _group(tx: Transaction, file: MemberFile, group_id: str, now: dt.datetime) -> str | None:
    if not group_id:
        return None
    group = tx.units.group(group_id)
    if group is None or group.unit_id != file.unit(tx.calendar.day(now)):
        raise Refusal("group_not_found", group_id)
    return group_id


async def change_kind(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    kind: MemberKind,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """Raises ``past_fixed``, and as :func:`_change`."""

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        facts = _facts(before=file.kind(since).value, after=kind.value)
        return personnel.became(file, kind, since, tx.calendar.day(now)), facts

    asked: _Asked = (command_id, "member_kind", {"kind": kind, "since": since})
    return await _change(house, principal, member_id, asked, (Care.EDIT, version), since=since, change=changed, now=now)


async def transfer_member(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    unit_id: str,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """A member of another unit, both in the principal's care; of whoever has left, too.

    Raises ``past_fixed``, ``already_there``, ``unit_not_found``, ``unit_dissolved``, and as :func:`_change`.
    """

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        name, before = standing_unit(tx, principal, unit_id, since, now), file.home(since)
        moved = personnel.transferred(file, unit_id, since, tx.calendar.day(now))
        facts = _facts(before=tx.units.tree().name(before, since), after=name)
        return moved, facts

    asked: _Asked = (command_id, "member_transferred", {"unit_id": unit_id, "since": since})
    return await _change(house, principal, member_id, asked, (Care.EDIT, version), since=since, change=changed, now=now)


async def end_membership(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    ending: Ending,
    note: str,
    since: dt.date,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """No member from ``since`` on, and why. Raises ``past_fixed``, ``membership_ended``, and as :func:`_change`."""

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        facts = _facts(unit=tx.units.tree().name(file.home(since), since), ending=ending.value, note=note)
        return personnel.ended(file, ending, since, tx.calendar.day(now), note), facts

    asked: _Asked = (command_id, "member_ended", {"ending": ending, "note": note, "since": since})
    return await _change(house, principal, member_id, asked, (Care.EDIT, version), since=since, change=changed, now=now)


async def lend_member(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    unit_id: str,
    since: dt.date,
    until: dt.date | None,
    note: str,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """借调 to any unit of the tree: its secretary need not be asked here.

    Raises ``loan_overlaps``, ``already_there``, ``membership_ended``, ``past_fixed``, ``unit_not_found``,
    ``unit_dissolved``, and as :func:`_change`.
    """

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        check_stands(tx.units.tree(), unit_id, since)
        lent = personnel.lent(file, Loan(member_id, unit_id, since, until, note))
        return lent, _facts(unit=tx.units.tree().name(unit_id, since), until=str(until or ""), note=note)

    body = {"unit_id": unit_id, "since": since, "until": until, "note": note}
    asked: _Asked = (command_id, "member_lent", body)
    return await _change(house, principal, member_id, asked, (Care.EDIT, version), since=since, change=changed, now=now)


async def return_member(
    house: House,
    principal: Principal,
    member_id: str,
    command_id: str,
    *,
    until: dt.date,
    version: int,
    now: dt.datetime,
) -> MemberDetail:
    """Back at the own unit on ``until`` already. Raises ``loan_not_found``, ``past_fixed``, and as :func:`_change`."""

    def changed(tx: Transaction, file: MemberFile) -> tuple[MemberFile, dict[str, str]]:
        back = personnel.returned(file, until)
        last = file.loans[-1]
        return back, _facts(unit=tx.units.tree().name(last.unit_id, last.since))

    asked: _Asked = (command_id, "member_returned", {"until": until})
    return await _change(house, principal, member_id, asked, (Care.EDIT, version), since=until, change=changed, now=now)


_Asked = tuple[str, str, dict[str, object]]


async def _change(
    house: House,
    principal: Principal,
    member_id: str,
    asked_for: _Asked,
    needed: tuple[Care, int],
    *,
    since: dt.date | None,
    change: Callable[[Transaction, MemberFile], tuple[MemberFile, dict[str, str]]],
    now: dt.datetime,
) -> MemberDetail:
    """Raises ``member_not_found``, ``forbidden``, ``precondition_failed``, ``account_erased``, ``command_reused``.

    Whose membership ended today is out at once, with sockets and streams.
    """
    ended: list[str] = []
    (command_id, name, body), (care, version) = asked_for, needed
    asked = command(principal, command_id, name, member_id=member_id, version=version, body=body)

    def do(tx: Transaction, file: MemberFile) -> MemberDetail:
        if file.member.version != version:
            raise Refusal("precondition_failed", f"{version}, now {file.member.version}")
        changed, facts = change(tx, file)
        tx.members.save([changed])
        ended.extend(follow(tx, principal, [(file, changed)], now))
        tx.organisation.note([_line(principal, file, name, facts, since=since, now=now)])
        counted = replace(changed, member=replace(changed.member, version=version + 1))
        return detail(tx, principal, counted, now)

    def work(tx: Transaction) -> MemberDetail:
        ended.clear()  # a transaction may be run again
        file = cared(tx, principal, care, tx.members.lock(member_id), now)
        if member_id in tx.erasures.erased_members():
            raise Refusal("account_erased", member_id)
        return once(tx, asked, now, _DETAIL, lambda: do(tx, file))

    view = await house.records.write(work)
    await tell_ended(house.fanout, ended)
    return view


def _line(
    principal: Principal,
    file: MemberFile,
    kind: str,
    facts: dict[str, str],
    *,
    since: dt.date | None,
    now: dt.datetime,
) -> Change:
    told = {"name": file.member.name, **facts}
    return Change(now, principal.account_id, kind, file.home(since or now.date()), file.member.id, since, told)


def _facts(**facts: str) -> dict[str, str]:
    spoken = {"before": "from", "after": "to"}
    return {spoken.get(name, name): value for name, value in facts.items() if value}
