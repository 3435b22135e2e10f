"""An OpenID provider as seen from here (OpenID Connect Discovery 1.0 and Core 1.0). A leaf above ``domain``.

It tells its addresses and keys once an hour; an answer is read up to a bound, never redirected, and waits ten seconds.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import json
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote_plus

import aiohttp
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from server.domain.identity import (
    ALGORITHMS,
    Begun,
    Client,
    is_trusted_url,
    more_of,
    number_in,
    request_url,
    subject_of,
)
from server.domain.refusals import Refusal

log = structlog.get_logger()

T = TypeVar("T")

_FRESH = dt.timedelta(hours=1)
_KEYS_AGAIN = dt.timedelta(minutes=1)
"""A token of an unknown key makes us ask for the keys again, but strangers do not make us ask all day."""
_PATIENCE_S = 10.0
_MOST_BYTES = 262_144
_MOST_AT_ONCE = 16
_MOST_WAITING = 500
_OK = 200
_REGISTRY = JWSRegistry(algorithms=list(ALGORITHMS))


@dataclass(slots=True)
class _Kept:
    """What it last told, and when."""

    told: dict[str, Any]
    at: dt.datetime


class OpenIdProvider:
    """A :class:`server.services.identities.IdentityProvider`. ``authority``: a CA file of its own, if it has one."""

    def __init__(self, client: Client, secret: str, authority: Path | None = None) -> None:
        self._client = client
        self._secret = secret
        self._authority = authority
        self._http: aiohttp.ClientSession | None = None
        self._places: _Kept | None = None
        self._keys: _Kept | None = None
        self._asking = asyncio.Lock()
        self._failed = 0
        self._refused = ""
        self._waiting = 0

    @property
    def issuer(self) -> str:
        return self._client.issuer

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def address(self, begun: Begun, redirect_uri: str, now: dt.datetime, *, fresh: bool) -> str:
        """Raises ``provider_away``."""
        return request_url(
            (await self._found(now))["authorization_endpoint"], self._client, begun, redirect_uri, fresh=fresh
        )

    async def number(self, code: str, begun: Begun, redirect_uri: str, now: dt.datetime) -> str:
        """Raises ``provider_away``, ``provider_refused``, ``provider_untrusted``, ``provider_account_unknown``."""
        places = await self._found(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": begun.verifier,
        }
        answer = await self._ask("POST", places["token_endpoint"], **self._introduced(places, form))
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Refusal("provider_untrusted", "no ID token")
        claims = await self._claims(token, now)
        subject = subject_of(claims, self._client, begun.nonce, now)
        if self._client.claim not in claims:
            claims = dict(more_of(await self._more(places, answer), subject))
        return number_in(claims, self._client.claim)

    async def _more(self, places: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
        """What many providers keep out of the token, since it can be asked for (Core 5.4)."""
        address, access = places.get("userinfo_endpoint"), answer.get("access_token")
        if not isinstance(address, str) or not is_trusted_url(address) or not isinstance(access, str):
            raise Refusal("provider_account_unknown", f"no claim {self._client.claim}"[:80])
        return await self._ask("GET", address, headers={"Authorization": f"Bearer {access}"})

    def _introduced(self, places: Mapping[str, Any], form: dict[str, str]) -> dict[str, Any]:
        """Who asks (RFC 6749, 2.3.1): by header where that is taken, which it is unless something else is said."""
        if not self._secret:
            return {"data": {**form, "client_id": self._client.client_id}}
        if "client_secret_basic" in places.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            pair = f"{quote_plus(self._client.client_id)}:{quote_plus(self._secret)}"
            return {"data": form, "headers": {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}}
        return {"data": {**form, "client_id": self._client.client_id, "client_secret": self._secret}}

    async def _claims(self, token: str, now: dt.datetime) -> dict[str, Any]:
        """Of a token that the provider signed."""
        try:
            try:
                return _opened(token, await self._key_set(now))
            except InvalidKeyIdError:
                return _opened(token, await self._key_set(now, again=True))
        except (JoseError, KeyError, TypeError, ValueError, UnicodeError) as error:
            raise Refusal("provider_untrusted", type(error).__name__) from None

    async def _found(self, now: dt.datetime) -> dict[str, Any]:
        """Where its endpoints are. Raises ``provider_away``, ``provider_untrusted``."""

        async def ask() -> dict[str, Any]:
            if not _holds(self._places, now, _FRESH):
                told = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
                self._places = _Kept(_checked(told, self.issuer), now)
            assert self._places is not None
            return self._places.told

        return await (ask() if _holds(self._places, now, _FRESH) else self._in_turn(ask))

    async def _key_set(self, now: dt.datetime, *, again: bool = False) -> KeySet:
        address = (await self._found(now))["jwks_uri"]
        life = _KEYS_AGAIN if again else _FRESH

        async def ask() -> dict[str, Any]:
            if not _holds(self._keys, now, life):
                self._keys = _Kept(await self._ask("GET", address), now)
            assert self._keys is not None
            return self._keys.told

        told = await (ask() if _holds(self._keys, now, life) else self._in_turn(ask))
        return KeySet.import_key_set(told)  # type: ignore[arg-type]

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        """One asks, and what it is refused for is the answer to all who waited for it: else each would ask in its turn
        a provider that is silent, and the tenth wait for ten times as long.
        """
        failures = self._failed
        async with self._asking:
            if self._failed != failures:
                raise Refusal(self._refused, "as who asked before")
            try:
                return await ask()
            except Refusal as refusal:
                self._failed, self._refused = self._failed + 1, refusal.code
                raise

    async def _ask(self, method: str, url: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - aiohttp's own
        if self._waiting >= _MOST_WAITING:
            raise Refusal("provider_away", "too many are waiting for it")
        self._waiting += 1
        try:
            async with self._session().request(method, url, allow_redirects=False, **more) as response:
                return _read(method, response.status, await _body(response))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            log.warning("provider.away", because=type(error).__name__)
            raise Refusal("provider_away", type(error).__name__) from None
        finally:
            self._waiting -= 1

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            trust: ssl.SSLContext | bool = True
            if self._authority is not None:
                trust = ssl.create_default_context(cafile=str(self._authority))
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MOST_AT_ONCE, ssl=trust),
                timeout=aiohttp.ClientTimeout(total=_PATIENCE_S),
                headers={"Accept": "application/json"},
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._http


def _holds(kept: _Kept | None, now: dt.datetime, life: dt.timedelta) -> bool:
    return kept is not None and now - kept.at <= life


def _opened(token: str, keys: KeySet) -> dict[str, Any]:
    return dict(jwt.decode(token, keys, registry=_REGISTRY).claims)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise Refusal("provider_away", "a very long answer")
    return bytes(body)


def _read(method: str, status: int, body: bytes) -> dict[str, Any]:
    """Raises ``provider_refused`` when it does not take a code (used, too old, or it does not know us)."""
    told = json.loads(body) if body[:1] == b"{" else {}
    if method == "POST" and status in {400, 401}:
        log.warning("provider.refused", status=status, error=str(told.get("error", ""))[:80])
        raise Refusal("provider_refused", f"status {status}")
    if status != _OK or not told:
        raise Refusal("provider_away", f"status {status}, {len(body)} bytes")
    return told


def _checked(told: dict[str, Any], issuer: str) -> dict[str, Any]:
    """Discovery 4.3: it speaks of the issuer that was asked, and of addresses that nobody on the way can change."""
    if told.get("issuer") != issuer:
        raise Refusal("provider_untrusted", "its document names another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not isinstance(told.get(name), str) or not is_trusted_url(told[name]):
            raise Refusal("provider_untrusted", name)
    return told
