"""One's own logins and password; and what the security administrator may end of others'."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal, Role
from server.domain.accounts import LoginRules, Session, address_key
from server.domain.passwords import check_password
from server.domain.refusals import Refusal
from server.services.activation import covered
from server.services.callers import idle_left
from server.services.house import House
from server.services.login import RULES, Passwords, begin_attempt, change_password, tell_ended
from server.services.records import Transaction

ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class SessionView:
    """``id`` names it and opens nothing. ``device``: what the browser called itself; ``address``: where it was."""

    id: str
    device: str
    address: str
    created_at: dt.datetime
    used_at: dt.datetime
    expires_at: dt.datetime
    current: bool


@dataclass(frozen=True, slots=True)
class IdleView:
    """Seconds until this login ends for want of use; null: it does not."""

    left_s: int | None


async def list_sessions(
    house: House, principal: Principal, login: str | None, now: dt.datetime
) -> tuple[SessionView, ...]:
    """One's own, the present one first, then by use."""

    def load(tx: Transaction) -> tuple[SessionView, ...]:
        return _views(house, tx.sessions.of_account(principal.account_id), login, now)

    return await house.records.read(load)


def _views(house: House, sessions: tuple[Session, ...], login: str | None, now: dt.datetime) -> tuple[SessionView, ...]:
    views = [_view(house, session, login) for session in sessions if now < session.expires_at]
    return tuple(sorted(views, key=lambda view: (view.current, view.used_at), reverse=True))


def _view(house: House, session: Session, login: str | None) -> SessionView:
    used = max(filter(None, (session.created_at, session.used_at, house.uses.last(session.token_digest))))
    return SessionView(
        id=session.token_digest[:ID_LENGTH],
        device=session.device,
        address=session.address,
        created_at=session.created_at,
        used_at=used,
        expires_at=session.expires_at,
        current=session.token_digest == login,
    )


async def end_session(house: House, principal: Principal, session_id: str) -> None:
    """One of one's own. Idempotent: a login that is over already is as good as ended."""

    def end(tx: Transaction) -> list[str]:
        own = tx.sessions.of_account(principal.account_id)
        ended = [one.token_digest for one in own if one.token_digest[:ID_LENGTH] == session_id]
        for login in ended:
            tx.sessions.end(login)
        return ended

    await tell_ended(house.fanout, await house.records.write(end))


async def list_sessions_of(
    house: House, principal: Principal, account_id: str, now: dt.datetime
) -> tuple[SessionView, ...]:
    """Raises ``forbidden``, ``account_not_found``."""
    check_security(principal)

    def load(tx: Transaction) -> tuple[SessionView, ...]:
        covered(tx, principal, {account_id}, now, gone=True)
        return _views(house, tx.sessions.of_account(account_id), None, now)

    return await house.records.read(load)


async def end_sessions_of(house: House, principal: Principal, account_id: str, now: dt.datetime) -> None:
    """All of somebody else's. Raises ``forbidden``, ``account_not_found``."""
    check_security(principal)

    def end(tx: Transaction) -> list[str]:
        covered(tx, principal, {account_id}, now, gone=True)
        ended = [one.token_digest for one in tx.sessions.of_account(account_id)]
        for login in ended:
            tx.sessions.end(login)
        return ended

    await tell_ended(house.fanout, await house.records.write(end))


def check_security(principal: Principal) -> None:
    """Raises ``forbidden``."""
    if not any(grant.role is Role.SECURITY_ADMIN for grant in principal.grants):
        raise Refusal("forbidden", "not the security administrator")


async def idle_of(
    house: House, principal: Principal, login: str | None, now: dt.datetime, rules: LoginRules = RULES
) -> IdleView:
    """Asking is no use."""

    def load(tx: Transaction) -> IdleView:
        session = tx.sessions.get(login) if login else None
        left = idle_left(session, principal, house.uses, rules, now=now) if session else None
        return IdleView(None if left is None else max(0, int(left.total_seconds())))

    return await house.records.read(load)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """``old`` None: there is none yet."""

    old: str | None
    new: str


async def set_password(
    house: House,
    passwords: Passwords,
    principal: Principal,
    wanted: NewPassword,
    *,
    login: str | None,
    address: str,
    now: dt.datetime,
    rules: LoginRules = RULES,
) -> None:
    """Every other login of the account ends. Guesses of the old one count as failed logins.

    Raises ``bad_credentials``, ``locked_out``, ``password_short``, ``password_common``.
    """
    check_password(wanted.new, rules.password_least, principal.number, principal.name)

    def begin(tx: Transaction) -> str | None:
        begin_attempt(tx, principal.number, address_key(address), rules, now)
        account = tx.accounts.get(principal.account_id)
        return account.password_hash if account else None

    before = await house.records.write(begin)
    if before is not None and not await passwords.verify(before, wanted.old or ""):
        raise Refusal("bad_credentials")
    hashed = await passwords.hash(wanted.new)

    def change(tx: Transaction) -> tuple[str, ...]:
        return change_password(tx, principal.account_id, principal.number, hashed, login or "")

    await tell_ended(house.fanout, await house.records.write(change))


async def lift_factor(house: House, principal: Principal, account_id: str, now: dt.datetime) -> None:
    """Of somebody who lost the phone; all logins of that account end. Raises ``forbidden``, ``account_not_found``."""
    check_security(principal)

    def lift(tx: Transaction) -> list[str]:
        covered(tx, principal, {account_id}, now, gone=True)
        tx.second_factors.remove(account_id)
        ended = [one.token_digest for one in tx.sessions.of_account(account_id)]
        for login in ended:
            tx.sessions.end(login)
        return ended

    await tell_ended(house.fanout, await house.records.write(lift))
