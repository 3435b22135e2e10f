"""Quizzes: what may be asked and chosen, what is right, what is late, and who sees what when."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from server.domain.quiz import (
    LEAST_SECONDS,
    MOST_OPTIONS,
    MOST_SECONDS,
    TRUE_FALSE,
    Deadlines,
    Moment,
    Onlooker,
    Option,
    Question,
    QuestionKind,
    Quiz,
    UnitOutcome,
    check_correct,
    check_in_time,
    choice_of,
    closing_time,
    correct_of,
    is_right,
    launched,
    options_of,
    outcome_of,
    sight,
)
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
IDS = [f"o{n}" for n in range(MOST_OPTIONS)]
OPTIONS = tuple(Option(own, f"选项 {own}") for own in IDS)
ONE_ONLY = [QuestionKind.SINGLE, QuestionKind.TRUE_FALSE]


def quiz(kind=QuestionKind.MULTIPLE, options=4, correct=("o0", "o2"), **fields):
    plan = {
        "id": "q1",
        "lesson_id": "l",
        "number": 1,
        "question_id": "p",
        "kind": kind,
        "text": "哪些正确？",
        "options": OPTIONS[:options],
        "correct": correct,
        "explanation": "因为",
        "seconds": 60,
        "launched_by": "teacher",
        "launched_at": NOW,
        "deadline_at": NOW + dt.timedelta(seconds=60),
    }
    return Quiz(**{**plan, **fields})


def refused(code, act, *arguments):
    with pytest.raises(Refusal) as caught:
        act(*arguments)
    assert caught.value.code == code


some_options = st.sets(st.sampled_from(IDS[:4]), min_size=1)


# ---- preparing -------------------------------------------------------------------------------------------


def test_true_or_false_needs_no_options():
    made = options_of(QuestionKind.TRUE_FALSE, (), IDS)
    assert [option.text for option in made] == list(TRUE_FALSE)


@pytest.mark.parametrize("texts", [(), ("一",), ("一", "一"), ("一", "  "), ("一", " 一 "), tuple(map(str, range(11)))])
def test_options_that_cannot_be_told_apart_or_counted_are_refused(texts):
    refused("invalid_body", options_of, QuestionKind.SINGLE, texts, [*IDS, "o10"])


def test_true_or_false_has_two_options():
    refused("invalid_body", options_of, QuestionKind.TRUE_FALSE, ("一", "二", "三"), IDS)


@pytest.mark.parametrize("indices", [[], [4], [-1], [0, 0], [0, 1, 2, 3, 4]])
def test_what_is_right_must_be_among_the_options(indices):
    refused("invalid_body", correct_of, QuestionKind.MULTIPLE, OPTIONS[:4], indices)


@pytest.mark.parametrize("kind", ONE_ONLY)
def test_where_one_may_be_chosen_one_is_right(kind):
    refused("invalid_body", correct_of, kind, OPTIONS[:2], [0, 1])
    refused("invalid_body", check_correct, kind, ("o0", "o1"))
    assert correct_of(kind, OPTIONS[:2], [1]) == ("o1",)


def test_the_right_ones_are_kept_in_the_order_of_the_options():
    assert correct_of(QuestionKind.MULTIPLE, OPTIONS[:4], [2, 0]) == ("o0", "o2")


@pytest.mark.parametrize("seconds", [LEAST_SECONDS - 1, MOST_SECONDS + 1, 0, -5])
def test_a_quiz_has_time_to_answer_and_an_end(seconds):
    question = Question("p", "l", 1, QuestionKind.SINGLE, "?", OPTIONS[:2], ("o0",), "", 60)
    with pytest.raises(Refusal, match="invalid_body"):
        launched(question, "q", 1, by="teacher", seconds=seconds, now=NOW)


def test_a_launched_quiz_is_a_copy_with_a_deadline():
    question = Question("p", "l", 3, QuestionKind.SINGLE, "?", OPTIONS[:2], ("o0",), "因为", 60)
    asked = launched(question, "q", 2, by="teacher", seconds=20, now=NOW)
    assert (asked.options, asked.correct, asked.explanation) == (OPTIONS[:2], ("o0",), "因为")
    assert (asked.number, asked.seconds, asked.deadline_at) == (2, 20, NOW + dt.timedelta(seconds=20))
    assert not asked.closed


# ---- choosing and scoring --------------------------------------------------------------------------------


@given(some_options, some_options)
def test_only_all_right_options_and_no_other_are_right(correct, chosen):
    asked = quiz(correct=tuple(sorted(correct)))
    assert is_right(asked, choice_of(asked, chosen)) == (correct == chosen)


@given(st.permutations(IDS[:4]), st.integers(1, 4))
def test_the_order_of_choosing_does_not_matter(order, count):
    chosen = order[:count]
    assert choice_of(quiz(), chosen) == tuple(sorted(chosen))


@given(st.lists(st.sampled_from([*IDS[:4], "o9", "", "别的"]), max_size=6))
def test_a_choice_is_some_of_the_options_each_once_or_refused(chosen):
    fits = chosen and set(chosen) <= set(IDS[:4]) and len(set(chosen)) == len(chosen)
    if fits:
        assert set(choice_of(quiz(), chosen)) == set(chosen)
    else:
        code = "option_unknown" if not set(chosen) <= set(IDS[:4]) else "invalid_body"
        refused(code, choice_of, quiz(), chosen)


@pytest.mark.parametrize("kind", ONE_ONLY)
def test_two_options_where_one_may_be_chosen_are_refused(kind):
    refused("invalid_body", choice_of, quiz(kind, correct=("o0",)), ["o0", "o1"])


@given(st.dictionaries(st.frozensets(st.sampled_from(IDS[:4]), min_size=1), st.integers(1, 50)))
def test_the_distribution_counts_every_choice_once(counted):
    asked = quiz()
    choices = [(tuple(chosen), is_right(asked, chosen), count) for chosen, count in counted.items()]
    outcome = outcome_of(asked, choices, [UnitOutcome("u", "一支部", 9, 1, 0), UnitOutcome("v", "二支部", 5, 0, 0)])
    assert outcome.answered == sum(counted.values())
    assert outcome.right == counted.get(frozenset(asked.correct), 0)
    assert set(outcome.distribution) == set(IDS[:4])
    assert sum(outcome.distribution.values()) == sum(len(chosen) * count for chosen, count in counted.items())
    assert outcome.expected == 14


# ---- the clock -------------------------------------------------------------------------------------------

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


# ---- who sees what ---------------------------------------------------------------------------------------


@given(st.sampled_from(Onlooker))
def test_after_closing_everybody_sees_the_result(onlooker):
    assert sight(onlooker, closed=True).result


@given(st.sampled_from(Onlooker))
def test_before_closing_only_staff_see_the_result(onlooker):
    assume(onlooker is not Onlooker.STAFF)
    assert not sight(onlooker, closed=False).result


def test_before_closing_a_venues_screen_sees_how_many_answered_and_a_member_does_not():
    assert sight(Onlooker.SCREEN, closed=False).count
    assert not sight(Onlooker.MEMBER, closed=False).count
    assert dataclasses.astuple(sight(Onlooker.STAFF, closed=False)) == (True, True)


def test_who_owes_the_questions_to_a_make_up_sees_no_result_and_everybody_else_does():
    assert dataclasses.astuple(sight(Onlooker.MEMBER, closed=True, owes=True)) == (True, False)
    assert dataclasses.astuple(sight(Onlooker.STAFF, closed=True, owes=True)) == (True, True)
