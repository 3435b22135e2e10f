"""A make-up study's attempt by the right key: only what failed, only where the wrong key stood, and nothing is lost."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.make_ups import Attempt, hand_in, marked_again
from server.domain.quiz import Option, Question, QuestionKind
from server.domain.scoring import Key

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
OPTIONS = (Option("a", "干粉灭火器"), Option("b", "水"))
CHOICES = st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=8)
WRONG, RIGHT = Key(("a",)), Key(("b",))


def paper(size):
    return tuple(
        Question(f"q{n}", "lesson", n, QuestionKind.SINGLE, "用什么灭火？", OPTIONS, ("a",), "", 60)
        for n in range(size)
    )


def attempt(size):
    return Attempt("t", "m", "member", 1, paper(size), NOW)


@given(CHOICES, st.integers(0, 100))
def test_it_is_what_handing_in_by_the_right_key_would_have_been(chosen, needed):
    choices = {f"q{n}": (each,) for n, each in enumerate(chosen) if each is not None}
    failed = hand_in(attempt(len(chosen)), choices, needed, NOW)
    again = marked_again(failed, "q0", WRONG, RIGHT, needed)
    if failed.passed:
        assert again is None
        return
    mended = marked_again(attempt(len(chosen)), "q0", WRONG, RIGHT, needed)
    assert (mended.submitted_at, mended.choices, mended.paper[0].correct) == (None, None, ("b",))
    assert again == hand_in(mended, choices, needed, NOW)
    assert (again.choices, again.submitted_at, again.number) == (failed.choices, failed.submitted_at, failed.number)
    assert [each.correct for each in again.paper[1:]] == [each.correct for each in failed.paper[1:]]
    assert marked_again(again, "q0", WRONG, RIGHT, needed) is None, "once"


def test_a_copy_that_asked_something_else_stays_as_it_is():
    one = attempt(2)
    assert marked_again(one, "q7", WRONG, RIGHT, 60) is None
    assert marked_again(one, "q0", Key(("b",)), WRONG, 60) is None
    assert marked_again(one, "q0", WRONG, Key(("c",)), 60) is None
