"""Once media flows OpenSSL's connection is let go: goodbyes are still said and heard, and never believed if forged."""

from __future__ import annotations

import pytest
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from rooms import rtcp
from rooms.dtls import DtlsIdentity, DtlsServer, DtlsState
from rooms.farewell import ALERT, Farewell
from rooms.peer import PeerState
from rooms.srtp import Srtp, SrtpError
from tests.rooms.test_peer import HERE, Wire

_IDENTITY = DtlsIdentity()


def connected(ours: DtlsIdentity = _IDENTITY, theirs: DtlsIdentity = _IDENTITY) -> tuple[DtlsServer, DtlsServer]:
    """Server and client after their handshake."""
    server = DtlsServer(ours, [("sha-256", theirs.fingerprint)])
    client = DtlsServer(theirs, [("sha-256", ours.fingerprint)], server=False)
    flight = client.start()
    while flight:
        answers = [answer for datagram in flight for answer in server.receive(datagram)]
        flight = [answer for datagram in answers for answer in client.receive(datagram)]
    assert server.state is client.state is DtlsState.CONNECTED
    return server, client


def test_the_goodbye_of_a_client_is_heard_after_the_connection_was_let_go() -> None:
    server, client = connected()
    server.retire()
    server.retire()
    assert not server.lingers
    assert server._ssl is None
    (goodbye,) = client.close()
    assert server.receive(goodbye) == []
    assert server.state is DtlsState.CLOSED
    assert server.close() == []


def test_a_client_understands_the_goodbye_that_was_sealed_in_advance() -> None:
    server, client = connected()
    server.retire()
    (goodbye,) = server.close()
    assert server.close() == []
    client.receive(goodbye)
    assert client.state is DtlsState.CLOSED


@given(st.integers(0, 38), st.integers(1, 255))
def test_a_goodbye_that_was_changed_anywhere_is_not_believed(at: int, change: int) -> None:
    server, client = connected()
    server.retire()
    (goodbye,) = client.close()
    forged = bytearray(goodbye)
    forged[at] ^= change
    server.receive(bytes(forged))
    assert server.state is DtlsState.CONNECTED


@given(st.binary(max_size=80))
def test_whatever_a_stranger_sends_nothing_is_raised_and_nothing_ends(noise: bytes) -> None:
    keys = Farewell([b"bye"], bytes(16), bytes(4))
    assert not keys.is_theirs(noise)
    assert not keys.is_theirs(bytes((ALERT, 254, 253, 0, 1)) + noise)


def test_what_is_no_goodbye_ends_nothing() -> None:
    server, client = connected()
    server.retire()
    assert client._ssl is not None
    client._ssl.send(b"data that nobody asked for")
    for datagram in client._flight():
        assert server.receive(datagram) == []
    assert server.state is DtlsState.CONNECTED


def test_a_connection_with_another_cipher_is_kept() -> None:
    other = DtlsIdentity()
    other._context.set_cipher_list(b"ECDHE-ECDSA-CHACHA20-POLY1305")
    server, client = connected(theirs=other)
    server.retire()
    assert server._ssl is not None
    (goodbye,) = client.close()
    server.receive(goodbye)
    assert server.state is DtlsState.CLOSED


def test_a_handshake_under_way_is_never_let_go() -> None:
    server = DtlsServer(_IDENTITY, [("sha-256", _IDENTITY.fingerprint)])
    server.retire()
    assert server.lingers
    assert server._ssl is not None


def test_a_peer_lets_it_go_with_the_first_authentic_packet_and_no_sooner() -> None:
    wire = Wire(_IDENTITY, _IDENTITY)
    assert wire.check(HERE)
    wire.shake_hands()
    assert wire.client.keys is not None
    there = Srtp(wire.client.keys, server=False)
    report = there.protect_rtcp(rtcp.build_receiver_report(1))
    with pytest.raises(SrtpError):
        wire.peer.on_srtp(report[:-1] + bytes((report[-1] ^ 1,)), 0.0)
    assert wire.peer._dtls._ssl is not None
    wire.peer.on_srtp(report, 0.0)
    assert wire.peer._dtls._ssl is None
    (goodbye,) = wire.client.close()
    wire.peer.on_dtls(goodbye, HERE, 0.0)
    assert wire.peer.state is PeerState.ENDED
    assert wire.end.told[-1] == "end bye True"


def test_the_profile_that_was_agreed_on_still_stands() -> None:
    """The private parts that this rests on: OpenSSL's names of protocol and cipher, and its secrets."""
    server, _ = connected()
    assert server._ssl is not None
    assert isinstance(server._ssl, SSL.Connection)
    assert (server._ssl.get_protocol_version_name(), server._ssl.get_cipher_name()) == (
        "DTLSv1.2",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
    )
    assert len(server._ssl.master_key() or b"") == 48
    assert server.keys is not None
    assert server.keys.profile.openssl_name == SRTP_AEAD_AES_128_GCM.openssl_profile
