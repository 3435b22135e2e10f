"""Logging in and out; who asks."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from server.domain.access import ADMINISTRATORS, Principal, Role
from server.domain.accounts import Account, LoginRules, Session, address_key, idle_limit, lifetime, locked_for
from server.domain.events import login_ended
from server.domain.refusals import Refusal
from server.domain.sign_ins import CODE_TRIES_KEPT
from server.services.callers import CallerLook, CallerLooks, Callers, caller_of, idle_left, still_known
from server.services.consents import asked
from server.services.fanout import Fanout
from server.services.records import Records, Transaction
from server.services.uses import Uses
from server.services.views import Me, Named, RoleView

RULES = LoginRules()
TOKEN_BYTES = 32

_AT_A_DESK = frozenset({Role.SCHOOL_ADMIN, Role.SYSTEM_ADMIN})


class Passwords(Protocol):
    """argon2id, in a thread, at most as many at once as there are cores."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """``None`` takes as long as a real one and is false: a stranger can't tell who has an account."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """``token`` goes into the cookie and is kept nowhere here."""

    token: str
    me: Me
    expires_at: dt.datetime


async def login(
    records: Records,
    passwords: Passwords,
    number: str,
    password: str,
    *,
    address: str,
    device: str = "",
    second: Second | None = None,
    now: dt.datetime,
    rules: LoginRules = RULES,
) -> LoggedIn:
    """Raises ``locked_out`` (with ``retry_after_s``), ``bad_credentials``, ``second_factor_needed`` or
    ``second_factor_wrong``.

    The attempt is written down as failed before the password is looked at, and struck out when it was right: a
    hundred guesses sent at once are not a hundred guesses allowed.
    """
    source = address_key(address)

    def begin(tx: Transaction) -> Account | None:
        begin_attempt(tx, number, source, rules, now)
        return tx.accounts.by_number(number)

    account = await records.write(begin)
    right = await passwords.verify(account.password_hash if account else None, password)
    if account is None or not right or account.disabled:
        raise Refusal("bad_credentials")  # what was typed may be the password: not for a log
    beginning = Beginning(account.id, secrets.token_urlsafe(TOKEN_BYTES), device, address, now)

    def enter(tx: Transaction) -> LoggedIn | Refusal:
        tx.attempts.clear(number, source)
        refusal = second.check(tx, account.id, rules, now=now) if second else None
        return refusal or begin_session(tx, beginning, rules)

    return admitted(await records.write(enter))


class Second(Protocol):
    """What was given as second factor, if anything, and how it is checked."""

    def check(self, tx: Transaction, account_id: str, rules: LoginRules, *, now: dt.datetime) -> Refusal | None: ...


T = TypeVar("T")


def admitted(result: T | Refusal) -> T:
    """Raises the refusal, when it is one: what was written beside it stands."""
    if isinstance(result, Refusal):
        raise result
    return result


def begin_attempt(tx: Transaction, number: str, source: str, rules: LoginRules, now: dt.datetime) -> None:
    """Raises ``locked_out``; an attempt during a lock does not lengthen it."""
    locked = locked_for(tx.attempts.failures(number, source, now - 2 * rules.lock), rules, now)
    if locked is not None:
        raise Refusal("locked_out", retry_after_s=max(1, math.ceil(locked.total_seconds())))
    tx.attempts.add(number, source, now)


@dataclass(frozen=True, slots=True)
class Beginning:
    """Whose login begins where: ``device`` is what its browser calls itself."""

    account_id: str
    token: str
    device: str
    address: str
    now: dt.datetime


def begin_session(tx: Transaction, begin: Beginning, rules: LoginRules) -> LoggedIn:
    """For who was let in. Raises ``bad_credentials`` when the account was disabled meanwhile."""
    principal = tx.accounts.principal(begin.account_id, tx.calendar.day(begin.now))
    if principal is None:
        raise Refusal("bad_credentials", "disabled meanwhile")
    expires_at = begin.now + lifetime(principal, rules)
    tx.sessions.add(
        Session(digest(begin.token), begin.account_id, begin.now, expires_at, begin.device, begin.address, begin.now)
    )
    return LoggedIn(begin.token, _me(tx, principal, begin.now, rules), expires_at)


def change_password(tx: Transaction, account_id: str, number: str, hashed: str, keep: str = "") -> tuple[str, ...]:
    """Whoever knew the old one is out: the logins that ended, all but the one to ``keep``."""
    tx.accounts.set_password(account_id, hashed)
    tx.attempts.clear_everywhere(number)
    ended = tuple(one.token_digest for one in tx.sessions.of_account(account_id) if one.token_digest != keep)
    for login in ended:
        tx.sessions.end(login)
    return ended


async def tell_ended(fanout: Fanout, logins: Collection[str]) -> None:
    """Sockets and streams that these logins were let in to end, too."""
    for ended in logins:
        await fanout.publish(login_ended(ended))


async def named_account(records: Records, number: str) -> str:
    """What the audit log says a failed login was about: the account, never what was typed."""
    account = await records.read(lambda tx: tx.accounts.by_number(number))
    return f"account/{account.id}" if account else ""


async def logout(records: Records, fanout: Fanout, token: str) -> str | None:
    """Whose login it was. Idempotent. What this login was let in to ends, too: sockets and streams hear of it."""
    ended = digest(token)

    def end(tx: Transaction) -> str | None:
        session = tx.sessions.get(ended)
        tx.sessions.end(ended)
        return session.account_id if session else None

    account_id = await records.write(end)
    await fanout.publish(login_ended(ended))
    return account_id


async def authenticate(
    records: Records,
    token: str,
    now: dt.datetime,
    uses: Uses | None = None,
    rules: LoginRules = RULES,
    *,
    callers: Callers | None = None,
    looks: CallerLooks | None = None,
) -> Principal:
    """Who holds this session token. Raises ``not_logged_in``, also when it went unused for too long.

    Who is among ``callers`` is known without the record, while nothing is written to what makes a principal. Others
    are looked up together with those who ask in the same moments, by ``looks``.
    """
    login = digest(token)
    caller = still_known(callers, login, now, uses, rules) if callers is not None else None
    if caller is not None:
        return caller.principal
    if looks is not None:
        caller, seen = await looks.ask(CallerLook(login, now))
    else:
        caller, seen = await records.read_seen(lambda tx: caller_of(tx, login, now))
    if caller is None or not caller.is_here(uses, rules, now):
        raise Refusal("not_logged_in")
    if callers is not None and seen is not None:
        # When it was used last is known here first; who seems to have been away for too long is looked up.
        callers.keep(login, caller, seen.despite_new("sessions").despite_marks("sessions"))
    return caller.principal


def digest(secret: str) -> str:
    """What is kept of a 256-bit secret: it needs no salt and no slow hash.

    A cookie may come with bytes that are no text; they are a secret that fits nothing, not a fault of ours.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who was let in somewhere, and by which login (its digest; None: by none)."""

    account_id: str
    login: str | None = None


def still_here(tx: Transaction, holders: Collection[Holder], now: dt.datetime) -> dict[Holder, Principal]:
    """Those whose account is enabled and whose login has not ended, as they are today: a few queries for them all."""
    principals = tx.accounts.principals({holder.account_id for holder in holders}, tx.calendar.day(now))
    logins = tx.sessions.holders({holder.login for holder in holders if holder.login is not None}, now)
    return {
        holder: principals[holder.account_id]
        for holder in holders
        if holder.account_id in principals and (holder.login is None or logins.get(holder.login) == holder.account_id)
    }


def in_use(
    tx: Transaction, here: Mapping[Holder, Principal], uses: Uses | None, rules: LoginRules, now: dt.datetime
) -> dict[Holder, Principal]:
    """Without those whose login went unused for too long. Only who works for others is looked up."""

    def used(holder: Holder, principal: Principal) -> bool:
        if holder.login is None or idle_limit(principal, rules) is None:
            return True
        session = tx.sessions.get(holder.login)
        left = idle_left(session, principal, uses, rules, now=now) if session else None
        return left is not None and left > dt.timedelta(0)

    return {holder: principal for holder, principal in here.items() if used(holder, principal)}


async def whoami(records: Records, principal: Principal, now: dt.datetime, rules: LoginRules = RULES) -> Me:
    return await records.read(lambda tx: _me(tx, principal, now, rules))


async def forget_old(records: Records, now: dt.datetime, rules: LoginRules = RULES) -> None:
    """To be called now and then: logins that ended and failures that no longer count."""

    def forget(tx: Transaction) -> None:
        tx.sessions.end_expired(now)
        tx.access_codes.forget_before(now)
        tx.devices.forget_before(now)
        tx.attempts.forget_before(now - max(2 * rules.lock, CODE_TRIES_KEPT))

    await records.write(forget)


def _me(tx: Transaction, principal: Principal, now: dt.datetime, rules: LoginRules) -> Me:
    due = second_factor_due(tx, principal, rules)
    unit_id = principal.unit_id
    venue = tx.venues.get(principal.venue_id) if principal.venue_id else None
    account = tx.accounts.get(principal.account_id)
    return Me(
        account_id=principal.account_id,
        name=principal.name,
        number=principal.number,
        kind=principal.kind,
        member_id=principal.member_id,
        unit=Named(unit_id, tx.units.names([unit_id], tx.calendar.day(now))[unit_id]) if unit_id else None,
        venue=Named(venue.id, venue.name) if venue else None,
        roles=tuple(RoleView(grant.role, grant.unit_id) for grant in principal.grants),
        home="/account" if due else home(principal),
        password_set=account is not None and account.password_hash is not None,
        consent=asked(tx, principal),
        second_factor_due=due,
    )


def second_factor_due(tx: Transaction, principal: Principal, rules: LoginRules) -> bool:
    """Until it is set up an administrator can do nothing else."""
    if not rules.second_factor or not any(grant.role in ADMINISTRATORS for grant in principal.grants):
        return False
    factor = tx.second_factors.get(principal.account_id)
    return factor is None or factor.confirmed_at is None


def home(principal: Principal) -> str:
    """The page after login: management for who manages, accounts and the audit log for their administrators, else the
    portal with the next lesson.
    """
    if any(grant.role is Role.SECURITY_ADMIN for grant in principal.grants):
        return "/accounts"
    if any(grant.role is Role.AUDIT_ADMIN for grant in principal.grants):
        return "/manage/audit"
    return "/manage" if any(grant.role in _AT_A_DESK for grant in principal.grants) else "/"
