"""Every reader of foreign bytes: valid samples mutated, bytes at random, and every crash that was ever found."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.entrance import Entrance
from tests.fuzz.targets import TARGETS

pytestmark = pytest.mark.long

CRASHES = Path(__file__).parent / "crashes"
FOUND = sorted(path for path in CRASHES.glob("*/*") if path.is_file())
EVERY = pytest.mark.parametrize("name", TARGETS)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, 4095), st.integers(1, 255)),
        st.tuples(st.just("cut"), st.integers(0, 4095), st.integers(1, 64)),
        st.tuples(st.just("put"), st.integers(0, 4095), st.binary(min_size=1, max_size=16)),
        st.tuples(st.just("double"), st.integers(0, 4095), st.integers(1, 64)),
    ),
    max_size=6,
)


def edited(sample: bytes, edits: list[tuple[str, int, int | bytes]]) -> bytes:
    for what, place, how in edits:
        at = place % (len(sample) + 1)
        if isinstance(how, bytes):
            sample = sample[:at] + how + sample[at:]
        elif what == "flip":
            sample = sample[:at] + bytes(byte ^ how for byte in sample[at : at + 1]) + sample[at + 1 :]
        elif what == "cut":
            sample = sample[:at] + sample[at + how :]
        else:
            sample = sample[: at + how] + sample[at:]
    return sample


@EVERY
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_no_bytes_and_no_change_of_valid_ones_break_what_reads_them(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    sample = data.draw(st.one_of(st.sampled_from(target.samples), st.binary(max_size=200)))
    target.run(edited(sample, data.draw(EDITS))[: target.max_bytes])


@EVERY
def test_valid_samples_are_read(name: str) -> None:
    for sample in TARGETS[name].samples:
        TARGETS[name].run(sample)


@pytest.mark.parametrize("path", FOUND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_crash_that_was_found_is_none_any_more(path: Path) -> None:
    TARGETS[path.parent.name].run(path.read_bytes())


def test_every_crash_belongs_to_a_target() -> None:
    assert {path.parent.name for path in FOUND} <= set(TARGETS)


def test_the_way_in_is_alive_in_this_test() -> None:
    """Else the fuzzer would knock at a door behind which nobody is."""
    entrance = Entrance()
    entrance.play(TARGETS["way-in"].samples[0] * 2)
    source = entrance.hall.room.sources["publisher"]
    assert source.state(entrance.hall.now_ms).packets_received >= 5
    assert entrance.hall.datagrams, "nothing was forwarded to the viewer"
