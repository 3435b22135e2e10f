"""Whether who sends authentic media from an address that nobody checked from is there: a check of ours asks.

A translator that forgot its table gives a client another port, and nobody tells it: Chromium finds out by its own next
check, up to seven seconds later, its next packet of media comes at once. That packet alone moves nothing (somebody on
the path could have copied it, with a false source, and would turn a stream upon it), but it is a reason to ask: a
binding request under the client's own password (RFC 8445, 7.2.2), which every full agent answers (7.3). Only the
answer, from there and under that password, moves the session. Pure.
"""

from __future__ import annotations

import hmac
import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from rooms.guard import Address
from rooms.stun import (
    BINDING_REQUEST,
    BINDING_RESPONSE,
    COOKIE,
    FINGERPRINT,
    FINGERPRINT_XOR,
    MAX_ATTRIBUTES,
    MESSAGE_INTEGRITY,
    PRIORITY,
    USERNAME,
)

AGAIN_MS, MOST_TIMES = 100.0, 10
ICE_CONTROLLED = 0x8029
_ANY_PRIORITY = (1 << 24).to_bytes(4, "big")
_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")


def is_answer(datagram: bytes) -> bool:
    return int.from_bytes(datagram[:2], "big") == BINDING_RESPONSE


@dataclass(slots=True)
class Question:
    """To one address, the same id each time, at most ``MOST_TIMES`` and ``AGAIN_MS`` apart."""

    source: Address
    username: str
    password: str
    transaction_id: bytes
    asked_ms: float = float("-inf")
    times: int = 0

    @classmethod
    def fresh(cls, source: Address, username: str, password: str) -> Question:
        """``username``: theirs before ours (RFC 8445, 7.2.2); ``password``: theirs."""
        return cls(source, username, password, secrets.token_bytes(12))

    def message(self, now_ms: float) -> bytes | None:
        """What to send now; None: not yet, or no more."""
        if self.times >= MOST_TIMES or now_ms - self.asked_ms < AGAIN_MS:
            return None
        self.times, self.asked_ms = self.times + 1, now_ms
        name = self.username.encode()
        body = _attribute(USERNAME, name) + _attribute(PRIORITY, _ANY_PRIORITY)
        body += _attribute(ICE_CONTROLLED, self.transaction_id[:8])
        signed = _HEADER.pack(BINDING_REQUEST, len(body) + 24, COOKIE, self.transaction_id) + body
        body += _attribute(MESSAGE_INTEGRITY, hmac.digest(self.password.encode(), signed, "sha1"))
        message = _HEADER.pack(BINDING_REQUEST, len(body) + 8, COOKIE, self.transaction_id) + body
        return message + _attribute(FINGERPRINT, (zlib.crc32(message) ^ FINGERPRINT_XOR).to_bytes(4, "big"))

    def answered_by(self, datagram: bytes, source: Address) -> bool:
        """Whether this is the answer: from there, of this id and under this password. Never raises."""
        if source != self.source or len(datagram) < _HEADER.size:
            return False
        kind, length, cookie, transaction_id = _HEADER.unpack_from(datagram)
        if (kind, cookie, length) != (BINDING_RESPONSE, COOKIE, len(datagram) - _HEADER.size):
            return False
        if transaction_id != self.transaction_id:
            return False
        for at, attribute, value in _attributes(datagram):
            if attribute == MESSAGE_INTEGRITY:
                head = datagram[:2] + (at + 24 - _HEADER.size).to_bytes(2, "big") + datagram[4:at]
                return hmac.compare_digest(hmac.digest(self.password.encode(), head, "sha1"), value)
        return False


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(datagram: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Where each begins, what it is, and its value; ends at the first that is cut."""
    at = _HEADER.size
    for _ in range(MAX_ATTRIBUTES):
        if at + _ATTRIBUTE.size > len(datagram):
            return
        kind, size = _ATTRIBUTE.unpack_from(datagram, at)
        value = datagram[at + 4 : at + 4 + size]
        if len(value) != size:
            return
        yield at, kind, value
        at += 4 + size + (-size % 4)
