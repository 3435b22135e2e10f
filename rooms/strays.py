"""Authentic media from an address that nobody has checked from: whose it is, by the peers of that host.

Only of the same host: a client that got another port is by far the commonest, and whoever else comes from elsewhere is
found by its own checks. What it costs is bounded: noise from one host is tried against few peers, and not for ever.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict

from rooms.guard import MAX_DATAGRAM_BYTES, Address, TcpAddress
from rooms.peer import Peer
from rooms.srtp import SrtpError

MOST_TRIES = 64
TRIES_PER_SECOND = 2000
REMEMBERED = 256
# Somebody that is heard elsewhere is not here. A publisher is silent for so long only when something is wrong.
QUIET_MS = 100.0
_LEAST_SRTP_BYTES = 20


class Strays:
    """``at``: where authentic media comes from, of whom, until it is bound there."""

    def __init__(self) -> None:
        self.at: OrderedDict[Address, Peer] = OrderedDict()
        self._of_host: dict[str, dict[Peer, None]] = {}
        self._tries, self._second_ms = 0, 0.0

    def bound(self, peer: Peer, source: Address) -> None:
        self.at.pop(source, None)
        self._of_host.setdefault(source[0], {})[peer] = None

    def left(self, peer: Peer, source: Address) -> None:
        """``source`` is not its address any more."""
        if all(address[0] != source[0] for address in peer.addresses):
            self._take_away(peer, source[0])

    def forget(self, peer: Peer) -> None:
        for address in [address for address, owner in self.at.items() if owner is peer]:
            del self.at[address]
        for host in {address[0] for address in peer.addresses}:
            self._take_away(peer, host)

    def _take_away(self, peer: Peer, host: str) -> None:
        peers = self._of_host.get(host)
        if peers is not None:
            peers.pop(peer, None)
            if not peers:
                del self._of_host[host]

    def find(self, datagram: bytes, source: Address, now_ms: float) -> Peer | None:
        """Who this authentic packet is of; it has been taken. None, and nothing has changed, for everything else."""
        if not 127 < datagram[0] < 192 or not _LEAST_SRTP_BYTES <= len(datagram) <= MAX_DATAGRAM_BYTES:
            return None
        peers = self._of_host.get(source[0])
        if peers is None or isinstance(source, TcpAddress):
            return None
        quiet = [peer for peer in peers if now_ms - peer.heard_ms >= QUIET_MS][:MOST_TRIES]
        for peer in quiet:
            if not self._may_try(now_ms):
                return None
            del peers[peer]  # the next one begins with those that were not tried
            peers[peer] = None
            if _takes(peer, datagram, now_ms):
                self._remember(peer, source)
                return peer
        return None

    def _remember(self, peer: Peer, source: Address) -> None:
        self.at[source] = peer
        if len(self.at) > REMEMBERED:
            self.at.popitem(last=False)

    def _may_try(self, now_ms: float) -> bool:
        if now_ms - self._second_ms >= 1000:
            self._tries, self._second_ms = 0, now_ms
        self._tries += 1
        return self._tries <= TRIES_PER_SECOND


def _takes(peer: Peer, datagram: bytes, now_ms: float) -> bool:
    """It is the peer's; when it was malformed that cost the packet."""
    with contextlib.suppress(*SrtpError):
        peer.on_srtp(datagram, now_ms)
    return peer.heard_ms == now_ms
