"""The first login: codes that a secretary or an administrator issues, and what they open.

A code is reckoned from the command that issues it, and only its keyed digest is kept: a retry of the command shows the
same codes, although nobody can read them out of the record.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pydantic import TypeAdapter

from server.domain.access import Principal, Role
from server.domain.access_codes import DOOR_TRIES, AccessCode, CodeKind, admits_in, kind_of, may_admit, typed
from server.domain.accounts import LoginRules, address_key
from server.domain.passwords import check_password
from server.domain.refusals import Refusal
from server.services.commands import command, once
from server.services.house import House
from server.services.login import (
    RULES,
    TOKEN_BYTES,
    Beginning,
    LoggedIn,
    Passwords,
    Second,
    admitted,
    begin_attempt,
    begin_session,
    change_password,
    tell_ended,
)
from server.services.records import Transaction
from server.services.views import Named


class CodeSealer(Protocol):
    """Codes and digests that only this installation can have made."""

    def make(self, kind: CodeKind, account_id: str, command_id: str) -> str: ...

    def digest(self, kind: CodeKind, account_id: str, code: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Gate:
    """What letting in by codes stands on."""

    house: House
    sealer: CodeSealer
    passwords: Passwords
    rules: LoginRules = RULES


@dataclass(frozen=True, slots=True)
class CodeView:
    """``code`` is shown to whoever issued it, and kept nowhere."""

    account_id: str
    name: str
    number: str
    unit: Named | None
    kind: CodeKind
    expires_at: dt.datetime
    code: str = ""


_VIEWS = TypeAdapter(tuple[CodeView, ...])


# ---- issuing ---------------------------------------------------------------------------------------------


async def issue_codes(
    gate: Gate,
    principal: Principal,
    command_id: str,
    *,
    kind: CodeKind,
    account_ids: Sequence[str] = (),
    member_ids: Sequence[str] = (),
    now: dt.datetime,
) -> tuple[CodeView, ...]:
    """A new code for each, in the place of an older one; by name of unit, then number.

    Raises ``forbidden``, ``account_not_found`` (also for whom the principal's role does not cover), ``command_reused``.
    """
    admits_in(principal)
    body = {"kind": kind.value, "accounts": sorted(account_ids), "members": sorted(member_ids)}
    asked = command(principal, command_id, "issue_codes", **body)
    expires_at = now + (gate.rules.door_code if kind is CodeKind.DOOR else gate.rules.activation_code)

    def coded(account_id: str) -> AccessCode:
        digest = gate.sealer.digest(kind, account_id, gate.sealer.make(kind, account_id, command_id))
        return AccessCode(account_id, kind, digest, now, expires_at, principal.account_id)

    def issue(tx: Transaction) -> tuple[CodeView, ...]:
        of_members = tx.accounts.of_members(member_ids)
        if len(of_members) < len(set(member_ids)):
            raise Refusal("account_not_found", "a member without an account")
        subjects = covered(tx, principal, {*account_ids, *of_members.values()}, now)
        tx.access_codes.put([coded(subject.account_id) for subject in subjects])
        for subject in subjects:
            tx.attempts.clear_everywhere(_tries(subject.number))
        return _views(tx, subjects, (kind, expires_at), now)

    views = await gate.house.records.write(lambda tx: once(tx, asked, now, _VIEWS, lambda: issue(tx)))
    return tuple(replace(view, code=gate.sealer.make(kind, view.account_id, command_id)) for view in views)


def covered(
    tx: Transaction, principal: Principal, account_ids: set[str], now: dt.datetime, *, gone: bool = False
) -> list[Principal]:
    """Those accounts, all of which the principal's role covers. Raises ``account_not_found``.

    ``gone``: also of who is no member any more: such an account gets no code, but somebody must be able to shut it.
    """
    on = tx.calendar.day(now)
    found = tx.accounts.principals(account_ids, on)
    if gone:
        found = {account_id: _where_last(tx, subject, on) for account_id, subject in found.items()}
    lines = lines_of(tx, found.values(), on)
    missing = [each for each in account_ids if each not in found or not may_admit(principal, found[each], lines)]
    if missing:
        raise Refusal("account_not_found", missing[0])
    return list(found.values())


def lines_of(tx: Transaction, subjects: Iterable[Principal], on: dt.date) -> dict[str, tuple[str, ...]]:
    """Of each unit in which one of them holds a role, itself up to the root; of each room that one operates, that of
    its unit.
    """
    several = tuple(subjects)
    held = {grant.unit_id for subject in several for grant in subject.grants if grant.role is not Role.MEMBER}
    rooms = [tx.venues.get(room) for room in {room for subject in several for room in subject.operates}]
    units = {unit_id: tx.units.line(unit_id, on) for unit_id in held}
    return units | {room.id: tx.units.line(room.unit_id, on) for room in rooms if room is not None}


def withdraw_outgrown(tx: Transaction, subject: Principal, on: dt.date) -> None:
    """Codes whose issuer is not trusted with all that the account may do now: whoever has one could be anybody."""
    lines = lines_of(tx, [subject], on)
    for code in filter(None, (tx.access_codes.get(subject.account_id, kind) for kind in CodeKind)):
        issuer = tx.accounts.principal(code.issued_by, on)
        if issuer is None or not may_admit(issuer, subject, lines):
            tx.access_codes.withdraw(code)


def _where_last(tx: Transaction, subject: Principal, on: dt.date) -> Principal:
    """Who belongs nowhere today stands where it did last."""
    if subject.unit_line or subject.member_id is None:
        return subject
    file = tx.members.files([subject.member_id]).get(subject.member_id)
    return replace(subject, unit_line=tx.units.line(file.home(on), on)) if file else subject


def _views(
    tx: Transaction, subjects: Sequence[Principal], made: tuple[CodeKind, dt.datetime], now: dt.datetime
) -> tuple[CodeView, ...]:
    names = tx.units.names({subject.unit_id for subject in subjects if subject.unit_id}, tx.calendar.day(now))
    views = [_view(subject, names, *made) for subject in subjects]
    return tuple(sorted(views, key=lambda view: (view.unit.name if view.unit else "", view.number)))


def _view(subject: Principal, names: dict[str, str], kind: CodeKind, expires_at: dt.datetime) -> CodeView:
    unit = Named(subject.unit_id, names[subject.unit_id]) if subject.unit_id else None
    return CodeView(subject.account_id, subject.name, subject.number, unit, kind, expires_at)


# ---- entering --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """What somebody typed. ``password``: the new one, for an activation code; a door code does without."""

    number: str
    code: str
    command_id: str
    password: str | None = None
    second: Second | None = None


@dataclass(frozen=True, slots=True)
class _Right:
    """A code that fits."""

    code: AccessCode
    name: str


async def enter_by_code(gate: Gate, entry: CodeEntry, *, address: str, device: str = "", now: dt.datetime) -> LoggedIn:
    """Raises ``locked_out``, ``code_wrong`` (the same for a number that nobody has), ``password_needed``,
    ``password_short``, ``password_common``.

    As with passwords, the attempt is written down as failed before the code is looked at.
    """
    if entry.password is not None:
        check_password(entry.password, gate.rules.password_least, entry.number)
    right = await gate.house.records.write(lambda tx: _tried(tx, gate, entry, address_key(address), now))
    if right is None:
        raise Refusal("code_wrong")  # what was typed may be a code for elsewhere: not for a log
    hashed = await _new_password(gate, right, entry)
    begin = Beginning(right.code.account_id, secrets.token_urlsafe(TOKEN_BYTES), device, address, now)

    def enter(tx: Transaction) -> tuple[LoggedIn, tuple[str, ...]] | Refusal:
        refusal = entry.second.check(tx, begin.account_id, gate.rules, now=now) if entry.second else None
        if refusal is not None:
            return refusal
        if not tx.access_codes.use(right.code, entry.command_id, now):
            raise Refusal("code_wrong", "used meanwhile")
        ended = () if hashed is None else change_password(tx, begin.account_id, entry.number, hashed)
        return begin_session(tx, begin, gate.rules), ended

    entered, ended = admitted(await gate.house.records.write(enter))
    await tell_ended(gate.house.fanout, ended)
    return entered


def _tried(tx: Transaction, gate: Gate, entry: CodeEntry, source: str, now: dt.datetime) -> _Right | None:
    tries = _tries(entry.number)
    begin_attempt(tx, tries, source, gate.rules, now)
    digits, account = typed(entry.code), tx.accounts.by_number(entry.number)
    kind = kind_of(digits)
    code = tx.access_codes.get(account.id, kind) if account and kind else None
    if account is None or code is None or account.disabled or not code.serves(entry.command_id, now):
        return None
    # This attempt is among those counted.
    if code.kind is CodeKind.DOOR and tx.attempts.count(tries, code.issued_at) > DOOR_TRIES:
        return None
    if not hmac.compare_digest(code.digest, gate.sealer.digest(code.kind, account.id, digits)):
        return None
    tx.attempts.clear(tries, source)
    return _Right(code, account.name)


async def _new_password(gate: Gate, right: _Right, entry: CodeEntry) -> str | None:
    """None: a door code, which sets none. Raises ``password_needed``, ``password_common``."""
    if right.code.kind is CodeKind.DOOR:
        return None
    if entry.password is None:
        raise Refusal("password_needed")
    check_password(entry.password, gate.rules.password_least, entry.number, right.name)
    return await gate.passwords.hash(entry.password)


def _tries(number: str) -> str:
    """Codes and passwords are counted apart: who forgot the password is let in by a code at once."""
    return f"code {number}"
