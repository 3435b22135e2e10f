"""The guard in front of every parser: what it drops costs nobody anything but the datagram."""

from __future__ import annotations

import enum
import socket
import zlib
from collections import Counter, OrderedDict
from typing import NamedTuple

MAX_DATAGRAM_BYTES = 1500
STRANGERS_PER_SECOND, STRANGERS_BURST = 4000.0, 8000.0
REMEMBERED_SOURCES = 8192
# RFC 8489, section 5 and 14.7: every STUN message carries the cookie, a connectivity check ends with its fingerprint.
_COOKIE = bytes.fromhex("2112a442")
_FINGERPRINT = bytes.fromhex("80280004")
_FINGERPRINT_XOR = 0x5354554E
_LEAST_CHECK_BYTES = 28


class TcpAddress(NamedTuple):
    """Who is at the other end of an ICE-TCP connection. ``number`` tells its connections apart for ever."""

    host: str
    port: int
    number: int


# As the socket module makes them; over IPv6 there are two more fields.
Address = tuple[str, int] | TcpAddress

_IPV4_MAPPED = "::ffff:"  # RFC 4291, 2.5.5.2: an IPv4 address on a dual-stack socket


def network_of(host: str) -> str:
    """What one subscriber has: an IPv4 address, or the 64 bits before the interface identifier (RFC 4291, 2.5.1)."""
    bare = host.split("%", 1)[0]
    if "." in bare:
        return bare.removeprefix(_IPV4_MAPPED)
    try:
        return socket.inet_pton(socket.AF_INET6, bare)[:8].hex()
    except OSError:
        return bare


class Kind(enum.Enum):
    """RFC 7983, section 7: the first byte tells the protocols of one port apart."""

    STUN = "stun"
    DTLS = "dtls"
    RTP = "rtp"


class Standing(NamedTuple):
    """Whose address it is: how many datagrams a second it may send, and how many at once."""

    per_second: float
    burst: float


STRANGER = Standing(50.0, 100.0)
# All strangers of one network: a hall of phones behind one address, or in one IPv6 /64, comes in at once. Whoever has
# many addresses there (anybody has 2^64 over IPv6) shares them with himself.
STRANGERS_OF_NETWORK = Standing(2000.0, 4000.0)
# A viewer only reports, asks again and keeps its consent: far less than 200 a second.
VIEWER = Standing(300.0, 600.0)
# Its media: 4 Mbit/s are about 500 packets a second, with repairs, and room kits send more.
PUBLISHER = Standing(4000.0, 8000.0)


class _Bucket:
    """A token bucket in milliseconds."""

    __slots__ = ("at_ms", "tokens")

    def __init__(self, burst: float, now_ms: float) -> None:
        self.tokens = burst
        self.at_ms = now_ms

    def take(self, per_second: float, burst: float, now_ms: float) -> bool:
        self.tokens = min(burst, self.tokens + (now_ms - self.at_ms) * per_second / 1000)
        self.at_ms = now_ms
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


def kind_of(datagram: bytes) -> Kind | None:
    first = datagram[0]
    if first < 4:
        return Kind.STUN
    if 19 < first < 64:
        return Kind.DTLS
    if 127 < first < 192:
        return Kind.RTP
    return None


def looks_like_a_check(datagram: bytes) -> bool:
    """Cookie and fingerprint are right: nobody's noise, and no scanner's first try."""
    if len(datagram) < _LEAST_CHECK_BYTES or datagram[4:8] != _COOKIE or datagram[-8:-4] != _FINGERPRINT:
        return False
    return zlib.crc32(datagram[:-8]) ^ _FINGERPRINT_XOR == int.from_bytes(datagram[-4:], "big")


class Guard:
    """Admits a datagram or counts why not. The table of sources is bounded: the longest silent one goes."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._sources: OrderedDict[Address | str, _Bucket] = OrderedDict()  # by address; strangers' by network, too
        self._strangers: _Bucket | None = None

    def admit(self, datagram: bytes, source: Address, standing: Standing, now_ms: float) -> Kind | None:
        """All but strangers have bound the source address by an authenticated connectivity check.

        What strangers share is charged only for what looks like a check: noise must not shut out who comes next.
        """
        if not datagram:
            return self._refused("empty")
        if len(datagram) > MAX_DATAGRAM_BYTES:
            return self._refused("oversized")
        kind = kind_of(datagram)
        if kind is None:
            return self._refused("unknown_protocol")
        if standing is STRANGER and not looks_like_a_check(datagram):
            return self._refused("no_check" if kind is Kind.STUN else "unknown_address")
        if not self._within_rate(source, standing, now_ms):
            return self._refused("over_rate")
        return kind

    def _refused(self, reason: str) -> Kind | None:
        self.drop(reason)
        return None

    def drop(self, reason: str) -> None:
        self.dropped[reason] += 1

    def _within_rate(self, source: Address, standing: Standing, now_ms: float) -> bool:
        if standing is not STRANGER:
            return self._bucket(source, standing, now_ms).take(*standing, now_ms)
        return (
            self._stranger_within(source, standing, now_ms)
            and self._stranger_within(network_of(source[0]), STRANGERS_OF_NETWORK, now_ms)
            and self._strangers_within_rate(now_ms)
        )

    def _stranger_within(self, source: Address | str, standing: Standing, now_ms: float) -> bool:
        bucket = self._bucket(source, standing, now_ms)
        self._sources.move_to_end(source)
        return bucket.take(*standing, now_ms)

    def _bucket(self, source: Address | str, standing: Standing, now_ms: float) -> _Bucket:
        bucket = self._sources.get(source)
        if bucket is None:
            bucket = self._sources[source] = _Bucket(standing.burst, now_ms)
            if len(self._sources) > REMEMBERED_SOURCES:
                self._sources.popitem(last=False)
        return bucket

    def _strangers_within_rate(self, now_ms: float) -> bool:
        if self._strangers is None:
            self._strangers = _Bucket(STRANGERS_BURST, now_ms)
        return self._strangers.take(STRANGERS_PER_SECOND, STRANGERS_BURST, now_ms)
