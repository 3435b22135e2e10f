"""Erasing a person (注销): asked for by the person, decided by the security administrator, done in one transaction."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from pydantic import TypeAdapter

from server.domain import erasures as rules
from server.domain.access import AccountKind, Principal
from server.domain.audit import ERASED, MOST_ERASED_IN_LINE, of_the_house
from server.domain.erasures import Erasure, ErasureState
from server.domain.personal_data import Person
from server.domain.refusals import MEANINGS, Refusal
from server.services.audit import new_salt
from server.services.commands import command, once
from server.services.consents import check_of_house
from server.services.data_exports import KEEPERS
from server.services.house import House
from server.services.login import tell_ended
from server.services.operators import leave_rooms
from server.services.records import Transaction
from server.services.roster_imports import silent_imports

_log = logging.getLogger(__name__)
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ErasureView:
    """``number``, ``name``: as they are now, so of one that is done the pseudonym."""

    id: str
    account_id: str
    number: str
    name: str
    state: ErasureState
    asked_at: dt.datetime
    own: bool
    note: str
    decided_at: dt.datetime | None
    decided_by: str
    reason: str
    counts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class SubjectView:
    """``code`` and its sentences: why the person cannot be erased now."""

    account_id: str
    number: str
    name: str
    code: str | None
    text: str | None
    text_en: str | None


_VIEW = TypeAdapter(ErasureView)
_DONE = TypeAdapter(tuple[ErasureView, tuple[str, ...]])


async def ask_erasure(
    house: House, principal: Principal, command_id: str, *, note: str, now: dt.datetime
) -> ErasureView:
    """By the person. Nothing is erased by it; a request that waits stays. Raises ``forbidden`` for devices."""
    wanted = command(principal, command_id, "ask_erasure", note=note)

    def ask(tx: Transaction) -> ErasureView:
        person = tx.personal.of_account(principal.account_id)
        if principal.kind is not AccountKind.PERSON or person is None:
            raise Refusal("forbidden", "a device")
        one = tx.erasures.open_of(principal.account_id)
        if one is None:
            one = rules.asked(str(uuid4()), person, principal.account_id, note, now)
            tx.erasures.put(one)
        return _views(tx, [one])[0]

    return await house.records.write(lambda tx: once(tx, wanted, now, _VIEW, lambda: ask(tx)))


async def withdraw_erasure(house: House, principal: Principal, command_id: str, now: dt.datetime) -> ErasureView:
    """Raises ``erasure_over`` when none waits."""
    wanted = command(principal, command_id, "withdraw_erasure")

    def withdraw(tx: Transaction) -> ErasureView:
        one = tx.erasures.open_of(principal.account_id)
        if one is None:
            raise Refusal("erasure_over", "none waits")
        gone = rules.decided(one, ErasureState.WITHDRAWN, principal.account_id, "", now)
        tx.erasures.put(gone)
        return _views(tx, [gone])[0]

    return await house.records.write(lambda tx: once(tx, wanted, now, _VIEW, lambda: withdraw(tx)))


async def own_erasure(house: House, principal: Principal) -> ErasureView | None:
    """The newest request."""

    def look(tx: Transaction) -> ErasureView | None:
        found = tx.erasures.newest(1, principal.account_id)
        return _views(tx, found)[0] if found else None

    return await house.records.read(look)


async def list_erasures(house: House, principal: Principal, now: dt.datetime) -> tuple[ErasureView, ...]:
    """Those that wait first. Raises ``forbidden``."""

    def look(tx: Transaction) -> tuple[ErasureView, ...]:
        check_of_house(tx, principal, KEEPERS, now)
        return _views(tx, tx.erasures.newest(MOST_SHOWN))

    return await house.records.read(look)


async def refuse_erasure(
    house: House, principal: Principal, erasure_id: str, command_id: str, *, reason: str, now: dt.datetime
) -> ErasureView:
    """Raises ``forbidden``, ``erasure_not_found``, ``erasure_over``."""
    wanted = command(principal, command_id, "refuse_erasure", erasure_id=erasure_id, reason=reason)

    def refuse(tx: Transaction) -> ErasureView:
        one = tx.erasures.get(erasure_id, lock=True)
        if one is None:
            raise Refusal("erasure_not_found", erasure_id)
        gone = rules.decided(one, ErasureState.REFUSED, principal.account_id, reason, now)
        tx.erasures.put(gone)
        return _views(tx, [gone])[0]

    def work(tx: Transaction) -> ErasureView:
        check_of_house(tx, principal, KEEPERS, now)
        return once(tx, wanted, now, _VIEW, lambda: refuse(tx))

    return await house.records.write(work)


async def see_subject(house: House, principal: Principal, number: str, now: dt.datetime) -> SubjectView:
    """Who that is, and whether anything stands against erasing. Raises ``forbidden``, ``account_not_found``."""

    def look(tx: Transaction) -> SubjectView:
        check_of_house(tx, principal, KEEPERS, now)
        person = tx.personal.by_number(number)
        if person is None:
            raise Refusal("account_not_found", number)
        code = _hindrance(tx, principal, person)
        meaning = MEANINGS[code] if code else None
        said = (meaning.title, meaning.title_en) if meaning else (None, None)
        return SubjectView(person.account_id, person.number, person.name, code, *said)

    return await house.records.read(look)


async def erase(
    house: House,
    principal: Principal,
    account_id: str,
    command_id: str,
    *,
    reason: str,
    confirm: str,
    now: dt.datetime,
) -> ErasureView:
    """``confirm``: the person's number, typed. Cannot be undone. Raises ``forbidden``, ``account_not_found``,
    ``confirmation_wrong``, ``own_account``, ``erasure_in_lesson``, ``erasure_held``, ``erasure_last_administrator``.
    """
    wanted = command(principal, command_id, "erase", account_id=account_id, reason=reason)

    def who(tx: Transaction) -> Person | None:
        check_of_house(tx, principal, KEEPERS, now)
        return tx.personal.of_account(account_id)

    def work(tx: Transaction) -> tuple[ErasureView, tuple[str, ...]]:
        check_of_house(tx, principal, KEEPERS, now)
        return once(
            tx,
            wanted,
            now,
            _DONE,
            lambda: _erased(tx, principal, account_id, reason, confirm=confirm, silent=silent, now=now),
        )

    person = await house.records.read(who)
    silent = await silent_imports(house.records, (person.name, person.number) if person else ())
    view, ended = await house.records.write(work)
    _log.info("account %s erased by %s", account_id, principal.account_id)
    await tell_ended(house.fanout, ended)
    return view


def _erased(
    tx: Transaction,
    principal: Principal,
    account_id: str,
    reason: str,
    *,
    confirm: str,
    silent: frozenset[str],
    now: dt.datetime,
) -> tuple[ErasureView, tuple[str, ...]]:
    """``silent``: imports whose table does not speak of the person."""
    person = tx.personal.of_account(account_id)
    if person is None:
        raise Refusal("account_not_found", account_id)
    if confirm != person.number:
        raise Refusal("confirmation_wrong")
    code = _hindrance(tx, principal, person)
    if code is not None:
        raise Refusal(code, account_id)
    logins = tuple(one.token_digest for one in tx.sessions.of_account(account_id))
    leave_rooms(tx, [account_id], principal.account_id, now)
    waiting = tx.erasures.open_of(account_id)
    one = waiting or rules.asked(str(uuid4()), person, principal.account_id, "", now)
    one = rules.decided(one, ErasureState.DONE, principal.account_id, reason, now)
    pseudonym = tx.erasing.pseudonym(person)
    tx.erasures.put(one)
    if person.member_id is not None:
        tx.certificates.withdraw_of(person.member_id, now)
    counts = tx.erasing.erase(person, pseudonym, now, tx.calendar.day(now))
    imports = counts.get("roster_imports", 0) + tx.imports.forget_others(silent, now)
    counts = {**counts, "roster_imports": imports, "audit_lines": _details(tx, person, now)}
    done = rules.erased(one, pseudonym.name, counts)
    tx.erasures.put(done)
    return _views(tx, [done])[0], logins


def _details(tx: Transaction, person: Person, now: dt.datetime) -> int:
    """What the log says of the person, or was asked by the person; lines of the house's say where that was."""
    longer = tx.erasing.longer(person)
    positions = tx.audit.erase_details(
        (person.name, person.number), person.account_id, lambda detail: rules.speaks_of(person, longer, detail)
    )
    for start in range(0, len(positions), MOST_ERASED_IN_LINE):
        some = list(positions[start : start + MOST_ERASED_IN_LINE])
        tx.audit.add(of_the_house(now, ERASED, f"account/{person.account_id}", new_salt(), positions=some))
    return len(positions)


def _hindrance(tx: Transaction, principal: Principal, person: Person) -> str | None:
    if person.account_id == principal.account_id:
        return "own_account"
    return rules.hindrance(tx.erasing.standing(person))


def _views(tx: Transaction, found: Sequence[Erasure]) -> tuple[ErasureView, ...]:
    people = tx.personal.people(frozenset(one.account_id for one in found))
    names = tx.accounts.names({one.decided_by for one in found if one.decided_by})
    return tuple(
        ErasureView(
            *(one.id, one.account_id, people[one.account_id].number, people[one.account_id].name, one.state),
            asked_at=one.asked_at,
            own=one.asked_by == one.account_id,
            note=one.note,
            decided_at=one.decided_at,
            decided_by=names.get(one.decided_by or "", ""),
            reason=one.reason,
            counts=one.counts,
        )
        for one in found
    )
