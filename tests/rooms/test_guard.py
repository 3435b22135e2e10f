"""What the guard in front of every parser lets pass."""

import pytest

from rooms.guard import KNOWN_BURST, MAX_DATAGRAM_BYTES, REMEMBERED_SOURCES, STRANGER_BURST, Guard, Kind

HERE = ("192.0.2.1", 5000)
STUN, DTLS, RTP = b"\x00" * 20, b"\x16" * 20, b"\x80" * 20


@pytest.mark.parametrize(
    ("datagram", "known", "reason"),
    [
        (b"", True, "empty"),
        (b"\x80" * (MAX_DATAGRAM_BYTES + 1), True, "oversized"),
        (b"\x50hello", True, "unknown_protocol"),
        (RTP, False, "unknown_address"),
        (DTLS, False, "unknown_address"),
    ],
)
def test_what_is_dropped_is_counted_by_reason(datagram: bytes, known: bool, reason: str) -> None:
    guard = Guard()
    assert guard.admit(datagram, HERE, known, 0.0) is None
    assert guard.dropped == {reason: 1}


@pytest.mark.parametrize(("datagram", "kind"), [(STUN, Kind.STUN), (DTLS, Kind.DTLS), (RTP, Kind.RTP)])
def test_a_bound_address_may_speak_all_three_protocols(datagram: bytes, kind: Kind) -> None:
    assert Guard().admit(datagram, HERE, True, 0.0) is kind


def test_a_stranger_may_only_begin_with_checks_and_only_so_many() -> None:
    guard = Guard()
    admitted = sum(guard.admit(STUN, HERE, False, 0.0) is Kind.STUN for _ in range(1000))
    assert admitted == STRANGER_BURST
    assert guard.dropped["over_rate"] == 1000 - STRANGER_BURST
    assert guard.admit(STUN, HERE, False, 1000.0) is Kind.STUN


def test_one_flooding_stranger_does_not_shut_out_the_next() -> None:
    guard = Guard()
    for _ in range(1000):
        guard.admit(STUN, HERE, False, 0.0)
    assert guard.admit(STUN, ("192.0.2.1", 5001), False, 0.0) is Kind.STUN


def test_a_known_peer_is_bounded_too() -> None:
    guard = Guard()
    assert sum(guard.admit(RTP, HERE, True, 0.0) is Kind.RTP for _ in range(20_000)) == KNOWN_BURST


def test_the_table_of_sources_is_bounded() -> None:
    guard = Guard()
    for port in range(REMEMBERED_SOURCES + 100):
        guard.admit(STUN, ("192.0.2.9", port), False, float(port))
    assert len(guard._sources) == REMEMBERED_SOURCES
