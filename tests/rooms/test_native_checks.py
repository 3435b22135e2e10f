"""The lean path of consent checks ends in what the ordinary one would have done, and takes what clients really send."""

from __future__ import annotations

import hmac
import struct
import zlib
from dataclasses import dataclass, field

import pytest
from aioice import stun as reference_stun
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import stun
from rooms.demultiplexer import Demultiplexer
from rooms.dtls import DtlsIdentity
from rooms.guard import Address
from rooms.peer import Peer, PeerState
from rooms.sdp import Offer

_fanout = pytest.importorskip("rooms._fanout", reason="the extension was not built")

HOME, AWAY = ("192.0.2.7", 4000), ("192.0.2.8", 4001)
V6, MAPPED = ("2001:db8::7", 9, 0, 0), ("::ffff:192.0.2.7", 5, 0, 0)
PLACES: tuple[Address, ...] = (HOME, AWAY, V6, MAPPED)
OURS, PASSWORD = "ours", "secret" * 4
KINDS = (stun.USERNAME, stun.MESSAGE_INTEGRITY, stun.PRIORITY, stun.USE_CANDIDATE, stun.FINGERPRINT, 0x8029, 0xC057)


def check(ufrag: str, password: str, transaction: bytes, *, nominate: bool = True) -> bytes:
    """By somebody else's stack."""
    message = reference_stun.Message(
        reference_stun.Method.BINDING, reference_stun.Class.REQUEST, transaction_id=transaction
    )
    message.attributes.update({"USERNAME": f"{ufrag}:theirs", "PRIORITY": 1, "ICE-CONTROLLING": 2})
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def ordinary(datagram: bytes, source: Address) -> bytes | None:
    try:
        request = stun.parse_binding_request(datagram)
    except ValueError:
        return None
    if request.local_ufrag != OURS or not stun.authentic(request, PASSWORD):
        return None
    return stun.build_binding_response(request.transaction_id, source, PASSWORD)


def lean(datagram: bytes, source: Address) -> bytes | None:
    return _fanout.answer_check(datagram, OURS.encode(), PASSWORD.encode(), stun.mapped_address(source))


# ---- one datagram ---------------------------------------------------------------------------------------


@given(st.binary(min_size=12, max_size=12), st.sampled_from(PLACES), st.booleans())
def test_the_answer_is_the_ordinary_one(transaction: bytes, source: Address, nominate: bool) -> None:
    datagram = check(OURS, PASSWORD, transaction, nominate=nominate)
    answer = lean(datagram, source)
    assert answer is not None
    assert answer == ordinary(datagram, source)


def assembled(attributes: list[tuple[int, bytes]], signed: int | None, fingerprinted: bool) -> bytes:
    """Attributes in any order, signed after the first ``signed`` of them, as RFC 8489 would have it or not."""
    body = b""
    for number, (kind, value) in enumerate(attributes):
        if number == signed:
            body += _signature(body)
        body += struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
    if signed is not None and signed >= len(attributes):
        body += _signature(body)
    if not fingerprinted:
        return _head(len(body)) + body
    message = _head(len(body) + 8) + body
    return message + struct.pack("!HHI", stun.FINGERPRINT, 4, zlib.crc32(message) ^ stun.FINGERPRINT_XOR)


def _head(length: int) -> bytes:
    return struct.pack("!HHI12s", stun.BINDING_REQUEST, length, stun.COOKIE, b"transaction!")


def _signature(body: bytes) -> bytes:
    signature = hmac.digest(PASSWORD.encode(), _head(len(body) + 24) + body, "sha1")
    return struct.pack("!HH", stun.MESSAGE_INTEGRITY, 20) + signature


usernames = st.sampled_from([f"{OURS}:theirs", f"{OURS}:", OURS, f"{OURS}x:theirs", ":theirs", "", "our:s"])
attributes = st.lists(
    st.one_of(
        st.tuples(st.just(stun.USERNAME), usernames.map(str.encode)),
        st.tuples(st.sampled_from(KINDS), st.binary(max_size=24)),
    ),
    max_size=40,
)


@given(attributes, st.none() | st.integers(0, 40), st.booleans(), st.sampled_from(PLACES))
@settings(max_examples=300)
def test_what_it_answers_the_ordinary_way_answers_alike(
    listed: list[tuple[int, bytes]], signed: int | None, fingerprinted: bool, source: Address
) -> None:
    datagram = assembled([(stun.USERNAME, f"{OURS}:theirs".encode()), *listed], signed, fingerprinted)
    answer = lean(datagram, source)
    assert answer is None or answer == ordinary(datagram, source)


@given(st.data())
@settings(max_examples=300)
def test_nothing_that_was_changed_on_the_way_is_answered(data: st.DataObject) -> None:
    datagram = bytearray(check(OURS, PASSWORD, bytes(12)))
    at = data.draw(st.integers(0, len(datagram) - 1))
    datagram[at] ^= data.draw(st.integers(1, 255))
    cut = bytes(datagram[: data.draw(st.integers(0, len(datagram)))])
    for changed in (bytes(datagram), cut, cut + bytes(1400)):
        assert lean(changed, HOME) is None


def test_keys_and_addresses_of_another_size_are_refused() -> None:
    for password, mapped in ((bytes(65), bytes(8)), (b"p", b""), (b"p", bytes(9)), (b"p", bytes(24))):
        with pytest.raises(ValueError, match="password"):
            _fanout.answer_check(b"", b"u", password, mapped)


# ---- a session ------------------------------------------------------------------------------------------


@dataclass
class Side:
    """A connected peer behind a demultiplexer."""

    identity: DtlsIdentity
    answer_check: stun.AnswerCheck | None
    sent: list[tuple[bytes, Address]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entrance = Demultiplexer()
        offer = Offer((), "theirs", (("sha-256", "AB"),))
        self.peer = Peer(
            "one",
            offer,
            self.identity,
            send=lambda datagram, to: self.sent.append((datagram, to)),
            on_ended=self.entrance.forget,
            now_ms=0.0,
            answer_check=self.answer_check,
        )
        self.peer.state = PeerState.LIVE

    def credentials(self, credentials: list[stun.Credentials]) -> None:
        self.peer.credentials = list(credentials)
        self.entrance.register(self.peer)

    def seen(self) -> object:
        peer = self.peer
        known = (peer.address, list(peer.addresses.items()), peer.credentials, peer.retired, peer.consent_expired(9e4))
        return known, self.sent, dict(self.entrance.guard.dropped), sorted(self.entrance._by_ufrag), peer._restarting


steps = st.lists(
    st.tuples(
        st.sampled_from(["check", "check", "check", "again", "stale", "forged", "restart"]),
        st.sampled_from([HOME, HOME, AWAY, V6]),
        st.booleans(),
    ),
    max_size=25,
)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_a_session_ends_where_the_ordinary_way_leads(shared: list[tuple[str, Address, bool]]) -> None:
    identity = DtlsIdentity()
    sides = [Side(identity, answer) for answer in (_fanout.answer_check, None)]
    for side in sides:
        side.credentials(sides[0].peer.credentials)
    datagrams = [b"\0"]
    stale = sides[0].peer.credentials[0]
    for number, (what, source, nominate) in enumerate(shared):
        newest = sides[0].peer.credentials[-1]
        if what == "restart":
            for side in sides:
                side.peer.restart_ice("theirs")
            for side in sides:
                side.credentials(sides[0].peer.credentials)
            continue
        used = stale if what == "stale" else newest
        password = "guess" if what == "forged" else used.password
        if what != "again":
            datagrams.append(check(used.ufrag, password, number.to_bytes(12, "big"), nominate=nominate))
        for side in sides:
            side.entrance.on_datagram(datagrams[-1], source, 1000.0 * number)
        assert sides[0].seen() == sides[1].seen()


def test_consent_is_kept_without_the_ordinary_way(monkeypatch: pytest.MonkeyPatch) -> None:
    side = Side(DtlsIdentity(), _fanout.answer_check)
    side.credentials(side.peer.credentials)
    own = side.peer.credentials[0]
    side.entrance.on_datagram(check(own.ufrag, own.password, bytes(12)), HOME, 0.0)
    monkeypatch.setattr(stun, "parse_binding_request", _never)
    side.entrance.on_datagram(check(own.ufrag, own.password, bytes(11) + b"1"), HOME, 31_000.0)
    assert len(side.sent) == 2
    assert not side.peer.consent_expired(60_000.0)
    assert side.entrance.guard.dropped == {}


def _never(datagram: bytes) -> stun.BindingRequest:
    raise AssertionError("the ordinary way")
