"""随机确认: moments that nobody can guess and everybody can check, and whom they are for."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.presence import Outage
from server.domain.presence_checks import (
    LEAST_BETWEEN,
    QUIET_BEGINNING,
    QUIET_ENDING,
    SECONDS,
    CheckPlan,
    Dropped,
    PresenceCheck,
    asks,
    check_in_time,
    counted,
    moments,
    over,
    when_due,
)
from server.domain.refusals import Refusal
from server.domain.sign_ins import SignIn, Way

BEGINS = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
ENDS = BEGINS + dt.timedelta(minutes=90)
ASKED = BEGINS + dt.timedelta(minutes=30)
SECOND = dt.timedelta(seconds=1)


def running(**fields):
    asked = {"asked_at": ASKED, "deadline_at": ASKED + SECONDS * SECOND}
    return PresenceCheck("c", "l", 1, ASKED, **{**asked, **fields})


def closed(**fields):
    return running(closed_at=ASKED + SECONDS * SECOND, **fields)


def sign_in(at=BEGINS, room=None, left_at=None):
    return SignIn("m", at, Way.QR if room else Way.PHONE, room, "a", "c", left_at=left_at)


@given(st.text(min_size=1, max_size=40), st.integers(0, 10), st.integers(1, 240))
def test_moments_are_spaced_and_in_neither_the_first_minutes_nor_the_last(seed, count, minutes):
    ends = BEGINS + dt.timedelta(minutes=minutes)
    drawn = moments(seed, count, BEGINS, ends)
    assert len(drawn) <= count
    assert list(drawn) == sorted(drawn)
    assert all(BEGINS + QUIET_BEGINNING <= at <= ends - QUIET_ENDING for at in drawn)
    assert all(later - earlier >= LEAST_BETWEEN for earlier, later in itertools.pairwise(drawn))


def test_a_lesson_has_as_many_as_fit():
    assert len(moments("s", 10, BEGINS, ENDS)) == 10
    assert len(moments("s", 10, BEGINS, BEGINS + dt.timedelta(minutes=30))) == 3
    assert moments("s", 2, BEGINS, BEGINS + dt.timedelta(minutes=12)) == ()


def test_the_same_seed_draws_the_same_moments_and_another_one_others():
    assert moments("a", 3, BEGINS, ENDS) == moments("a", 3, BEGINS, ENDS) != moments("b", 3, BEGINS, ENDS)
    assert CheckPlan("l", "a", False).digest != CheckPlan("l", "b", False).digest


def test_one_that_is_due_waits_while_everybody_is_busy_and_is_dropped_at_the_end():
    planned = PresenceCheck("c", "l", 1, ASKED)
    asked = when_due(planned, ASKED, ENDS, busy=False)
    assert (asked.running, asked.deadline_at) == (True, ASKED + SECONDS * SECOND)
    put_off = when_due(planned, ASKED, ENDS, busy=True)
    assert (put_off.asked_at, put_off.due_at > ASKED) == (None, True)
    assert when_due(planned, ENDS - QUIET_ENDING + SECOND, ENDS, busy=False).dropped is Dropped.ENDING


def test_an_answer_counts_until_the_deadline_by_the_servers_clock():
    check_in_time(running(), ASKED)
    check_in_time(running(), ASKED + SECONDS * SECOND)
    check_in_time(closed(), ASKED + SECONDS * SECOND)  # it had arrived when the clock closed the check
    for check, at, code in [
        (running(), ASKED + (SECONDS + 1) * SECOND, "check_over"),
        (PresenceCheck("c", "l", 1, ASKED), ASKED, "check_not_found"),
        (running(closed_at=ASKED + SECOND, dropped=Dropped.OVER), ASKED + 2 * SECOND, "check_over"),
    ]:
        with pytest.raises(Refusal, match=code):
            check_in_time(check, at)


def test_one_that_the_end_of_the_lesson_cut_short_does_not_count():
    assert over(running(), ASKED + 10 * SECOND).dropped is Dropped.OVER
    assert over(running(), ASKED + 61 * SECOND).dropped is None
    assert over(PresenceCheck("c", "l", 1, ASKED), ASKED).dropped is Dropped.OVER
    assert counted([over(running(), ASKED + 10 * SECOND), closed()], []) == (closed(),)


def test_one_during_our_own_outage_does_not_count():
    away = Outage(ASKED + 20 * SECOND, ASKED + 200 * SECOND, "restart")
    assert counted([closed()], [away]) == ()
    assert counted([closed()], [Outage(BEGINS, ASKED, "restart")]) == (closed(),)


def test_whom_a_check_is_for():
    assert asks(closed(), sign_in(), in_rooms=False)
    assert not asks(closed(), sign_in(ASKED + SECOND), in_rooms=False)
    assert not asks(closed(), sign_in(left_at=ASKED), in_rooms=True)
    assert not asks(closed(), sign_in(room="lv"), in_rooms=False)
    assert asks(closed(), sign_in(room="lv"), in_rooms=True)
