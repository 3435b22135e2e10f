"""Periods, their floors, and that every table is swept or kept for a reason."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.personal_data import DataClass
from server.domain.personal_inventory import INVENTORY
from server.domain.refusals import Refusal
from server.domain.retention import (
    LOGS,
    LOST_AFTER,
    PERIODS,
    UNLIMITED,
    RetentionRule,
    Sweep,
    check_days,
    days_of,
    falls_to,
    in_force,
    to_come,
)
from server.domain.retention_steps import ELSEWHERE, STEPS
from server.store.schema import metadata
from tests.store.samples import NOW

CLASSES = st.sampled_from(sorted(PERIODS))
MOMENTS = st.integers(-1000, 1000).map(lambda days: NOW + dt.timedelta(days=days))
RULES = st.lists(
    st.builds(RetentionRule, CLASSES, MOMENTS, st.integers(0, 40_000), st.just("who")),
    unique_by=lambda rule: (rule.data_class, rule.since),
)


@given(rules=RULES, kind=CLASSES)
def test_the_newest_rule_that_has_begun_holds_and_the_nearest_of_the_others_comes_next(rules, kind):
    now, next_one = in_force(rules, kind, NOW), to_come(rules, kind, NOW)
    mine = [rule for rule in rules if rule.data_class is kind]
    assert (now is None) == all(rule.since > NOW for rule in mine)
    assert (next_one is None) == all(rule.since <= NOW for rule in mine)
    assert all(rule.since <= now.since or rule.since > NOW for rule in mine if now)
    assert all(rule.since >= next_one.since or rule.since <= NOW for rule in mine if next_one)


@given(rules=RULES, kind=CLASSES, default=st.none() | st.integers(0, 1000))
def test_nothing_goes_earlier_than_the_floor_whatever_stands_in_the_record(rules, kind, default):
    assert days_of(in_force(rules, kind, NOW), kind, default) >= PERIODS[kind].floor


@given(kind=CLASSES, days=st.integers(0, 2000))
def test_a_period_below_the_floor_is_refused(kind, days):
    if days >= PERIODS[kind].floor:
        check_days(kind, days)
    else:
        with pytest.raises(Refusal, match="retention_too_short"):
            check_days(kind, days)


@pytest.mark.parametrize("kind", sorted(UNLIMITED))
def test_what_has_no_period_is_given_none(kind):
    with pytest.raises(Refusal, match="retention_unlimited"):
        check_days(kind, 36_500)


def test_every_class_has_a_period_or_a_reason_to_have_none():
    assert set(PERIODS) | set(UNLIMITED) == set(DataClass)
    assert not set(PERIODS) & set(UNLIMITED)
    assert {DataClass.CREDIT, DataClass.SHEETS} <= set(UNLIMITED)
    assert all(period.days >= period.floor for period in PERIODS.values())
    assert all(PERIODS[kind].floor >= LOGS > 183 for kind in (DataClass.AUDIT, DataClass.LOGIN_TRACES))


@pytest.mark.parametrize("table", sorted(INVENTORY))
def test_every_table_is_swept_or_kept_for_a_reason(table):
    kind = INVENTORY[table].kind
    cleared = any(step.table == table and not (step.blanks or step.nouns) for step in STEPS)
    emptied = any(step.table == table and step.kind is kind for step in STEPS)
    reasons = [cleared or emptied, table in ELSEWHERE, kind in UNLIMITED]
    assert sum(reasons) == 1, f"{table}: say in retention_steps when its rows go, or why they stay"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.kind}-{step.table}")
def test_a_step_names_what_is_there_and_has_a_period(step):
    columns = metadata.tables[step.table].c
    counting = metadata.tables[step.parent[1]].c if step.parent else columns
    assert step.kind in PERIODS
    assert {*step.blanks, *filter(None, (step.closed,))} <= set(columns.keys())
    assert not step.moment or step.moment in counting
    assert step.parent is None or step.parent[0] in columns
    leads = metadata.tables[step.through[1]].c if step.through else columns
    assert step.moment or "lesson_id" in leads
    keys = {column.name for column in metadata.tables[step.table].primary_key}
    assert not keys & set(step.blanks)


def test_the_chained_and_the_confirmed_are_in_no_step():
    assert not {step.table for step in STEPS} & {"credit_entries", "attendance_sheets", "audit_lines", "verdicts"}


def test_a_sweep_has_one_runner_until_that_one_is_lost():
    sweep = Sweep(NOW.date(), "a", NOW, NOW, {})
    later = NOW + LOST_AFTER + dt.timedelta(seconds=1)
    assert falls_to(None, "b", NOW)
    assert (falls_to(sweep, "a", NOW), falls_to(sweep, "b", NOW), falls_to(sweep, "b", later)) == (True, False, True)
    assert not falls_to(Sweep(NOW.date(), "a", NOW, NOW, {}, ended_at=NOW), "a", later)
