"""RFC 6184 payloads back to pictures, on real libx264 streams, and against nonsense."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.depacketise import AccessUnit, Depacketiser
from recordings.h264 import NAL_IDR, NAL_PPS, NAL_SPS, nal_type
from rooms.interface import Slot
from rooms.parameter_set import BadParameterSet, picture_size
from tests.recordings import rtp

PICTURES = rtp.video(320, 240, 40, 10, 120)


def units_of(packets, lost=frozenset()) -> list[AccessUnit]:
    depacketiser = Depacketiser()
    out, missing = [], False
    for packet in packets:
        if packet.sequence in lost:
            missing = True
            continue
        out += depacketiser.push(packet, packet.media_ms, lost=missing)
        missing = False
    return out


def sample(nals: list[bytes]) -> bytes:
    kept = [nal for nal in nals if nal_type(nal) not in (NAL_SPS, NAL_PPS)]
    return b"".join(len(nal).to_bytes(4, "big") + nal for nal in kept)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(3, 1400))
def test_pictures_come_back_byte_by_byte_whatever_the_packet_size(mtu):
    sender = rtp.Sender(Slot.CAMERA)
    packets = [p for n, nals in enumerate(PICTURES[:12]) for p in sender.packets(n * 33.0, rtp.payloads(nals, mtu))]
    units = units_of(packets)
    assert [unit.sample for unit in units] == [sample(nals) for nals in PICTURES[:12]]
    assert [unit.keyframe for unit in units] == [rtp.is_keyframe(nals) for nals in PICTURES[:12]]
    assert (units[0].format.width, units[0].format.height) == (320, 240)


@settings(deadline=None)  # the machine may be busy
@given(st.sets(st.integers(0, 200), max_size=10))
def test_after_a_loss_nothing_comes_before_a_keyframe(gaps):
    sender = rtp.Sender(Slot.CAMERA, sequence=0)
    packets = [p for n, nals in enumerate(PICTURES) for p in sender.packets(float(n), rtp.payloads(nals, 400))]
    units = units_of(packets, gaps)
    hurt = {int(packet.media_ms) for packet in packets if packet.sequence in gaps}
    expected, whole = [], False
    for number, nals in enumerate(PICTURES):
        if number in hurt:
            whole = False
        elif rtp.is_keyframe(nals):
            whole = True
        if whole:
            expected.append(number)
    # A loss at the very end of a picture may cost the keyframe behind it, never let a broken picture through.
    got = [int(unit.media_ms) for unit in units]
    assert set(got) <= set(expected)
    assert [unit.sample for unit in units] == [sample(PICTURES[number]) for number in got]
    if not gaps:
        assert got == expected


def test_a_keyframe_whole_behind_a_loss_is_used():
    sender = rtp.Sender(Slot.CAMERA, sequence=0)
    packets = [p for n, nals in enumerate(PICTURES[:12]) for p in sender.packets(float(n), rtp.payloads(nals))]
    last_of_ninth = max(packet.sequence for packet in packets if packet.media_ms == 9.0)
    units = units_of(packets, {last_of_ninth})
    assert [int(unit.media_ms) for unit in units] == [*range(9), 10, 11]


def test_a_new_epoch_waits_for_its_own_keyframe_and_parameter_sets():
    sender = rtp.Sender(Slot.CAMERA)
    packets = [p for n in range(5) for p in sender.picture(float(n), PICTURES[n])]
    sender.switch("venue")
    packets += [p for n in range(5, 12) for p in sender.picture(float(n), PICTURES[n])]
    assert [int(unit.media_ms) for unit in units_of(packets)] == [0, 1, 2, 3, 4, 10, 11]


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans(), st.booleans()), max_size=60))
def test_nonsense_never_raises_and_a_keyframe_after_it_is_good(noise):
    sender = rtp.Sender(Slot.CAMERA)
    depacketiser = Depacketiser()
    for payload, marker, lost in noise:
        (packet,) = sender.packets(0.0, [payload])
        depacketiser.push(replace(packet, marker=marker), 0.0, lost=lost)
    sender.switch("again")
    units = [u for p in sender.picture(5.0, PICTURES[0]) for u in depacketiser.push(p, 5.0, lost=False)]
    assert [unit.sample for unit in units] == [sample(PICTURES[0])]


def test_padding_only_packets_carry_nothing_and_break_nothing():
    sender = rtp.Sender(Slot.CAMERA)
    first, second = sender.picture(0.0, PICTURES[0]), sender.picture(33.0, PICTURES[1])
    padding = replace(first[0], payload=b"", marker=False)
    assert len(units_of([padding, *first, padding, *second])) == 2


@pytest.mark.parametrize("size", [(32, 16), (320, 180), (640, 360), (1280, 720), (1920, 1080), (500, 302)])
def test_picture_size_is_read_from_the_sps(size):
    nals = rtp.video(*size, 1, 1, 100)[0]
    sps = next(nal for nal in nals if nal_type(nal) == NAL_SPS)
    assert picture_size(sps) == size
    assert any(nal_type(nal) == NAL_IDR for nal in nals)


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=60))
def test_a_broken_sps_is_refused_not_believed(noise):
    try:
        width, height = picture_size(b"\x67" + noise)
    except BadParameterSet:
        return
    assert 0 < width <= 8192
    assert 0 < height <= 8192
