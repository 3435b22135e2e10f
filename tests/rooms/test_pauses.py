"""DTX: a pause stays a pause. Timestamps keep the step, numbers follow each other, nothing is filled in."""

from __future__ import annotations

import itertools

import pytest

from rooms import red, rtp
from tests.rooms.dryroom import RED_TYPE, DryRoom, Listener, Microphone
from tests.rooms.light_peer import AUDIO_TYPE

COMFORT = b"\xf8\xff"


def spurt(room: DryRoom, speaker: Microphone) -> None:
    """Half a second of speech, two seconds with one packet of comfort noise in 400 ms, speech again (marked)."""
    room.each_step(500, speaker.sound)
    for _ in range(5):
        room.advance(380)
        speaker.sound(ticks=19_200, payload=COMFORT)
    speaker.sequence += 1
    speaker.timestamp += 19_200
    plain = rtp.build(AUDIO_TYPE, True, speaker.sequence, speaker.timestamp, speaker.audio_ssrc, b"a:again")
    speaker.source.on_rtp(plain, room.now_ms)
    room.each_step(500, speaker.sound)


def on_air(*, agreed: bool = False) -> tuple[DryRoom, Microphone, Listener]:
    room = DryRoom()
    speaker, listener = room.microphone("a"), room.listener(redundancy=agreed)
    room.room.open_audio(frozenset({"a"}))
    room.each_step(100, speaker.sound)
    return room, speaker, listener


@pytest.mark.parametrize("lossy", [False, True])
def test_a_pause_keeps_its_length_and_its_markers(lossy: bool) -> None:
    room, speaker, listener = on_air(agreed=lossy)
    recorder = room.recorder()
    for _ in range(4):
        listener.reports(0.3 if lossy else 0.0)
    before = len(listener.packets)
    spurt(room, speaker)
    heard = listener.sound()[before:]
    assert {packet.payload_type for packet in heard} == {RED_TYPE if lossy else AUDIO_TYPE}
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(heard)]
    assert steps == [960] * 24 + [19_200] * 6 + [960] * 25
    assert {(b.sequence - a.sequence) & 0xFFFF for a, b in itertools.pairwise(heard)} == {1}
    assert [packet.marker for packet in heard].count(True) == 1
    assert heard[30].marker
    assert [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(recorder.packets)] == steps
    assert [packet.marker for packet in recorder.packets] == [packet.marker for packet in heard]


def test_nothing_is_carried_over_a_pause() -> None:
    room, speaker, listener = on_air(agreed=True)
    for _ in range(4):
        listener.reports(0.3)
    before = len(listener.packets)
    spurt(room, speaker)
    blocks = [len(red.unwrap(packet.payload)) for packet in listener.sound()[before:]]
    assert blocks[25:34] == [1, 1, 1, 1, 1, 1, 2, 3, 3]


def test_a_pause_is_nothing_to_ask_for() -> None:
    room, speaker, _ = on_air()
    spurt(room, speaker)
    room.advance(1000)
    assert speaker.asked_again() == []


def test_who_pauses_by_dtx_keeps_the_seat_and_is_heard_from_the_first_packet_on() -> None:
    room, speaker, listener = on_air()
    before = len(listener.packets)
    room.advance(5000)
    speaker.sound(ticks=5 * 48_000)
    assert len(listener.packets) == before + 1
