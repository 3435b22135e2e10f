"""From a datagram to the peer that it belongs to: the guard, then the address, then the right parser.

Any exception of any type inside a parser costs one packet, which is counted.
"""

from __future__ import annotations

import logging

from rooms import stun
from rooms.guard import STRANGER, Address, Guard, Kind
from rooms.peer import Peer

_LOG = logging.getLogger(__name__)


class Demultiplexer:
    """Addresses are bound by authenticated checks only.

    A check's source can be forged by whoever has a session of its own: it wins an address only from a peer that has
    not checked from there for a while. Else one datagram would cut a lecturer off, or turn a stream upon somebody.
    """

    def __init__(self) -> None:
        self.guard = Guard()
        self.received = 0
        self._by_address: dict[Address, Peer] = {}
        self._by_ufrag: dict[str, Peer] = {}

    def register(self, peer: Peer) -> None:
        """Call again after an ICE restart: credentials that were retired no longer lead to the peer."""
        self._retire(peer)
        for credentials in peer.credentials:
            self._by_ufrag[credentials.ufrag] = peer

    def _retire(self, peer: Peer) -> None:
        retired, peer.retired = peer.retired, []
        for ufrag in retired:
            self._by_ufrag.pop(ufrag, None)

    def forget(self, peer: Peer) -> None:
        self._retire(peer)
        for credentials in peer.credentials:
            self._by_ufrag.pop(credentials.ufrag, None)
        for address in peer.addresses:
            if self._by_address.get(address) is peer:
                del self._by_address[address]

    def peer_at(self, address: Address) -> Peer | None:
        """Whose address it is."""
        return self._by_address.get(address)

    def on_datagram(self, datagram: bytes, source: Address, now_ms: float) -> None:
        self.received += 1
        peer = self._by_address.get(source)
        kind = self.guard.admit(datagram, source, STRANGER if peer is None else peer.standing, now_ms)
        if kind is None:
            return
        try:
            if kind is Kind.STUN:
                if peer is None or not peer.lean_check(datagram, source, now_ms):
                    self._on_stun(datagram, source, now_ms)
            elif peer is None:
                self.guard.drop("unknown_address")
            elif kind is Kind.RTP:
                peer.on_srtp(datagram, now_ms)
            else:
                peer.on_dtls(datagram, source, now_ms)
        except Exception:  # noqa: BLE001 - the guard's promise: whatever a parser raises costs one packet
            self.guard.drop(f"bad_{kind.value}")
            _LOG.debug("a datagram could not be taken", exc_info=True)

    def _on_stun(self, datagram: bytes, source: Address, now_ms: float) -> None:
        request = stun.parse_binding_request(datagram)
        peer = self._by_ufrag.get(request.local_ufrag)
        if peer is None:
            self.guard.drop("unknown_session")
            return
        holder = self._by_address.get(source)
        if holder is not None and holder is not peer and holder.holds(source, now_ms):
            self.guard.drop("address_taken")
            return
        before = tuple(peer.addresses)
        if not peer.on_check(request, source, now_ms):
            self.guard.drop("replayed" if peer.has_seen(request) else "bad_integrity")
            return
        self._by_address[source] = peer
        if peer.retired:
            self._retire(peer)
        for address in before:
            if address not in peer.addresses and self._by_address.get(address) is peer:
                del self._by_address[address]
