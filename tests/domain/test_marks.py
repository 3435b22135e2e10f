"""Questions at marks: the first answer, and what the terms want of them."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.marks import MarkTally, answer, missing, tally
from server.domain.quiz import Option, Question, QuestionKind
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
SAID = (QuestionKind.MULTIPLE, "?", tuple(Option(each, each) for each in "abc"), ("a", "c"), "")
ASKED = Question("q", "lesson", 1, *SAID, seconds=60)


def test_an_answer_is_right_when_it_is_the_whole_of_what_is_right_and_stands_in_the_order_of_the_options():
    said = answer(ASKED, "m", ["c", "a"], NOW)
    assert (said.choice, said.right, said.question_id) == (("a", "c"), True, "q")
    assert not answer(ASKED, "m", ["a"], NOW).right


@pytest.mark.parametrize(
    ("asked", "chosen", "code"),
    [
        (ASKED, ["d"], "option_unknown"),
        (ASKED, [], "invalid_body"),
        (replace(ASKED, kind=QuestionKind.SINGLE, correct=("a",)), ["a", "b"], "invalid_body"),
    ],
)
def test_what_is_no_answer_is_refused(asked, chosen, code):
    with pytest.raises(Refusal) as refused:
        answer(asked, "m", chosen, NOW)
    assert refused.value.code == code


def test_an_answer_to_what_is_asked_no_more_counts_for_nothing():
    mine = [answer(replace(ASKED, id=one), "m", ["a", "c"], NOW) for one in ("q", "gone")]
    assert tally({"q": ASKED, "r": ASKED}, mine) == MarkTally(asked=2, answered=1, right=1)


def test_answers_are_counted_by_the_key_of_now():
    said = answer(ASKED, "m", ["a"], NOW)
    assert tally({"q": replace(ASKED, correct=("a",))}, [said]) == MarkTally(asked=1, answered=1, right=1)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 100))
def test_so_many_are_missing_that_with_them_the_share_is_reached_and_with_one_less_it_is_not(asked, answered, percent):
    came = MarkTally(asked, min(asked, answered), 0)
    lacking = missing(came, percent)
    assert (came.answered + lacking) * 100 >= asked * percent
    assert lacking == 0 or (came.answered + lacking - 1) * 100 < asked * percent
    assert came.answered + lacking <= asked
    assert missing(came, None) == 0
