"""Alarms of a source: raised within ten seconds, not at every hiccup, cleared when it is well for a while."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.alarms import SENTENCES
from server.domain.watching import PATIENCE, Look, Watch

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
WELL = Look(True, True, True, True, audible=True, packets=1000, lost=0, frames=500, level_dbov=60)


class Running:
    """A source that sends as it should, second by second, but for what a test changes."""

    def __init__(self, look=WELL):
        self.watch, self.look, self.now = Watch(), look, NOW

    def second(self, *, packets=100, lost=0, frames=25, **changes):
        self.now += SECOND
        before = self.look
        self.look = replace(
            before,
            packets=before.packets + packets,
            lost=before.lost + lost,
            frames=before.frames + frames,
            **changes,
        )
        self.watch.note(self.look, self.now)
        return self.watch.alarms

    def seconds(self, count, **changes):
        for _ in range(count):
            alarms = self.second(**changes)
        return alarms

    def until_raised(self, code, **changes):
        for second in range(1, 20):
            if code in self.second(**changes):
                return second
        raise AssertionError(f"{code} was never raised")


FAULTS = {
    "source_away": {"connected": False, "packets": 0, "frames": 0},
    "no_packets": {"packets": 0, "frames": 0},
    "source_frozen": {"frames": 0},
    "source_still": {"still": True},
    "source_black": {"black": True},
    "source_silent": {"level_dbov": 127},
    "heavy_loss": {"lost": 30},
    "no_keyframe": {"unanswered": 20, "frames": 0},
}


def test_every_alarm_has_its_test_and_its_words():
    assert {*FAULTS, "spare_ready"} == set(PATIENCE)
    assert set(PATIENCE) <= set(SENTENCES)


@pytest.mark.parametrize("code", FAULTS)
def test_each_fault_is_told_within_ten_seconds_alone_and_cleared_within_ten_more(code):
    source = Running()
    assert source.seconds(10) == frozenset()
    assert source.until_raised(code, **FAULTS[code]) <= 10
    assert source.seconds(3, **FAULTS[code]) == {code}
    well = {key: getattr(WELL, key) for key in FAULTS[code] if key not in ("packets", "lost", "frames")}
    assert source.seconds(10, **well) == frozenset()


@pytest.mark.parametrize("gone", [{"connected": False, "packets": 0, "frames": 0}, {"packets": 0, "frames": 0}])
def test_a_machine_that_stands_by_is_offered_before_anything_else_is_told(gone):
    source = Running()
    source.seconds(5)
    assert source.seconds(3, stand_in=True, **gone) == {"spare_ready"}
    assert "spare_ready" not in source.seconds(1, connected=True)
    assert source.seconds(3, stand_in=False, **gone) == frozenset()


def test_a_black_picture_that_never_changes_has_one_fault():
    assert Running().seconds(10, black=True, still=True) == {"source_black"}


@pytest.mark.parametrize("code", sorted(FAULTS.keys() - {"source_still"}))  # still is what was still for seconds
def test_a_hiccup_of_two_seconds_is_no_alarm(code):
    source = Running()
    source.seconds(10)
    assert source.seconds(2, **FAULTS[code]) == frozenset()


def test_who_is_not_expected_may_be_away_and_who_should_not_be_heard_be_silent():
    source = Running(replace(WELL, expected=False, audible=False))
    assert source.seconds(20, connected=False, packets=0, frames=0) == frozenset()
    assert source.seconds(20, connected=True, level_dbov=127) == frozenset()


def test_loss_between_the_two_marks_keeps_what_it_is():
    quiet, loud = Running(), Running()
    assert quiet.seconds(20, lost=8) == frozenset()
    loud.until_raised("heavy_loss", lost=30)
    assert loud.seconds(20, lost=8) == {"heavy_loss"}
    assert loud.seconds(15, lost=2) == frozenset()


def test_a_new_connection_counts_from_its_own_beginning():
    source = Running()
    source.seconds(10)
    source.look = replace(source.look, packets=0, lost=0, frames=0)
    assert source.seconds(10) == frozenset()


_AS_IT_WAS = {key: getattr(WELL, key) for key in ("connected", "level_dbov", "unanswered", "black", "still")}


@given(st.lists(st.sampled_from([{}, {}, *FAULTS.values()]), max_size=60))
def test_an_alarm_needs_its_patience_and_who_sends_nothing_has_no_second_fault(steps):
    source, wrong = Running(), 0
    for step in steps:
        before = source.watch.alarms
        alarms = source.second(**{**_AS_IT_WAS, **step})
        wrong = wrong + 1 if step else 0
        raised = alarms - before - {"heavy_loss", "source_still"}  # they are what held for seconds
        assert not raised or wrong >= 3
        assert alarms <= set(PATIENCE)
