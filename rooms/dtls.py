"""DTLS-SRTP in the server role (RFC 5764), sans-I/O: datagrams in, datagrams out.

The certificate and the context come from aiortc; its transport object does not (see docs/decisions/0010).
This is the only file that uses a private name of aiortc: ``RTCCertificate._create_ssl_context``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80, RTCCertificate, certificate_digest
from OpenSSL import SSL

from rooms import farewell
from rooms.farewell import Farewell
from rooms.srtp import PROFILES, Keys

EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"
MAX_FLIGHT_BYTES = 65536
DATAGRAM_BYTES = 1200
RECORD_HEADER_BYTES = 13
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE = 20, 21, 22
SUPPORTED_DIGESTS = ("sha-256", "sha-384", "sha-512")

Fingerprint = tuple[str, str]


class DtlsState(enum.Enum):
    HANDSHAKE = "handshake"
    CONNECTED = "connected"
    CLOSED = "closed"  # the peer said close_notify, or we did
    FAILED = "failed"


class DtlsIdentity:
    """The node's certificate and its one SSL context, made once and shared by all sessions."""

    def __init__(self) -> None:
        certificate = RTCCertificate.generateCertificate()
        self.fingerprint = next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256")
        self._context = certificate._create_ssl_context([SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80])

    def connection(self) -> SSL.Connection:
        return SSL.Connection(self._context, None)


class DtlsServer:
    """One handshake and what follows it.

    After the handshake only encrypted records reach OpenSSL, before it no alerts do: a forged plaintext record
    from the peer's address cannot end the session. No method raises on what a peer sends.
    """

    def __init__(
        self, identity: DtlsIdentity, peer_fingerprints: Iterable[Fingerprint], *, server: bool = True
    ) -> None:
        self._peer_fingerprints = [(name.lower(), value.upper()) for name, value in peer_fingerprints]
        connection = identity.connection()
        connection.set_ciphertext_mtu(DATAGRAM_BYTES)
        if server:
            connection.set_accept_state()
        else:
            connection.set_connect_state()
        self._ssl: SSL.Connection | None = connection
        self._farewell: Farewell | None = None
        self.lingers = server  # whether ``retire`` has something to do
        self.state = DtlsState.HANDSHAKE
        self.keys: Keys | None = None

    def start(self) -> list[bytes]:
        """The first flight of a client (used by test clients only); a server has nothing to say yet."""
        self._handshake()
        return self._flight()

    def receive(self, datagram: bytes) -> list[bytes]:
        """What to answer. ``state`` and ``keys`` may have changed afterwards."""
        if self.state in (DtlsState.CLOSED, DtlsState.FAILED):
            return []
        records = b"".join(self._admitted(datagram))
        if not records:
            return []
        if self._ssl is None:
            self._hear(datagram)
            return []
        try:
            self._ssl.bio_write(records)
            if self.state is DtlsState.HANDSHAKE:
                self._handshake()
            else:
                self._read(self._ssl)
        except SSL.Error:
            if self.state is DtlsState.HANDSHAKE:
                self.state = DtlsState.FAILED
        return self._flight()

    def on_timer(self) -> list[bytes]:
        """Retransmit what is overdue (RFC 6347, 4.2.4). Call ten times a second while in the handshake."""
        ssl = self._ssl
        if self.state is DtlsState.HANDSHAKE and ssl is not None and ssl.DTLSv1_get_timeout() == 0:
            try:
                ssl.DTLSv1_handle_timeout()
            except SSL.Error:
                self.state = DtlsState.FAILED
        return self._flight()

    def close(self) -> list[bytes]:
        """``close_notify`` for the peer, once."""
        connected = self.state is DtlsState.CONNECTED
        if self.state is not DtlsState.FAILED:
            self.state = DtlsState.CLOSED
        return self._goodbye() if connected else []

    def retire(self) -> None:
        """The peer has shown by an authentic packet of media or reports that it has its keys, so that none of our
        flights will be asked for again: let OpenSSL's connection go, and keep what a goodbye needs. Idempotent."""
        ssl = self._ssl
        if self.state is not DtlsState.CONNECTED or ssl is None or not self.lingers:
            return
        self.lingers = False
        agreed = (ssl.get_protocol_version_name(), ssl.get_cipher_name())
        secrets = (ssl.master_key(), ssl.client_random(), ssl.server_random())
        if agreed == (farewell.PROTOCOL, farewell.CIPHER) and None not in secrets:
            self._farewell = Farewell.of(self._goodbye(), *secrets)
            self._ssl = None

    def _goodbye(self) -> list[bytes]:
        if self._farewell is not None:
            return list(self._farewell.ours)
        if self._ssl is None:
            return []
        try:
            self._ssl.shutdown()
        except SSL.Error:
            return []
        return self._flight()

    def _hear(self, datagram: bytes) -> None:
        if self._farewell is not None and any(map(self._farewell.is_theirs, self._admitted(datagram))):
            self.state = DtlsState.CLOSED

    def _admitted(self, datagram: bytes) -> Iterator[bytes]:
        at = 0
        while at + RECORD_HEADER_BYTES <= len(datagram):
            kind, epoch = datagram[at], int.from_bytes(datagram[at + 3 : at + 5], "big")
            end = at + RECORD_HEADER_BYTES + int.from_bytes(datagram[at + 11 : at + 13], "big")
            if end > len(datagram):
                return
            in_handshake = self.state is DtlsState.HANDSHAKE and kind in (HANDSHAKE, CHANGE_CIPHER_SPEC)
            if epoch or in_handshake:
                yield datagram[at:end]
            at = end

    def _handshake(self) -> None:
        ssl = self._ssl
        assert ssl is not None
        try:
            ssl.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error:
            self.state = DtlsState.FAILED
            return
        self.keys = _export_keys(ssl) if self._peer_is_who_signed_the_sdp(ssl) else None
        self.state = DtlsState.CONNECTED if self.keys else DtlsState.FAILED

    def _peer_is_who_signed_the_sdp(self, ssl: SSL.Connection) -> bool:
        """RFC 8122, 6.2: every fingerprint of a digest that we know must match, and there must be one."""
        certificate = ssl.get_peer_certificate(as_cryptography=True)
        known = [(name, value) for name, value in self._peer_fingerprints if name in SUPPORTED_DIGESTS]
        return bool(known) and all(certificate_digest(certificate, name) == value for name, value in known)

    def _read(self, ssl: SSL.Connection) -> None:
        try:
            while True:
                ssl.recv(2048)  # data channels are not offered: whatever comes is dropped
        except SSL.WantReadError:
            return
        except SSL.ZeroReturnError:
            self.state = DtlsState.CLOSED

    def _flight(self) -> list[bytes]:
        """OpenSSL's memory BIO joins datagrams: cut what it holds at record borders again."""
        if self._ssl is None:
            return []
        held = b""
        try:
            held = self._ssl.bio_read(MAX_FLIGHT_BYTES)
        except SSL.Error:
            return []
        datagrams: list[bytes] = [b""]
        at = 0
        while at + RECORD_HEADER_BYTES <= len(held):
            end = at + RECORD_HEADER_BYTES + int.from_bytes(held[at + 11 : at + 13], "big")
            if datagrams[-1] and len(datagrams[-1]) + end - at > DATAGRAM_BYTES:
                datagrams.append(b"")
            datagrams[-1] += held[at:end]
            at = end
        return [datagram for datagram in datagrams if datagram]


def _export_keys(ssl: SSL.Connection) -> Keys | None:
    chosen = ssl.get_selected_srtp_profile()
    for profile in PROFILES:
        if profile.openssl_name == chosen:
            length = 2 * (profile.key_bytes + profile.salt_bytes)
            return Keys.split(profile, ssl.export_keying_material(EXPORTER_LABEL, length))
    return None
