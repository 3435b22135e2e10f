"""The accounts in a principal's care: who can log in, who is still waiting for it, what they may do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import AccountKind, Principal
from server.domain.access_codes import admits_in
from server.domain.accounts import Listed, Wanted
from server.domain.refusals import Refusal
from server.services.records import Records, Transaction
from server.services.views import Named, Page, RoleView


@dataclass(frozen=True, slots=True)
class AccountView:
    """``code_until``: an activation code was issued and waits to be used. ``used_at``: null when not logged in."""

    account_id: str
    number: str
    name: str
    kind: AccountKind
    member_id: str | None
    unit: Named | None
    roles: tuple[RoleView, ...]
    disabled: bool
    password_set: bool
    second_factor: bool
    code_until: dt.datetime | None
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class AccountsAsked:
    """``unit_id`` None: all units in care."""

    unit_id: str | None = None
    words: str = ""
    waiting: bool = False
    cursor: str | None = None
    limit: int = 50


async def list_accounts(
    records: Records, principal: Principal, asked: AccountsAsked, now: dt.datetime
) -> Page[AccountView]:
    """By number. Raises ``forbidden``, ``unit_not_found`` (also for one that is not in care)."""

    def load(tx: Transaction) -> Page[AccountView]:
        on = tx.calendar.day(now)
        units = units_in_care(tx, principal, asked.unit_id, on)
        wanted = Wanted(units, asked.words, asked.cursor or "", asked.limit + 1, waiting=asked.waiting)
        rows = tx.accounts.listed(wanted, on)
        names = tx.units.names({row.unit_id for row in rows if row.unit_id}, on)
        views = tuple(_view(row, names, now) for row in rows[: asked.limit])
        return Page(views, views[-1].number if len(rows) > asked.limit else None)

    return await records.read(load)


def units_in_care(tx: Transaction, principal: Principal, unit_id: str | None, on: dt.date) -> frozenset[str]:
    tree = tx.units.tree()
    care = frozenset[str]().union(*(tree.subtree(held, on) for held in admits_in(principal)))
    if unit_id is None:
        return care
    if unit_id not in care:
        raise Refusal("unit_not_found", unit_id)
    return tree.subtree(unit_id, on)


def _view(row: Listed, names: dict[str, str], now: dt.datetime) -> AccountView:
    account = row.account
    return AccountView(
        account_id=account.id,
        number=account.number,
        name=account.name,
        kind=account.kind,
        member_id=account.member_id,
        unit=Named(row.unit_id, names[row.unit_id]) if row.unit_id else None,
        roles=tuple(RoleView(grant.role, grant.unit_id) for grant in row.grants),
        disabled=account.disabled,
        password_set=account.password_hash is not None,
        second_factor=row.second_factor,
        code_until=row.code_until if row.code_until and row.code_until > now else None,
        used_at=row.used_at,
    )
