"""Placing and mixing the audio slots."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings.opusmix import BLOCK, CEILING, Anchor, Mixer, Placed, Voice
from rooms.interface import Slot
from tests.recordings import rtp


def tone(samples: int, level: float = 0.5, channels: int = 1):
    wave = np.sin(np.arange(samples) * 2 * np.pi * 440 / 48_000) * level
    return np.tile(wave.astype(np.float32), (channels, 1))


def taken(mixer: Mixer, until: int) -> np.ndarray:
    blocks = [np.zeros((1, BLOCK), np.float32) if block is None else block for _, block in mixer.take(until)]
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), np.float32)


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3_000)), max_size=8))
def test_the_mix_is_the_sum_at_the_right_place(parts):
    mixer = Mixer(1)
    expected = np.zeros((1, 24_000), np.float32)
    for start, count in parts:
        sound = tone(count, 0.1)
        mixer.add(Placed(start, sound))
        expected[:, start : start + count] += sound
    mixed = taken(mixer, 24_000)
    np.testing.assert_allclose(mixed, expected[:, : mixed.shape[1]], atol=1e-6)


@settings(deadline=None)  # the machine may be busy
@given(st.integers(1, 6), st.floats(0.1, 1.0), st.integers(0, 5_000))
def test_however_loud_the_voices_the_sum_stays_below_the_ceiling(voices, level, start):
    mixer = Mixer(1)
    for _ in range(voices):
        mixer.add(Placed(start, tone(12_000, level)))
    mixed = taken(mixer, 30_000)
    assert float(np.abs(mixed).max()) <= CEILING + 1e-4
    steps = np.abs(np.diff(mixed))
    assert float(steps.max()) < 0.2  # no click: a 440 Hz sine at full level moves 0.06 a sample


def test_quiet_sound_passes_unchanged_after_a_loud_one():
    mixer = Mixer(1)
    mixer.add(Placed(0, tone(4_800, 2.0)))
    mixer.add(Placed(48_000, tone(48_000, 0.1)))
    mixed = taken(mixer, 110_000)
    np.testing.assert_allclose(mixed[:, 60_000:90_000], tone(48_000, 0.1)[:, 12_000:42_000], atol=1e-6)


def test_what_comes_after_its_time_is_dropped_and_counted():
    mixer = Mixer(1)
    mixer.take(10 * BLOCK)
    passed = mixer.position
    mixer.add(Placed(passed - 1_000, tone(1_500)))
    assert mixer.late_samples == 1_000
    mixer.add(Placed(passed + 48_000 * 60, tone(100)))
    assert mixer.late_samples == 1_100


@settings(deadline=None)  # the machine may be busy
@given(st.floats(-100, 100), st.integers(0, 2**32 - 1))
def test_a_senders_clock_drift_never_moves_its_voice_by_more_than_40_ms(parts_per_million, first):
    anchor = Anchor(first, 0)
    worst = 0
    for packet in range(0, 90_000, 50):  # half an hour
        true = packet * 960
        timestamp = (first + round(true * (1 + parts_per_million / 1e6))) & 0xFFFFFFFF
        worst = max(worst, abs(anchor.place(timestamp, true) - true))
    assert worst <= 40 * 48


def test_a_steady_stream_is_placed_without_seams_whatever_the_jitter_of_its_times():
    anchor = Anchor(0, 0)
    jitter = np.random.default_rng(5).integers(-480, 480, 500)
    places = [anchor.place(n * 960, n * 960 + int(jitter[n])) for n in range(500)]
    assert places == [n * 960 for n in range(500)]


def test_a_voice_decodes_in_order_and_skips_broken_packets():
    voice = Voice(1, hold_ms=100.0)
    sender = rtp.voice(Slot.AUDIO_1)
    packets = rtp.sound(sender, 0.0, rtp.opus(1_000))
    packets[10], packets[11] = packets[11], packets[10]
    placed = [one for packet in packets for one in voice.push(packet, round(packet.media_ms * 48), packet.media_ms)]
    assert [one.position for one in placed] == [n * 960 for n in range(len(packets))]
    sound = np.concatenate([one.sound for one in placed], axis=1)
    assert float(np.sqrt((sound[:, 9_600:] ** 2).mean())) == pytest.approx(0.4 / np.sqrt(2), rel=0.05)
    broken = sender.packets(1_000.0, [b"\xff\xff\xff"])[0]
    assert voice.push(broken, 48_000, 1_000.0) == []
    assert voice.bad_packets == 1


def test_a_pause_of_the_sender_is_silence_of_its_length():
    """DTX: numbers follow each other, times do not; what comes after the pause is neither early nor late."""
    voice, mixer = Voice(1, hold_ms=100.0), Mixer(1)
    sender = rtp.voice(Slot.AUDIO_1)
    packets = rtp.sound(sender, 0.0, rtp.opus(1_000))
    packets += rtp.sound(sender, 3_000.0, rtp.opus(1_000))
    for packet in packets:
        for placed in voice.push(packet, round(packet.media_ms * 48), packet.media_ms):
            mixer.add(placed)
    heard = taken(mixer, 5 * 48_000)[0]
    loud = [bool(np.abs(heard[at * 4_800 : (at + 1) * 4_800]).max() > 0.1) for at in range(40)]
    assert loud == [True] * 10 + [False] * 20 + [True] * 10
    assert mixer.late_samples == 0
