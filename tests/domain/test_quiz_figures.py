"""Difficulty and discrimination: what they are, of how many, and that no order of people changes them."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.quiz_figures import (
    FEW,
    LEAST_TO_TELL,
    Figures,
    Hint,
    Marked,
    Reached,
    by_line,
    by_member,
    difficulty,
    discrimination,
    figures,
    hint,
    pooled,
    share,
)

MARKS = st.sampled_from([0, 33, 50, 100])
BESIDE = st.lists(st.tuples(MARKS, st.integers(0, 500)), min_size=LEAST_TO_TELL, max_size=90)


def test_of_a_few_no_figure_is_given():
    assert difficulty([100] * (FEW - 1)) is None
    assert difficulty([100, 0] * FEW) == 500
    assert discrimination([(100, at) for at in range(LEAST_TO_TELL - 1)]) is None
    assert share(Reached(FEW - 1, FEW, 0, 500), 2) is None
    assert share(Reached(FEW, FEW, FEW, 100 * FEW), 2) == 500


def test_a_question_that_only_the_better_half_gets_tells_them_apart_wholly():
    beside = [(100 if at >= 50 else 0, at) for at in range(100)]
    assert discrimination(beside) == 1000
    assert discrimination([(100 - own, other) for own, other in beside]) == -1000


def test_where_everybody_is_level_nothing_is_told_apart():
    assert discrimination([(100, 200)] * 50) is None


@given(BESIDE, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_nothing_and_the_figure_stays_in_its_bounds(beside, random):
    first = discrimination(beside)
    random.shuffle(beside)
    assert discrimination(beside) == first
    assert first is None or -1000 <= first <= 1000


@given(BESIDE)
def test_a_turned_question_tells_apart_the_other_way_round(beside):
    first, turned = discrimination(beside), discrimination([(100 - own, other) for own, other in beside])
    assert (first is None) == (turned is None)
    assert first is None or first == -turned


@given(BESIDE, st.integers(1, 7))
def test_what_the_others_were_worth_changes_nothing_as_long_as_the_order_stays(beside, factor):
    assert discrimination([(own, other * factor + 3) for own, other in beside]) == discrimination(beside)


def test_a_question_is_compared_with_the_others_and_not_with_itself():
    people = [f"m{at}" for at in range(40)]
    alone = [Marked("q", each, "u", 100 * (at % 2)) for at, each in enumerate(people)]
    assert figures(alone)["q"] == Figures(40, 20, 500, None, None)
    others = [Marked(quiz, each, "u", 100 * (at >= 20)) for quiz in "xy" for at, each in enumerate(people)]
    found = figures(alone + others)
    assert (found["q"].difficulty, found["q"].discrimination) == (500, 0)
    assert found["x"].discrimination == 1000


def test_what_is_not_scored_is_counted_and_no_more():
    assert figures([Marked("q", f"m{at}", "u", None) for at in range(50)]) == {"q": Figures(50)}


def test_the_most_pressing_hint_comes_first():
    assert hint(950, -51) is Hint.CHECK_KEY
    assert hint(950, 100) is Hint.TOO_EASY
    assert hint(299, None) is Hint.TOO_HARD
    assert hint(500, 199) is Hint.TELLS_LITTLE
    assert hint(None, None) is hint(500, 300) is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), MARKS), max_size=60))
def test_units_add_up_to_their_people_and_to_what_stands_above(rows):
    once = {(quiz, n): marks for quiz, n, marks in rows}
    answers = [Marked(quiz, f"m{n}", f"branch{n % 3}", marks) for (quiz, n), marks in once.items()]
    lines = {f"branch{n}": (f"branch{n}", "root") for n in range(3)}
    units, people = by_line(answers, lines), by_member(answers)
    total = Reached()
    for each in people.values():
        total = total.plus(each)
    assert units.get("root", Reached()) == total
    assert sum(unit.people for name, unit in units.items() if name != "root") == len(people)
    assert total.answered == len(answers)


def test_over_lessons_each_counts_by_how_many_answered_there():
    one, other, small = Figures(30, 20, 800, 400), Figures(10, 1, 400, None), Figures(3, 3)
    assert pooled([one, other, small]) == Figures(43, 24, 700, 400, None)
    assert pooled([]) == Figures()
