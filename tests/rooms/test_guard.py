"""What the guard in front of every parser lets pass."""

from collections.abc import Callable

import pytest

from rooms import stun
from rooms.guard import (
    MAX_DATAGRAM_BYTES,
    PUBLISHER,
    REMEMBERED_SOURCES,
    STRANGER,
    STRANGERS_BURST,
    STRANGERS_OF_NETWORK,
    VIEWER,
    Address,
    Guard,
    Kind,
    Standing,
    looks_like_a_check,
)

HERE = ("192.0.2.1", 5000)
DTLS, RTP = b"\x16" * 20, b"\x80" * 20
# Well formed: cookie, integrity and fingerprint, by whatever password.
STUN = stun.build_binding_response(bytes(12), HERE, "a guess")


@pytest.mark.parametrize(
    ("datagram", "standing", "reason"),
    [
        (b"", PUBLISHER, "empty"),
        (b"\x80" * (MAX_DATAGRAM_BYTES + 1), PUBLISHER, "oversized"),
        (b"\x50hello", PUBLISHER, "unknown_protocol"),
        (RTP, STRANGER, "unknown_address"),
        (DTLS, STRANGER, "unknown_address"),
        (bytes(20), STRANGER, "no_check"),
        (STUN[:-1] + b"x", STRANGER, "no_check"),
        (STUN[:4] + b"none" + STUN[8:], STRANGER, "no_check"),
    ],
)
def test_what_is_dropped_is_counted_by_reason(datagram: bytes, standing: Standing, reason: str) -> None:
    guard = Guard()
    assert guard.admit(datagram, HERE, standing, 0.0) is None
    assert guard.dropped == {reason: 1}


@pytest.mark.parametrize(("datagram", "kind"), [(STUN, Kind.STUN), (DTLS, Kind.DTLS), (RTP, Kind.RTP)])
def test_a_bound_address_may_speak_all_three_protocols(datagram: bytes, kind: Kind) -> None:
    assert Guard().admit(datagram, HERE, VIEWER, 0.0) is kind


def test_a_stranger_may_only_begin_with_checks_and_only_so_many() -> None:
    guard = Guard()
    admitted = sum(guard.admit(STUN, HERE, STRANGER, 0.0) is Kind.STUN for _ in range(1000))
    assert admitted == STRANGER.burst
    assert guard.dropped["over_rate"] == 1000 - STRANGER.burst
    assert guard.admit(STUN, HERE, STRANGER, 1000.0) is Kind.STUN


def test_one_flooding_stranger_does_not_shut_out_the_next() -> None:
    guard = Guard()
    for _ in range(1000):
        guard.admit(STUN, HERE, STRANGER, 0.0)
    assert guard.admit(STUN, ("192.0.2.1", 5001), STRANGER, 0.0) is Kind.STUN


@pytest.mark.parametrize("standing", [VIEWER, PUBLISHER])
def test_a_known_peer_is_bounded_too_a_viewer_far_more_than_a_publisher(standing: Standing) -> None:
    guard = Guard()
    assert sum(guard.admit(RTP, HERE, standing, 0.0) is Kind.RTP for _ in range(20_000)) == standing.burst
    assert sum(guard.admit(RTP, HERE, standing, 1000.0) is Kind.RTP for _ in range(20_000)) == standing.per_second
    assert VIEWER.per_second * 10 < PUBLISHER.per_second


def test_noise_from_everywhere_leaves_strangers_their_share_and_the_table_its_places() -> None:
    guard = Guard()
    for port in range(int(STRANGERS_BURST) * 3):
        guard.admit(bytes(20), ("192.0.2.9", port % 60_000), STRANGER, 0.0)
    assert not guard._sources
    assert guard.admit(STUN, HERE, STRANGER, 0.0) is Kind.STUN


def test_only_a_whole_message_looks_like_a_check() -> None:
    assert looks_like_a_check(STUN)
    assert not any(looks_like_a_check(STUN[:size]) for size in range(len(STUN)))


def test_the_table_of_sources_is_bounded() -> None:
    guard = Guard()
    for port in range(REMEMBERED_SOURCES + 100):
        guard.admit(STUN, ("192.0.2.9", port), STRANGER, float(port))
    assert len(guard._sources) == REMEMBERED_SOURCES


@pytest.mark.parametrize(
    ("mine", "another"),
    [(lambda n: ("192.0.2.1", n), ("192.0.2.2", 5)), (lambda n: (f"2001:db8::{n:x}", 9), ("2001:db8:0:1::1", 9))],
)
def test_who_has_many_addresses_in_one_network_shares_them_with_himself(
    mine: Callable[[int], Address], another: Address
) -> None:
    guard = Guard()
    admitted = sum(guard.admit(STUN, mine(number), STRANGER, 0.0) is not None for number in range(1, 6000))
    assert admitted == STRANGERS_OF_NETWORK.burst < STRANGERS_BURST
    assert guard.admit(STUN, another, STRANGER, 0.0) is Kind.STUN


def test_whoever_is_known_there_is_not_charged_for_strangers() -> None:
    guard = Guard()
    for number in range(1, 6000):
        guard.admit(STUN, ("192.0.2.1", number), STRANGER, 0.0)
    assert guard.admit(STUN, ("192.0.2.1", 60_000), VIEWER, 0.0) is Kind.STUN
