"""The second factor: set up by its owner, asked for at every login, lifted by the security administrator."""

from __future__ import annotations

import datetime as dt
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from server.domain.access import ADMINISTRATORS, Principal
from server.domain.access_codes import typed
from server.domain.accounts import LoginRules, locked_for
from server.domain.refusals import Refusal
from server.domain.second_factor import (
    DIGITS,
    RECOVERY_CODES,
    RECOVERY_DIGITS,
    SECRET_BYTES,
    SecondFactor,
    matching_step,
    shown,
    uri_of,
)
from server.services.records import Records, Transaction


class SecretSealer(Protocol):
    """Seals what has to be read again, so that a copy of the database alone opens nothing."""

    def close(self, account_id: str, secret: bytes) -> str: ...

    def open(self, account_id: str, sealed: str) -> bytes: ...

    def digest(self, account_id: str, code: str) -> str: ...


@dataclass(frozen=True, slots=True)
class FactorView:
    """``enabled``: asked for at every login. ``required``: the roles held ask for it."""

    enabled: bool
    required: bool
    recovery_left: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Shown once, to its owner."""

    secret: str
    uri: str


def required_of(principal: Principal, rules: LoginRules) -> bool:
    return rules.second_factor and any(grant.role in ADMINISTRATORS for grant in principal.grants)


def in_force(tx: Transaction, account_id: str) -> SecondFactor | None:
    factor = tx.second_factors.get(account_id)
    return factor if factor and factor.confirmed_at else None


async def check_enrolled(records: Records, principal: Principal, rules: LoginRules) -> None:
    """Raises ``second_factor_required`` for whose role asks for one that is not set up."""
    if not required_of(principal, rules):
        return
    if await records.read(lambda tx: in_force(tx, principal.account_id)) is None:
        raise Refusal("second_factor_required")


# ---- at the login ----------------------------------------------------------------------------------------


def check_second(
    tx: Transaction, sealer: SecretSealer, account_id: str, code: str | None, rules: LoginRules, *, now: dt.datetime
) -> Refusal | None:
    """For who gave the right password or code: None lets in. A refusal is a value, so that the failure stays written.

    Whoever comes here knows the password: so failures count for the account, from wherever they come.
    """
    factor = in_force(tx, account_id)
    if factor is None:
        return None
    if not code:
        return Refusal("second_factor_needed")
    tries = f"second {account_id}"
    locked = locked_for(tx.attempts.failures(tries, "", now - 2 * rules.lock), rules, now)
    if locked is not None:
        return Refusal("locked_out", retry_after_s=max(1, math.ceil(locked.total_seconds())))
    used = _used(sealer, factor, code, now)
    if used is None:
        tx.attempts.add(tries, "", now)
        return Refusal("second_factor_wrong")
    tx.attempts.clear(tries, "")
    tx.second_factors.put(used)
    return None


def _used(sealer: SecretSealer, factor: SecondFactor, code: str, now: dt.datetime) -> SecondFactor | None:
    """What is left of the factor when this code was right."""
    digits = typed(code)
    if len(digits) == DIGITS:
        secret = sealer.open(factor.account_id, factor.secret)
        step = matching_step(secret, digits, factor.last_step, now)
        return replace(factor, last_step=step) if step is not None else None
    digest = sealer.digest(factor.account_id, digits)
    if digest not in factor.recovery:
        return None
    return replace(factor, recovery=tuple(each for each in factor.recovery if each != digest))


@dataclass(frozen=True, slots=True)
class Given:
    """A :class:`server.services.login.Second`."""

    sealer: SecretSealer
    code: str | None

    def check(self, tx: Transaction, account_id: str, rules: LoginRules, *, now: dt.datetime) -> Refusal | None:
        return check_second(tx, self.sealer, account_id, self.code, rules, now=now)


# ---- set up and taken away -------------------------------------------------------------------------------


async def see_factor(records: Records, principal: Principal, rules: LoginRules) -> FactorView:
    def load(tx: Transaction) -> FactorView:
        factor = in_force(tx, principal.account_id)
        return FactorView(factor is not None, required_of(principal, rules), len(factor.recovery) if factor else 0)

    return await records.read(load)


async def enrol(
    records: Records, sealer: SecretSealer, principal: Principal, issuer: str, now: dt.datetime
) -> Enrolment:
    """A new secret, not in force before it is confirmed. Raises ``second_factor_set``."""
    secret = secrets.token_bytes(SECRET_BYTES)
    sealed = sealer.close(principal.account_id, secret)

    def put(tx: Transaction) -> None:
        if in_force(tx, principal.account_id):
            raise Refusal("second_factor_set")
        tx.second_factors.put(SecondFactor(principal.account_id, sealed, now))

    await records.write(put)
    return Enrolment(shown(secret), uri_of(secret, issuer, principal.number))


async def confirm(
    records: Records, sealer: SecretSealer, principal: Principal, code: str, now: dt.datetime
) -> tuple[str, ...]:
    """In force from now on; gives the recovery codes, which are shown once.

    Raises ``second_factor_set``, ``second_factor_wrong``.
    """
    codes = tuple(f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}" for _ in range(RECOVERY_CODES))

    def put(tx: Transaction) -> None:
        factor = tx.second_factors.get(principal.account_id)
        if factor is not None and factor.confirmed_at is not None:
            raise Refusal("second_factor_set")
        used = _used(sealer, factor, code, now) if factor else None
        if used is None:
            raise Refusal("second_factor_wrong")
        digests = tuple(sealer.digest(principal.account_id, each) for each in codes)
        tx.second_factors.put(replace(used, confirmed_at=now, recovery=digests))

    await records.write(put)
    return codes


async def remove(
    records: Records, sealer: SecretSealer, principal: Principal, code: str, *, now: dt.datetime, rules: LoginRules
) -> None:
    """Raises ``second_factor_wrong``, ``locked_out``, and ``second_factor_required`` where the role asks for it."""
    if required_of(principal, rules):
        raise Refusal("second_factor_required")

    def take(tx: Transaction) -> Refusal | None:
        refusal = check_second(tx, sealer, principal.account_id, code, rules, now=now)
        if refusal is None:
            tx.second_factors.remove(principal.account_id)
        return refusal

    await raised(records, take)


async def raised(records: Records, work: Callable[[Transaction], Refusal | None]) -> None:
    """Raises what ``work`` gives, after its commit."""
    refusal = await records.write(work)
    if refusal is not None:
        raise refusal
