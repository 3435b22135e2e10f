"""Transport-wide feedback says when each packet arrived, read back by a decoder of the test's own."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from rooms import rtcp
from rooms.twcc import INTERVAL_MS, MAX_PENDING, MAX_STATUSES, TransportFeedback, build

OURS, THEIRS = 1, 0x1111


def decode(packet: bytes) -> tuple[int, int, dict[int, float], int]:
    """First number, how many, arrival by number in milliseconds, and the feedback count."""
    assert packet[0] == 0x8F
    assert packet[1] == 205
    assert len(packet) == 4 * (int.from_bytes(packet[2:4], "big") + 1)
    assert int.from_bytes(packet[4:8], "big") == OURS
    assert int.from_bytes(packet[8:12], "big") == THEIRS
    first, number = int.from_bytes(packet[12:14], "big"), int.from_bytes(packet[14:16], "big")
    reference, count = int.from_bytes(packet[16:19], "big", signed=True), packet[19]
    symbols, at = list[int](), 20
    while len(symbols) < number:
        chunk = int.from_bytes(packet[at : at + 2], "big")
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        elif not chunk & 0x4000:
            symbols += [chunk >> bit & 1 for bit in range(13, -1, -1)]
        else:
            symbols += [chunk >> bit & 3 for bit in range(12, -1, -2)]
    assert not any(symbols[number:])
    arrivals, ticks = dict[int, float](), 0
    for place, symbol in enumerate(symbols[:number]):
        if symbol:
            size = symbol
            ticks += int.from_bytes(packet[at : at + size], "big", signed=size == 2)
            at += size
            arrivals[(first + place) & 0xFFFF] = reference * 64 + ticks / 4
    assert not any(packet[at:])
    assert len(packet) - at < 4
    return first, number, arrivals, count


def test_the_bytes_of_a_small_feedback() -> None:
    packet = build(OURS, THEIRS, 10, [6400.0, 6401.0, None, 6500.0], 7)
    assert packet == bytes.fromhex(
        "8fcd0006 00000001 00001111 000a 0004 000064 07"  # four packets from 10 on, reference 100 × 64 ms, the seventh
        "d480"  # two bits each: small, small, missing, large
        "00 04 018c"  # 0, 1 ms, 99 ms in quarters
        "0000"
    )


def test_long_runs_are_one_chunk() -> None:
    packet = build(OURS, THEIRS, 0, [64.0] * 1000, 0)
    assert packet[20:22] == (1 << 13 | 1000).to_bytes(2, "big")
    assert len(packet) == 20 + 2 + 1000 + 2


@given(
    st.lists(st.one_of(st.none(), st.floats(-300.0, 300.0)), min_size=1, max_size=400).filter(any),
    st.integers(0, 0xFFFF),
    st.integers(0, 255),
    st.floats(1e4, 1e7),
)
def test_every_arrival_is_read_back_to_a_quarter_millisecond(steps, first: int, count: int, now_ms: float) -> None:
    arrivals = list[float | None]()
    for step in steps:
        now_ms += step or 0.0
        arrivals.append(None if step is None else now_ms)
    while arrivals[-1] is None:
        arrivals.pop()
    base, number, read, told = decode(build(OURS, THEIRS, first, arrivals, count))
    assert (base, number, told) == (first, len(arrivals), count)
    expected = {(first + at) & 0xFFFF: when for at, when in enumerate(arrivals) if when is not None}
    assert read.keys() == expected.keys()
    modulus = 64.0 * (1 << 24)
    for key, when in expected.items():
        assert abs((read[key] - when + modulus / 2) % modulus - modulus / 2) <= 0.13


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0.0, 90.0)), max_size=300), st.integers(0, 0xFFFF))
def test_each_packet_is_told_once_and_the_lost_as_lost(packets: list[tuple[int, float]], start: int) -> None:
    feedback, now_ms, number = TransportFeedback(), 1000.0, start
    sent, told, counts = dict[int, float](), dict[int, float](), list[int]()
    for skipped, passed_ms in packets:
        number += 1 + skipped
        now_ms += passed_ms
        feedback.received(number & 0xFFFF, now_ms)
        sent[number & 0xFFFF] = now_ms
        for packet in feedback.due(OURS, THEIRS, now_ms):
            _, _, arrivals, count = decode(packet)
            assert not told.keys() & arrivals.keys()
            told |= arrivals
            counts.append(count)
    for packet in feedback.due(OURS, THEIRS, now_ms + INTERVAL_MS + 1):  # a sum of floats may fall short of it
        told |= decode(packet)[2]
        counts.append(decode(packet)[3])
    assert told.keys() == sent.keys()
    assert all(abs(told[key] - sent[key]) <= 0.13 for key in sent)
    assert counts == [at & 0xFF for at in range(len(counts))]


def test_feedback_comes_within_a_tenth_of_a_second_and_not_more_often_than_asked() -> None:
    feedback, said_at = TransportFeedback(), list[float]()
    for tick in range(100):
        now_ms = 20.0 * tick
        feedback.received(tick, now_ms)
        if feedback.due(OURS, THEIRS, now_ms):
            said_at.append(now_ms)
    gaps = [after - before for before, after in itertools.pairwise(said_at)]
    assert all(INTERVAL_MS <= gap <= 100.0 for gap in gaps)


def test_a_wild_sender_costs_no_more_than_the_bounds() -> None:
    feedback = TransportFeedback()
    for number in range(0, 60_000, 7):
        feedback.received(number & 0xFFFF, 1000.0 + number)
    said = feedback.due(OURS, THEIRS, 1000.0)
    assert all(len(packet) <= 1200 for packet in said)
    read = [decode(packet) for packet in said]
    assert all(number <= MAX_STATUSES for _, number, _, _ in read)
    assert sum(len(arrivals) for _, _, arrivals, _ in read) == MAX_PENDING


def test_our_parser_takes_feedback_for_nothing_else() -> None:
    assert rtcp.parse(build(OURS, THEIRS, 1, [64.0, None, 65.0], 0)) == ()
