"""The hot path: the same bytes whatever way they leave."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.backend import PYTHON, Backend, choose
from rooms.fanout import MAX_SEGMENTS, Lane, PythonFanOut, runs
from rooms.rtp import RtpPacket
from rooms.sequence import Shift
from rooms.srtp import PROFILES, Keys, Srtp

PROFILE = PROFILES[0]
SO_NO_CHECK = 11  # asm-generic/socket.h; the socket module has no name for it


class NoSegments(socket.socket):
    """A UDP socket on a machine whose kernel or card refuses segmentation."""

    refusal = errno.EIO
    refused = 0

    def sendmsg(self, *args: object) -> int:  # type: ignore[override]
        NoSegments.refused += 1
        raise OSError(self.refusal, os.strerror(self.refusal))


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(60)
        yield sock


@pytest.fixture(params=["python", "native"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Whatever is promised here is promised by both."""
    if request.param == "native":
        pytest.importorskip("rooms._fanout", reason="the extension was not built")
    return choose(request.param)


def keys() -> Keys:
    return Keys(PROFILE, bytes(range(28)), bytes(range(28, 56)))


def batch(sizes: list[int], first: int = 100) -> list[RtpPacket]:
    return [
        RtpPacket(96, number == len(sizes) - 1, 0, 7000, 1, bytes([number % 256]) * size, index=first + number)
        for number, size in enumerate(sizes)
    ]


def lane(receiver: socket.socket, sequence: int = 0, backend: Backend = PYTHON) -> Lane:
    srtp = backend.make_ciphers(keys())
    return Lane(receiver.getsockname(), srtp.protect, Shift(42, 108, sequence, 9))


def sent_through(sock: socket.socket, receiver: socket.socket, sizes: list[int]) -> tuple[list[bytes], PythonFanOut]:
    with sock:
        fanout = PythonFanOut(sock)
        fanout.send(batch(sizes), [lane(receiver)])
        return [receiver.recv(2000) for _ in sizes], fanout


@given(st.lists(st.integers(1, 1300), max_size=200))
def test_runs_cover_a_batch_in_order_and_only_the_last_of_a_run_is_shorter(sizes: list[int]) -> None:
    found = runs(sizes)
    assert [at for start, stop in found for at in range(start, stop)] == list(range(len(sizes)))
    for start, stop in found:
        assert stop - start <= MAX_SEGMENTS
        assert len(set(sizes[start : stop - 1])) <= 1
        assert sizes[stop - 1] <= sizes[start]


def test_a_frame_of_equal_packets_is_one_run() -> None:
    assert runs([1100] * 5 + [700]) == [(0, 6)]
    assert runs([1099, 1099, 1100, 1100]) == [(0, 2), (2, 4)]


@pytest.mark.parametrize("sizes", [[1100] * 5 + [700], [900, 1000, 1000, 10], [50], [1000] * 64])
def test_segmented_and_single_sends_put_the_same_bytes_on_the_wire(receiver: socket.socket, sizes: list[int]) -> None:
    segmented, fast = sent_through(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), receiver, sizes)
    single, slow = sent_through(NoSegments(socket.AF_INET, socket.SOCK_DGRAM), receiver, sizes)
    assert segmented == single
    assert fast.counters == slow.counters
    opened = Srtp(keys(), server=False)
    assert [opened.unprotect(d)[12:] for d in segmented] == [packet.payload for packet in batch(sizes)]


def test_a_refusing_kernel_is_asked_once_and_never_again(receiver: socket.socket) -> None:
    NoSegments.refused = 0
    with NoSegments(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fanout = PythonFanOut(sock)
        for first in (100, 200, 300):
            fanout.send(batch([500] * 3, first), [lane(receiver)])
        assert not fanout.segments
    assert NoSegments.refused == 1
    assert len([receiver.recv(2000) for _ in range(9)]) == 9


def test_one_viewer_whose_keys_fail_costs_the_others_nothing(receiver: socket.socket, backend: Backend) -> None:
    def broken(packet: bytes) -> bytes:
        raise ValueError("no keys")

    bad, good = lane(receiver), lane(receiver, 5, backend)
    bad.protect = broken
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fanout = backend.fan_out(sock)
        fanout.send(batch([500] * 3), [bad, good])
        assert fanout.counters["seal_failed"] == 1
    assert [int.from_bytes(receiver.recv(2000)[2:4], "big") for _ in range(3)] == [105, 106, 107]
    assert (good.packets, good.octets, bad.packets) == (3, 1500, 0)


def test_an_unreachable_viewer_is_counted_and_the_next_is_served(receiver: socket.socket, backend: Backend) -> None:
    nowhere = lane(receiver, 0, backend)
    nowhere.address = ("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fanout = backend.fan_out(sock)
        fanout.send(batch([500]), [nowhere, lane(receiver, 0, backend)])
        assert fanout.counters["send_failed"] == 1
    assert receiver.recv(2000)


def test_an_address_that_takes_nothing_does_not_cost_the_others_their_segments(
    receiver: socket.socket, backend: Backend
) -> None:
    nowhere = lane(receiver, 0, backend)
    nowhere.address = ("127.0.0.1", 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fanout = backend.fan_out(sock)
        fanout.send(batch([500] * 3), [nowhere, lane(receiver, 0, backend)])
        assert fanout.segments
        assert fanout.counters["send_failed"] == 3
    assert len([receiver.recv(2000) for _ in range(3)]) == 3


def test_a_kernel_that_refuses_segments_is_believed_for_good_and_every_packet_goes_out(
    receiver: socket.socket, backend: Backend
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        # The kernel itself refuses UDP_SEGMENT on a socket that sends without checksums.
        sock.setsockopt(socket.SOL_SOCKET, SO_NO_CHECK, 1)
        fanout = backend.fan_out(sock)
        assert fanout.segments
        fanout.send(batch([500] * 3 + [100]), [lane(receiver, 0, backend), lane(receiver, 4, backend)])
        assert not fanout.segments
        fanout.send(batch([500] * 3, 104), [lane(receiver, 0, backend)])
        assert fanout.counters["packets_sent"] == 11
    numbers = [int.from_bytes(receiver.recv(2000)[2:4], "big") for _ in range(11)]
    assert numbers == [*range(100, 108), 104, 105, 106]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.openssl_name.decode())
def test_a_packet_sealed_twice_is_the_same_packet(profile: object, backend: Backend) -> None:
    material = os.urandom(64)
    srtp = backend.make_ciphers(Keys.split(profile, material))  # type: ignore[arg-type]
    first, second = (Shift(1, 96, 0, 0).apply(packet) for packet in batch([100, 100]))
    assert srtp.protect(first) == srtp.protect(first)
    sealed = srtp.protect(second)
    assert Srtp(Keys.split(profile, material), server=False).unprotect(sealed) == second  # type: ignore[arg-type]


@pytest.mark.parametrize("field", [{"payload_type": 300}, {"payload_type": -1}, {"ssrc": 1 << 32}, {"ssrc": -1}])
def test_a_viewer_whose_numbers_fit_no_packet_costs_the_others_nothing(
    receiver: socket.socket, backend: Backend, field: dict[str, int]
) -> None:
    strange = lane(receiver, 0, backend)
    strange.shift = strange.shift._replace(**field)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fanout = backend.fan_out(sock)
        fanout.send(batch([100]), [strange, lane(receiver, 0, backend)])
    assert receiver.recv(2000)
    assert fanout.counters["seal_failed"] == 1
    assert strange.packets == 0
