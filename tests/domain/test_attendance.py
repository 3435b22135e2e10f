"""What came of somebody's lesson, and the two readings of 实到率."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.attendance import HERE, WORDS, Rates, Standing, left_early, rates, standing
from server.domain.board import Cell, Sight, tally
from server.domain.members import MemberKind

END = dt.datetime(2026, 11, 22, 3, 0, tzinfo=dt.UTC)


def ago(minutes):
    return END - dt.timedelta(minutes=minutes)


def early(minutes, *, marked=None, in_room=False, last_seen=END):
    return left_early(END, minutes, marked=marked, in_room=in_room, last_seen=last_seen)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"signed_in": True}, Standing.PRESENT),
        ({"signed_in": True, "late": True}, Standing.LATE),
        ({"signed_in": True, "late": True, "left_early": True}, Standing.LEFT_EARLY),
        ({"signed_in": True, "on_leave": True}, Standing.PRESENT),
        ({"on_leave": True}, Standing.ON_LEAVE),
        ({}, Standing.ABSENT),
        ({"corrected": Standing.PRESENT}, Standing.PRESENT),
        ({"signed_in": True, "corrected": Standing.ABSENT}, Standing.ABSENT),
    ],
)
def test_one_word_for_what_came_of_it(facts, said):
    assert standing(**{"signed_in": False, "late": False, "left_early": False, "on_leave": False, **facts}) is said


def test_every_standing_has_its_words():
    assert set(WORDS) == set(Standing) > HERE


def test_on_a_phone_the_end_of_the_presence_says_who_left_early():
    assert early(10, last_seen=ago(11))
    assert not early(10, last_seen=ago(10))
    assert not early(None, last_seen=ago(60))


def test_in_a_room_only_the_operators_mark_says_it():
    assert not early(10, in_room=True, last_seen=ago(60))
    assert early(10, in_room=True, marked=ago(11))
    assert not early(10, in_room=True, marked=ago(9))
    assert early(None, in_room=True, marked=ago(1))


def test_leave_is_left_out_of_the_second_reading_only():
    assert rates(20, 3, 2) == Rates(750, 833)
    assert rates(20, 0, 0) == Rates(1000, 1000)
    assert rates(3, 0, 3) == Rates(0, None)
    assert rates(0, 0, 0) == Rates(None, None)


def test_a_hundred_percent_are_said_only_when_nobody_is_missing():
    assert rates(3000, 1, 0).of_expected == 999


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_the_second_reading_is_never_below_the_first(came, missing, on_leave):
    found = rates(came + missing + on_leave, missing, on_leave)
    if found.of_due is not None:
        assert 0 <= found.of_expected <= found.of_due <= 1000


def cell(n, *, present=False, on_leave=False, place=None):
    return Cell("b1", MemberKind.FULL, "hall", place, True, present, False, False, n, on_leave)


def test_who_is_on_leave_is_counted_apart_from_who_is_missing():
    cells = [cell(15, present=True, place="hall"), cell(3), cell(2, on_leave=True)]
    for count in (tally(cells, Sight()).total, tally(cells, Sight(lesson_venue_id="hall")).venues["hall"]):
        assert (count.expected, count.present, count.missing, count.on_leave) == (20, 15, 3, 2)
        assert count.rates == Rates(750, 833)
