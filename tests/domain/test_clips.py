"""A clip in play, by the clock."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.clips import KEYFRAMES_MS, OVERDUE, Clip, paused, resumed

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
DURATION = 61_240


def after(ms):
    return NOW + dt.timedelta(milliseconds=ms)


def clip(**how):
    started = {
        "material_id": "m",
        "name": "消防演示",
        "duration_ms": DURATION,
        "order": 1,
        "position_ms": 0,
        "since": NOW,
        "paused": False,
        "former_camera": "main",
        "former_opened": frozenset({"main"}),
        "started_by": "王会控",
    }
    return Clip(**{**started, **how})


def test_it_goes_on_with_the_clock_to_its_end():
    running = clip()
    assert [running.at_ms(after(ms)) for ms in (-50, 0, 1_500, DURATION, DURATION + 9)] == [
        0,
        0,
        1_500,
        DURATION,
        DURATION,
    ]
    assert not running.ended(after(DURATION - 1))
    assert running.ended(after(DURATION))


def test_it_is_overdue_only_when_it_should_have_ended_some_time_ago():
    assert not clip().overdue(after(DURATION))
    assert not clip().overdue(after(DURATION - 1) + OVERDUE)
    assert clip().overdue(after(DURATION) + OVERDUE)


def test_one_that_pauses_stands_at_a_keyframe_and_never_ends():
    standing = paused(clip(), 2, after(7_900))
    assert (standing.position_ms, standing.paused, standing.order) == (6_000, True, 2)
    assert standing.at_ms(after(9_999_999)) == 6_000
    assert not standing.overdue(after(9_999_999))


def test_pausing_or_resuming_twice_changes_nothing():
    standing = paused(clip(), 2, after(7_900))
    assert paused(standing, 3, after(8_000)) is standing
    assert resumed(clip(), 2, after(10)) == clip()


def test_one_that_goes_on_does_so_where_it_stood():
    running = resumed(paused(clip(), 2, after(7_900)), 3, after(60_000))
    assert (running.order, running.paused) == (3, False)
    assert running.at_ms(after(61_000)) == 7_000


@given(st.lists(st.integers(0, 20_000), max_size=12))
def test_however_often_it_pauses_nothing_of_it_is_left_out(waits):
    """At each resumption it is at most a keyframe's distance back, never ahead."""
    now_ms, one, seen_ms = 0, clip(), 0
    for number, wait in enumerate(waits):
        now_ms += wait
        if number % 2:
            one = resumed(one, number + 2, after(now_ms))
            continue
        seen_ms = max(seen_ms, one.at_ms(after(now_ms)))
        one = paused(one, number + 2, after(now_ms))
        assert one.position_ms % KEYFRAMES_MS == 0
        assert seen_ms - (number // 2 + 1) * KEYFRAMES_MS < one.position_ms <= seen_ms
