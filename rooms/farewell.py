"""What is kept of a DTLS connection once media flows: our goodbye, sealed in advance, and keys to believe the peer's.

Everything else of it (95 KiB of OpenSSL's buffers a connection) has no more to do: SRTP has its own keys, nothing is
sent over DTLS, and after the handshake only alerts are listened to (docs/decisions/0010).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# The one that every browser takes; what another cipher needs is not worth a second implementation.
PROTOCOL, CIPHER = "DTLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"
ALERT, RECORD_HEADER_BYTES = 21, 13
CLOSE_NOTIFY, FATAL = 0, 2
KEY_BYTES, SALT_BYTES, EXPLICIT_NONCE_BYTES, TAG_BYTES, ALERT_BYTES = 16, 4, 8, 16, 2
_SEALED_BYTES = EXPLICIT_NONCE_BYTES + ALERT_BYTES + TAG_BYTES


@dataclass(frozen=True, slots=True)
class Farewell:
    """``ours``: datagrams that say close_notify, good for one use. ``key`` and ``salt`` open what the client sends."""

    ours: Sequence[bytes]
    key: bytes
    salt: bytes

    @classmethod
    def of(cls, ours: Sequence[bytes], master: bytes, client_random: bytes, server_random: bytes) -> Farewell:
        """From the secrets of a handshake that agreed on ``CIPHER`` (RFC 5246, 6.3; RFC 5288, 3)."""
        block = _expanded(master, b"key expansion" + server_random + client_random, 2 * (KEY_BYTES + SALT_BYTES))
        return cls(ours, block[:KEY_BYTES], block[2 * KEY_BYTES : 2 * KEY_BYTES + SALT_BYTES])

    def is_theirs(self, record: bytes) -> bool:
        """Whether a record is an authentic alert that ends the connection: close_notify, or a fatal one."""
        if len(record) != RECORD_HEADER_BYTES + _SEALED_BYTES or record[0] != ALERT:
            return False
        # RFC 6347, 4.1.2.1: epoch and sequence number of the record instead of TLS's counter.
        additional = record[3:11] + record[:3] + ALERT_BYTES.to_bytes(2, "big")
        explicit, sealed = record[13 : 13 + EXPLICIT_NONCE_BYTES], record[13 + EXPLICIT_NONCE_BYTES :]
        try:
            level, description = AESGCM(self.key).decrypt(self.salt + explicit, sealed, additional)
        except InvalidTag:
            return False
        return description == CLOSE_NOTIFY or level == FATAL


def _expanded(secret: bytes, seed: bytes, length: int) -> bytes:
    """The pseudo-random function of TLS 1.2 (RFC 5246, 5), label and seed joined."""
    out, step = b"", seed
    while len(out) < length:
        step = hmac.digest(secret, step, "sha256")
        out += hmac.digest(secret, step + seed, "sha256")
    return out[:length]
