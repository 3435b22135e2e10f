"""The second factor: six digits that change every 30 s (TOTP, RFC 6238 over HOTP, RFC 4226), and recovery codes."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import struct
from dataclasses import dataclass
from urllib.parse import quote

STEP = dt.timedelta(seconds=30)
DIGITS = 6
WINDOW = 1
"""Steps to either side that count, for clocks that differ and people who type slowly (RFC 6238, 5.2)."""
SECRET_BYTES = 20
RECOVERY_CODES, RECOVERY_DIGITS = 10, 10


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """``secret`` is sealed. ``confirmed_at`` None: shown, and not in force yet. ``last_step``: none up to it counts
    again. ``recovery``: digests of the codes that are left.
    """

    account_id: str
    secret: str
    enrolled_at: dt.datetime
    confirmed_at: dt.datetime | None = None
    last_step: int = 0
    recovery: tuple[str, ...] = ()


def step_at(now: dt.datetime) -> int:
    return int(now.timestamp()) // int(STEP.total_seconds())


def code_of(secret: bytes, step: int) -> str:
    """RFC 4226, 5.3: dynamic truncation of HMAC-SHA-1."""
    mac = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(secret: bytes, code: str, last_step: int, now: dt.datetime) -> int | None:
    """The step whose code this is; None: wrong, or of a step that was used (RFC 6238, 5.2: one use only)."""
    here = step_at(now)
    fitting = [s for s in range(here - WINDOW, here + WINDOW + 1) if hmac.compare_digest(code_of(secret, s), code)]
    return next((step for step in fitting if step > last_step), None)


def uri_of(secret: bytes, issuer: str, number: str) -> str:
    """For an authenticator's camera (the key URI format)."""
    label = f"{quote(issuer, safe='')}:{quote(number, safe='')}"
    return f"otpauth://totp/{label}?secret={shown(secret)}&issuer={quote(issuer, safe='')}"


def shown(secret: bytes) -> str:
    """For who types it."""
    return base64.b32encode(secret).decode().rstrip("=")
