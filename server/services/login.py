"""Logging in and out; who asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from server.domain.access import Principal
from server.domain.accounts import LoginRules
from server.services.records import Records
from server.services.views import Me

RULES = LoginRules()


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
    now: dt.datetime,
    rules: LoginRules = RULES,
) -> LoggedIn:
    """Raises ``locked_out`` (with ``retry_after_s``) or ``bad_credentials``."""
    raise NotImplementedError


async def logout(records: Records, token: str) -> None:
    """Idempotent."""
    raise NotImplementedError


async def authenticate(records: Records, token: str, now: dt.datetime) -> Principal:
    """Who holds this session token. Raises ``not_logged_in``."""
    raise NotImplementedError


async def whoami(records: Records, principal: Principal) -> Me:
    raise NotImplementedError
