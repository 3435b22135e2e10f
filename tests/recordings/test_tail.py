"""The last seconds outlive the process that took them in."""

import os
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import tail
from recordings.tail import Tail
from rooms.interface import ProgrammePacket, Slot


@pytest.fixture
def memory():
    descriptor = tail.make()
    yield descriptor
    os.close(descriptor)


def packet(sequence=1, payload=b"x", slot=Slot.CAMERA):
    return ProgrammePacket(slot, "main", 1, "H264", sequence, 90 * sequence, True, 33.25 * sequence, payload)


def sequences(memory):
    return [kept.packet.sequence for kept in Tail(memory).read()]


packets = st.builds(
    ProgrammePacket,
    slot=st.sampled_from(Slot),
    source_id=st.text(max_size=40),
    epoch=st.integers(0, 2**31),
    codec=st.sampled_from(["H264", "VP8", "opus"]),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    marker=st.booleans(),
    media_ms=st.floats(0, 1e9),
    payload=st.binary(max_size=1500),
)


@given(taken=st.lists(st.lists(packets, min_size=1, max_size=5), max_size=10))
@settings(deadline=None)
def test_a_successor_reads_what_was_kept(taken):
    memory = tail.make()
    one = Tail(memory)
    for number, each in enumerate(taken):
        one.keep("rec-1", 1000.5, each, float(number))
    found = Tail(memory).read()
    assert [kept.packet for kept in found] == [packet for frame in taken for packet in frame]
    assert [kept.at_ms for kept in found] == [float(number) for number, frame in enumerate(taken) for _ in frame]
    assert all((kept.recording_id, kept.origin_media_ms) == ("rec-1", 1000.5) for kept in found)
    os.close(memory)


def test_what_is_older_than_two_spans_is_gone_and_one_span_is_always_there(memory):
    one = Tail(memory)
    for number in range(60):
        one.keep("rec-1", 0.0, [packet(number)], number * 500.0)
    found = sequences(memory)
    assert found == list(range(found[0], 60))
    assert tail.SPAN_MS / 500 <= len(found) <= 2 * tail.SPAN_MS / 500


def test_a_successor_that_is_killed_too_leaves_both_lives(memory):
    for start in (0, 100):
        life = Tail(memory)
        for number in range(start, start + 3):
            life.keep("rec-1", 0.0, [packet(number)], float(number))
    found = Tail(memory).read()
    assert [kept.packet.sequence for kept in found] == [0, 1, 2, 100, 101, 102]
    assert len({kept.run for kept in found}) == 2


def test_a_packet_that_was_half_written_does_not_count(memory):
    one = Tail(memory)
    one.keep("rec-1", 0.0, [packet(1)], 0.0)
    at = 4096 + one._half_bytes + one._used  # where the next one begins: the first turn is in the second half
    one._memory[at : at + 4] = struct.pack("<I", 99)
    assert sequences(memory) == [1]


def test_a_full_half_takes_no_more_until_its_time_is_over():
    memory = os.memfd_create("small")
    os.ftruncate(memory, 4096 + 2 * 1000)
    one = Tail(memory)
    for number in range(5):
        one.keep("rec-1", 0.0, [packet(number, bytes(300))], float(number))
    assert one.dropped == 3
    one.keep("rec-1", 0.0, [packet(9, bytes(300))], tail.SPAN_MS)
    assert sequences(memory) == [0, 1, 9]
    one.close()
    one.close()
    os.close(memory)
