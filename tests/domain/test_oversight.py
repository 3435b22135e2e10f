"""Overseen items (督办): which steps there are, who takes them, and when one is overdue."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import oversight as rules
from server.domain.access import AccountKind, Principal, Role, RoleGrant
from server.domain.oversight import Oversight, OversightState, Shown, Step, Subject
from server.domain.refusals import Refusal

TODAY = dt.date(2026, 3, 2)
AT = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
LINE = ("branch", "middle", "root")
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31))
STEPS = st.sampled_from([step for step in Step if step is not Step.OPEN])
BY = st.sampled_from(["branch", "above", "other"])


def item(**changed):
    made = Oversight("o1", "branch", "middle", Subject.MISSING, "请督促补学", TODAY, "above", AT)
    return replace(made, **changed)


def person(*grants, account="someone"):
    return Principal(account, "某人", "1", AccountKind.PERSON, grants=tuple(RoleGrant(*grant) for grant in grants))


def code(*args, **more):
    with pytest.raises(Refusal) as found:
        rules.moved(*args, **more, now=AT)
    return found.value.code


def test_an_item_is_answered_returned_answered_and_closed():
    answered = rules.moved(item(), Step.ANSWER, "branch", TODAY, now=AT)
    later = TODAY + dt.timedelta(days=5)
    back = rules.moved(answered, Step.RETURN, "above", TODAY, due_on=later, now=AT)
    assert (back.state, back.due_on, back.returns) == (OversightState.OPEN, later, 1)
    closed = rules.moved(rules.moved(back, Step.ANSWER, "branch", TODAY, now=AT), Step.CLOSE, "above", TODAY, now=AT)
    assert (closed.done, closed.done_at) == (True, AT)
    assert back.done_at is answered.done_at is None
    assert {code(closed, step, "above", TODAY) for step in Step} == {"oversight_state"}


def test_nobody_decides_on_what_he_answered_himself_but_may_take_it_back():
    answered = rules.moved(item(), Step.ANSWER, "both", TODAY, now=AT)
    assert code(answered, Step.CLOSE, "both", TODAY) == code(answered, Step.RETURN, "both", TODAY) == "oversight_own"
    assert rules.moved(answered, Step.WITHDRAW, "both", TODAY, now=AT).state is OversightState.WITHDRAWN
    both = person((Role.SECRETARY, "branch"), (Role.SECRETARY, "middle"), account="both")
    assert rules.may(both, answered, LINE[1:]) == (Step.WITHDRAW,)


def test_what_comes_back_has_a_day_that_is_not_over():
    answered = rules.moved(item(), Step.ANSWER, "branch", TODAY, now=AT)
    tomorrow = TODAY + dt.timedelta(days=1)
    assert code(answered, Step.RETURN, "above", tomorrow) == "oversight_day_wrong"
    assert code(replace(answered, returns=20), Step.RETURN, "above", TODAY) == "oversight_returned_often"
    assert rules.moved(answered, Step.RETURN, "above", TODAY, now=AT).due_on == TODAY


@given(due=DAYS, today=DAYS, state=st.sampled_from(OversightState))
def test_overdue_is_open_after_its_last_day_and_nothing_else(due, today, state):
    seen = rules.shown(item(due_on=due, state=state), today)
    assert (seen is Shown.OVERDUE) == (state is OversightState.OPEN and today > due)
    assert seen is Shown.OVERDUE or seen.value == state.value


@given(taken=st.lists(st.tuples(STEPS, BY), max_size=30))
def test_whatever_is_tried_a_refusal_changes_nothing_and_what_is_done_stays(taken):
    one = item()
    for step, by in taken:
        before = one
        try:
            one = rules.moved(one, step, by, TODAY, now=AT)
        except Refusal:
            assert one == before
            continue
        assert not before.done
        assert one.state is not OversightState.CLOSED or before.answered_by != by
        assert one.returns - before.returns == (step is Step.RETURN)


@given(held=st.lists(st.tuples(st.sampled_from(Role), st.sampled_from([*LINE, "elsewhere"])), max_size=4))
def test_only_who_looks_after_a_unit_above_asks_in_the_name_of_the_nearest(held):
    mine = {unit for role, unit in held if role in {Role.SECRETARY, Role.SCHOOL_ADMIN}}
    expected = next((unit for unit in ("middle", "root") if unit in mine), None)
    assert rules.asks_as(person(*held), LINE) == expected


def test_who_does_what():
    branch, above = person((Role.SECRETARY, "branch")), person((Role.SCHOOL_ADMIN, "root"))
    answered = rules.moved(item(), Step.ANSWER, "branch", TODAY, now=AT)
    assert rules.may(branch, item(), LINE[1:]) == (Step.ANSWER,)
    assert rules.may(branch, answered, LINE[1:]) == ()
    assert rules.may(above, item(), LINE[1:]) == (Step.WITHDRAW,)
    assert rules.may(above, answered, LINE[1:]) == (Step.RETURN, Step.CLOSE, Step.WITHDRAW)
    assert rules.may(person((Role.SECRETARY, "middle")), answered, ("root",)) == ()
    assert rules.may(person((Role.AUDIT_ADMIN, "root")), answered, LINE[1:]) == ()


@given(due=DAYS, today=DAYS)
def test_a_day_is_from_today_until_a_year_from_now(due, today):
    if today <= due <= today + rules.LONGEST:
        rules.check_due(due, today)
        return
    with pytest.raises(Refusal) as found:
        rules.check_due(due, today)
    assert found.value.code == "oversight_day_wrong"
