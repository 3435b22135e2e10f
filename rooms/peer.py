"""One peer connection: connectivity checks, then the handshake, then media, then nothing."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Protocol

from rooms import rtcp, rtp, stun
from rooms.dtls import DtlsIdentity, DtlsServer, DtlsState
from rooms.guard import PUBLISHER, VIEWER, Address, Standing
from rooms.question import Question
from rooms.rtcp import RtcpPacket
from rooms.sdp import Offer
from rooms.seen import SeenIds
from rooms.srtp import Ciphers, Keys, Srtp
from rooms.stun import AnswerCheck, BindingRequest, Credentials

CONSENT_MS = 30_000.0
MAX_ADDRESSES = 8
# Longer than the pause between two consent checks (RFC 7675, 5.1: five seconds, plus a fifth).
HOLDS_ADDRESS_MS = 7000.0


class PeerState(enum.Enum):
    WAITING = "waiting"  # for the first authenticated check
    SECURING = "securing"  # DTLS handshake
    LIVE = "live"
    ENDED = "ended"


class PeerEvent(enum.Enum):
    CHECKED = "checked"
    KEYED = "keyed"
    OVER = "over"


TRANSITIONS: dict[tuple[PeerState, PeerEvent], PeerState] = {
    (PeerState.WAITING, PeerEvent.CHECKED): PeerState.SECURING,
    (PeerState.SECURING, PeerEvent.KEYED): PeerState.LIVE,
    (PeerState.WAITING, PeerEvent.OVER): PeerState.ENDED,
    (PeerState.SECURING, PeerEvent.OVER): PeerState.ENDED,
    (PeerState.LIVE, PeerEvent.OVER): PeerState.ENDED,
}


class MediaEnd(Protocol):
    """What a peer connection carries: a source or a viewer."""

    @property
    def publishes(self) -> bool: ...
    def on_live(self, now_ms: float) -> None: ...
    def on_moved(self, now_ms: float) -> None: ...
    def on_rtp(self, datagram: bytes, now_ms: float) -> None: ...
    def on_rtcp(self, packets: tuple[RtcpPacket, ...], now_ms: float) -> None: ...
    def on_end(self, reason: str, was_live: bool) -> None: ...


class Peer:
    """Sans-I/O but for ``send``. Bytes from the network may raise anything here; the caller counts and goes on."""

    def __init__(
        self,
        session_id: str,
        offer: Offer,
        identity: DtlsIdentity,
        *,
        send: Callable[[bytes, Address], None],
        on_ended: Callable[[Peer], None],
        now_ms: float,
        make_ciphers: Callable[[Keys], Ciphers] = Srtp,
        answer_check: AnswerCheck | None = None,
        ufrag_prefix: str = "",
    ) -> None:
        self.session_id = session_id
        self.state = PeerState.WAITING
        self.address: Address | None = None
        self.addresses: dict[Address, float] = {}  # and when the last authentic check came from there
        self._ufrag_prefix = ufrag_prefix
        self._restarting = False
        self.credentials = [Credentials.fresh(ufrag_prefix)]  # the ones in use, and after a restart the ones to come
        self.retired: list[str] = []  # user fragments that lead here no more
        self.remote_ufrag, self._remote_password = offer.remote_ufrag, offer.remote_password
        self._question: Question | None = None
        self.heard_ms = now_ms  # its last authentic media or report
        self.srtp: Ciphers | None = None
        self.media: MediaEnd | None = None
        self._dtls = DtlsServer(identity, offer.fingerprints)
        self._send = send
        self._on_ended = on_ended
        self._make_ciphers = make_ciphers
        self._answer_check = answer_check
        self._lean: tuple[Address, Credentials, tuple[bytes, bytes, bytes]] | None = None
        self._checked_at_ms = now_ms
        self._seen = SeenIds()

    @property
    def handshaking(self) -> bool:
        return self.state is PeerState.SECURING

    @property
    def settled(self) -> bool:
        """There is no handshake any more to look after."""
        return self.state in (PeerState.LIVE, PeerState.ENDED)

    @property
    def standing(self) -> Standing:
        """What the guard lets through from its addresses."""
        publishes = self.media is not None and self.media.publishes
        return PUBLISHER if publishes else VIEWER

    @property
    def etag(self) -> str:
        """Names the ICE session: it is our user fragment."""
        return f'"{self.credentials[-1].ufrag}"'

    def restart_ice(self, remote_ufrag: str, remote_password: str = "") -> Credentials:
        """New credentials; the ones in use stay good until the peer has moved over (RFC 8445, 9).

        A restart whose answer was lost is followed by another: it replaces the one that nobody knows of.
        """
        self.remote_ufrag, self._remote_password = remote_ufrag, remote_password
        self._restarting = True
        self.retired += [credentials.ufrag for credentials in self.credentials[1:]]
        self.credentials = [self.credentials[0], Credentials.fresh(self._ufrag_prefix)]
        return self.credentials[-1]

    def _begins_anew(self, local_ufrag: str) -> bool:
        """The first check after a restart: until a pair is nominated media may take any that works (RFC 8445, 12.1.1).

        Whoever asks for a restart has another network, and clients nominate only when the old is certainly dead.
        """
        restarted = len(self.credentials) > 1 and local_ufrag == self.credentials[-1].ufrag
        first, self._restarting = restarted and self._restarting, self._restarting and not restarted
        return first

    def _moved_over(self, local_ufrag: str) -> None:
        """A nominated check under the new credentials: late ones under the old would move the session back."""
        if len(self.credentials) > 1 and local_ufrag == self.credentials[-1].ufrag:
            self.retired += [credentials.ufrag for credentials in self.credentials[:-1]]
            self.credentials = self.credentials[-1:]

    def _apply(self, event: PeerEvent) -> bool:
        following = TRANSITIONS.get((self.state, event))
        if following is None:
            return False
        self.state = following
        return True

    # ---- from the network

    def on_check(self, request: BindingRequest, source: Address, now_ms: float) -> bool:
        """False when the check is not authentic; then nothing has changed."""
        password = next((c.password for c in self.credentials if c.ufrag == request.local_ufrag), None)
        if password is None or self.state is PeerState.ENDED or not stun.authentic(request, password):
            return False
        if source != self.address and request.transaction_id in self._seen:
            return self._answer_again(request, source, password)
        self._seen.add(request.transaction_id)
        self._checked_at_ms = now_ms
        self._remember(source, now_ms)
        if request.use_candidate or self.address is None:
            self._move(source, now_ms)
            self._moved_over(request.local_ufrag)
        elif self._begins_anew(request.local_ufrag):
            self._move(source, now_ms)
        self._send(stun.build_binding_response(request.transaction_id, source, password), source)
        self._apply(PeerEvent.CHECKED)
        return True

    def lean_check(self, datagram: bytes, source: Address, now_ms: float) -> bool:
        """A consent check of a connected peer from where it is known to be, answered at once: it can move nothing.

        False: nothing has happened, and it must go the ordinary way, which would end in the same.
        """
        if self._answer_check is None or source != self.address or self.state is not PeerState.LIVE:
            return False
        if len(self.credentials) > 1:
            return False
        answer = self._answer_check(datagram, *self._lean_words(source))
        if answer is None:
            return False
        self._seen.add(stun.transaction_of(datagram))
        self._checked_at_ms = self.addresses[source] = now_ms
        self._send(answer, source)
        return True

    def _lean_words(self, source: Address) -> tuple[bytes, bytes, bytes]:
        """User fragment, password and address as bytes: the same for minutes."""
        credentials, lean = self.credentials[0], self._lean
        if lean is None or lean[0] != source or lean[1] is not credentials:
            words = credentials.ufrag.encode(), credentials.password.encode(), stun.mapped_address(source)
            lean = self._lean = (source, credentials, words)
        return lean[2]

    def _answer_again(self, request: BindingRequest, source: Address, password: str) -> bool:
        """A check that was seen before: repeated by its sender where we know it to be, else a stranger's copy.

        Either way it moves nothing and renews no consent.
        """
        if source not in self.addresses:
            return False
        self._send(stun.build_binding_response(request.transaction_id, source, password), source)
        return True

    def has_seen(self, request: BindingRequest) -> bool:
        return request.transaction_id in self._seen

    def _remember(self, source: Address, now_ms: float) -> None:
        while source not in self.addresses and len(self.addresses) >= MAX_ADDRESSES:
            del self.addresses[next(a for a in self.addresses if a != self.address)]
        self.addresses[source] = now_ms

    def holds(self, source: Address, now_ms: float) -> bool:
        """Whether the peer has just now shown that it is at this address."""
        return now_ms - self.addresses.get(source, float("-inf")) <= HOLDS_ADDRESS_MS

    def _move(self, source: Address, now_ms: float) -> None:
        if source != self.address:
            self.address = source
            if self.media is not None:
                self.media.on_moved(now_ms)

    def ask(self, source: Address, now_ms: float) -> None:
        """Authentic media comes from there: whether it is there (RFC 8445, 7.2). Call for each such packet."""
        if not self._remote_password:
            return
        if self._question is None or self._question.source != source:
            username = f"{self.remote_ufrag}:{self.credentials[-1].ufrag}"
            self._question = Question.fresh(source, username, self._remote_password)
        message = self._question.message(now_ms)
        if message is not None:
            self._send(message, source)

    def on_answer(self, datagram: bytes, source: Address, now_ms: float) -> bool:
        """It is: as good as a check of its own. False, and nothing has changed, for anything else."""
        if self._question is None or self.state is PeerState.ENDED or not self._question.answered_by(datagram, source):
            return False
        self._question = None
        self._checked_at_ms = now_ms
        self._remember(source, now_ms)
        self._move(source, now_ms)
        return True

    def on_dtls(self, datagram: bytes, source: Address, now_ms: float) -> None:
        for answer in self._dtls.receive(datagram):
            self._send(answer, source)
        self._follow_dtls(now_ms)

    def _follow_dtls(self, now_ms: float) -> None:
        if self._dtls.state is DtlsState.CONNECTED and self._dtls.keys and self._apply(PeerEvent.KEYED):
            self.srtp = self._make_ciphers(self._dtls.keys)
            if self.media is not None:
                self.media.on_live(now_ms)
        elif self._dtls.state is DtlsState.CLOSED:
            self.end("bye")
        elif self._dtls.state is DtlsState.FAILED:
            self.end("dtls")

    def on_srtp(self, datagram: bytes, now_ms: float) -> None:
        """Raises one of ``SrtpError`` or ``ValueError`` for what is forged, repeated or malformed."""
        if self.srtp is None or self.media is None:
            return
        is_report = rtp.is_rtcp(datagram)
        plain = self.srtp.unprotect_rtcp(datagram) if is_report else self.srtp.unprotect(datagram)
        self.heard_ms = now_ms
        if self._dtls.lingers:
            self._dtls.retire()
        if is_report:
            self.media.on_rtcp(rtcp.parse(plain), now_ms)
        else:
            self.media.on_rtp(plain, now_ms)

    # ---- from the clock and from us

    def on_timer(self, now_ms: float) -> None:
        """Call ten times a second while in the handshake."""
        if self.address is not None and self.handshaking:
            for datagram in self._dtls.on_timer():
                self._send(datagram, self.address)
            self._follow_dtls(now_ms)

    def consent_expired(self, now_ms: float) -> bool:
        """RFC 7675, 5.1; also bounds how long a session may wait for its first check."""
        return now_ms - self._checked_at_ms > CONSENT_MS

    def send_rtcp(self, packet: bytes) -> None:
        if self.srtp is not None and self.address is not None:
            self._send(self.srtp.protect_rtcp(packet), self.address)

    def end(self, reason: str) -> None:
        """Says ``close_notify`` and tells the media end. Idempotent."""
        was_live = self.state is PeerState.LIVE
        if not self._apply(PeerEvent.OVER):
            return
        for datagram in self._dtls.close():
            if self.address is not None:
                self._send(datagram, self.address)
        if self.media is not None:
            self.media.on_end(reason, was_live)
        self._on_ended(self)
