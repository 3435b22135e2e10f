"""A year's credit: targets, caps, what is carried over, who is exempt, where people on loan stand."""

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.dated_rules import in_force, succeed
from server.domain.ledger import EntryKind
from server.domain.refusals import Refusal
from server.domain.study_roles import RoleRow, StudyRole, added, ended, position_on
from server.domain.year_rules import TYPES, LoanCount, Position, YearRule, check_year_rule, day_of_year, type_of
from server.domain.year_standing import (
    Asked,
    Place,
    StandingState,
    Tally,
    asked_of,
    by_type,
    in_total,
    place_in,
    reached,
    standing_of,
)

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
PLAN = {Position.FULL: 3200, Position.SECRETARY: 5600, Position.COMMITTEE: 5600}
RULE = YearRule("y", "root", "年度学时", 1, dt.date(2026, 1, 1), targets=PLAN)
LESSON, MAKE_UP, MICRO = EntryKind.LESSON, EntryKind.MAKE_UP, EntryKind.MICRO


def refused(call):
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


def earned(**amounts):
    return by_type((EntryKind(kind), amount) for kind, amount in amounts.items())


# ---- what counts -----------------------------------------------------------------------------------------


def test_a_member_is_short_of_what_the_target_lacks():
    standing = standing_of(earned(lesson=2000, micro=450), RULE, Asked(3200))
    assert (standing.total, standing.short, standing.state) == (2450, 750, StandingState.SHORT)
    assert standing_of(earned(lesson=3200), RULE, Asked(3200)).state is StandingState.MET


def test_of_a_capped_type_no_more_than_the_cap_counts():
    rule = replace(RULE, caps={MICRO: 800})
    standing = standing_of(earned(lesson=2000, micro=1500), rule, Asked(3200))
    assert (standing.earned, standing.counted, standing.short) == (3500, 2800, 400)
    assert [(each.type, each.counted) for each in standing.types if each.earned] == [(LESSON, 2000), (MICRO, 800)]


def test_a_correction_is_capped_with_the_lessons_that_it_stands_in_for():
    rule = replace(RULE, caps={LESSON: 1000})
    assert standing_of(earned(lesson=900, correction=200), rule, Asked(3200)).counted == 1000
    assert {type_of(kind) for kind in EntryKind} == set(TYPES)


amounts = st.dictionaries(st.sampled_from(TYPES), st.integers(-500, 20_000))
rules = st.builds(
    lambda caps, carry: replace(RULE, caps=caps, carry_most_hundredths=carry),
    st.dictionaries(st.sampled_from(TYPES), st.integers(0, 5000)),
    st.integers(0, 3000),
)
asks = st.one_of(st.none(), st.integers(0, 10_000)).map(Asked)


@given(st.tuples(amounts, amounts), st.tuples(rules, rules), st.tuples(asks, asks))
def test_caps_hold_sums_add_up_and_all_is_whole_hundredths(earnings, plans, asking):
    (got, had), (rule, older), (asked, was_asked) = earnings, plans, asking
    before = standing_of(had, older, was_asked)
    standing = standing_of(got, rule, asked, before)
    assert all(each.counted <= each.cap for each in standing.types if each.cap is not None)
    assert all(each.counted <= each.earned for each in standing.types)
    assert sum(each.earned for each in standing.types) == sum(got.values())
    assert standing.total == sum(each.counted for each in standing.types) + standing.carried
    assert 0 <= standing.carried <= min(rule.carry_most_hundredths, before.surplus)
    lacking = None if asked.hundredths is None else asked.hundredths - standing.total
    assert standing.short == max(0, lacking or 0)
    assert (standing.state is StandingState.SHORT) == (standing.short > 0)
    assert all(type(each.counted) is int for each in standing.types)


@given(st.lists(st.tuples(st.sampled_from(list(EntryKind)), st.integers(-500, 5000)), max_size=5))
def test_the_order_of_entries_changes_nothing(entries):
    assert len({tuple(by_type(each).items()) for each in permutations(entries)}) == 1


# ---- carrying over ---------------------------------------------------------------------------------------


def test_what_a_year_gave_above_its_target_comes_over_as_far_as_the_rule_lets_it():
    before = standing_of(earned(lesson=4000), RULE, Asked(3200))
    carrying = replace(RULE, carry_most_hundredths=500)
    assert standing_of(earned(lesson=3000), carrying, Asked(3200), before).total == 3500  # of 800 above, 500
    assert standing_of(earned(lesson=3000), RULE, Asked(3200), before).carried == 0  # the rule carries nothing


def test_what_had_come_over_is_not_carried_on():
    rule = replace(RULE, carry_most_hundredths=1000)
    first = standing_of(earned(lesson=4200), rule, Asked(3200))
    second = standing_of(earned(lesson=3200), rule, Asked(3200), first)
    assert (second.total, second.surplus) == (4200, 0)
    assert standing_of({}, rule, Asked(3200), second).carried == 0


@pytest.mark.parametrize("asked", [Asked(None), Asked(None, exempt=True)])
def test_a_year_that_asked_nothing_carries_nothing_on(asked):
    assert standing_of(earned(lesson=4000), RULE, asked).surplus == 0


# ---- what is asked ---------------------------------------------------------------------------------------


def test_the_target_is_that_of_the_position():
    assert asked_of(RULE, Position.FULL) == Asked(3200)
    assert asked_of(RULE, Position.SECRETARY) == Asked(5600)
    assert standing_of({}, RULE, asked_of(RULE, Position.ACTIVIST)).state is StandingState.UNASKED
    assert standing_of({}, RULE, asked_of(RULE, None)).state is StandingState.EXEMPT
    assert standing_of({}, None, asked_of(None, Position.FULL)).state is StandingState.UNASKED


def test_by_month_each_month_asks_a_twelfth_of_its_positions_target():
    monthly = replace(RULE, by_month=True)
    full, secretary = Position.FULL, Position.SECRETARY
    assert asked_of(monthly, full, [full] * 12) == Asked(3200)
    assert asked_of(monthly, full, [full] * 6) == Asked(1600, months=6)  # joined in June
    assert asked_of(monthly, secretary, [full] * 4 + [secretary] * 8) == Asked((4 * 3200 + 8 * 5600) // 12)
    assert asked_of(monthly, full, [None] * 5 + [full] * 7) == Asked(3200 * 7 // 12, months=7)  # exempt for five
    assert asked_of(monthly, None, [None] * 12) == Asked(None, exempt=True, months=0)


@given(st.lists(st.one_of(st.none(), st.sampled_from(list(Position))), max_size=12))
def test_by_month_never_asks_more_than_the_highest_target(months):
    asked = asked_of(replace(RULE, by_month=True), Position.FULL, months)
    assert asked.hundredths is None or 0 <= asked.hundredths <= max(PLAN.values())
    assert asked.months == len([each for each in months if each is not None])


def test_a_year_that_is_over_is_looked_at_on_its_last_day():
    assert day_of_year(2025, TODAY) == dt.date(2025, 12, 31)
    assert day_of_year(2026, TODAY) == TODAY
    assert day_of_year(2027, TODAY) == dt.date(2027, 1, 1)


@given(st.lists(st.integers(0, 700), unique=True, min_size=1, max_size=6).map(sorted), st.integers(2020, 2025))
def test_no_new_version_changes_a_year_that_is_over(starts, year):
    older = [replace(RULE, since=dt.date(2020, 1, 1))]
    on = dt.date(year, 12, 31)
    before = in_force(older, ["root"], on)
    for start in starts:
        new = replace(RULE, id=str(start), since=dt.date(2026, 1, 1) + start * DAY)
        check_year_rule(new, TODAY)
        made = succeed(older, new)
        older = [made.ended if made.ended and each.version == made.ended.version else each for each in older]
        older.append(made.rule)
    assert in_force(older, ["root"], on).id == before.id


def test_a_rule_for_a_year_that_is_over_or_one_that_overlaps_itself_is_refused():
    assert refused(lambda: check_year_rule(replace(RULE, since=dt.date(2025, 12, 31)), TODAY)) == "past_fixed"
    assert refused(lambda: succeed([RULE], replace(RULE, since=RULE.since))) == "rule_overlaps"
    assert refused(lambda: check_year_rule(replace(RULE, targets={Position.FULL: -1}), TODAY)) == "invalid_body"
    capped = replace(RULE, caps={EntryKind.CORRECTION: 100})
    assert refused(lambda: check_year_rule(capped, TODAY)) == "invalid_body"


# ---- roles and exemptions --------------------------------------------------------------------------------


def role(kind=StudyRole.EXEMPT, since=TODAY, until=None, row_id="r"):
    return RoleRow(row_id, "m", kind, since, until, "长期病假", "admin", NOW)


def test_exempt_comes_before_secretary_before_committee_before_the_kind():
    both = [role(StudyRole.COMMITTEE), role(StudyRole.SECRETARY)]
    assert position_on(both, Position.FULL, TODAY) is Position.SECRETARY
    assert position_on([*both, role()], Position.FULL, TODAY) is None
    assert position_on(both, Position.FULL, TODAY - DAY) is Position.FULL


def test_the_same_role_holds_once_on_any_day():
    rows = [role(until=TODAY + 10 * DAY)]
    assert refused(lambda: added(rows, role(since=TODAY + 9 * DAY), TODAY)) == "study_role_overlaps"
    assert added(rows, role(since=TODAY + 10 * DAY), TODAY)
    assert added(rows, role(StudyRole.SECRETARY), TODAY)
    withdrawn = ended(rows[0], TODAY, TODAY, by="admin", at=NOW)
    assert added([withdrawn], role(), TODAY)
    assert not withdrawn.holds(TODAY)


def test_what_was_in_a_year_that_is_over_stays():
    old = role(since=dt.date(2025, 3, 1))
    assert refused(lambda: added([], old, TODAY)) == "past_fixed"
    assert refused(lambda: ended(old, dt.date(2025, 12, 31), TODAY, by="a", at=NOW)) == "past_fixed"
    assert ended(old, dt.date(2026, 1, 1), TODAY, by="a", at=NOW).holds(dt.date(2025, 12, 31))
    over = replace(old, until=dt.date(2025, 6, 1))
    assert refused(lambda: ended(over, TODAY, TODAY, by="a", at=NOW)) == "past_fixed"
    assert refused(lambda: ended(role(), TODAY - DAY, TODAY, by="a", at=NOW)) == "invalid_body"


# ---- on loan ---------------------------------------------------------------------------------------------

HOME, HOST, BOTH, NEITHER = (True, False), (False, True), (True, True), (False, False)


@pytest.mark.parametrize(
    ("loans", "at_home", "at_host", "above_both"),
    [
        (LoanCount.APART, Place.LENT, Place.BORROWED, Place.LENT),
        (LoanCount.HOME, Place.COUNTED, None, Place.COUNTED),
        (LoanCount.HOST, Place.LENT, Place.COUNTED, Place.COUNTED),
    ],
)
def test_on_loan_somebody_stands_in_one_ratio_at_most(loans, at_home, at_host, above_both):
    found = [place_in(home=home, host=host, loans=loans) for home, host in (HOME, HOST, BOTH, NEITHER)]
    assert found == [at_home, at_host, above_both, None]


@pytest.mark.parametrize("loans", LoanCount)
def test_of_two_units_that_list_somebody_one_has_him_in_its_sum(loans):
    """So the sums of branches are the sum of what is above both of them."""
    places = [place_in(home=home, host=host, loans=loans) for home, host in (HOME, HOST)]
    assert [place is not None and in_total(place, loans) for place in places].count(True) == 1
    above = place_in(home=True, host=True, loans=loans)
    assert above is not None
    assert in_total(above, loans)


def test_of_whom_is_on_loan_to_nobody_the_own_unit_counts():
    assert place_in(home=True, host=None, loans=LoanCount.APART) is Place.COUNTED
    assert place_in(home=False, host=None, loans=LoanCount.APART) is None


def test_a_tally_counts_the_ratio_apart_from_who_is_on_loan():
    tally = Tally()
    for place, state in ((Place.COUNTED, StandingState.MET), (Place.LENT, StandingState.MET)):
        tally.add(place, state)
    assert (tally.met, tally.lent, tally.borrowed) == (1, 1, 0)


@given(met=st.integers(0, 3000), short=st.integers(0, 3000), beside=st.integers(0, 100))
def test_of_fewer_than_five_no_ratio_is_told(met, short, beside):
    share = reached(Tally(met=met, short=short, exempt=beside, unasked=beside, lent=beside))
    assert (share is None) == (met + short < 5)
    assert share is None or (0 <= share <= 1000 and (share == 1000) == (short == 0))
