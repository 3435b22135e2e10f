"""Slots, loudness and layers: decisions without packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.bus import Bus
from rooms.interface import Refusal, Slot
from rooms.layers import ACTIVE_WITHIN_MS, HIGHEST, LOWEST, LayerActivity, choose, ranks
from rooms.loudness import MARGIN_DB, MIN_SEAT_MS, PROVE_MS, Loudness

LEVELS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 127), min_size=1)


def test_a_slot_keeps_its_source_while_that_is_away() -> None:
    bus = Bus()
    bus.take(Slot.CAMERA, "lecturer")
    assert bus.source_in(Slot.CAMERA) == "lecturer"
    assert bus.assignments()[Slot.SCREEN] is None


def test_sound_slots_cannot_be_taken_by_hand() -> None:
    with pytest.raises(Refusal) as refusal:
        Bus().take(Slot.AUDIO_1, "lecturer")
    assert refusal.value.code == "slot_unknown"


def test_opened_sources_are_seated_at_once_while_there_is_room() -> None:
    bus = Bus()
    bus.open_audio(frozenset({"a", "b"}), 0.0)
    assert {bus.source_in(slot) for slot in (Slot.AUDIO_1, Slot.AUDIO_2)} == {"a", "b"}


def test_a_closed_microphone_leaves_its_slot_at_once_and_the_others_stay_where_they_are() -> None:
    bus = Bus()
    bus.open_audio(frozenset({"a", "b", "c"}), 0.0)
    before = {source: slot for slot, source in bus.assignments().items() if source}
    bus.open_audio(frozenset({"b", "c"}), 1.0)
    after = {source: slot for slot, source in bus.assignments().items() if source}
    assert after == {source: slot for source, slot in before.items() if source != "a"}


@given(st.lists(st.tuples(LEVELS, st.floats(0, 2000), st.sets(st.sampled_from("abcdef")))))
def test_only_opened_sources_sit_none_twice_and_no_seat_stays_free_while_one_waits(
    rounds: list[tuple[dict[str, int], float, set[str]]],
) -> None:
    loudness, now = Loudness(3), 0.0
    for levels, passed, opened in rounds:
        now += passed
        loudness.allow(opened, now)
        for source, level in levels.items():
            loudness.heard(source, level, now)
        loudness.rearrange(now)
        seated = [source for source in loudness.seated if source is not None]
        assert set(seated) <= opened
        assert len(seated) == len(set(seated)) == min(3, len(opened))


def speak(loudness: Loudness, levels: dict[str, int], start_ms: float, seconds: float) -> list[tuple[str | None, ...]]:
    seats = []
    for step in range(round(seconds * 50)):
        for source, level in levels.items():
            loudness.heard(source, level, start_ms + step * 20)
        loudness.rearrange(start_ms + step * 20)
        seats.append(tuple(loudness.seated))
    return seats


def test_a_louder_speaker_displaces_the_quietest_after_proving_it() -> None:
    loudness = Loudness(3)
    loudness.allow("abcd", 0.0)
    seats = speak(loudness, {"a": 30, "b": 40, "c": 100, "d": 20}, MIN_SEAT_MS, 2.0)
    assert seats[0] == ("a", "b", "c")
    assert seats[-1] == ("a", "b", "d")
    first = next(number for number, seated in enumerate(seats) if "d" in seated)
    assert first * 20 >= PROVE_MS


def test_two_speakers_of_nearly_the_same_level_do_not_take_turns() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    near = int(MARGIN_DB) - 1
    seats = []
    for turn in range(20):
        levels = {"a": 40, "b": 40 - near} if turn % 2 else {"a": 40 - near, "b": 40}
        seats += speak(loudness, levels, 5000.0 + turn * 500, 0.5)
    assert len(set(seats)) == 1


def test_nobody_loses_a_seat_within_its_first_moments() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    seats = speak(loudness, {"a": 127, "b": 0}, 0.0, MIN_SEAT_MS / 1000)
    assert set(seats) == {("a",)}


def test_a_source_that_has_stopped_sending_yields_to_one_that_whispers() -> None:
    loudness = Loudness(1)
    loudness.allow("ab", 0.0)
    speak(loudness, {"a": 10}, 0.0, 3.0)
    seats = speak(loudness, {"b": 90}, 3000.0, 3.0)
    assert seats[0] == ("a",)
    assert seats[-1] == ("b",)


def test_layers_are_ordered_by_their_known_names_else_as_listed() -> None:
    assert ranks(("f", "q", "h")) == {"q": 0, "h": 1, "f": 2}
    assert ranks(("h", "m", "l")) == {"l": 0, "m": 1, "h": 2}
    assert ranks(("x", "y")) == {"x": 0, "y": 1}
    assert ranks(()) == {}


def test_the_programme_follows_the_highest_layer_that_is_being_sent() -> None:
    layers = [LayerActivity(0, 5000.0), LayerActivity(1, 5000.0), LayerActivity(2, 5000.0 - ACTIVE_WITHIN_MS - 1)]
    assert choose(layers, HIGHEST, 5000.0) == 1
    assert choose(layers, LOWEST, 5000.0) == 0


def test_a_source_that_stalls_keeps_its_last_layer() -> None:
    layers = [LayerActivity(0, 100.0), LayerActivity(1, 200.0)]
    assert choose(layers, LOWEST, 90_000.0) == 1
    assert choose([], LOWEST, 0.0) is None
