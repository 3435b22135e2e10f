"""Coming in by an identity provider's word. It says whose account; the account's own rules decide the rest."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Protocol

from server.domain.access import AccountKind
from server.domain.accounts import LoginRules
from server.domain.identity import BEGUN_LIFE, Begun, Named, local_path
from server.domain.refusals import Refusal
from server.services.login import TOKEN_BYTES, Beginning, LoggedIn, Second, admitted, begin_session
from server.services.records import Records, Transaction


class IdentityProvider(Protocol):
    @property
    def issuer(self) -> str: ...

    async def address(self, begun: Begun, redirect_uri: str, now: dt.datetime, *, fresh: bool) -> str:
        """Where the browser goes to say who it is. Raises ``provider_away``, ``provider_untrusted``."""
        ...

    async def number(self, code: str, begun: Begun, redirect_uri: str, now: dt.datetime) -> str:
        """Whose account the code stands for.

        Raises ``provider_away``, ``provider_refused``, ``provider_untrusted``, ``provider_account_unknown``.
        """
        ...


def begin(onward: str, now: dt.datetime) -> Begun:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Begun(state, nonce, verifier, local_path(onward), now + BEGUN_LIFE)


async def enter_named(
    records: Records,
    named: Named | None,
    *,
    address: str,
    device: str,
    second: Second,
    now: dt.datetime,
    rules: LoginRules,
) -> LoggedIn:
    """Raises what the provider's answer was refused for, ``provider_stale``, ``provider_account_unknown`` for an
    account that is not there or disabled, ``second_factor_needed``, ``second_factor_wrong``, ``locked_out``.
    """
    if named is None or named.expires_at <= now:
        raise Refusal("provider_stale", "nothing that the provider said, or too long ago")
    if named.refused:
        raise Refusal(named.refused)
    token = secrets.token_urlsafe(TOKEN_BYTES)

    def enter(tx: Transaction) -> LoggedIn | Refusal:
        account = tx.accounts.by_number(named.number)
        if account is None or account.disabled or account.kind is not AccountKind.PERSON:
            return Refusal("provider_account_unknown")
        refusal = second.check(tx, account.id, rules, now=now)
        return refusal or begin_session(tx, Beginning(account.id, token, device, address, now), rules)

    return admitted(await records.write(enter))
