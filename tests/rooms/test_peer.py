"""One peer connection, without a network: its lifecycle, its handshake, who may move it."""

from __future__ import annotations

import itertools

import pytest
from aioice import stun as full_stun
from aiortc.rtcdtlstransport import SRTP_AES128_CM_SHA1_80, RTCCertificate
from OpenSSL import SSL

from rooms import stun
from rooms.dtls import DtlsIdentity, DtlsServer, DtlsState
from rooms.guard import Address
from rooms.peer import CONSENT_MS, MAX_ADDRESSES, TRANSITIONS, Peer, PeerEvent, PeerState
from rooms.sdp import Offer
from tests.rooms.conftest import until

pytestmark = pytest.mark.long

HERE, THERE = ("192.0.2.1", 5000), ("192.0.2.2", 6000)
WARNING_CLOSE = bytes((21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0))
FATAL_ALERT = bytes((21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 2, 40))


@pytest.fixture(scope="module")
def ours() -> DtlsIdentity:
    return DtlsIdentity()


@pytest.fixture(scope="module")
def theirs() -> DtlsIdentity:
    return DtlsIdentity()


class End:
    """A media end that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def on_live(self, now_ms: float) -> None:
        self.told.append("live")

    publishes = False

    def on_moved(self, now_ms: float) -> None:
        self.told.append("moved")

    def on_rtp(self, datagram: bytes, now_ms: float) -> None:
        self.told.append("rtp")

    def on_rtcp(self, packets: object, now_ms: float) -> None:
        self.told.append("rtcp")

    def on_end(self, reason: str, was_live: bool) -> None:
        self.told.append(f"end {reason} {was_live}")


class Wire:
    """A peer, its media end and everything that it sent."""

    def __init__(self, ours: DtlsIdentity, theirs: DtlsIdentity) -> None:
        self.sent: list[tuple[bytes, Address]] = []
        self.ended: list[Peer] = []
        offer = Offer((), "theirs", (("sha-256", theirs.fingerprint),))
        self.peer = Peer(
            "session",
            offer,
            ours,
            send=lambda datagram, to: self.sent.append((datagram, to)),
            on_ended=self.ended.append,
            now_ms=0.0,
        )
        self.end = End()
        self.peer.media = self.end
        self.client = DtlsServer(theirs, [("sha-256", ours.fingerprint)], server=False)

    def check(self, source: Address, now_ms: float = 0.0, *, nominate: bool = False, password: str = "") -> bool:
        message = full_stun.Message(full_stun.Method.BINDING, full_stun.Class.REQUEST)
        message.attributes["USERNAME"] = f"{self.peer.credentials[-1].ufrag}:theirs"
        if nominate:
            message.attributes["USE-CANDIDATE"] = None
        message.add_message_integrity((password or self.peer.credentials[-1].password).encode())
        return self.peer.on_check(stun.parse_binding_request(bytes(message)), source, now_ms)

    def shake_hands(self, lose: bool = False) -> None:
        """``lose``: the node's first flight never arrives."""
        for datagram in self.client.start():
            self.peer.on_dtls(datagram, HERE, 0.0)
        if lose:
            self.sent.clear()
        self.deliver()

    def deliver(self) -> None:
        """Carry what the node sent to the client, and the answers back, until both are silent."""
        while self.sent:
            flights = [datagram for datagram, _ in self.sent if datagram[0] >= 20]
            self.sent.clear()
            for answer in [a for flight in flights for a in self.client.receive(flight)]:
                self.peer.on_dtls(answer, HERE, 0.0)


@pytest.fixture
def wire(ours: DtlsIdentity, theirs: DtlsIdentity) -> Wire:
    return Wire(ours, theirs)


def test_a_session_lives_through_checks_handshake_and_end(wire: Wire) -> None:
    assert wire.peer.state is PeerState.WAITING
    assert wire.check(HERE)
    assert wire.peer.state is PeerState.SECURING
    wire.shake_hands()
    assert wire.peer.state is PeerState.LIVE
    wire.peer.end("bye")
    wire.peer.end("bye")
    assert wire.end.told == ["moved", "live", "end bye True"]
    assert wire.ended == [wire.peer]
    assert [answer for datagram, _ in wire.sent for answer in wire.client.receive(datagram)] == []
    assert wire.client.state is DtlsState.CLOSED


@pytest.mark.parametrize(("state", "event"), list(itertools.product(PeerState, PeerEvent)))
def test_an_event_out_of_turn_changes_nothing(wire: Wire, state: PeerState, event: PeerEvent) -> None:
    wire.peer.state = state
    legal = (state, event) in TRANSITIONS
    assert wire.peer._apply(event) is legal
    assert wire.peer.state is TRANSITIONS.get((state, event), state)


def test_a_check_under_a_guessed_password_moves_nothing(wire: Wire) -> None:
    assert wire.check(HERE)
    wire.sent.clear()
    assert not wire.check(THERE, nominate=True, password="guess")
    assert wire.peer.address == HERE
    assert wire.sent == []


def test_only_nomination_moves_a_session_that_has_an_address(wire: Wire) -> None:
    assert wire.check(HERE)
    assert wire.check(THERE)
    assert wire.peer.address == HERE
    assert wire.check(THERE, nominate=True)
    assert wire.peer.address == THERE


def test_a_peer_of_many_addresses_keeps_a_few_and_the_one_in_use(wire: Wire) -> None:
    assert wire.check(HERE, nominate=True)
    for port in range(100):
        assert wire.check(("192.0.2.9", port))
    assert len(wire.peer.addresses) == MAX_ADDRESSES
    assert HERE in wire.peer.addresses


def test_consent_lasts_thirty_seconds_from_the_last_authentic_check(wire: Wire) -> None:
    assert wire.check(HERE, 1000.0)
    assert not wire.check(HERE, 20_000.0, password="guess")
    assert not wire.peer.consent_expired(1000.0 + CONSENT_MS)
    assert wire.peer.consent_expired(1001.0 + CONSENT_MS)


def test_after_a_restart_the_first_check_moves_media_and_then_only_nomination_does(wire: Wire) -> None:
    assert wire.check(HERE, nominate=True)
    assert wire.check(THERE)
    assert wire.peer.address == HERE
    wire.peer.restart_ice("fresh")
    assert wire.check(THERE)
    assert wire.peer.address == THERE
    assert wire.check(HERE)
    assert wire.peer.address == THERE
    assert wire.check(HERE, nominate=True)
    assert wire.peer.address == HERE


def test_an_ice_restart_keeps_the_session_on_either_credentials(wire: Wire) -> None:
    old = wire.peer.credentials[-1]
    assert wire.check(HERE)
    new = wire.peer.restart_ice("fresh")
    assert new != old
    assert wire.peer.credentials == [old, new]
    assert wire.check(THERE, nominate=True)
    assert wire.peer.address == THERE


@pytest.mark.parametrize("forged", [FATAL_ALERT, WARNING_CLOSE])
def test_a_forged_plaintext_alert_ends_neither_handshake_nor_session(wire: Wire, forged: bytes) -> None:
    assert wire.check(HERE)
    for datagram in wire.client.start():
        wire.peer.on_dtls(datagram, HERE, 0.0)
    wire.peer.on_dtls(forged, HERE, 0.0)
    assert wire.peer.state is PeerState.SECURING
    wire.shake_hands()
    assert wire.peer.state is PeerState.LIVE
    wire.peer.on_dtls(forged, HERE, 0.0)
    wire.peer.on_dtls(bytes((23, 254, 253, 0, 1)) + bytes(60), HERE, 0.0)
    assert wire.peer.state is PeerState.LIVE


async def test_a_lost_flight_is_repeated_until_the_handshake_is_done(wire: Wire) -> None:
    assert wire.check(HERE)
    wire.shake_hands(lose=True)
    assert wire.peer.state is PeerState.SECURING

    def done() -> bool:
        wire.peer.on_timer(0.0)
        for datagram in wire.client.on_timer():
            wire.peer.on_dtls(datagram, HERE, 0.0)
        wire.deliver()
        return wire.peer.state is PeerState.LIVE

    await until(done)


async def test_the_last_flight_is_repeated_for_a_client_that_missed_it(wire: Wire) -> None:
    assert wire.check(HERE)
    wire.sent.clear()
    to_server = wire.client.start()
    while wire.peer.state is not PeerState.LIVE:
        for datagram in to_server:
            wire.peer.on_dtls(datagram, HERE, 0.0)
        last, wire.sent = wire.sent, []
        if wire.peer.state is not PeerState.LIVE:
            to_server = [answer for datagram, _ in last for answer in wire.client.receive(datagram)]
    assert wire.client.state is DtlsState.HANDSHAKE

    def done() -> bool:
        for datagram in wire.client.on_timer():
            wire.peer.on_dtls(datagram, HERE, 0.0)
        wire.deliver()
        return wire.client.state is DtlsState.CONNECTED

    await until(done)


def test_a_certificate_that_the_offer_did_not_name_is_refused(ours: DtlsIdentity, theirs: DtlsIdentity) -> None:
    wire = Wire(ours, theirs)
    wire.client = DtlsServer(DtlsIdentity(), [("sha-256", ours.fingerprint)], server=False)
    assert wire.check(HERE)
    wire.shake_hands()
    assert wire.end.told == ["moved", "end dtls False"]


def test_an_offer_of_unknown_digests_alone_is_refused(ours: DtlsIdentity, theirs: DtlsIdentity) -> None:
    server = DtlsServer(ours, [("md5", "00")])
    client = DtlsServer(theirs, [("sha-256", ours.fingerprint)], server=False)
    to_server = client.start()
    for _ in range(5):
        to_server = [a for d in to_server for answer in server.receive(d) for a in client.receive(answer)]
    assert server.state is DtlsState.FAILED


def test_a_client_that_knows_only_the_older_profile_gets_that(ours: DtlsIdentity, theirs: DtlsIdentity) -> None:
    class Older(DtlsIdentity):
        def connection(self) -> SSL.Connection:
            return SSL.Connection(self.context, None)

    older = Older()
    certificate = RTCCertificate.generateCertificate()
    older.context = certificate._create_ssl_context([SRTP_AES128_CM_SHA1_80])
    older.fingerprint = certificate.getFingerprints()[0].value
    wire = Wire(ours, older)
    assert wire.check(HERE)
    wire.shake_hands()
    assert wire.client.keys is not None
    assert wire.client.keys.profile.openssl_name == b"SRTP_AES128_CM_SHA1_80"
