"""Viewers that come back after their media process was replaced: all that a new ticket would be asked for, at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.access import Action, LessonTarget, Principal, require
from server.domain.accounts import LoginRules
from server.domain.refusals import Refusal
from server.domain.tickets import ReturnTicket, WatchTicket
from server.services.finding import target_or_refusal
from server.services.login import RULES, Holder, in_use, still_here
from server.services.records import Transaction
from server.services.tickets import gone, watch_ticket
from server.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Return:
    ticket: ReturnTicket
    now: dt.datetime

    @property
    def holder(self) -> Holder:
        return Holder(self.ticket.account_id, self.ticket.login)


@dataclass(frozen=True, slots=True)
class Look:
    """At somebody who holds a grant: a page of slides is fetched by a hall in the same second."""

    holder: Holder
    now: dt.datetime


def check_holders(tx: Transaction, looks: Sequence[Look]) -> Sequence[Refusal | None]:
    """``grant_invalid``: the account is gone, or the login ended since the grant was given."""
    here = still_here(tx, {one.holder for one in looks}, max(one.now for one in looks))
    return [None if one.holder in here else Refusal("grant_invalid", "account or login is gone") for one in looks]


def grant_returns(
    tx: Transaction, returns: Sequence[Return], *, uses: Uses | None = None, rules: LoginRules = RULES
) -> Sequence[WatchTicket | Refusal]:
    """What each may watch now, or why not: the refusals of issuing a ticket, and ``ticket_invalid``, also for a login
    that went unused for too long.
    """
    now = max(one.now for one in returns)
    principals = in_use(tx, still_here(tx, {one.holder for one in returns}, now), uses, rules, now)
    targets: dict[str, LessonTarget | Refusal] = {}
    for lesson_id in {one.ticket.lesson_id for one in returns}:
        here = [principals[one.holder] for one in returns if one.holder in principals]
        targets[lesson_id] = target_or_refusal(tx, lesson_id, here, now)
    return [_granted(one, principals.get(one.holder), targets[one.ticket.lesson_id]) for one in returns]


def _granted(one: Return, principal: Principal | None, target: LessonTarget | Refusal) -> WatchTicket | Refusal:
    if principal is None:
        return gone()
    if isinstance(target, Refusal):
        return Refusal(target.code, target.detail)
    ticket = one.ticket
    try:
        require(principal, Action.READ, target)
        return watch_ticket(
            principal, target, ticket.view, ticket.client_id, login=ticket.login, until=ticket.expires_at
        )
    except Refusal as refusal:
        return refusal
