"""Credit: which rule holds, who passes, what a review may change."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import credit
from server.domain.credit import CreditRule, Evidence, Failing, Review, ReviewState
from server.domain.dated_rules import holds, in_force, succeed
from server.domain.refusals import Refusal
from server.domain.sign_ins import Way

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
LINE = ("branch", "general", "root")
RULE = CreditRule("r", "root", "规则", 1, dt.date(2026, 1, 1), None, 10, 80, 50, 60)


def evidence(**changed):
    known = {"signed_in_at": NOW, "way": Way.QR, "late": False, "present_percent": 100}
    return Evidence(**{"member_id": "m", "unit_id": "u", "asked": 10, "answered": 10, "right": 10, **known, **changed})


def refused(call):
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


# ---- which rule ------------------------------------------------------------------------------------------


def test_the_nearest_unit_up_the_tree_decides():
    near, far = replace(RULE, id="near", unit_id="general"), replace(RULE, id="far")
    assert in_force([far, near], LINE, TODAY).id == "near"
    assert in_force([far], LINE, TODAY).id == "far"
    assert in_force([replace(RULE, unit_id="elsewhere")], LINE, TODAY) is None


def test_a_rule_holds_from_its_first_day_until_before_its_end():
    rule = replace(RULE, since=TODAY, until=TODAY + DAY)
    held = [in_force([rule], LINE, TODAY + n * DAY) is not None for n in (-1, 0, 1)]
    assert held == [False, True, False]


def test_a_near_rule_that_has_ended_leaves_the_one_above_in_force():
    ended = replace(RULE, id="near", unit_id="branch", until=TODAY)
    assert in_force([RULE, ended], LINE, TODAY).id == RULE.id


def test_a_new_version_ends_the_older_one():
    made = succeed([RULE], replace(RULE, id="new", since=TODAY))
    assert (made.rule.version, made.ended) == (2, replace(RULE, until=TODAY))
    assert succeed([], RULE).ended is None


def test_a_version_that_has_ended_already_stays_as_it_was():
    older = replace(RULE, until=dt.date(2026, 6, 1))
    assert succeed([older], replace(RULE, since=TODAY)).ended is None


@pytest.mark.parametrize("since", [RULE.since, RULE.since - DAY])
def test_what_was_in_force_is_never_replaced(since):
    assert refused(lambda: succeed([RULE], replace(RULE, since=since))) == "rule_overlaps"


def test_a_rule_that_ends_before_it_begins_is_refused():
    assert refused(lambda: succeed([], replace(RULE, until=RULE.since))) == "invalid_body"


@given(st.lists(st.integers(1, 400), unique=True, min_size=1, max_size=8).map(sorted), st.integers(0, 500))
def test_of_all_versions_at_most_one_holds_on_any_day(starts, day):
    rules = []
    for start in starts:
        made = succeed(rules, replace(RULE, since=dt.date(2026, 1, 1) + start * DAY))
        rules = [each for each in rules if made.ended is None or each.version != made.ended.version]
        rules += [each for each in (made.ended, made.rule) if each]
    holding = [rule for rule in rules if holds(rule, dt.date(2026, 1, 1) + day * DAY)]
    assert len(holding) == (1 if day >= starts[0] else 0)


# ---- verdicts --------------------------------------------------------------------------------------------


def test_who_reaches_every_threshold_gets_the_whole_credit():
    just = evidence(present_percent=80, answered=5, right=6)
    verdict = credit.judge(just, RULE, 200, NOW)
    assert (verdict.passed, verdict.failings, verdict.hundredths) == (True, (), 200)


@pytest.mark.parametrize(
    ("changed", "failing"),
    [
        ({"signed_in_at": None, "way": None}, Failing.NOT_SIGNED_IN),
        ({"present_percent": 79}, Failing.NOT_PRESENT_ENOUGH),
        ({"answered": 4}, Failing.NOT_ANSWERED_ENOUGH),
        ({"right": 5}, Failing.NOT_RIGHT_ENOUGH),
    ],
)
def test_who_misses_one_threshold_gets_nothing_and_learns_which(changed, failing):
    verdict = credit.judge(evidence(**changed), RULE, 200, NOW)
    assert (verdict.passed, verdict.failings, verdict.hundredths) == (False, (failing,), 0)


def test_being_late_alone_fails_nobody():
    assert credit.judge(evidence(late=True), RULE, 200, NOW).passed


def test_thresholds_that_the_rule_does_not_set_ask_nothing():
    lenient = replace(RULE, least_answered_percent=None, least_right_percent=None)
    assert credit.judge(evidence(answered=0, right=0), lenient, 200, NOW).passed


def test_a_lesson_without_questions_asks_for_no_answers():
    assert credit.judge(evidence(asked=0, answered=0, right=0), RULE, 200, NOW).passed


def test_a_lesson_that_grants_nothing_needs_no_rule():
    assert credit.judge(evidence(present_percent=0), None, 0, NOW).passed
    assert not credit.judge(evidence(signed_in_at=None), None, 0, NOW).passed


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(0, 100))
def test_rounding_down_changes_no_comparison_with_a_whole_threshold(part, whole, threshold):
    part = min(part, whole)
    assert (credit.percent(part, whole) >= threshold) == (part * 100 >= threshold * whole)


@given(st.integers(-5, 20), st.integers(-5, 10))
def test_percents_stay_within_bounds(part, whole):
    assert 0 <= credit.percent(part, whole) <= 100


def test_credit_has_bounds():
    for hundredths in (0, 25, 10_000):
        credit.check_hundredths(hundredths)
    for hundredths in (-1, 10_001):
        assert refused(lambda h=hundredths: credit.check_hundredths(h)) == "invalid_body"


# ---- reviews ---------------------------------------------------------------------------------------------

REVIEW = Review("v", "l", "m", "a", "我在会场", NOW)
FAILED = credit.judge(evidence(present_percent=0), RULE, 200, NOW)


def decide(review=REVIEW, verdict=FAILED, *, grant):
    return credit.decide(review, verdict, grant=grant, answer="已核实", decided_by="admin", decided_at=NOW)


@pytest.mark.parametrize(("grant", "state"), [(True, ReviewState.GRANTED), (False, ReviewState.DECLINED)])
def test_a_review_is_decided_once(grant, state):
    decided = decide(grant=grant)
    assert (decided.state, decided.answer, decided.decided_by) == (state, "已核实", "admin")
    assert refused(lambda: decide(decided, grant=True)) == "review_decided"


def test_who_has_the_credit_is_not_granted_it_again():
    passed = credit.judge(evidence(), RULE, 200, NOW)
    assert refused(lambda: decide(verdict=passed, grant=True)) == "already_credited"
    assert decide(verdict=passed, grant=False).state is ReviewState.DECLINED


def test_an_overturned_verdict_keeps_its_evidence():
    after = credit.overturn(FAILED, 200, "e", NOW + DAY)
    assert (after.passed, after.failings, after.hundredths, after.entry_id) == (True, (), 200, "e")
    assert after.evidence == FAILED.evidence


def test_every_failing_has_a_sentence_in_both_languages():
    assert set(credit.SENTENCES) == set(Failing)
