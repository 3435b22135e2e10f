"""呼叫会控: who may call, and which call stands on top."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import AccountKind, Principal
from server.domain.helps import Caller, Help, HelpState, Urgency, answer, ask, caller_of, close, in_order
from server.domain.refusals import Refusal
from tests.store.samples import NOW, a_lesson

MINUTE = dt.timedelta(minutes=1)
LESSON = a_lesson("l")
CALLER = Caller("tv", "l-1", "分会场")


def refusal(act):
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def call(open_one=None, urgency=Urgency.NORMAL, text="没有声音", now=NOW):
    return ask("h", "l", CALLER, open_one, urgency, text=text, now=now)


def test_venues_and_the_lecturer_call_and_members_do_not():
    room = Principal("tv", "设备", "tv", AccountKind.DEVICE, venue_id="room")
    lecturer = Principal("teacher", "讲师", "teacher", AccountKind.PERSON)
    assert caller_of(room, LESSON) == CALLER
    assert caller_of(lecturer, LESSON) == Caller("teacher", None, "讲师")
    member = Principal("a1", "学员", "10001", AccountKind.PERSON, member_id="m1")
    assert refusal(lambda: caller_of(member, LESSON)) == "forbidden"


def test_a_call_said_again_is_the_same_one_and_waits_since_the_first_time():
    answered = answer(call(), "马上处理", by="会控", now=NOW + MINUTE)
    again = call(answered, Urgency.URGENT, "还是没有声音", NOW + 2 * MINUTE)
    assert (again.id, again.asked_at, again.urgency, again.text) == (answered.id, NOW, Urgency.URGENT, "还是没有声音")
    assert again.state is HelpState.WAITING


def test_it_stays_until_it_is_closed_and_then_nothing_changes_it():
    called = call()
    assert called.state is HelpState.WAITING
    answered = answer(called, "", by="会控", now=NOW)
    assert answered.state is HelpState.ANSWERED
    closed = close(answered, by="会控", now=NOW)
    assert closed.state is HelpState.CLOSED
    assert refusal(lambda: answer(closed, "", by="会控", now=NOW)) == "help_closed"
    assert refusal(lambda: close(closed, by="会控", now=NOW)) == "help_closed"


_helps = st.lists(
    st.builds(
        Help,
        id=st.uuids().map(str),
        lesson_id=st.just("l"),
        caller=st.just(CALLER),
        urgency=st.sampled_from(Urgency),
        text=st.just(""),
        asked_at=st.integers(0, 60).map(lambda n: NOW + n * MINUTE),
        answered_at=st.none() | st.just(NOW + 90 * MINUTE),
        closed_at=st.none() | st.integers(91, 120).map(lambda n: NOW + n * MINUTE),
    ),
    max_size=12,
)


@given(_helps)
def test_nobody_who_waits_stands_below_one_who_was_answered_or_waits_less(helps):
    ordered = in_order(helps)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in helps)
    states = [one.state for one in ordered]
    assert states == sorted(states, key=[HelpState.WAITING, HelpState.ANSWERED, HelpState.CLOSED].index)
    waiting = [one for one in ordered if one.state is HelpState.WAITING]
    for above, below in itertools.pairwise(waiting):
        assert above.urgency is Urgency.URGENT or below.urgency is Urgency.NORMAL
        assert above.urgency is not below.urgency or above.asked_at <= below.asked_at


@given(_helps.filter(bool))
def test_an_urgent_call_climbs_above_all_that_wait(helps):
    urgent = replace(helps[0], urgency=Urgency.URGENT, answered_at=None, closed_at=None, asked_at=NOW - MINUTE)
    assert in_order([*helps[1:], urgent])[0] == urgent
