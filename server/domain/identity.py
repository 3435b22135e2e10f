"""Logging in by somebody else's word: an OpenID provider of the house says who is at the browser.

The rules of OpenID Connect Core 1.0 (3.1.2 and 3.1.3.7), of PKCE (RFC 7636) and of RFC 9207, without I/O. Nobody gets
an account by it: the provider names one that is there.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from server.domain.refusals import Refusal

BEGUN_LIFE = dt.timedelta(minutes=10)
"""How long somebody may take at the provider's page."""
NAMED_LIFE = dt.timedelta(minutes=5)
"""How long what the provider said may wait for the second factor."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Only such as need the provider's own key to sign: never ``none``, never a secret that we know, too."""
_SKEW = dt.timedelta(minutes=2)
_OLDEST = dt.timedelta(minutes=10)
_LONGEST_NUMBER = 64
_LONGEST_PATH = 500
_PLAIN_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody was sent to the provider; kept in their own browser, sealed. ``onward``: where they were going."""

    state: str
    nonce: str
    verifier: str
    onward: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Named:
    """The provider's answer, for the same browser to come in with: an account's number, or why not."""

    number: str
    refused: str
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows us as. ``claim``: which of its claims is the account's number."""

    issuer: str
    client_id: str
    scopes: str
    claim: str


def challenge(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def local_path(text: str) -> str:
    """Where to go on to; "/" for what leads anywhere else than to a page of ours."""
    plain = text.isprintable() and "\\" not in text and len(text) <= _LONGEST_PATH
    return text if plain and text.startswith("/") and not text.startswith("//") else "/"


def is_trusted_url(url: str) -> bool:
    """https, or plain on this very machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return (
        bool(host)
        and not parts.username
        and (parts.scheme == "https" or (parts.scheme == "http" and host in _PLAIN_HOSTS))
    )


def request_url(endpoint: str, client: Client, begun: Begun, redirect_uri: str, *, fresh: bool) -> str:
    """The authorization request. ``fresh``: the provider shall ask who is there, although it may know somebody."""
    asked = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": client.scopes,
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    if fresh:
        asked["prompt"] = "login"
    return endpoint + ("&" if urlsplit(endpoint).query else "?") + urlencode(asked)


def code_of(answer: Mapping[str, str], begun: Begun | None, issuer: str, now: dt.datetime) -> str:
    """The authorization code that came back, to the browser that was sent.

    Raises ``provider_stale`` (another browser, or too late), ``provider_refused``, ``provider_untrusted``.
    """
    if begun is None or begun.expires_at <= now:
        raise Refusal("provider_stale", "nobody was sent from this browser, or too long ago")
    if not _same(answer.get("state", ""), begun.state):
        raise Refusal("provider_stale", "another state")
    if "iss" in answer and answer["iss"] != issuer:
        raise Refusal("provider_untrusted", "answered by another issuer")  # RFC 9207, 2.4
    if "error" in answer:
        raise Refusal("provider_refused", answer["error"][:80])
    if not answer.get("code"):
        raise Refusal("provider_refused", "no code")
    return answer["code"]


def subject_of(claims: Mapping[str, object], client: Client, nonce: str, now: dt.datetime) -> str:
    """Whom an ID token is about whose signature was right (Core 3.1.3.7). Raises ``provider_untrusted``."""
    _check(claims.get("iss") == client.issuer, "issuer")
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    _check(client.client_id in listed, "audience")
    party = claims.get("azp")
    _check(party == client.client_id if party is not None else len(listed) == 1, "authorized party")
    expires, issued = _seconds(claims.get("exp")), _seconds(claims.get("iat"))
    at = now.timestamp()
    _check(expires is not None and at < expires + _SKEW.total_seconds(), "expired")
    _check(issued is not None and at - _OLDEST.total_seconds() < issued < at + _SKEW.total_seconds(), "issued")
    said = claims.get("nonce")
    _check(isinstance(said, str) and _same(said, nonce), "nonce")
    subject = claims.get("sub")
    _check(isinstance(subject, str) and bool(subject), "subject")
    return str(subject)


def more_of(told: Mapping[str, object], subject: str) -> Mapping[str, object]:
    """What it tells beside the token, of the same one (Core 5.3.2). Raises ``provider_untrusted``."""
    _check(told.get("sub") == subject, "told of somebody else")
    return told


def number_in(claims: Mapping[str, object], claim: str) -> str:
    """The account's number. Raises ``provider_account_unknown`` when it is not said."""
    number = claims.get(claim)
    if not isinstance(number, str) or not 0 < len(number.strip()) <= _LONGEST_NUMBER or not number.isprintable():
        raise Refusal("provider_account_unknown", f"no usable claim {claim}"[:80])
    return number.strip()


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise Refusal("provider_untrusted", what)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode())


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
