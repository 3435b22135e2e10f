"""A year month by month, with numbers that were worked out by hand."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.domain.ledger import EntryKind
from server.domain.year_months import WHOLE_YEAR, MonthPath, due_by_month, figures, totals_by_month
from server.domain.year_rules import TYPES, YearRule
from server.domain.year_standing import LEAST_PEOPLE, Asked, standing_of

LESSON, MICRO = EntryKind.LESSON, EntryKind.MICRO
AMOUNTS = st.dictionaries(st.integers(1, 12), st.dictionaries(st.sampled_from(TYPES), st.integers(0, 3000)))


def test_a_twelfth_of_the_target_is_due_with_each_month():
    # 32 学时 are 3,200: a month 266.67, rounded down each time from the whole
    assert due_by_month(3200, WHOLE_YEAR, 12) == (
        *(266, 533, 800, 1066, 1333, 1600),
        *(1866, 2133, 2400, 2666, 2933, 3200),
    )


def test_who_came_in_july_owes_nothing_until_then():
    # 1,600 for July to December: 266.67 a month
    assert due_by_month(1600, range(7, 13), 9) == (0, 0, 0, 0, 0, 0, 266, 533, 800)


def test_a_cap_holds_against_the_year_up_to_the_month():
    # micro-videos count up to 800: 500 in January, 500 in March; lessons 200 each month
    earned = {1: {LESSON: 200, MICRO: 500}, 2: {LESSON: 200}, 3: {LESSON: 200, MICRO: 500}}
    assert totals_by_month(earned, {MICRO: 800}, 100, 3) == (800, 1000, 1500)


def test_five_people_by_hand():
    # target 1,200: 100 due by the end of January, 200 of February
    due = (100, 200)
    paths = [
        MonthPath(0, (100, 200), due),  # exactly on time, both
        MonthPath(0, (300, 300), due),  # early
        MonthPath(0, (0, 250), due),  # caught up in February
        MonthPath(150, (150, 150), due),  # by what came over, no longer in February
        MonthPath(0, (0, 0), due),
    ]
    january, february = figures(paths, 2)
    # 550 with 150 that came over: 400 of five are 80; total 110; three of five
    assert (january.month, january.added, january.total, january.on_time) == (1, 80, 110, 600)
    # 900 − 550 = 350 of five are 70; total 180; three of five
    assert (february.month, february.added, february.total, february.on_time) == (2, 70, 180, 600)


def test_of_fewer_than_five_nothing_is_told():
    paths = [MonthPath(0, (100,), (100,))] * (LEAST_PEOPLE - 1)
    [january] = figures(paths, 1)
    assert (january.added, january.total, january.on_time) == (None, None, None)
    assert figures([], 1)[0].on_time is None


@given(AMOUNTS, st.dictionaries(st.sampled_from(TYPES), st.integers(0, 2000)), st.integers(0, 500))
def test_the_last_month_is_what_the_year_counts(earned, caps, carried):
    whole = {kind: sum(month.get(kind, 0) for month in earned.values()) for kind in TYPES}
    rule = YearRule("y", "root", "年度学时", 1, None, caps=caps)
    standing = standing_of(whole, rule, Asked(3200))
    totals = totals_by_month(earned, caps, carried, 12)
    assert totals[-1] == standing.counted + carried
    assert all(before <= after for before, after in pairwise(totals))


@given(st.integers(0, 20000), st.sets(st.integers(1, 12)), st.integers(1, 12))
def test_what_is_due_only_grows_and_ends_at_the_target(target, months, until):
    due = due_by_month(target, sorted(months), until)
    assert len(due) == until
    assert list(due) == sorted(due)
    assert due_by_month(target, sorted(months), 12)[-1] == target
