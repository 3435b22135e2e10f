"""Three seats for many voices: nobody flaps, nobody who speaks waits for long."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.loudness import (
    ASSUMED_DBOV,
    IDLE_MS,
    MARGIN_DB,
    MIN_SEAT_MS,
    PROVE_IDLE_MS,
    PROVE_MS,
    SPEAKS_DBOV,
    Loudness,
)
from tests.rooms.dryroom import DryRoom

PACKET_MS = 20.0
Seats = tuple[str | None, ...]


def speak(loudness: Loudness, levels: dict[str, int], start_ms: float, seconds: float) -> list[Seats]:
    """Everybody sends his level fifty times a second; who sat where after each step."""
    seats = []
    for step in range(round(seconds * 50)):
        for source, level in levels.items():
            loudness.heard(source, level, start_ms + step * PACKET_MS)
        loudness.rearrange(start_ms + step * PACKET_MS)
        seats.append(tuple(loudness.seated))
    return seats


def waited_ms(seats: list[Seats], source: str) -> float:
    return next(number for number, seated in enumerate(seats) if source in seated) * PACKET_MS


def test_a_louder_speaker_displaces_the_quietest_after_proving_it() -> None:
    loudness = Loudness(3)
    loudness.allow("abcd", 0.0)
    speak(loudness, {"a": 30, "b": 40, "c": 55, "d": 127}, 0.0, 2.0)
    seats = speak(loudness, {"a": 30, "b": 40, "c": 55, "d": 20}, 2000.0, 2.0)
    assert seats[-1] == ("a", "b", "d")
    assert PROVE_MS <= waited_ms(seats, "d") <= PROVE_MS + 100


def test_who_has_been_silent_longest_makes_room_for_a_speaker_nearly_at_once() -> None:
    loudness = Loudness(3)
    loudness.allow("abcd", 0.0)
    speak(loudness, {"a": 30, "b": 30, "c": 30, "d": 127}, 0.0, 2.0)
    speak(loudness, {"a": 30, "b": 127, "c": 30, "d": 127}, 2000.0, 2.0)
    speak(loudness, {"a": 30, "b": 90, "c": 92, "d": 127}, 4000.0, 3.0)
    seats = speak(loudness, {"a": 30, "b": 90, "c": 92, "d": 30}, 7000.0, 1.0)
    assert seats[-1] == ("a", "d", "c"), "the one who spoke last kept his seat though he is quieter now"
    assert waited_ms(seats, "d") <= PROVE_IDLE_MS + 60


def test_an_opened_source_that_speaks_already_sits_at_once() -> None:
    loudness = Loudness(2)
    loudness.allow("", 0.0)
    speak(loudness, {"a": 100, "b": 100, "c": 30}, 0.0, 1.0)
    loudness.allow("abc", 1000.0)
    assert "c" in loudness.seated


def test_who_was_given_a_free_seat_and_says_nothing_makes_room_within_his_first_moments_too() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    assert loudness.seated == ["a"]
    assert waited_ms(speak(loudness, {"a": 127, "b": 20}, 0.0, 1.0), "b") <= PROVE_IDLE_MS + 60


def test_a_source_that_has_stopped_sending_yields_to_one_that_whispers() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    speak(loudness, {"a": 10}, 0.0, 3.0)
    seats = speak(loudness, {"b": 90}, 3000.0, 3.0)
    assert seats[0] == ("a",)
    assert seats[-1] == ("b",)


def test_two_who_become_the_loudest_by_turns_do_not_keep_each_other_waiting() -> None:
    loudness = Loudness(1)
    loudness.allow("abc", 0.0)
    speak(loudness, {"a": 55, "b": 127, "c": 127}, 0.0, 2.0)
    seats: list[Seats] = []
    for turn in range(20):
        levels = {"a": 55, "b": 20, "c": 25} if turn % 2 else {"a": 55, "b": 25, "c": 20}
        seats += speak(loudness, levels, 2000.0 + turn * 100, 0.1)
    assert min(waited_ms(seats, "b") if any("b" in s for s in seats) else 9e9, waited_ms(seats, "c")) <= PROVE_MS + 100


def test_two_speakers_of_nearly_the_same_level_do_not_take_turns() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    near = int(MARGIN_DB) - 1
    seats = []
    for turn in range(20):
        levels = {"a": 40, "b": 40 - near} if turn % 2 else {"a": 40 - near, "b": 40}
        seats += speak(loudness, levels, 5000.0 + turn * 500, 0.5)
    assert len(set(seats)) == 1


def test_pauses_between_words_cost_nobody_a_seat() -> None:
    """Four people in a discussion where one only coughs: words of 300 ms with pauses of 600 ms, noise at 70."""
    loudness = Loudness(3)
    loudness.allow("abcd", 0.0)
    now = 0.0
    speak(loudness, {"a": 30, "b": 30, "c": 30, "d": 80}, now, 2.0)
    changes = loudness.changes
    for _ in range(40):
        speak(loudness, {"a": 30, "b": 32, "c": 28, "d": 80}, now := now + 2000, 0.3)
        speak(loudness, {"a": 70, "b": 70, "c": 70, "d": 66}, now := now + 300, 0.6)
        now += 600 - 2000
    assert loudness.changes == changes


# ---- whatever happens

LEVEL = st.integers(0, 127)
TRACE = st.lists(st.tuples(st.dictionaries(st.sampled_from("abcdefg"), LEVEL), st.integers(1, 60)), max_size=40)


def run(loudness: Loudness, trace: list[tuple[dict[str, int], int]], look: Callable[[float], None]) -> None:
    now = 0.0
    for levels, packets in trace:
        for _ in range(packets):
            now += PACKET_MS
            for source, level in levels.items():
                loudness.heard(source, level, now)
            loudness.rearrange(now)
            look(now)


@settings(deadline=None)
@given(TRACE)
def test_nobody_who_won_a_seat_loses_it_within_the_minimum(trace: list[tuple[dict[str, int], int]]) -> None:
    loudness = Loudness(3)
    loudness.allow("abcdefg", 0.0)
    won_at_ms: dict[str, float] = {}
    before = list(loudness.seated)

    def look(now_ms: float) -> None:
        nonlocal before
        for old, new in zip(before, loudness.seated, strict=True):
            if old != new:
                assert old is not None
                assert new is not None
                assert now_ms - won_at_ms.pop(old, float("-inf")) >= MIN_SEAT_MS
                won_at_ms[new] = now_ms
        before = list(loudness.seated)

    run(loudness, trace, look)


@settings(deadline=None)
@given(TRACE)
def test_seats_change_only_for_somebody_louder_by_the_margin(trace: list[tuple[dict[str, int], int]]) -> None:
    loudness = Loudness(3)
    loudness.allow("abcdefg", 0.0)
    before = list(loudness.seated)

    def look(_: float) -> None:
        nonlocal before
        for old, new in zip(before, loudness.seated, strict=True):
            if old != new:
                assert loudness.level(str(old)) - loudness.level(str(new)) >= MARGIN_DB
        before = list(loudness.seated)

    run(loudness, trace, look)


@settings(deadline=None)
@given(TRACE)
def test_one_challenger_at_a_time_and_never_one_source_on_two_seats(trace: list[tuple[dict[str, int], int]]) -> None:
    loudness = Loudness(3)
    loudness.allow("abcdefg", 0.0)
    before = list(loudness.seated)

    def look(_: float) -> None:
        nonlocal before
        assert len(set(loudness.seated)) == 3
        assert sum(old != new for old, new in zip(before, loudness.seated, strict=True)) <= 1
        before = list(loudness.seated)

    run(loudness, trace, look)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1 << 32), st.integers(4, 20), st.integers(20, 90), st.integers(0, 10))
def test_noise_moves_nobody(seed: int, rooms: int, mean: int, spread: int) -> None:
    """Rooms of one loudness, each packet up to ``spread`` dB off: at most two changes a minute once they are seated."""
    dice, loudness = random.Random(seed), Loudness(3)
    names = [str(number) for number in range(rooms)]
    loudness.allow(names, 0.0)
    changes = 0
    for step in range(60 * 50):
        for name in names:
            loudness.heard(name, mean + dice.randint(-spread, spread), step * PACKET_MS)
        loudness.rearrange(step * PACKET_MS)
        if step == 4 * 50:
            changes = loudness.changes
    assert loudness.changes - changes <= 2


@settings(deadline=None)
@given(TRACE, st.sampled_from("defg"))
def test_who_speaks_clearly_into_a_room_with_a_silent_seat_is_heard_soon(
    trace: list[tuple[dict[str, int], int]], speaker: str
) -> None:
    """Whatever was before: two go on, the third falls silent, a fourth begins to speak a second and a half later."""
    loudness = Loudness(3)
    loudness.allow("abcdefg", 0.0)
    run(loudness, trace, lambda _: None)
    now = 1e6
    others = dict.fromkeys("abc", 30)
    speak(loudness, others, now, 5.0)
    assert set(loudness.seated) == set("abc")
    speak(loudness, {"a": 30, "b": 30, "c": 100}, now + 5000, IDLE_MS / 1000 + 1.0)
    seats = speak(loudness, {"a": 30, "b": 30, "c": 100, speaker: 30}, now + 6000 + IDLE_MS, 1.0)
    assert waited_ms(seats, speaker) <= PROVE_IDLE_MS + 60


# ---- sources that tell no levels


@pytest.mark.parametrize("level", [30, None])
def test_a_source_without_levels_is_heard(level: int | None) -> None:
    """Three silent rooms are opened before it; it begins to send."""
    room = DryRoom()
    silent = [room.microphone(name, level=100) for name in "abc"]
    kit = room.microphone("kit", level=level)
    listener = room.listener()
    room.room.open_audio(frozenset({"a", "b", "c", "kit"}))

    def all_speak() -> None:
        for microphone in silent:
            microphone.sound()
        kit.sound()

    room.each_step(3000, lambda: [microphone.sound() for microphone in silent])
    assert "kit" not in room.seated()
    room.each_step(200, all_speak)
    assert "kit" in room.seated()
    assert "kit" in listener.heard()


def test_a_source_without_levels_makes_room_while_its_encoder_says_that_nothing_is_there() -> None:
    room = DryRoom()
    kits = [room.microphone(name, level=None) for name in "abcd"]
    room.room.open_audio(frozenset("abcd"))
    room.each_step(2000, lambda: [kit.sound() for kit in kits[:3]])
    assert set(room.seated()) == set("abc")

    def a_pauses() -> None:
        for kit in kits:
            kit.sound(payload=b"\xf8" if kit.name == "a" else b"")

    room.each_step(2500, a_pauses)
    assert set(room.seated()) == set("bcd")


def test_what_is_assumed_is_quieter_than_a_speaker_and_louder_than_a_room() -> None:
    assert 30 + MARGIN_DB < ASSUMED_DBOV < SPEAKS_DBOV


def test_once_a_source_told_levels_none_is_assumed() -> None:
    room = DryRoom()
    speaker = room.microphone("a", level=90)
    room.each_step(200, speaker.sound)
    speaker.level = None
    room.each_step(200, speaker.sound)
    assert room.room.state(room.now_ms).sources[0].audio_level_dbov == 90


def test_changes_of_seats_are_counted() -> None:
    room = DryRoom()
    speakers = [room.microphone(name, level=40) for name in "abcd"]
    room.room.open_audio(frozenset("abcd"))
    assert room.room.tally()["seat_changes"] == 3
    speakers[3].level = 10
    room.each_step(3000, lambda: [speaker.sound() for speaker in speakers])
    assert room.room.tally()["seat_changes"] == 4
    assert len(list(itertools.chain(room.seated()))) == 3
