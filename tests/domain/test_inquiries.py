"""Inquiries: approved first, shown afterwards."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.inquiries import (
    HOUR,
    MOST_IN_AN_HOUR,
    MOST_TEXT,
    MOST_WAITING,
    SHOWN,
    TARGETS,
    TRANSITIONS,
    VOTABLE,
    Inquiry,
    InquiryState,
    InquiryStep,
    Order,
    check_pace,
    check_target,
    check_text,
    check_vote,
    next_state,
    ordered,
    replied,
    stepped,
    support,
)
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
S, T = InquiryState, InquiryStep


def inquiry(state=S.WAITING, **fields):
    plan = {"id": "i", "account_id": "a", "member_id": "m", "name": "n", "unit_name": "u", "text": "如何使用灭火器？"}
    return Inquiry(**{**plan, "lesson_id": "l", "asked_at": NOW, "state": state, **fields})


def code_of(act, *arguments, **more):
    with pytest.raises(Refusal) as caught:
        act(*arguments, **more)
    return caught.value.code


def walk(steps):
    """The states that an inquiry passes by these steps, those that are refused left out."""
    one, passed = inquiry(), [inquiry()]
    for number, step in enumerate(steps, 1):
        into = "other" if step is T.MERGE else None
        try:
            one = stepped(one, step, NOW + number * MINUTE, into=into)
        except Refusal:
            continue
        passed.append(one)
    return passed


steps = st.lists(st.sampled_from(T), max_size=30)


@given(steps)
def test_nothing_is_shown_that_was_not_approved_after_it_last_waited(taken):
    passed = walk(taken)
    for before, after in pairwise(passed):
        if after.shown and not before.shown:
            assert after.state is S.APPROVED


@given(steps)
def test_times_and_targets_stand_with_their_states_only(taken):
    for one in walk(taken):
        assert (one.merged_into is not None) == (one.state is S.MERGED)
        assert (one.answered_at is not None) == (one.state is S.ANSWERED)
        assert (one.decided_at is None) == (one.state is S.WAITING)
        assert one.staged_at is None or one.state in {S.ON_STAGE, S.ANSWERED}


@given(steps)
def test_every_decision_can_be_taken_back(taken):
    last = walk(taken)[-1]
    if last.state is not S.WAITING:
        back = {(S.ON_STAGE): T.UNSTAGE}.get(last.state, T.REOPEN)
        assert next_state(last.state, back) in {S.WAITING, S.APPROVED}


@pytest.mark.parametrize(("state", "step"), [pair for pair in product(S, T) if pair not in TRANSITIONS])
def test_what_the_table_does_not_know_is_refused(state, step):
    assert code_of(next_state, state, step) == "inquiry_state"


def test_the_time_mark_of_an_answer_is_when_it_came_on_stage():
    staged = stepped(stepped(inquiry(), T.APPROVE, NOW), T.STAGE, NOW + MINUTE)
    answered = stepped(staged, T.ANSWER, NOW + 5 * MINUTE)
    assert (answered.staged_at, answered.answered_at) == (NOW + MINUTE, NOW + 5 * MINUTE)
    assert stepped(staged, T.UNSTAGE, NOW).staged_at is None


@pytest.mark.parametrize("state", S)
def test_written_answers_are_for_what_may_be_seen(state):
    if state in SHOWN:
        answered = replied(inquiry(state), "先断电。", NOW)
        assert (answered.state, answered.answer, answered.answered_at) == (S.ANSWERED, "先断电。", NOW)
        assert replied(answered, "再补充。", NOW + MINUTE).answered_at == NOW
    else:
        assert code_of(replied, inquiry(state), "先断电。", NOW) == "inquiry_state"


@pytest.mark.parametrize("state", S)
def test_one_votes_for_what_is_shown_and_not_answered_and_not_ones_own(state):
    one = inquiry(state)
    if state in VOTABLE:
        check_vote(one, "other")
        assert code_of(check_vote, one, "m") == "forbidden"
    else:
        assert code_of(check_vote, one, "other") == ("inquiry_state" if state in SHOWN else "inquiry_not_found")


@pytest.mark.parametrize("state", S)
def test_one_merges_into_another_of_the_lesson_that_goes_on(state):
    target = inquiry(state, id="t")
    if state in TARGETS:
        check_target(inquiry(), target)
    else:
        assert code_of(check_target, inquiry(), target) == "inquiry_merge"
    assert code_of(check_target, target, target) == "inquiry_merge"
    assert code_of(check_target, inquiry(), replace(target, lesson_id="other")) == "inquiry_merge"


members = st.frozensets(st.sampled_from("abcdefgh"))


@given(st.sampled_from("abcdefgh"), members, members, members)
def test_each_member_is_counted_once_and_the_author_never(author, voters, merged_voters, merged_authors):
    both = support(author, [*voters, *merged_voters], merged_authors)
    assert support(author, voters) <= both <= 7
    assert both == support(author, [*voters, *merged_voters, *merged_authors, author])
    assert both <= support(author, voters) + len(merged_voters) + len(merged_authors)


@given(st.integers(0, 6), st.lists(st.integers(0, 90), max_size=14))
def test_three_wait_and_ten_an_hour(waiting, minutes):
    lately = [NOW - each * MINUTE for each in minutes]
    within = [at for at in lately if at > NOW - HOUR]
    if waiting >= MOST_WAITING:
        assert code_of(check_pace, waiting, lately, NOW) == "inquiries_waiting"
    elif len(within) >= MOST_IN_AN_HOUR:
        with pytest.raises(Refusal) as caught:
            check_pace(waiting, lately, NOW)
        assert caught.value.code == "inquiries_too_many"
        check_pace(waiting, lately, NOW + dt.timedelta(seconds=caught.value.retry_after_s))
    else:
        check_pace(waiting, lately, NOW)


def test_the_text_is_five_hundred_characters_at_most():
    assert check_text("  " + "问" * MOST_TEXT + "\n") == "问" * MOST_TEXT
    for bad in ("", " \n ", "问" * (MOST_TEXT + 1)):
        assert code_of(check_text, bad) == "invalid_body"


places = st.lists(
    st.tuples(st.sampled_from(sorted(SHOWN)), st.none() | st.integers(0, 9), st.integers(0, 50)), max_size=12
)


@given(places, st.sampled_from(Order))
def test_on_stage_first_then_by_votes_or_hand_and_the_answered_last(plan, order):
    listed = [
        inquiry(state, id=str(number), position=position, votes=votes)
        for number, (state, position, votes) in enumerate(plan)
    ]
    result = ordered(listed, order)
    assert sorted(one.id for one in result) == sorted(one.id for one in listed)
    ranks = [{S.ON_STAGE: 0, S.ANSWERED: 2}.get(one.state, 1) for one in result]
    assert ranks == sorted(ranks)
    open_ones = [one for one in result if one.state is S.APPROVED]
    if order is Order.VOTES:
        assert [one.votes for one in open_ones] == sorted((one.votes for one in open_ones), reverse=True)
    else:
        placed = [one.position for one in open_ones]
        known = [place for place in placed if place is not None]
        assert placed == sorted(known) + [None] * (len(placed) - len(known))
