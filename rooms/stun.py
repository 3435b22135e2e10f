"""ICE-lite (RFC 8445, 2.5): we answer authenticated connectivity checks and never send one.

The codec is our own because consent checks (RFC 7675) come every few seconds from every viewer; the tests
hold it against aioice's. Only binding requests exist for us; anything else is somebody's mistake.
"""

from __future__ import annotations

import hmac
import secrets
import socket
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from rooms.guard import Address

COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_RESPONSE = 0x0001, 0x0101
USERNAME, MESSAGE_INTEGRITY, PRIORITY, USE_CANDIDATE = 0x0006, 0x0008, 0x0024, 0x0025
XOR_MAPPED_ADDRESS, FINGERPRINT = 0x0020, 0x8028
FINGERPRINT_XOR = 0x5354554E
MAX_ATTRIBUTES = 32
IPV4_MAPPED = bytes(10) + b"\xff\xff"  # RFC 4291, 2.5.5.2

# The lean path of a consent check: datagram, our user fragment, password and ``mapped_address`` of where it came from
# give what :func:`build_binding_response` would, or None for anything that is not plainly an authentic check.
AnswerCheck = Callable[[bytes, bytes, bytes, bytes], bytes | None]

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")


@dataclass(frozen=True, slots=True)
class BindingRequest:
    """A well-formed check, not yet authenticated. ``signed`` and ``signature`` are what integrity covers."""

    transaction_id: bytes
    local_ufrag: str
    use_candidate: bool
    signed: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """Our side of one ICE session (RFC 8839, 5.4: at least 24 and 128 bits of randomness)."""

    ufrag: str
    password: str

    @classmethod
    def fresh(cls, prefix: str = "") -> Credentials:
        return cls(prefix + secrets.token_hex(6), secrets.token_hex(16))


def parse_binding_request(datagram: bytes) -> BindingRequest:
    """Raises ``ValueError`` on anything but a whole binding request with integrity and a right fingerprint."""
    if len(datagram) < _HEADER.size:
        raise ValueError("STUN message is shorter than its header")
    kind, length, cookie, transaction_id = _HEADER.unpack_from(datagram)
    if kind != BINDING_REQUEST or cookie != COOKIE or length != len(datagram) - _HEADER.size:
        raise ValueError("not a binding request of the stated length")
    username, use_candidate = b"", False
    signed, signature = b"", b""
    fingerprinted = False
    at = _HEADER.size
    for _ in range(MAX_ATTRIBUTES):
        if at >= len(datagram):
            break
        attribute, size = _ATTRIBUTE.unpack_from(datagram, at) if at + 4 <= len(datagram) else (0, 1 << 16)
        value = datagram[at + 4 : at + 4 + size]
        if len(value) != size:
            raise ValueError("STUN attribute is cut")
        if attribute == FINGERPRINT:
            _check_fingerprint(datagram, at, value)
            fingerprinted = True
        elif signature:
            pass  # RFC 8489, 14.5: what follows MESSAGE-INTEGRITY is ignored
        elif attribute == MESSAGE_INTEGRITY:
            signed, signature = _with_length(datagram, at + 24), value
        elif attribute == USERNAME:
            username = value
        elif attribute == USE_CANDIDATE:
            use_candidate = True
        at += 4 + size + (-size % 4)
    if len(signature) != 20 or b":" not in username or not fingerprinted:
        raise ValueError("connectivity check without integrity, user name or fingerprint")
    local_ufrag = username.split(b":", 1)[0].decode("ascii")
    return BindingRequest(transaction_id, local_ufrag, use_candidate, signed, signature)


def transaction_of(request: bytes) -> bytes:
    """Of a whole message."""
    return request[_HEADER.size - 12 : _HEADER.size]


def _with_length(datagram: bytes, end: int) -> bytes:
    """The message up to the attribute that ends at ``end`` (24 bytes of it not included), length adjusted."""
    return datagram[:2] + (end - _HEADER.size).to_bytes(2, "big") + datagram[4 : end - 24]


def _check_fingerprint(datagram: bytes, at: int, value: bytes) -> None:
    expected = zlib.crc32(datagram[:at]) ^ FINGERPRINT_XOR
    if value != expected.to_bytes(4, "big") or at + 8 != len(datagram):
        raise ValueError("STUN fingerprint is wrong")


def authentic(request: BindingRequest, password: str) -> bool:
    digest = hmac.digest(password.encode("ascii"), request.signed, "sha1")
    return hmac.compare_digest(digest, request.signature)


def build_binding_response(transaction_id: bytes, source: Address, password: str) -> bytes:
    """A success response with XOR-MAPPED-ADDRESS, integrity and fingerprint (RFC 8489, 6.3.1)."""
    mapped = _xor_address(source, transaction_id)
    attributes = _ATTRIBUTE.pack(XOR_MAPPED_ADDRESS, len(mapped)) + mapped
    head = _HEADER.pack(BINDING_RESPONSE, len(attributes) + 24, COOKIE, transaction_id)
    signature = hmac.digest(password.encode("ascii"), head + attributes, "sha1")
    attributes += _ATTRIBUTE.pack(MESSAGE_INTEGRITY, 20) + signature
    message = _HEADER.pack(BINDING_RESPONSE, len(attributes) + 8, COOKIE, transaction_id) + attributes
    checksum = zlib.crc32(message) ^ FINGERPRINT_XOR
    return message + _ATTRIBUTE.pack(FINGERPRINT, 4) + checksum.to_bytes(4, "big")


def mapped_address(source: Address) -> bytes:
    """The value of MAPPED-ADDRESS (RFC 8489, 14.1). An IPv4 address on a dual-stack socket is told as IPv4."""
    host = source[0].split("%", 1)[0]
    packed = socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    packed = packed.removeprefix(IPV4_MAPPED)
    return struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, source[1]) + packed


def _xor_address(source: Address, transaction_id: bytes) -> bytes:
    """RFC 8489, 14.2: all but the family is masked by cookie and transaction id."""
    mapped = mapped_address(source)
    cookie = COOKIE.to_bytes(4, "big")
    pad = (bytes(2) + cookie[:2] + cookie + transaction_id)[: len(mapped)]
    return (int.from_bytes(mapped, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(mapped), "big")
