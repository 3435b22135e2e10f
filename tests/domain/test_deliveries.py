"""What becomes of one message to one member by one channel."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.deliveries import (
    LONGEST_WAIT,
    SHOWN_ONCE,
    Channel,
    Delivery,
    DeliveryState,
    Fate,
    Outcome,
    check_repeatable,
    claimed,
    mobile,
    reason_to_stop,
    settled,
    shown_once,
    wait_after,
)
from server.domain.lessons import LessonState
from server.domain.refusals import Refusal
from server.domain.waves import Wave
from tests.store.samples import NOW, a_lesson

HOUR = dt.timedelta(hours=1)
QUEUED = Delivery("d", "l", 1, Wave.DAY, "m", Channel.SMS, None, DeliveryState.QUEUED, NOW)


def after(outcome, *, tries=1, repeats_safely=False):
    begun = replace(claimed(QUEUED, "p1", NOW), tries=tries)
    return settled(begun, outcome, most_tries=3, repeats_safely=repeats_safely, now=NOW)


def test_what_went_out_is_sent():
    one = after(Outcome(Fate.SENT))
    assert (one.state, one.sent_at, one.code) == (DeliveryState.SENT, NOW, "")


def test_what_may_go_later_waits_longer_each_time_and_is_given_up():
    assert after(Outcome(Fate.LATER, "away")).next_at == NOW + dt.timedelta(seconds=30)
    second = after(Outcome(Fate.LATER, "away"), tries=2)
    assert (second.state, second.next_at) == (DeliveryState.QUEUED, NOW + dt.timedelta(seconds=60))
    last = after(Outcome(Fate.LATER, "away"), tries=3)
    assert (last.state, last.code) == (DeliveryState.FAILED, "away")


def test_what_never_will_is_given_up_at_once():
    assert after(Outcome(Fate.NEVER, "unknown_person")).state is DeliveryState.FAILED


def test_what_nobody_knows_goes_again_only_by_a_channel_that_shows_it_once():
    assert after(Outcome(Fate.UNKNOWN, "timeout")).state is DeliveryState.UNKNOWN
    assert after(Outcome(Fate.UNKNOWN, "timeout"), repeats_safely=True).state is DeliveryState.QUEUED


@given(
    st.lists(st.tuples(st.sampled_from([Fate.UNKNOWN, Fate.LATER]), st.integers(0, 120)), min_size=1, max_size=30),
    st.integers(1, 30),
)
def test_what_may_have_gone_out_goes_again_only_while_the_channel_knows_it(tries, most_tries):
    one, first_doubt, now = QUEUED, None, NOW
    for fate, minutes in tries:
        if one.state is not DeliveryState.QUEUED or not shown_once(one, now):
            break
        assert first_doubt is None or now < first_doubt + SHOWN_ONCE
        first_doubt = first_doubt or (now if fate is Fate.UNKNOWN else None)
        one = settled(claimed(one, "p", now), Outcome(fate, "x"), most_tries=most_tries, repeats_safely=True, now=now)
        now = max(now + dt.timedelta(minutes=minutes), one.next_at)
    given_up = DeliveryState.FAILED if first_doubt is None else DeliveryState.UNKNOWN
    assert one.state in {DeliveryState.QUEUED, given_up}


@given(st.integers(1, 100))
def test_no_wait_is_longer_than_half_an_hour(tries):
    assert dt.timedelta(0) < wait_after(tries) <= LONGEST_WAIT


def test_nothing_is_tried_again_after_the_start_or_a_cancellation():
    check_repeatable(a_lesson("l"), NOW - HOUR)
    for lesson, now in ((a_lesson("l"), NOW), (a_lesson("l", state=LessonState.CANCELLED), NOW - HOUR)):
        with pytest.raises(Refusal, match="delivery_over"):
            check_repeatable(lesson, now)


def stop(now=NOW - HOUR, number=1, *, signed_in=False, on_leave=False, **fields):
    return reason_to_stop(QUEUED, a_lesson("l", **fields), number, now, signed_in=signed_in, on_leave=on_leave)


def test_a_message_is_stopped_once_it_is_not_needed():
    assert stop() == ""
    assert stop(signed_in=True) == "signed_in"
    assert stop(on_leave=True) == "on_leave"
    assert stop(number=2) == "moved"
    assert stop(now=NOW) == "too_late"
    assert stop(state=LessonState.CANCELLED) == "cancelled"
    assert stop(state=LessonState.DRAFT) == "not_scheduled"


def test_a_text_message_goes_to_mobile_numbers_only():
    assert mobile("138 0000-0000") == "13800000000"
    assert mobile("+8613800000000") == "13800000000"
    for no in (None, "", "010-12345678", "1380000000", "138000000001", "12800000000"):
        assert mobile(no) is None
