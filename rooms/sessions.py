"""The node's sessions: who may have one, which there are, and what time does to them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable

from rooms.backend import Backend
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.guard import Address
from rooms.interface import NodeConfig, Refusal
from rooms.peer import Peer
from rooms.room import Room
from rooms.sdp import Offer
from rooms.viewer import Viewer


class Sessions:
    """Peers with their rooms by session id, bounded in all and for each viewer. Performs no I/O but ``send``."""

    def __init__(
        self,
        config: NodeConfig,
        backend: Backend,
        identity: DtlsIdentity,
        demultiplexer: Demultiplexer,
        send: Callable[[bytes, Address], None],
    ) -> None:
        self.peers: dict[str, tuple[Peer, Room]] = {}
        self.shares: Counter[str] = Counter()  # by viewer
        self._unsettled: dict[Peer, None] = {}  # before the end of their handshakes
        self._config = config
        self._backend = backend
        self._identity = identity
        self._demultiplexer = demultiplexer
        self._send = send

    def __len__(self) -> int:
        return len(self.peers)

    def check_room_left(self) -> None:
        if len(self.peers) >= self._config.max_sessions:
            raise Refusal("node_full", "sessions")

    def check_share(self, viewer_id: str) -> None:
        """One viewer must not take the places of all the others, not even with sessions that it never connects."""
        most = self._config.max_sessions_per_viewer
        if most is not None and self.shares[viewer_id] >= most:
            raise Refusal("node_full", "sessions of one viewer")

    def begin(self, room: Room, offer: Offer, now_ms: float) -> Peer:
        peer = Peer(
            secrets.token_urlsafe(16),
            offer,
            self._identity,
            send=self._send,
            on_ended=self._forget,
            now_ms=now_ms,
            make_ciphers=self._backend.make_ciphers,
            answer_check=self._backend.answer_check,
            ufrag_prefix=self._config.ufrag_prefix,
        )
        self.peers[peer.session_id] = (peer, room)
        self._unsettled[peer] = None
        self._demultiplexer.register(peer)
        return peer

    def of(self, session_id: str) -> tuple[Peer, Room]:
        held = self.peers.get(session_id)
        if held is None:
            raise Refusal("session_unknown", session_id)
        return held

    def watching(self, session_id: str) -> tuple[Viewer, Room]:
        peer, room = self.of(session_id)
        if not isinstance(peer.media, Viewer):
            raise Refusal("session_unknown", "not a session that watches")
        return peer.media, room

    def _forget(self, peer: Peer) -> None:
        self.peers.pop(peer.session_id, None)
        self._unsettled.pop(peer, None)
        self._demultiplexer.forget(peer)
        if isinstance(peer.media, Viewer):
            self._give_back(peer.media.viewer_id)

    def _give_back(self, viewer_id: str) -> None:
        self.shares[viewer_id] -= 1
        if self.shares[viewer_id] <= 0:
            del self.shares[viewer_id]

    # ---- the clock

    def tick_handshakes(self, now_ms: float) -> None:
        """Call ten times a second."""
        for peer in list(self._unsettled):
            if peer.settled:
                del self._unsettled[peer]
            elif peer.handshaking:
                peer.on_timer(now_ms)

    def end_silent(self, now_ms: float) -> None:
        """Call once a second."""
        for peer, _ in list(self.peers.values()):
            if peer.consent_expired(now_ms):
                peer.end("consent_expired")
