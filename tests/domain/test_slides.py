"""Turning pages, and the chapters that follow from them."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import slides
from server.domain.refusals import Refusal
from server.domain.slides import APART, MOST_TURNS, STAYED, Turn

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
TITLES = {"m": ("火灾", "", "急救", "总结"), "n": ("节能",)}


def at(seconds):
    return NOW + dt.timedelta(seconds=seconds)


def turns(*steps):
    """Seconds, deck and page of each."""
    return [Turn(number, at(seconds), deck, page) for number, (seconds, deck, page) in enumerate(steps, 1)]


@given(st.lists(st.tuples(st.sampled_from(["m", "n"]), st.integers(1, 9))))
def test_turning_is_by_number_and_the_same_page_again_is_no_turn(wishes):
    last = None
    for deck, page in wishes:
        turn = slides.turn_to(last, deck, page, 9, NOW)
        if last is not None and (last.material_id, last.page) == (deck, page):
            assert turn is None
            continue
        assert turn is not None
        assert (turn.number, turn.material_id, turn.page) == ((last.number if last else 0) + 1, deck, page)
        last = turn
        assert slides.turn_to(last, deck, page, 9, NOW) is None


@given(st.integers(-5, 20), st.integers(0, 12))
def test_a_page_that_is_not_there_is_refused(page, pages):
    if 1 <= page <= pages:
        assert slides.turn_to(None, "m", page, pages, NOW) is not None
    else:
        with pytest.raises(Refusal, match="page_unknown"):
            slides.turn_to(None, "m", page, pages, NOW)


@given(st.lists(st.tuples(st.sampled_from(["m", "n", None]), st.integers(1, 9)), max_size=30), st.integers(1, 9))
def test_a_deck_is_left_at_its_last_page_that_it_still_has(steps, pages):
    shown = [Turn(number, NOW, deck, page) for number, (deck, page) in enumerate(steps, 1)]
    mine = [page for deck, page in steps if deck == "m"]
    assert slides.left_at(shown, "m", pages) == (min(mine[-1], pages) if mine else 1)


def test_closing_twice_is_once():
    open_ = slides.turn_to(None, "m", 1, 4, NOW)
    closed = slides.close(open_, at(5))
    assert closed == Turn(2, at(5), None)
    assert slides.close(closed, at(6)) is None
    assert slides.close(None, NOW) is None


def test_turning_goes_on_beyond_what_is_kept():
    last = Turn(MOST_TURNS, NOW, "m", 1)
    assert slides.turn_to(last, "m", 2, 4, NOW).number == MOST_TURNS


def test_a_page_with_a_title_that_stayed_begins_a_chapter():
    shown = turns((0, "m", 1), (100, "m", 2), (200, "m", 3), (300, "m", 4), (305, None, 0), (400, "n", 1))
    found = slides.headings(shown, TITLES, at(500))
    # Page 2 has no title, page 4 was leafed through.
    assert [(one.at, one.title) for one in found] == [(at(0), "火灾"), (at(200), "急救"), (at(400), "节能")]


def test_coming_back_begins_none_and_neither_does_what_follows_too_soon():
    shown = turns((0, "m", 1), (30, "m", 3), (120, "m", 1), (200, "m", 4))
    found = slides.headings(shown, TITLES, at(300))
    assert [one.title for one in found] == ["火灾", "总结"]


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["m", "n", None]), st.integers(1, 5)), max_size=60))
def test_chapters_are_in_order_apart_and_never_the_same_twice(steps):
    moments, shown = 0, []
    for number, (wait, deck, page) in enumerate(steps, 1):
        moments += wait
        shown.append(Turn(number, at(moments), deck, page if deck else 0))
    end = at(moments + 30)
    found = slides.headings(shown, TITLES, end)
    assert all(later.at - earlier.at >= APART for earlier, later in itertools.pairwise(found))
    assert all(one.title and NOW <= one.at <= end - STAYED for one in found)
    assert len(found) <= len({title for titles in TITLES.values() for title in titles if title})
