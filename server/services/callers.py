"""Who asks: the holder of a login, looked up for one or for many at once, and remembered while nothing changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.accounts import LoginRules, Session, idle_limit
from server.services.records import Transaction
from server.services.remembering import Memory
from server.services.together import SeeTogether
from server.services.uses import Uses

_WORTH_WHILE = 3
"""As many logins at once cost less together than one after the other."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds a login, as between ``since`` and ``until``: people's units and offices change with the day."""

    session: Session
    principal: Principal
    since: dt.datetime
    until: dt.datetime

    def is_here(self, uses: Uses | None, rules: LoginRules, now: dt.datetime) -> bool:
        """Whether the login has neither run out nor gone unused for too long."""
        if now >= self.session.expires_at:
            return False
        left = idle_left(self.session, self.principal, uses, rules, now=now)
        return left is None or left > dt.timedelta(0)


Callers = Memory[str, Caller]
"""By the digest of the login."""


def still_known(callers: Callers, login: str, now: dt.datetime, uses: Uses | None, rules: LoginRules) -> Caller | None:
    """Who holds this login (its digest) without a look at the record; None: the record must tell."""
    caller = callers.get(login)
    if caller is None or not caller.since <= now < caller.until or not caller.is_here(uses, rules, now):
        return None
    return caller


def caller_of(tx: Transaction, login: str, now: dt.datetime) -> Caller | None:
    session = tx.sessions.get(login)
    if session is None or now >= session.expires_at:
        return None
    day = tx.calendar.day(now)
    principal = tx.accounts.principal(session.account_id, day)
    if principal is None:
        return None
    return _caller_on(tx, session, principal, day)


def _caller_on(tx: Transaction, session: Session, principal: Principal, day: dt.date) -> Caller:
    return Caller(session, principal, tx.calendar.begins(day), tx.calendar.begins(day + dt.timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class CallerLook:
    """Who holds the login with this digest?"""

    login: str
    now: dt.datetime


CallerLooks = SeeTogether[CallerLook, Caller | None]


def look_up_callers(tx: Transaction, looks: Sequence[CallerLook]) -> list[Caller | None]:
    """Each as :func:`authenticate` looks it up; the statements of fifty are hardly more than those of one."""
    if len(looks) < _WORTH_WHILE:
        return [caller_of(tx, look.login, look.now) for look in looks]
    logins = tx.sessions.those({look.login for look in looks})
    days = {look: tx.calendar.day(look.now) for look in looks}
    on_day: dict[dt.date, dict[str, Principal]] = {}
    for day in sorted(set(days.values())):
        theirs = {logins[look.login].account_id for look in looks if days[look] == day and look.login in logins}
        on_day[day] = tx.accounts.principals(theirs, day)

    def one(look: CallerLook) -> Caller | None:
        session, day = logins.get(look.login), days[look]
        if session is None or look.now >= session.expires_at:
            return None
        principal = on_day[day].get(session.account_id)
        return None if principal is None else _caller_on(tx, session, principal, day)

    return [one(look) for look in looks]


def idle_left(
    session: Session, principal: Principal, uses: Uses | None, rules: LoginRules, *, now: dt.datetime
) -> dt.timedelta | None:
    """How long the login may still go unused; None: its use is not watched."""
    limit = idle_limit(principal, rules)
    if limit is None:
        return None
    here = uses.last(session.token_digest) if uses else None
    return max(filter(None, (session.created_at, session.used_at, here))) + limit - now
