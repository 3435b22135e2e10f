"""From a datagram to the peer that it belongs to: the guard, then the address, then the right parser.

Any exception of any type inside a parser costs one packet, which is counted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from rooms import stun
from rooms.guard import STRANGER, Address, Guard, Kind, kind_of
from rooms.peer import Peer
from rooms.question import is_answer
from rooms.strays import Strays

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
        self._strays = Strays()

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
        self._strays.forget(peer)
        for address in peer.addresses:
            self._unbind(peer, address)

    def _unbind(self, peer: Peer, address: Address) -> None:
        if self._by_address.get(address) is peer:
            del self._by_address[address]
        self._strays.left(peer, address)

    def peer_at(self, address: Address) -> Peer | None:
        """Whose address it is."""
        return self._by_address.get(address)

    def on_datagram(self, datagram: bytes, source: Address, now_ms: float) -> None:
        self.received += 1
        peer = self._by_address.get(source)
        if peer is None and datagram and self._on_stray(datagram, source, now_ms):
            return
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
        self._bind(peer, source, before)

    def _bind(self, peer: Peer, source: Address, before: Iterable[Address]) -> None:
        self._by_address[source] = peer
        self._strays.bound(peer, source)
        if peer.retired:
            self._retire(peer)
        for address in before:
            if address not in peer.addresses:
                self._unbind(peer, address)

    def _on_stray(self, datagram: bytes, source: Address, now_ms: float) -> bool:
        """Media of a peer of that host, which is asked whether it is there, and its answer. False: something else."""
        peer = self._strays.at.get(source)
        if peer is None:
            peer = self._strays.find(datagram, source, now_ms)
        elif kind_of(datagram) is Kind.RTP and self.guard.admit(datagram, source, peer.standing, now_ms):
            try:
                peer.on_srtp(datagram, now_ms)
            except Exception:  # noqa: BLE001 - as above
                self.guard.drop("bad_rtp")
                return True
        elif is_answer(datagram):
            before = tuple(peer.addresses)
            if peer.on_answer(datagram, source, now_ms):
                self._bind(peer, source, before)
            return True
        else:
            return False
        if peer is not None:
            peer.ask(source, now_ms)
        return peer is not None
