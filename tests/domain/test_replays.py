"""What counts of a recording that is watched again, by the server's clock alone."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.replays import (
    LATE,
    LONGEST,
    MOST_SPANS,
    SLACK,
    Beat,
    Heard,
    ReplayRule,
    Watch,
    hear,
    lasted_ms,
    missing,
    progress_percent,
    reached_ms,
    union,
)

T0 = dt.datetime(2026, 11, 26, 8, tzinfo=dt.UTC)
TOTAL = 3_600_000
ALL = ((0, TOTAL),)
RULE, FREE = ReplayRule(), ReplayRule(skips=True)
TRUST_S = (SLACK + LATE).total_seconds()
spans = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), max_size=12)


def later(seconds):
    return T0 + dt.timedelta(seconds=seconds)


class Viewer:
    """A page that beats, and the watch that comes of it."""

    def __init__(self, watch=None, rule=RULE, fetched=ALL):
        self.watch, self.rule, self.fetched, self.numbers = watch or Watch(), rule, fetched, {}

    def at(self, seconds, position, *, device="phone", playing=True, visible=True, rate=100):
        number = self.numbers[device] = self.numbers.get(device, 0) + 1
        beat = Beat(device, number, round(position * 1000), rate, playing, visible)
        self.watch, said = hear(self.watch, beat, later(seconds), fetched=self.fetched, total_ms=TOTAL, rule=self.rule)
        return said

    @property
    def seconds(self):
        return lasted_ms(self.watch.watched) / 1000


# ---- unions ----------------------------------------------------------------------------------------------


def milliseconds(these):
    return {each for since, until in these for each in range(since, until)}


@given(spans)
def test_a_union_has_the_same_milliseconds_apart_and_in_order(these):
    made = union(these)
    assert milliseconds(made) == milliseconds(these)
    assert lasted_ms(made) == len(milliseconds(these))
    assert all(a[1] < b[0] for a, b in itertools.pairwise(made))
    assert union(made) == made


@given(spans, st.tuples(st.integers(0, 200), st.integers(0, 200)))
def test_missing_is_the_difference(these, span):
    assert milliseconds(missing(span, union(these))) == milliseconds([span]) - milliseconds(these)


# ---- honest watching -------------------------------------------------------------------------------------


def test_what_was_played_between_two_beats_counts():
    viewer = Viewer()
    assert viewer.at(0, 0) is Heard.BEGUN
    assert viewer.at(10, 10) is Heard.CREDITED
    assert viewer.at(20, 30, rate=200) is Heard.CREDITED
    assert viewer.watch.watched == ((0, 30_000),)
    assert viewer.watch.position_ms == 30_000


@given(
    st.lists(
        st.tuples(
            st.integers(1, 100),  # tenths of seconds until the next beat
            st.sampled_from([75, 100, 150, 200]),
            st.sampled_from(["play", "pause", "reload", "other device"]),
            st.integers(0, 600),  # how long the pause is
        ),
        min_size=1,
        max_size=30,
    )
)
def test_pauses_reloads_and_other_devices_cost_nothing_and_give_nothing_twice(steps):
    viewer, clock, position, device = Viewer(), 0.0, 0.0, "phone"
    viewer.at(clock, position)
    for number, (tenths, rate, then, pause) in enumerate(steps):
        clock += tenths / 10
        position += tenths / 10 * rate / 100
        assert viewer.at(clock, position, device=device, playing=then == "play") is Heard.CREDITED
        if then == "play":
            continue
        clock += pause
        device = device if then == "pause" else f"{then} {number}"
        assert viewer.at(clock, viewer.watch.position_ms / 1000, device=device) is Heard.BEGUN
    assert viewer.watch.watched == union([(0, round(position * 1000))])


def test_two_devices_at_once_count_once():
    viewer = Viewer()
    for second in range(0, 61, 10):
        viewer.at(second, second, device="phone")
        viewer.at(second + 5, second + 5, device="desk")
    assert viewer.seconds == 65
    apart = Viewer(rule=FREE)
    for second in range(0, 61, 10):
        apart.at(second, second * 2, device="phone", rate=200)
        apart.at(second, 1000 + second * 2, device="desk", rate=200)
    assert apart.seconds <= 120 + 2 * TRUST_S, "the time on the clock is spent once"


def test_what_is_watched_again_counts_once_and_costs_no_time():
    viewer = Viewer()
    viewer.at(0, 0)
    viewer.at(60, 60)
    viewer.at(61, 0)
    assert viewer.at(71, 10) is Heard.CREDITED
    assert viewer.seconds == 60


def test_a_beat_that_comes_again_changes_nothing():
    viewer = Viewer()
    viewer.at(0, 0)
    viewer.at(10, 10)
    before = viewer.watch
    again = Beat("phone", 2, 10_000, 100, playing=True, visible=True)
    assert hear(before, again, later(15), fetched=ALL, total_ms=TOTAL, rule=RULE) == (before, Heard.KNOWN)
    assert hear(
        before, replace(again, number=1, position_ms=99_000), later(15), fetched=ALL, total_ms=TOTAL, rule=RULE
    ) == (
        before,
        Heard.KNOWN,
    )


def test_a_line_that_was_away_for_a_minute_costs_nothing_and_no_more_than_two_count():
    viewer = Viewer()
    viewer.at(0, 0)
    assert viewer.at(60, 60) is Heard.CREDITED
    assert viewer.at(60 + LONGEST.total_seconds() + 1, 200) is Heard.TOO_LONG_AGO
    assert viewer.seconds == 60


@given(
    st.floats(0, 5),
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from([75, 100, 150, 200])), min_size=1, max_size=40),
)
def test_late_beats_cost_nothing_at_any_speed(first, travels):
    """A player at its pace; its beats travel so long, in their order."""
    viewer, arrived, position = Viewer(), first, 0.0
    viewer.at(arrived, position)
    for number, (travel, rate) in enumerate(travels, 1):
        position += 10 * rate / 100
        arrived = max(arrived, number * 10 + travel)
        assert viewer.at(arrived, position, rate=rate) in {Heard.CREDITED, Heard.WAITS}
    last = max(arrived, (len(travels) + 1) * 10)
    assert viewer.at(last, position + 10, playing=False) is Heard.CREDITED
    assert viewer.watch.watched == ((0, round((position + 10) * 1000)),)


def test_a_first_beat_that_came_very_late_counts_with_the_next():
    viewer = Viewer()
    assert viewer.at(9, 0) is Heard.BEGUN
    assert viewer.at(10, 20, rate=200) is Heard.WAITS
    assert viewer.seconds == 0
    assert viewer.at(20, 40, rate=200) is Heard.CREDITED
    assert viewer.seconds == 40


def test_time_that_nobody_used_is_carried_on_but_not_for_ever():
    viewer = Viewer()
    viewer.at(0, 0)
    for minute in range(1, 11):
        assert viewer.at(minute * 60, minute * 60) is Heard.CREDITED
    most = 2 * LONGEST.total_seconds()
    assert viewer.at(600, 600 + most + 4) is Heard.TOO_FAST
    assert viewer.seconds == 600


# ---- what earns nothing ----------------------------------------------------------------------------------


@given(st.integers(451, 10_000), st.lists(st.integers(1, 200), min_size=1, max_size=30), st.booleans())
def test_a_script_that_is_too_fast_earns_nothing_at_all_however_often_it_beats(percent, tenths, skips):
    viewer, clock, position = Viewer(rule=ReplayRule(skips=skips)), 0.0, 0.0
    viewer.at(clock, position)
    for wait in tenths:
        clock += wait / 10
        position += wait / 10 * percent / 100
        if position < TOTAL / 1000:
            assert viewer.at(clock, position) in {Heard.TOO_FAST, Heard.TOO_LONG_AGO, Heard.WAITS}
    assert viewer.watch.watched == ()


@given(
    st.integers(1_600, 10_000),
    st.lists(st.tuples(st.integers(1, 200), st.sampled_from(["play", "pause", "reload"])), min_size=1, max_size=30),
)
def test_sixteen_times_the_pace_earns_nothing_with_pauses_and_reloads_either(percent, steps):
    viewer, clock, device = Viewer(rule=FREE), 0.0, "phone"
    viewer.at(clock, 0)
    position = 0.0
    for number, (tenths, then) in enumerate(steps):
        clock += tenths / 10
        position += tenths / 10 * percent / 100
        if position >= TOTAL / 1000:
            break  # a last beat at the end would claim less than the pace, and may be true
        viewer.at(clock, position, device=device, playing=then == "play")
        if then != "play":
            device = device if then == "pause" else f"reload {number}"
            viewer.at(clock, position, device=device)
    assert viewer.watch.watched == ()


@given(st.lists(st.integers(50, 1_000), min_size=1, max_size=60), st.integers(20, 100))
def test_no_mixture_of_speeds_gains_on_the_clock(percents, tenths):
    viewer, clock, position = Viewer(), 0.0, 0.0
    viewer.at(0, 0)
    for percent in percents:
        clock += tenths / 10
        position += tenths / 10 * percent / 100
        viewer.at(clock, position)
        assert viewer.seconds <= 2 * (clock + TRUST_S)


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3600), st.sampled_from("abc")), max_size=60), st.booleans()
)
def test_nobody_is_credited_more_than_the_clock_allows(steps, skips):
    """Whatever is claimed, on whichever devices: twice the time that passed, and once what a first beat is trusted."""
    viewer, clock = Viewer(rule=ReplayRule(skips=skips)), 0.0
    for tenths, position, device in steps:
        clock += tenths / 10
        viewer.at(clock, position, device=device)
        assert viewer.seconds <= 2 * (clock + TRUST_S)
        assert len(viewer.watch.watched) <= MOST_SPANS


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 3600)), min_size=1, max_size=40))
def test_a_first_watch_reaches_nothing_by_jumping(steps):
    """All that counts is from the beginning without a gap, but for the leeway of a seek."""
    viewer, clock = Viewer(), 0.0
    for tenths, position in steps:
        clock += tenths / 10
        viewer.at(clock, position)
    gaps = missing((0, reached_ms(viewer.watch.watched)), viewer.watch.watched)
    assert all(until - since <= 1_000 for since, until in gaps)


def test_a_jump_to_the_end_earns_nothing_and_where_to_go_on_stays():
    viewer = Viewer()
    viewer.at(0, 0)
    viewer.at(10, 10)
    assert viewer.at(11, 3500) is Heard.TOO_FAST
    assert viewer.at(21, 3510) is Heard.AHEAD
    assert (viewer.seconds, viewer.watch.position_ms) == (10, 10_000)
    allowed = Viewer(rule=FREE)
    allowed.at(0, 3500)
    assert allowed.at(10, 3510) is Heard.CREDITED, "where the lesson lets people skip"


@pytest.mark.parametrize("flags", [{"playing": False}, {"visible": False}, {"rate": 300}])
def test_what_was_paused_hidden_or_too_fast_does_not_count(flags):
    viewer = Viewer()
    viewer.at(0, 0, **flags)
    assert viewer.at(10, 10) is Heard.BEGUN
    assert viewer.watch.watched == ()


def test_what_was_not_fetched_does_not_count():
    viewer = Viewer(fetched=((0, 12_000), (14_000, 40_000)))
    viewer.at(0, 0)
    assert viewer.at(10, 10) is Heard.CREDITED
    assert viewer.at(20, 20) is Heard.NOT_FETCHED
    assert viewer.watch.watched == ((0, 10_000),)


def test_a_clock_that_goes_back_gives_nothing():
    viewer = Viewer()
    viewer.at(100, 0)
    assert viewer.at(90, 10) is Heard.TOO_FAST
    assert viewer.at(101, 20) is Heard.TOO_FAST
    assert viewer.watch.watched == ()


# ---- enough ----------------------------------------------------------------------------------------------


def test_progress_is_of_what_is_wanted():
    assert progress_percent((), 100_000, 90) == 0
    assert progress_percent(((0, 44_500),), 100_000, 90) == 50
    assert progress_percent(((0, 88_999),), 100_000, 90) == 99
    assert progress_percent(((0, 89_000),), 100_000, 90) == 100
    assert progress_percent(((0, 99_000),), 100_000, 100) == 100, "the last second nobody plays out"
    assert progress_percent((), 0, 90) == 0
