"""The time of a quiz: what is late, and how it is stopped, moved and given back."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.quiz import MOST_SECONDS
from server.domain.quiz_clock import (
    MOST_ROUNDS,
    Deadlines,
    Moment,
    check_in_time,
    closing_time,
    extended,
    paused,
    reopened,
    resumed,
)

from .test_quiz import NOW, quiz, refused

MS = dt.timedelta(milliseconds=1)


milliseconds = st.integers(-10_000_000, 10_000_000)


@given(milliseconds)
def test_late_is_at_the_deadline_or_after_it(offset_ms):
    asked = quiz()
    received_at = asked.deadline_at + dt.timedelta(milliseconds=offset_ms)
    if offset_ms >= 0:
        refused("quiz_closed", check_in_time, asked, received_at)
    else:
        check_in_time(asked, received_at)


def test_a_closed_quiz_takes_no_answer_however_early():
    closed = quiz(closed_at=NOW + dt.timedelta(seconds=10))
    refused("quiz_closed", check_in_time, closed, NOW + dt.timedelta(seconds=1))


@given(milliseconds)
def test_answering_ends_at_the_deadline_at_the_latest(offset_ms):
    asked = quiz()
    ended = closing_time(asked, asked.deadline_at + dt.timedelta(milliseconds=offset_ms))
    assert ended == asked.deadline_at + dt.timedelta(milliseconds=min(0, offset_ms))


@given(
    first=st.integers(0, 59_000),
    later=st.integers(0, 200_000),
    jump_s=st.integers(-86_400, 86_400),
    steady=st.floats(0, 1e9),
)
def test_a_wall_clock_that_is_set_changes_nobodys_time_to_answer(first, later, jump_s, steady):
    asked, deadlines = quiz(), Deadlines()
    deadlines.steady_ms(asked, Moment(NOW + dt.timedelta(milliseconds=first), steady + first))
    at = NOW + dt.timedelta(milliseconds=first + later, seconds=jump_s)
    received = deadlines.received_at(asked, Moment(at, steady + first + later))
    off_by = abs(received - (NOW + dt.timedelta(milliseconds=first + later)))
    assert off_by <= dt.timedelta(milliseconds=1)


@given(st.integers(0, 100_000))
def test_an_arrival_is_where_the_wall_clock_has_it_when_nothing_was_set(offset_ms):
    asked, deadlines = quiz(), Deadlines()
    at = NOW + dt.timedelta(milliseconds=offset_ms)
    assert deadlines.received_at(asked, Moment(at, 5.0)) == at


def test_deadlines_are_kept_for_the_newest_only():
    deadlines = Deadlines(most=2)
    for name in ("a", "b", "c"):
        deadlines.steady_ms(quiz(id=name), Moment(NOW, 0.0))
    # "a" is mapped anew: the later reading counts now. "c" is still known: it does not.
    assert deadlines.steady_ms(quiz(id="c"), Moment(NOW, 500.0)) == 60_000
    assert deadlines.steady_ms(quiz(id="a"), Moment(NOW, 500.0)) == 60_500


# ---- grace, pauses, more time, further rounds ------------------------------------------------------------

some_ms = st.integers(0, 59_999)


@given(st.integers(0, 1000), st.integers(-2000, 2000))
def test_grace_is_added_to_the_deadline_and_nothing_else(grace_ms, offset_ms):
    asked = quiz(grace_ms=grace_ms)
    received_at = asked.deadline_at + offset_ms * MS
    if offset_ms >= grace_ms:
        refused("quiz_closed", check_in_time, asked, received_at)
    else:
        check_in_time(asked, received_at)


@given(some_ms, st.integers(0, 10_000_000))
def test_a_pause_takes_nobodys_time(before_ms, pause_ms):
    asked = quiz()
    begun = NOW + before_ms * MS
    on = resumed(paused(asked, begun), begun + pause_ms * MS)
    assert on.deadline_at - asked.deadline_at == pause_ms * MS
    assert (on.seconds, on.paused_at) == (asked.seconds, None)


@given(some_ms, st.integers(0, 10_000_000), st.sampled_from([0, 500, 1000]))
def test_while_its_time_stands_still_what_was_on_its_way_counts_and_the_rest_waits(before_ms, later_ms, grace_ms):
    begun = NOW + before_ms * MS
    stopped = paused(quiz(grace_ms=grace_ms), begun)
    if later_ms >= grace_ms:
        refused("quiz_paused", check_in_time, stopped, begun + later_ms * MS)
    else:
        check_in_time(stopped, begun + later_ms * MS)


def test_pausing_and_going_on_again_change_nothing_the_second_time():
    stopped = paused(quiz(), NOW)
    assert paused(stopped, NOW + 5 * MS) == stopped
    assert resumed(quiz(), NOW) == quiz()
    refused("quiz_closed", paused, quiz(), quiz().deadline_at)


@given(st.integers(5, MOST_SECONDS - 60), some_ms)
def test_more_time_is_added_to_what_was_left_also_in_a_pause(more_s, before_ms):
    asked, more = quiz(), dt.timedelta(seconds=more_s)
    longer = extended(asked, more_s, NOW + before_ms * MS)
    assert (longer.deadline_at - asked.deadline_at, longer.seconds) == (more, 60 + more_s)
    assert extended(paused(asked, NOW), more_s, NOW).deadline_at == longer.deadline_at


def test_more_time_has_an_end_and_comes_before_the_end():
    refused("invalid_body", extended, quiz(), MOST_SECONDS, NOW)
    refused("invalid_body", extended, quiz(), 1, NOW)
    refused("quiz_closed", extended, quiz(), 30, quiz().ends_at)
    for step in (paused, resumed):
        refused("quiz_closed", step, quiz(closed_at=NOW), NOW)


def test_opening_again_needs_an_end_and_a_reason_and_says_which_round_it_is():
    closed = quiz(closed_at=NOW + 10_000 * MS)
    later = NOW + 90_000 * MS
    again = reopened(closed, 30, " 网络中断 ", later)
    assert (again.closed, again.round, again.reopen_reason) == (False, 2, "网络中断")
    assert again.deadline_at == later + dt.timedelta(seconds=30)
    refused("quiz_open", reopened, again, 30, "再来", later)
    refused("invalid_body", reopened, closed, 30, "  ", later)
    refused("quiz_reopened_often", reopened, quiz(closed_at=NOW, round=MOST_ROUNDS), 30, "再来", later)


def test_a_paused_quiz_ends_when_it_is_closed_and_not_at_a_deadline_that_stands_still():
    stopped, late = paused(quiz(), NOW), quiz().deadline_at + 60_000 * MS
    assert closing_time(stopped, late) == late
    assert closing_time(quiz(), late) == quiz().deadline_at


@given(st.integers(0, 59_000), st.integers(5, 600), st.integers(-86_400, 86_400))
def test_a_deadline_that_is_moved_keeps_its_distance_whatever_the_wall_clock_says(first, more_s, jump_s):
    asked, deadlines = quiz(), Deadlines()
    deadlines.steady_ms(asked, Moment(NOW, 0.0))
    longer = extended(asked, more_s, NOW)
    steady = deadlines.steady_ms(longer, Moment(NOW + dt.timedelta(milliseconds=first, seconds=jump_s), first))
    assert steady == 60_000 + more_s * 1000
