"""Tickets and grants as text that only this installation can have made.

Tickets are JWTs (RFC 7519, HS256) so that any WHIP client can carry one as its bearer token (RFC 9725, 4.5). A grant
stands in the path of HLS files, ``<expiry>-<account>-<mac>``, so that a proxy in front may verify it by itself.
A leaf above ``domain``, used by ``web`` and ``live``.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from server.domain.refusals import Refusal
from server.domain.tickets import PlayGrant, Playing, PublishTicket, SocketTicket, Ticket, WatchTicket

_KEY_BYTES = 32
_LONGEST_TOKEN = 4096
_KINDS: dict[str, type[Ticket]] = {"publish": PublishTicket, "watch": WatchTicket, "socket": SocketTicket}
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
        if not hmac.compare_digest(mac.encode(), self._mac(recording_id, kind, expiry, account).encode()):
            raise Refusal("grant_invalid", "wrong seal")
        return PlayGrant(recording_id, _unplain(account), Playing(kind), _moment(int(expiry, 16)))

    def _mac(self, recording_id: str, kind: str, expiry: str, account: str) -> str:
        message = "\n".join(("hls", recording_id, kind, expiry, account)).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


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
