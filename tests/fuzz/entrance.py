"""The whole way in, without a network: guard, demultiplexer, peers with keys, a room with a publisher and a viewer.

What arrives is a script in bytes, so that a fuzzer can write it. Everything that only members can say is sealed with
the member's own keys first: that is what a hostile member would do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from rooms import negotiation, sdp
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.guard import REMEMBERED_SOURCES, Address
from rooms.interface import ProgrammeView, Slot
from rooms.peer import MAX_ADDRESSES, Peer, PeerEvent
from rooms.source import Source
from rooms.srtp import PROFILES, Keys, Srtp, SrtpError
from rooms.stun import Credentials
from rooms.viewer import Viewer
from tests.fuzz.samples import PASSWORD, check
from tests.rooms.dryroom import DryRoom, Listener, _offerer
from tests.rooms.light_peer import offer_sdp

KEYS = Keys(PROFILES[0], bytes(range(28)), bytes(range(28, 56)))
STEP_MS = 15.0
PLACES: tuple[Address, ...] = (("192.0.2.1", 5000), ("192.0.2.2", 5000), ("192.0.2.1", 5001), ("192.0.2.9", 6))
MAX_DATAGRAMS = 64


@cache
def identity() -> DtlsIdentity:
    return DtlsIdentity()


class Entrance:
    """``publisher`` is at the first of the places and ``viewer`` at the second."""

    def __init__(self) -> None:
        self.hall = DryRoom()
        self.unexpected: list[Exception] = []
        self.demultiplexer = Demultiplexer()
        self.publisher, self.viewer = self._peer("publisher", "sendonly"), self._peer("viewer", "recvonly")
        self._theirs = {peer: Srtp(KEYS, server=False) for peer in (self.publisher, self.viewer)}
        for peer, place in zip((self.publisher, self.viewer), PLACES, strict=False):
            self._deliver(check(peer.credentials[-1].ufrag), place)
            assert peer.address == place
            peer.srtp = Srtp(KEYS)
            assert peer._apply(PeerEvent.KEYED)
            assert peer.media is not None
            peer.media.on_live(self.hall.now_ms)
        self.hall.room.open_audio(frozenset({"publisher"}))

    def _peer(self, name: str, direction: str) -> Peer:
        kinds = ("video", "audio")
        offer = sdp.parse_offer(offer_sdp(_offerer(name), direction, kinds, rtx=True, red=direction == "recvonly"))
        peer = Peer(name, offer, identity(), send=lambda *_: None, on_ended=self._ended, now_ms=self.hall.now_ms)
        peer.credentials = [Credentials(name, PASSWORD)]
        room = self.hall.room
        if direction == "sendonly":
            plans = negotiation.agree_to_publish(offer, "H264").plans
            room.sources[name] = peer.media = Source(name, peer, plans, room=room, outward=self.hall)
        else:
            view = negotiation.agree_to_watch(offer, "H264", ProgrammeView(), room.ssrcs)
            viewer = Viewer(name, peer, ProgrammeView(), view.plans, room=room, outward=self.hall)
            room.viewers[name] = peer.media = viewer
            self.hall.listeners[PLACES[1]] = Listener(self.hall, name, cast("Any", peer), viewer)
        peer.on_srtp = self._watched(peer.on_srtp)  # type: ignore[method-assign]
        peer.on_dtls = self._watched(peer.on_dtls)  # type: ignore[method-assign]
        self.demultiplexer.register(peer)
        return peer

    def _watched(self, step: Callable[..., None]) -> Callable[..., None]:
        """The guard counts whatever is raised and goes on. Only what parsers say of bad bytes should be."""

        def watched(*arguments: Any) -> None:
            try:
                step(*arguments)
            except (ValueError, SrtpError):
                raise
            except Exception as error:
                self.unexpected.append(error)
                raise

        return watched

    def _ended(self, peer: Peer) -> None:
        self.demultiplexer.forget(peer)

    def _deliver(self, datagram: bytes, source: Address) -> None:
        self.demultiplexer.on_datagram(datagram, source, self.hall.now_ms)

    def play(self, script: bytes) -> None:
        """One datagram each: a byte that says what and from where, one of length, then so many bytes."""
        at = 0
        for _ in range(MAX_DATAGRAMS):
            if at + 2 > len(script):
                break
            what, size = script[at], script[at + 1]
            body = script[at + 2 : at + 2 + size]
            at += 2 + size
            self._one(what, body)
            self.hall.advance(STEP_MS)
        self.holds()

    def _one(self, what: int, body: bytes) -> None:
        source = PLACES[what & 3]
        kind = what >> 2 & 7
        peer = self.viewer if what & 0x20 else self.publisher
        if kind == 1:
            self._deliver(_flipped(check(peer.session_id), body), source)
        elif kind in (2, 3):
            self._sealed(peer, body, source, control=kind == 3)
        elif kind == 4:
            self._deliver(bytes((20 + (what >> 5),)) + body, source)
        elif kind == 5:
            self.hall.room.take(Slot.CAMERA, "publisher" if body else None)
        else:
            self._deliver(body, source)

    def _sealed(self, peer: Peer, body: bytes, source: Address, *, control: bool) -> None:
        """What libsrtp would not seal (too short, of another version) no member can send either."""
        theirs = self._theirs[peer]
        try:
            sealed = theirs.protect_rtcp(body) if control else theirs.protect(body)
        except Exception:  # noqa: BLE001 - the fuzzer's own side
            return
        self._deliver(sealed, source)

    def holds(self) -> None:
        """What must be true whatever came."""
        for error in self.unexpected:
            raise error
        by_address = self.demultiplexer._by_address
        assert len(self.demultiplexer.guard._sources) <= REMEMBERED_SOURCES
        assert len(by_address) <= 2 * MAX_ADDRESSES
        assert set(self.demultiplexer.guard.dropped) <= KNOWN_REASONS, self.demultiplexer.guard.dropped
        for address, peer in by_address.items():
            assert address in peer.addresses
        self.hall.room.state(self.hall.now_ms)


KNOWN_REASONS = {
    "empty", "oversized", "unknown_protocol", "unknown_address", "no_check", "over_rate", "unknown_session",
    "address_taken", "bad_integrity", "replayed", "bad_stun", "bad_dtls", "bad_rtp",
}  # fmt: skip


def _flipped(datagram: bytes, changes: bytes) -> bytes:
    """Pairs of place and mask. None: a valid check."""
    changed = bytearray(datagram)
    for place, mask in zip(changes[::2], changes[1::2], strict=False):
        changed[place % len(changed)] ^= mask
    return bytes(changed)
