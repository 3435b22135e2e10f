"""Giving and taking roles, disabling accounts: the security administrator's work, each with a line in the log."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from server.domain.access import ADMINISTRATORS, Principal, Role, RoleGrant
from server.domain.grants import check_grant, check_may_grant
from server.domain.refusals import Refusal
from server.services.activation import covered, withdraw_outgrown
from server.services.commands import Command, command, once
from server.services.house import House
from server.services.login import tell_ended
from server.services.logins import check_security
from server.services.records import Transaction
from server.services.views import RoleView

_LOG_IN_AFRESH = ADMINISTRATORS | {Role.SCHOOL_ADMIN}
_log = logging.getLogger(__name__)
_ROLES = TypeAdapter(tuple[RoleView, ...])
_NOTHING = TypeAdapter(tuple[str, ...])


async def grant_role(
    house: House, principal: Principal, account_id: str, command_id: str, *, grant: RoleGrant, now: dt.datetime
) -> tuple[RoleView, ...]:
    """All that the account holds then. A role that is held stays.

    Raises ``forbidden``, ``account_not_found``, ``unit_not_found``, ``own_account``, ``roles_apart``,
    ``role_of_person``. Codes that were issued for less serve no more; who is to administer logs in afresh.
    """

    ended: list[str] = []

    def give(tx: Transaction, subject: Principal) -> None:
        if grant in subject.grants:
            return
        check_grant(replace(subject, operates=_rooms(tx, account_id, now)), grant)
        tx.accounts.add([], [(account_id, grant)])
        withdraw_outgrown(tx, replace(subject, grants=(*subject.grants, grant)), tx.calendar.day(now))
        logins = tx.sessions.of_account(account_id) if grant.role in _LOG_IN_AFRESH else ()
        ended[:] = [login.token_digest for login in logins]
        for login in ended:
            tx.sessions.end(login)

    asked = command(principal, command_id, "grant_role", account=account_id, role=grant.role.value, unit=grant.unit_id)
    views = await _change(house, principal, asked, grant, give, now=now)
    await tell_ended(house.fanout, ended)
    return views


def _rooms(tx: Transaction, account_id: str, now: dt.datetime) -> tuple[str, ...]:
    """That the account operates, today or from a day to come."""
    today = tx.calendar.day(now)
    return tuple({one.venue_id for one in tx.operators.of_accounts([account_id]) if not one.over(today)})


async def revoke_role(
    house: House, principal: Principal, account_id: str, command_id: str, *, grant: RoleGrant, now: dt.datetime
) -> tuple[RoleView, ...]:
    """Raises as :func:`grant_role`. What was let in by the role ends at the next look at rights."""

    def take(tx: Transaction, _subject: Principal) -> None:
        tx.accounts.revoke(account_id, grant)

    asked = command(principal, command_id, "revoke_role", account=account_id, role=grant.role.value, unit=grant.unit_id)
    return await _change(house, principal, asked, grant, take, now=now)


async def _change(
    house: House,
    principal: Principal,
    asked: Command,
    grant: RoleGrant,
    change: Callable[[Transaction, Principal], None],
    *,
    now: dt.datetime,
) -> tuple[RoleView, ...]:
    check_security(principal)
    account_id = str(asked.body["account"])

    def work(tx: Transaction) -> tuple[RoleView, ...]:
        on = tx.calendar.day(now)
        subject = tx.accounts.principal(account_id, on)
        if subject is None:
            raise Refusal("account_not_found", account_id)
        check_may_grant(principal, subject, tx.units.line(grant.unit_id, on))
        change(tx, subject)
        return tuple(RoleView(held.role, held.unit_id) for held in tx.accounts.grants(account_id))

    views = await house.records.write(lambda tx: once(tx, asked, now, _ROLES, lambda: work(tx)))
    _log.info(
        "%s: account %s, %s in %s, by %s", asked.name, account_id, grant.role, grant.unit_id, principal.account_id
    )
    return views


async def set_disabled(
    house: House, principal: Principal, account_id: str, command_id: str, *, disabled: bool, now: dt.datetime
) -> None:
    """Who is disabled is out at once. A device that was revoked stays so: it is paired again.

    Nobody brings back who was erased.

    Raises ``forbidden``, ``account_not_found``, ``device_revoked``, ``account_erased``, ``command_reused``.
    """
    check_security(principal)
    asked = command(principal, command_id, "set_disabled", account=account_id, disabled=disabled)

    def change(tx: Transaction) -> tuple[str, ...]:
        tx.accounts.set_disabled(account_id, disabled=False)  # a disabled account is nobody, and stands nowhere
        covered(tx, principal, {account_id}, now, gone=True)
        if tx.erasures.erased(account_id) and not disabled:
            raise Refusal("account_erased", account_id)
        device = tx.devices.of_account(account_id)
        if device is not None and device.revoked_at is not None:
            if not disabled:
                raise Refusal("device_revoked", account_id)
            tx.accounts.set_disabled(account_id, disabled=True)
            return ()
        tx.accounts.set_disabled(account_id, disabled=disabled)
        ended = tuple(one.token_digest for one in tx.sessions.of_account(account_id)) if disabled else ()
        for login in ended:
            tx.sessions.end(login)
        return ended

    ended = await house.records.write(lambda tx: once(tx, asked, now, _NOTHING, lambda: change(tx)))
    _log.info("%s: account %s, %s, by %s", asked.name, account_id, disabled, principal.account_id)
    await tell_ended(house.fanout, ended)
