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
    Onlooker,
    Option,
    Question,
    QuestionKind,
    Quiz,
    Terms,
    UnitOutcome,
    launched,
    sight,
)
from server.domain.quiz_answers import (
    LONGEST_TEXT,
    LONGEST_WORD,
    Counted,
    choice_of,
    is_same,
    marks_of,
    outcome_of,
    tidied,
)
from server.domain.refusals import Refusal
from server.domain.scoring import FULL, Scoring, is_whole

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


# ---- launching -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [LEAST_SECONDS - 1, MOST_SECONDS + 1, 0, -5])
def test_a_quiz_has_time_to_answer_and_an_end(seconds):
    question = Question("p", "l", 1, QuestionKind.SINGLE, "?", OPTIONS[:2], ("o0",), "", 60)
    with pytest.raises(Refusal, match="invalid_body"):
        launched(question, "q", 1, by="teacher", terms=Terms(seconds), now=NOW)


def test_a_launched_quiz_is_a_copy_with_a_deadline():
    question = Question("p", "l", 3, QuestionKind.SINGLE, "?", OPTIONS[:2], ("o0",), "因为", 60)
    asked = launched(question, "q", 2, by="teacher", terms=Terms(20), now=NOW)
    assert (asked.options, asked.correct, asked.explanation) == (OPTIONS[:2], ("o0",), "因为")
    assert (asked.number, asked.seconds, asked.deadline_at) == (2, 20, NOW + dt.timedelta(seconds=20))
    assert not asked.closed


# ---- choosing and scoring --------------------------------------------------------------------------------


@given(some_options, some_options)
def test_only_all_right_options_and_no_other_are_right(correct, chosen):
    asked = quiz(correct=tuple(sorted(correct)))
    assert is_whole(marks_of(asked, choice_of(asked, list(chosen)))) == (correct == chosen)


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
    choices = [Counted(tuple(chosen), marks_of(asked, tuple(chosen)), count) for chosen, count in counted.items()]
    outcome = outcome_of(asked, choices, [UnitOutcome("u", "一支部", 9, 1, 0), UnitOutcome("v", "二支部", 5, 0, 0)])
    assert outcome.answered == sum(counted.values())
    assert outcome.right == counted.get(frozenset(asked.correct), 0)
    assert set(outcome.distribution) == set(IDS[:4])
    assert sum(outcome.distribution.values()) == sum(len(chosen) * count for chosen, count in counted.items())
    assert outcome.expected == 14


# ---- what is written, and put in order -------------------------------------------------------------------

FILLED = {"kind": QuestionKind.FILL_IN, "options": 0, "correct": (), "scoring": Scoring.BLANKS}
texts = st.text(max_size=LONGEST_TEXT + 5)


def filled(*blanks):
    return quiz(**FILLED, blanks=blanks)


def test_each_blank_earns_its_share_however_the_number_is_written():
    asked = filled(("119",), ("120", "急救"))
    assert marks_of(asked, choice_of(asked, [" 一一九 ", "急救。"])) == FULL
    assert marks_of(asked, choice_of(asked, ["119", ""])) == FULL // 2
    outcome = outcome_of(asked, [Counted(("119", "110"), 50, 3), Counted(("一一九", "120"), 100, 2)], [])
    assert (outcome.answered, outcome.right, outcome.marks) == (5, 2, 350)
    assert outcome.distribution == {"1": 5, "2": 2}


@given(st.lists(texts, max_size=4))
def test_a_fill_in_has_a_text_for_each_blank_or_is_refused(given):
    asked = filled(("119",), ("120",))
    fits = len(given) == 2 and any(map(tidied, given)) and all(len(tidied(text)) <= LONGEST_TEXT for text in given)
    if fits:
        kept = choice_of(asked, given)
        assert choice_of(asked, kept) == kept  # what is kept says itself again
    else:
        refused("invalid_body", choice_of, asked, given)


@given(texts)
def test_a_text_is_one_line_of_what_can_be_seen_and_tidying_it_again_changes_nothing(text):
    tidy = tidied(text)
    assert tidied(tidy) == tidy
    assert tidy == tidy.strip()
    assert not set(tidy) & set("\n\r\t\x00\u200b")


@given(st.permutations(IDS[:4]))
def test_an_ordering_keeps_the_given_order_and_counts_who_put_each_in_its_place(order):
    asked = quiz(QuestionKind.ORDERING, correct=tuple(IDS[:4]), scoring=Scoring.ORDER)
    choice = choice_of(asked, order)
    assert choice == tuple(order)
    assert is_whole(marks_of(asked, choice)) == (order == IDS[:4])
    outcome = outcome_of(asked, [Counted(choice, marks_of(asked, choice), 2)], [])
    assert outcome.distribution == {own: 2 * (order.index(own) == place) for place, own in enumerate(IDS[:4])}
    assert is_same(asked, choice, order)
    assert not is_same(asked, choice, list(reversed(order)))


@pytest.mark.parametrize("given", [[], ["o0"], ["o0", "o1", "o2", "o2"], ["o0", "o1", "o2", "o9"]])
def test_an_ordering_names_every_option_once(given):
    asked = quiz(QuestionKind.ORDERING, correct=tuple(IDS[:4]))
    refused("option_unknown" if "o9" in given else "invalid_body", choice_of, asked, given)


def test_several_choices_may_be_right_in_part():
    asked = quiz(scoring=Scoring.SHARES)
    assert [marks_of(asked, chosen) for chosen in (("o0",), ("o0", "o1"), ("o0", "o2"))] == [50, 0, 100]


def test_nothing_is_right_in_an_opinion_and_nobody_sees_how_they_are_spread():
    asked = quiz(QuestionKind.OPINION, options=0, correct=(), scoring=Scoring.NONE)
    choice = choice_of(asked, [" 多些\n实操 "])
    assert (choice, marks_of(asked, choice), asked.scored, asked.places) == (("多些 实操",), None, False, 1)
    outcome = outcome_of(asked, [Counted(choice, None, 4)], [])
    assert (outcome.answered, outcome.right, outcome.marks, outcome.distribution) == (4, 0, 0, {})
    for said in ([], [""], ["一", "二"], ["长" * (LONGEST_TEXT + 1)]):
        refused("invalid_body", choice_of, asked, said)


def test_a_word_cloud_takes_a_few_short_words_and_one_that_comes_twice_once():
    asked = quiz(QuestionKind.WORD_CLOUD, options=0, correct=(), scoring=Scoring.NONE)
    assert choice_of(asked, ["安全", " 安全。", "责任"]) == ("安全", "责任")
    for said in ([], ["", "。"], ["一", "二", "三", "四"], ["长" * (LONGEST_WORD + 1)]):
        refused("invalid_body", choice_of, asked, said)


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
    assert dataclasses.astuple(sight(Onlooker.STAFF, closed=False)) == (True, True, True)


def test_who_owes_the_questions_to_a_make_up_sees_no_result_and_everybody_else_does():
    assert dataclasses.astuple(sight(Onlooker.MEMBER, closed=True, owes=True)) == (True, False, True)
    assert dataclasses.astuple(sight(Onlooker.STAFF, closed=True, owes=True)) == (True, True, True)
