"""What a rule says of a lesson's worth and of its questions together, and looking at a rule before it is made."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import quiz_terms, worth_terms
from server.domain.credit import CreditRule, Evidence, Failing, judge, overturn, rule_facts
from server.domain.lesson_kinds import LessonKind
from server.domain.quiz_terms import QuizTerms, weighed_percent
from server.domain.refusals import Refusal
from server.domain.rule_preview import preview
from server.domain.sign_ins import Way
from server.domain.worth_terms import By, Worth, WorthTerms, worth
from tests.store.samples import NOW, TODAY, a_lesson

LECTURE, THEME = LessonKind.LECTURE, LessonKind.THEME_DAY
TERMS = WorthTerms({THEME: 150}, 45, 25, 180, 300, 360, 600)


@pytest.mark.parametrize(
    ("kind", "minutes", "expected"),
    [
        (THEME, 20, Worth(150, By.KIND)),  # however long
        (LECTURE, 45, Worth(100, By.LENGTH)),
        (LECTURE, 90, Worth(200, By.LENGTH)),
        (LECTURE, 80, Worth(175, By.LENGTH)),  # 80 / 45 = 1.77…, in quarters 1.75
        (LECTURE, 44, Worth(75, By.LENGTH)),  # 0.97…
        (LECTURE, 179, Worth(375, By.LENGTH)),  # 3.97…
        (LECTURE, 180, Worth(300, By.HALF_DAY)),  # a half day is 3
        (LECTURE, 360, Worth(600, By.DAY)),  # a day is 6
    ],
)
def test_a_lesson_is_worth_what_its_kind_or_its_length_says(kind, minutes, expected):
    assert worth(TERMS, kind, minutes) == expected


def test_an_hour_of_sixty_minutes_gives_less_than_one_of_forty_five():
    assert worth(replace(TERMS, credit_minutes=60), LECTURE, 90) == Worth(150, By.LENGTH)


def test_where_the_rule_does_not_say_it_proposes_nothing():
    assert worth(None, LECTURE, 90) is None
    assert worth(WorthTerms({THEME: 100}), LECTURE, 90) is None


@given(st.integers(1, 1440), st.integers(15, 240), st.integers(1, 100))
def test_by_length_never_more_than_the_minutes_are_worth_in_whole_steps(minutes, credit_minutes, step):
    found = worth(WorthTerms({}, credit_minutes, step), LECTURE, minutes)
    assert found.hundredths % step == 0
    assert found.hundredths * credit_minutes <= minutes * 100 < (found.hundredths + step) * credit_minutes


def test_terms_are_kept_as_they_were_and_those_that_make_no_sense_refused():
    assert worth_terms.terms_of(worth_terms.facts_of(TERMS)) == TERMS
    with pytest.raises(Refusal, match="invalid_body"):
        worth_terms.check(replace(TERMS, day_minutes=180))
    with pytest.raises(Refusal, match="invalid_body"):
        quiz_terms.check(QuizTerms(0, 0, 50))


# ---- questions together ----------------------------------------------------------------------------------

RULE = CreditRule("r", "root", "规则", 1, TODAY, None, 10, 80)
WEIGHED = replace(RULE, quiz=QuizTerms(40, 60, 60))


def evidence(number="m", **changed):
    known = {"signed_in_at": NOW, "way": Way.PHONE, "late": False, "present_percent": 100}
    return Evidence(number, "u", **{**known, "asked": 10, "answered": 10, "right": 10, **changed})


@pytest.mark.parametrize(
    ("answered", "right", "percent"),
    [
        (10, 10, 100),
        (10, 4, 64),  # (10 × 40 + 4 × 60) / 1000
        (10, 3, 58),
        (6, 6, 60),
        (0, 0, 0),
    ],
)
def test_answering_and_answering_right_are_weighed_together(answered, right, percent):
    assert weighed_percent(WEIGHED.quiz, 10, answered, right) == percent
    judged = judge(evidence(answered=answered, right=right), WEIGHED, 200, NOW)
    assert judged.failings == (() if percent >= 60 else (Failing.NOT_SCORED_ENOUGH,))


def test_a_lesson_without_questions_asks_for_no_score():
    assert judge(evidence(asked=0, answered=0, right=0), WEIGHED, 200, NOW).passed


def test_what_the_ledger_keeps_of_a_rule_names_nobody():
    facts = rule_facts(replace(WEIGHED, worth=TERMS, made_by="account", made_at=NOW))
    assert facts["quiz"] == {"answered_weight": 40, "right_weight": 60, "least_percent": 60}
    assert "account" not in str(facts)


# ---- looking before making -------------------------------------------------------------------------------


def lesson(**changed):
    settled = {"live_at": NOW, "settled_at": NOW + dt.timedelta(hours=3), "credit_hundredths": 200}
    begins = {"starts_at": NOW, "ends_at": NOW + dt.timedelta(minutes=90)}
    return replace(a_lesson("l"), **{**settled, **begins, **changed})


def judged(*found):
    return [(judge(each, RULE, 200, NOW), each.member_id) for each in found]


def test_a_preview_names_whom_the_other_rule_would_give_something_else_and_why():
    people = judged(evidence("all"), evidence("few", present_percent=85), evidence("gone", present_percent=70))
    stricter = replace(RULE, least_present_percent=90)
    whole, differing = preview(lesson(), people, RULE, stricter)
    assert (whole.people, whole.passed_before, whole.passed_after, whole.less, whole.more) == (3, 2, 1, 1, 0)
    assert [(one.member_id, one.before, one.after, one.failings_after) for one in differing] == [
        ("few", 200, 0, (Failing.NOT_PRESENT_ENOUGH,))
    ]
    milder = replace(RULE, least_present_percent=60)
    whole, differing = preview(lesson(), people, RULE, milder)
    assert [(one.member_id, one.before, one.after) for one in differing] == [("gone", 0, 200)]


def test_a_pass_that_a_person_decided_stands_under_any_rule():
    failed = judge(evidence("m", present_percent=10), RULE, 200, NOW)
    people = [(overturn(failed, 200, "e", NOW), "m")]
    whole, differing = preview(lesson(), people, RULE, replace(RULE, least_present_percent=90))
    assert (whole.passed_before, whole.passed_after, differing) == (1, 1, ())


def test_another_worth_concerns_everybody_who_passes():
    people = judged(evidence("all"), evidence("gone", present_percent=70))
    whole, differing = preview(lesson(), people, RULE, replace(RULE, worth=WorthTerms({}, 60)))
    assert (whole.hundredths_before, whole.hundredths_after, whole.by) == (200, 150, By.LENGTH)
    assert [(one.member_id, one.before, one.after) for one in differing] == [("all", 200, 150)]


def test_a_preview_counts_who_would_be_late():
    people = judged(evidence("m", signed_in_at=NOW + dt.timedelta(minutes=12), late=True))
    whole, _ = preview(lesson(), people, RULE, replace(RULE, late_after_minutes=15))
    assert (whole.late_before, whole.late_after) == (1, 0)


@given(st.lists(st.integers(0, 100), max_size=20), st.integers(0, 100))
def test_under_the_same_rule_nobody_gets_anything_else(percents, least):
    rule = replace(RULE, least_present_percent=least)
    found = [evidence(str(n), present_percent=each) for n, each in enumerate(percents)]
    people = [(judge(each, rule, 200, NOW), each.member_id) for each in found]
    whole, differing = preview(lesson(), people, rule, rule)
    assert (differing, whole.more, whole.less) == ((), 0, 0)
    assert whole.passed_before == whole.passed_after
