"""Slots, loudness and layers: decisions without packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms.bus import Bus
from rooms.interface import Refusal, Slot
from rooms.layers import ACTIVE_WITHIN_MS, HIGHEST, LOWEST, LayerActivity, choose, ranks
from rooms.loudness import Loudness

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
