"""The guard in front of every parser: what it drops costs nobody anything but the datagram."""

from __future__ import annotations

import enum
from collections import Counter, OrderedDict

MAX_DATAGRAM_BYTES = 1500
KNOWN_PER_SECOND, KNOWN_BURST = 4000.0, 8000.0
STRANGER_PER_SECOND, STRANGER_BURST = 50.0, 100.0
STRANGERS_PER_SECOND, STRANGERS_BURST = 4000.0, 8000.0
REMEMBERED_SOURCES = 8192

Address = tuple[str, int]


class Kind(enum.Enum):
    """RFC 7983, section 7: the first byte tells the protocols of one port apart."""

    STUN = "stun"
    DTLS = "dtls"
    RTP = "rtp"


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


class Guard:
    """Admits a datagram or counts why not. The table of sources is bounded: the longest silent one goes."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._sources: OrderedDict[Address, _Bucket] = OrderedDict()
        self._strangers: _Bucket | None = None

    def admit(self, datagram: bytes, source: Address, known: bool, now_ms: float) -> Kind | None:
        """``known``: the source address was bound by an authenticated connectivity check."""
        if not datagram:
            return self._refused("empty")
        if len(datagram) > MAX_DATAGRAM_BYTES:
            return self._refused("oversized")
        kind = kind_of(datagram)
        if kind is None:
            return self._refused("unknown_protocol")
        if not known and kind is not Kind.STUN:
            return self._refused("unknown_address")
        if not self._within_rate(source, known, now_ms):
            return self._refused("over_rate")
        return kind

    def _refused(self, reason: str) -> Kind | None:
        self.drop(reason)
        return None

    def drop(self, reason: str) -> None:
        self.dropped[reason] += 1

    def _within_rate(self, source: Address, known: bool, now_ms: float) -> bool:
        rate, burst = (KNOWN_PER_SECOND, KNOWN_BURST) if known else (STRANGER_PER_SECOND, STRANGER_BURST)
        bucket = self._sources.get(source)
        if bucket is None:
            bucket = self._sources[source] = _Bucket(burst, now_ms)
            if len(self._sources) > REMEMBERED_SOURCES:
                self._sources.popitem(last=False)
        elif not known:
            self._sources.move_to_end(source)
        return bucket.take(rate, burst, now_ms) and (known or self._strangers_within_rate(now_ms))

    def _strangers_within_rate(self, now_ms: float) -> bool:
        if self._strangers is None:
            self._strangers = _Bucket(STRANGERS_BURST, now_ms)
        return self._strangers.take(STRANGERS_PER_SECOND, STRANGERS_BURST, now_ms)
