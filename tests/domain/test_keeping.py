"""录像保存类别: which rule holds, and that nothing goes early."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.keeping import (
    LEAST_DAYS,
    USUAL,
    KeepClass,
    KeepRule,
    KindRule,
    Place,
    check_rule,
    class_of,
    goes_at,
    kinds_of,
    rule_of,
)
from server.domain.lesson_kinds import LessonKind
from server.domain.refusals import Refusal
from tests.store.samples import NOW

CLASSES, KINDS = st.sampled_from(KeepClass), st.sampled_from(LessonKind)
MOMENTS = st.integers(-1000, 1000).map(lambda days: NOW + dt.timedelta(days=days))
RULES = st.lists(
    st.builds(KeepRule, CLASSES, MOMENTS, st.integers(365, 9000), st.sampled_from(Place), st.just(""), st.just("who")),
    unique_by=lambda rule: (rule.keep_class, rule.since),
)
KIND_RULES = st.lists(
    st.builds(KindRule, KINDS, MOMENTS, CLASSES, st.just(""), st.just("who")),
    unique_by=lambda rule: (rule.kind, rule.since),
)


@given(rules=RULES, keep_class=CLASSES)
def test_the_newest_rule_that_has_begun_holds(rules, keep_class):
    rule = rule_of(rules, keep_class, NOW)
    begun = [one for one in rules if one.keep_class is keep_class and one.since <= NOW]
    assert rule.keep_class is keep_class
    assert rule == (max(begun, key=lambda one: one.since) if begun else USUAL[keep_class])


@given(rules=KIND_RULES)
def test_every_kind_of_lesson_has_exactly_one_class(rules):
    of = [kind for keep_class in KeepClass for kind in kinds_of(rules, keep_class, NOW)]
    assert sorted(of) == sorted(LessonKind)
    assert all(kind in kinds_of(rules, class_of(rules, kind, NOW), NOW) for kind in LessonKind)


@given(keep_class=CLASSES, days=st.none() | st.integers(-10, 40_000), over_at=st.none() | MOMENTS)
def test_nothing_goes_before_the_least_days_and_what_is_kept_for_ever_never(keep_class, days, over_at):
    try:
        check_rule(keep_class, days)
    except Refusal as refusal:
        assert refusal.code == "keeping_too_short"  # noqa: PT017 - a property of both ways
        return
    at = goes_at(KeepRule(keep_class, NOW, days, Place.LOCAL, "", "who"), over_at)
    if keep_class is KeepClass.PERMANENT or over_at is None:
        assert at is None
    else:
        assert at - over_at >= dt.timedelta(days=LEAST_DAYS)


@pytest.mark.parametrize(("keep_class", "days"), [(KeepClass.ORDINARY, None), (KeepClass.PERMANENT, 365)])
def test_only_the_permanent_class_has_no_days(keep_class, days):
    with pytest.raises(Refusal, match="keeping_too_short"):
        check_rule(keep_class, days)
