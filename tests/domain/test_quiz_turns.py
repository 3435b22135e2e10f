"""Where the last answer before closing counts, in whatever order and however often the answers come."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from server.domain.quiz import MOST_TURNS, Answer, AnswerChannel
from server.domain.quiz_turns import after, all_turns, turn_of

NOW = dt.datetime(2026, 7, 1, 1, tzinfo=dt.UTC)


def nth(number):
    """A member's answers are numbered, and each has its command: a retry is the same again."""
    at = NOW + dt.timedelta(seconds=number)
    return Answer("q", "m", f"c{number}", (f"part {number}",), False, at, "a", AnswerChannel.SOCKET, nth=number)


def standing_of(numbers):
    standing = nth(numbers[0])
    for number in numbers[1:]:
        standing = after(standing, nth(number))
    return standing


@given(st.lists(st.integers(1, MOST_TURNS), min_size=1, max_size=60))
def test_the_latest_by_the_members_count_stands_in_whatever_order_they_come(numbers):
    standing = standing_of(numbers)
    assert (standing.nth, standing.choice) == (max(numbers), nth(max(numbers)).choice)
    assert standing.command_id == f"c{numbers[0]}"  # the row's own, by which it is unique
    counted = [turn.nth for turn in all_turns(standing)]
    assert counted == sorted(set(counted) & set(numbers))
    assert counted[-1] == standing.nth


@given(st.lists(st.integers(1, MOST_TURNS), min_size=1, max_size=60))
def test_a_retry_changes_nothing_and_is_told_what_it_made(numbers):
    standing = standing_of(numbers)
    for turn in all_turns(standing):
        assert after(standing, nth(turn.nth)) is standing
        assert turn_of(standing, turn.command_id).choice == nth(turn.nth).choice
        assert after(standing, replace(nth(999), command_id=turn.command_id)) is standing


def test_what_is_kept_is_bounded():
    standing = standing_of(list(range(1, MOST_TURNS + 9)))
    assert standing.nth == len(all_turns(standing)) == MOST_TURNS


def test_in_a_paper_the_newest_mark_always_stands_and_what_is_kept_is_bounded():
    standing = nth(1)
    for number in range(2, 3 * MOST_TURNS):
        standing = after(standing, nth(number), rolling=True)
        assert standing.nth == number
        assert standing.command_id == "c1"
    turns = all_turns(standing)
    assert len(turns) == MOST_TURNS
    assert [turns[0].nth, turns[-1].nth] == [1, 3 * MOST_TURNS - 1]
