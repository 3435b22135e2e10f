"""Tickets and grants as text that only this installation can have made.

Tickets are JWTs (RFC 7519, HS256) so that any WHIP client can carry one as its bearer token (RFC 9725, 4.5). A grant
stands in the path of HLS files, ``<expiry>-<account>-<mac>``, so that a proxy in front may verify it by itself.
A sign-in code is short, to be a QR code that the last row can scan: 16 bytes of venue, 4 of time slot, 12 of MAC.
A leaf above ``domain``, used by ``web`` and ``live``.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
import json
import os
import secrets
import struct
import uuid
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from server.domain.access_codes import DIGITS, CodeKind
from server.domain.identity import Begun, Named
from server.domain.refusals import Refusal
from server.domain.sign_ins import Claim
from server.domain.tickets import (
    PageGrant,
    PlayGrant,
    Playing,
    PublishTicket,
    ReturnTicket,
    SocketTicket,
    Ticket,
    WatchTicket,
)

_KEY_BYTES = 32
_LONGEST_TOKEN = 4096
_KINDS: dict[str, type[Ticket]] = {
    "publish": PublishTicket,
    "watch": WatchTicket,
    "return": ReturnTicket,
    "socket": SocketTicket,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def load_key(folder: Path, name: str) -> bytes:
    """The installation's secret of that name, made at first use. Two processes that race get the same one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{path} is not a key of {_KEY_BYTES} bytes")
    return key


def _make_key(path: Path) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(secrets.token_bytes(_KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(part, path)  # fails when somebody else was first, and theirs counts
    except FileExistsError:
        pass
    finally:
        part.unlink()


class TicketSeal:
    """A :class:`server.services.tickets.TicketSigner`."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)

    def sign(self, ticket: Ticket) -> str:
        claims = dataclasses.asdict(ticket)
        claims["exp"] = _seconds(claims.pop("expires_at"))
        return jwt.encode({"alg": "HS256"}, {"use": _NAMES[type(ticket)], **claims}, self._key, algorithms=["HS256"])

    def read(self, token: str) -> Ticket:
        """What was sealed; whether it is still fresh is the domain's question. Raises ``ticket_invalid``."""
        if len(token) > _LONGEST_TOKEN:
            raise Refusal("ticket_invalid", "too long")
        try:
            claims = dict(jwt.decode(token, self._key, algorithms=["HS256"]).claims)
            kind = _KINDS[claims.pop("use")]
            return kind(expires_at=_moment(claims.pop("exp")), **claims)
        except (JoseError, KeyError, TypeError, ValueError, UnicodeError) as error:
            raise Refusal("ticket_invalid", type(error).__name__) from None


class GrantSeal:
    """A :class:`server.services.tickets.GrantSigner`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign_grant(self, grant: PlayGrant) -> str:
        expiry = f"{_seconds(grant.expires_at):x}"
        account = _plain(grant.account_id)
        return f"{grant.kind}-{expiry}-{account}-{self._mac(grant.recording_id, grant.kind, expiry, account)}"

    def read_grant(self, text: str, recording_id: str) -> PlayGrant:
        """Raises ``grant_invalid``; whether it is still fresh is the domain's question."""
        parts = text.split("-")
        if len(parts) != 4 or len(text) > 400:
            raise Refusal("grant_invalid", "malformed")
        kind, expiry, account, mac = parts
        own = self._mac(recording_id, kind, expiry, account).encode()
        # A path of bytes that are no UTF-8 comes with surrogates.
        if not hmac.compare_digest(mac.encode("utf-8", "surrogatepass"), own):
            raise Refusal("grant_invalid", "wrong seal")
        return PlayGrant(recording_id, _unplain(account), Playing(kind), _moment(int(expiry, 16)))

    def _mac(self, recording_id: str, kind: str, expiry: str, account: str) -> str:
        message = "\n".join(("hls", recording_id, kind, expiry, account)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


_NO_LOGIN = "0"


class PageSeal:
    """A :class:`server.services.materials.PageSigner`: ``<all|shown>-<expiry>-<account>-<login>-<mac>``.

    The login by its digest, from which nobody gets the login; ``0`` for none.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sign_page(self, grant: PageGrant) -> str:
        reach = "all" if grant.whole else "shown"
        expiry, account = f"{_seconds(grant.expires_at):x}", _plain(grant.account_id)
        login = grant.login or _NO_LOGIN
        return f"{reach}-{expiry}-{account}-{login}-{self._mac(grant.material_id, reach, expiry, account, login)}"

    def read_page(self, text: str, material_id: str) -> PageGrant:
        """Raises ``grant_invalid``; whether it is still fresh is the domain's question."""
        parts = text.split("-")
        if len(parts) != 5 or len(text) > 400:
            raise Refusal("grant_invalid", "malformed")
        reach, expiry, account, login, mac = parts
        own = self._mac(material_id, reach, expiry, account, login).encode()
        if not hmac.compare_digest(mac.encode("utf-8", "surrogatepass"), own):
            raise Refusal("grant_invalid", "wrong seal")
        named = None if login == _NO_LOGIN else login
        return PageGrant(material_id, _unplain(account), reach == "all", _moment(int(expiry, 16)), named)

    def _mac(self, material_id: str, reach: str, expiry: str, account: str, login: str) -> str:
        message = "\n".join(("pages", material_id, reach, expiry, account, login)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


_CLAIM = struct.Struct(">16sI")
_CLAIM_MAC_BYTES = 12
_NONCE_BYTES = 12


class SignInSeal:
    """A :class:`server.services.sign_in_codes.SignInSigner`."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, lesson_id: str, claim: Claim) -> str:
        body = _CLAIM.pack(uuid.UUID(claim.lesson_venue_id).bytes, claim.slot)
        return base64.urlsafe_b64encode(body + self._mac(b"qr", lesson_id, body)).decode().rstrip("=")

    def read(self, token: str) -> Claim:
        """What the code says; nobody knows yet whether it is true. Raises ``sign_in_code_invalid``."""
        body, _ = _opened(token)
        venue, slot = _CLAIM.unpack(body)
        return Claim(str(uuid.UUID(bytes=venue)), slot)

    def check(self, token: str, lesson_id: str) -> None:
        """Raises ``sign_in_code_invalid`` unless it was made here for this lesson."""
        body, mac = _opened(token)
        if not hmac.compare_digest(mac, self._mac(b"qr", lesson_id, body)):
            raise Refusal("sign_in_code_invalid", "wrong seal")

    def digits(self, lesson_id: str, claim: Claim) -> str:
        """Six of them, for who types."""
        body = _CLAIM.pack(uuid.UUID(claim.lesson_venue_id).bytes, claim.slot)
        return f"{int.from_bytes(self._mac(b'digits', lesson_id, body)) % 1_000_000:06}"

    def _mac(self, use: bytes, lesson_id: str, body: bytes) -> bytes:
        message = b"\n".join((b"sign-in", use, lesson_id.encode(), body))
        return hmac.digest(self._key, message, "sha256")[:_CLAIM_MAC_BYTES]


class AccessCodeSeal:
    """A :class:`server.services.activation.CodeSealer`. A code is reckoned from the command that issues it."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, kind: CodeKind, account_id: str, command_id: str) -> str:
        mac = self._mac(b"code", kind, account_id, command_id)
        return f"{int.from_bytes(mac) % 10 ** DIGITS[kind]:0{DIGITS[kind]}}"

    def digest(self, kind: CodeKind, account_id: str, code: str) -> str:
        return self._mac(b"digest", kind, account_id, code).hex()

    def _mac(self, use: bytes, *parts: str) -> bytes:
        return hmac.digest(self._key, b"\n".join((b"access", use, *(part.encode() for part in parts))), "sha256")


class PairingSeal:
    """A :class:`server.services.pairing.PairingSealer`: eight letters alone would be found by trying them all."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, code: str) -> str:
        return hmac.digest(self._key, f"pairing\n{code}".encode(), "sha256").hex()


class SecretSeal:
    """A :class:`server.services.second_factors.SecretSealer`: AES-256-GCM, bound to the account."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(hmac.digest(key, b"seal", "sha256"))

    def close(self, account_id: str, secret: bytes) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret, account_id.encode())).decode()

    def open(self, account_id: str, sealed: str) -> bytes:
        content = base64.b64decode(sealed)
        return self._cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], account_id.encode())

    def digest(self, account_id: str, code: str) -> str:
        return hmac.digest(self._key, f"recovery\n{account_id}\n{code}".encode(), "sha256").hex()


class BrowserSeal:
    """What a browser keeps for us and can neither read nor change: AES-256-GCM, bound to what it is for."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(key, b"browser", "sha256"))

    def close(self, kept: Begun | Named) -> str:
        fields = dataclasses.asdict(kept)
        fields["expires_at"] = _seconds(kept.expires_at)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, json.dumps(fields).encode(), type(kept).__name__.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def begun(self, text: str) -> Begun | None:
        fields = self._fields(text, Begun)
        return None if fields is None else Begun(**fields)

    def named(self, text: str) -> Named | None:
        fields = self._fields(text, Named)
        return None if fields is None else Named(**fields)

    def _fields(self, text: str, kind: type) -> dict[str, Any] | None:
        """None for what was not sealed here, or for another use."""
        if len(text) > _LONGEST_TOKEN:
            return None
        try:
            content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            plain = self._cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], kind.__name__.encode())
        except (InvalidTag, ValueError):
            return None
        fields: dict[str, Any] = json.loads(plain)
        fields["expires_at"] = _moment(fields["expires_at"])
        return fields


def _opened(token: str) -> tuple[bytes, bytes]:
    """Body and MAC. One code has one spelling. Raises ``sign_in_code_invalid``."""
    size = _CLAIM.size + _CLAIM_MAC_BYTES
    try:
        content = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Refusal("sign_in_code_invalid", "not base64") from None
    if len(content) != size or base64.urlsafe_b64encode(content).decode().rstrip("=") != token:
        raise Refusal("sign_in_code_invalid", "malformed")
    return content[: _CLAIM.size], content[_CLAIM.size :]


def _plain(text: str) -> str:
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def _unplain(text: str) -> str:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8)).decode()


def _seconds(moment: dt.datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: Any) -> dt.datetime:  # noqa: ANN401 - a claim of any type
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("exp")
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
