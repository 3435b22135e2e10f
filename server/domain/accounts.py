"""Accounts, logins and the lock-out."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from server.domain.access import ADMINISTRATORS, AccountKind, Principal, Role, RoleGrant
from server.domain.passwords import LEAST
from server.domain.refusals import Refusal

LEFT = "left"
"""Why an account is disabled: its member belongs to no unit any more."""


@dataclass(frozen=True, slots=True)
class Account:
    """``password_hash`` None: nobody can log in with a password (yet).

    ``unit_id`` is for accounts that are not a member's: a device, a lecturer from outside. ``venue_id`` likewise: who
    is here by such an account is the room, not a person (:func:`check_account`). ``disabled_because``: ``LEFT``, or
    None for what an administrator disabled.
    """

    id: str
    number: str
    name: str
    kind: AccountKind
    password_hash: str | None = None
    member_id: str | None = None
    unit_id: str | None = None
    venue_id: str | None = None
    disabled: bool = False
    disabled_because: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Accounts of these units; ``words`` in number or name; numbers ``after`` this one."""

    unit_ids: Collection[str]
    words: str = ""
    after: str = ""
    limit: int = 200
    waiting: bool = False
    """Only who has no password yet."""


@dataclass(frozen=True, slots=True)
class Listed:
    """``unit_id`` as on the day asked for. ``code_until``: of an activation code that waits to be used."""

    account: Account
    unit_id: str | None
    grants: tuple[RoleGrant, ...]
    code_until: dt.datetime | None
    used_at: dt.datetime | None
    second_factor: bool


def check_account(account: Account) -> None:
    """A member's presence is the member's, a room's carries everybody in it: one account cannot tell both.

    Raises ``account_mixed``.
    """
    if account.member_id is not None and account.venue_id is not None:
        raise Refusal("account_mixed", account.number)


@dataclass(frozen=True, slots=True)
class Session:
    """A login. Only the SHA-256 of its token is kept. ``used_at`` None: not since it began."""

    token_digest: str
    account_id: str
    created_at: dt.datetime
    expires_at: dt.datetime
    device: str = ""
    address: str = ""
    used_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class LoginRules:
    """The lock is keyed on account *and* address: a hall of phones shares one address."""

    failures: int = 5
    lock: dt.timedelta = dt.timedelta(minutes=5)
    session: dt.timedelta = dt.timedelta(days=7)
    member_session: dt.timedelta = dt.timedelta(days=30)
    staff_idle: dt.timedelta = dt.timedelta(minutes=30)
    admin_idle: dt.timedelta = dt.timedelta(minutes=15)
    second_factor: bool = True
    """Whether the three administrators must have one."""
    password_least: int = LEAST
    activation_code: dt.timedelta = dt.timedelta(days=14)
    door_code: dt.timedelta = dt.timedelta(minutes=10)


def lifetime(principal: Principal, rules: LoginRules) -> dt.timedelta:
    """How long a login lasts: a member's phone and a venue's machine stay logged in, who works for others less long."""
    return rules.session if _works_for_others(principal) else rules.member_session


def idle_limit(principal: Principal, rules: LoginRules) -> dt.timedelta | None:
    """How long a login may go unused; None: as long as it lasts. Watching is use."""
    if not _works_for_others(principal):
        return None
    three = any(grant.role in ADMINISTRATORS for grant in principal.grants)
    return rules.admin_idle if three else rules.staff_idle


def _works_for_others(principal: Principal) -> bool:
    staff = any(grant.role not in {Role.MEMBER, Role.VENUE_OPERATOR} for grant in principal.grants)
    return staff and principal.kind is AccountKind.PERSON


def locked_for(failures: Sequence[dt.datetime], rules: LoginRules, now: dt.datetime) -> dt.timedelta | None:
    """How long this account is still locked at this address; None: it isn't.

    ``failures``: the failed attempts of the last two lock times, since the last success. Every attempt that makes
    ``rules.failures`` within one lock time begins a lock.
    """
    ordered = sorted(failures)
    filling = (
        last for first, last in zip(ordered, ordered[rules.failures - 1 :], strict=False) if last - first < rules.lock
    )
    until = max(filling, default=None)
    if until is None or now >= until + rules.lock:
        return None
    return until + rules.lock - now


@functools.lru_cache(maxsize=8192)
def address_key(address: str) -> str:
    """What counts as one address: an IPv4 address, or an IPv6 /64 (one household or phone has a whole one)."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
