"""Kinds of lessons, their rhythm, and the days of a series."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.courses import MOST_REPEATED, Repeat, Repeats, days_of
from server.domain.lesson_kinds import (
    USUAL,
    Due,
    DueState,
    Every,
    KindRule,
    KindRules,
    LessonKind,
    Meetings,
    Period,
    check_kind_rule,
    counted_by_group,
    due_day,
    period_of,
)
from server.domain.refusals import Refusal

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))
THEME = LessonKind.THEME_DAY


def rule(unit, since, *, every=Every.MONTH, **more):
    return KindRule(f"{unit} {since}", unit, THEME, since, every, **more)


def test_the_newest_rule_of_the_nearest_unit_holds():
    first, newer, nearer = (
        rule("root", dt.date(2026, 1, 1)),
        rule("root", dt.date(2026, 6, 1), day=5),
        rule("b", dt.date(2026, 9, 1)),
    )
    rules = KindRules([nearer, newer, first])
    assert rules.in_force(THEME, ("b", "root"), dt.date(2026, 5, 31)) == first
    assert rules.in_force(THEME, ("b", "root"), dt.date(2026, 8, 31)) == newer
    assert rules.in_force(THEME, ("b", "root"), dt.date(2026, 9, 1)) == nearer
    assert rules.in_force(THEME, ("other", "root"), dt.date(2026, 9, 1)) == newer


def test_where_nobody_said_anything_the_customary_rhythm_holds():
    in_force = KindRules([]).in_force
    assert {kind: in_force(kind, ("b",), dt.date(2026, 1, 1)).every for kind in USUAL} == {
        LessonKind.MEMBERS_MEETING: Every.QUARTER,
        LessonKind.COMMITTEE_MEETING: Every.MONTH,
        LessonKind.GROUP_MEETING: Every.MONTH,
        LessonKind.PARTY_CLASS: Every.PLANNED,
        THEME: Every.MONTH,
    }


@given(DAYS, st.sampled_from([Every.MONTH, Every.QUARTER]))
def test_periods_follow_one_another_without_a_gap(on, every):
    period = period_of(every, on)
    assert period.since <= on <= period.until
    following = period_of(every, period.until + dt.timedelta(days=1))
    assert following.since == period.until + dt.timedelta(days=1)


def test_what_is_planned_locally_has_no_period():
    assert period_of(Every.PLANNED, dt.date(2026, 1, 1)) is None


@given(DAYS, st.none() | st.integers(1, 31))
def test_a_fixed_day_lies_in_its_month(on, day):
    period = period_of(Every.MONTH, on)
    due = due_day(rule("b", on, day=day), period)
    assert period.since <= due <= period.until
    assert due.day == (day or 31) or due == period.until


@pytest.mark.parametrize(
    "wrong",
    [
        {"times": 0},
        {"times": 32},
        {"every": Every.QUARTER, "day": 5},
        {"day": 32},
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(wrong):
    with pytest.raises(Refusal, match="invalid_body"):
        check_kind_rule(rule("b", dt.date(2026, 1, 1), **wrong))


def test_a_lecture_of_the_school_is_never_due():
    lecture = KindRule("r", "b", LessonKind.LECTURE, dt.date(2026, 1, 1), Every.MONTH)
    with pytest.raises(Refusal, match="invalid_body"):
        check_kind_rule(lecture)


# ---- series ----------------------------------------------------------------------------------------------


@given(DAYS, st.sampled_from(Repeat), st.integers(2, 20), st.integers(1, 3))
def test_days_of_a_series_rise_and_keep_their_place(first, every, times, between):
    try:
        days = days_of(first, Repeats(every, times, between))
    except Refusal:
        assert every is not Repeat.WEEK
        assert times * between > 36
        return
    assert days[0] == first
    assert len(days) == times
    assert list(days) == sorted(set(days))
    if every is not Repeat.MONTH:
        assert {day.weekday() for day in days} == {first.weekday()}
    if every is not Repeat.WEEK:
        assert [(day.year * 12 + day.month) - (first.year * 12 + first.month) for day in days] == [
            number * between for number in range(times)
        ]


def test_the_last_day_of_a_month_stays_the_last():
    days = days_of(dt.date(2027, 1, 31), Repeats(Repeat.MONTH, 3))
    assert days == (dt.date(2027, 1, 31), dt.date(2027, 2, 28), dt.date(2027, 3, 31))


def test_the_second_friday_stays_the_second_friday():
    days = days_of(dt.date(2026, 11, 13), Repeats(Repeat.WEEKDAY, 3))
    assert days == (dt.date(2026, 11, 13), dt.date(2026, 12, 11), dt.date(2027, 1, 8))


def test_a_fifth_weekday_becomes_the_last_where_there_are_four():
    days = days_of(dt.date(2027, 1, 29), Repeats(Repeat.WEEKDAY, 2))
    assert days == (dt.date(2027, 1, 29), dt.date(2027, 2, 26))


@pytest.mark.parametrize(
    "wrong",
    [
        Repeats(Repeat.WEEK, 1),
        Repeats(Repeat.WEEK, MOST_REPEATED + 1),
        Repeats(Repeat.WEEK, 2, 0),
        Repeats(Repeat.MONTH, 60),
    ],
)
def test_a_series_that_nobody_can_oversee_is_refused(wrong):
    with pytest.raises(Refusal, match="invalid_body"):
        days_of(dt.date(2026, 11, 26), wrong)


# ---- group meetings --------------------------------------------------------------------------------------

MAY = Period(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
COUNTS = st.builds(Meetings, st.integers(0, 4), st.integers(0, 4))
GROUPS = st.lists(st.sampled_from("abcdef"), min_size=1, unique=True)


def counted(groups, times, meetings):
    due = Due("branch", LessonKind.GROUP_MEETING, MAY, MAY.until, times * len(groups))
    return counted_by_group(due, times, groups, meetings)


def test_three_meetings_of_one_group_are_those_of_one_group():
    found = counted(["a", "b", "c"], 1, {"a": Meetings(held=3)})
    assert (found.held, found.wanted, found.owing) == (1, 3, ("b", "c"))
    assert found.state(MAY.until) is DueState.OPEN


def test_a_meeting_that_names_no_group_counts_for_whichever_lacks_one():
    found = counted(["a", "b"], 1, {"a": Meetings(held=1), None: Meetings(held=1)})
    assert (found.held, found.owing, found.state(MAY.until)) == (2, (), DueState.HELD)


def test_a_meeting_of_a_group_that_is_no_more_counts_for_none():
    assert counted(["a"], 1, {"gone": Meetings(held=2)}).owing == ("a",)


@given(GROUPS, st.integers(1, 3), st.dictionaries(st.sampled_from("abcdefg"), COUNTS), st.dates())
def test_where_each_meeting_names_its_group_nothing_is_owed_just_when_each_has_its_own(groups, times, meetings, today):
    found = counted(groups, times, meetings)
    own = [meetings.get(group, Meetings()) for group in groups]
    lacking = [group for group, one in zip(groups, own, strict=True) if one.held + one.planned < times]
    assert list(found.owing) == lacking
    assert (found.state(today) is DueState.HELD) == all(one.held >= times for one in own)
    assert (found.state(today) in {DueState.HELD, DueState.PLANNED}) == (not lacking)


@given(GROUPS, st.integers(1, 3), st.dictionaries(st.sampled_from([*"abcdefg", None]), COUNTS))
def test_the_groups_that_owe_are_named_just_when_too_little_is_held_or_planned(groups, times, meetings):
    found = counted(groups, times, meetings)
    assert bool(found.owing) == (found.held + found.planned < found.wanted)
    assert set(found.owing) <= set(groups)
    assert found.held >= 0
    assert found.planned >= 0
