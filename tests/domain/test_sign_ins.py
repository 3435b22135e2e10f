"""When a code is fresh, when a sign-in is late: by the server's clock alone."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.lessons import Lesson, LessonState
from server.domain.refusals import Refusal
from server.domain.sign_ins import (
    CODE_SLOT,
    SLOT,
    WRONG_CODES,
    WRONG_CODES_OF_LESSON,
    check_fresh,
    check_open,
    check_place,
    check_tries,
    is_late,
    late_after,
    slot_at,
    slot_begins,
)

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def a_lesson(state=LessonState.LIVE, live_at=None):
    return Lesson("l", "课", "root", None, state, NOW, NOW + 60 * MINUTE, True, live_at=live_at)


def code(call, *args, **more):
    try:
        call(*args, **more)
    except Refusal as refusal:
        return refusal.code
    return None


@given(st.timedeltas(dt.timedelta(days=-3000), dt.timedelta(days=30_000)))
def test_a_code_is_fresh_in_its_own_slot_and_the_next_and_never_else(since):
    now = NOW + since
    slot = slot_at(now)
    begins = slot_begins(slot)
    assert begins <= now < begins + SLOT
    assert [code(check_fresh, slot + ahead, now) for ahead in (-2, -1, 0, 1, 2)] == [
        "sign_in_code_expired",
        None,
        None,
        "sign_in_code_expired",
        "sign_in_code_expired",
    ]


def test_slots_are_the_same_in_every_zone():
    beijing = NOW.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert slot_at(beijing) == slot_at(NOW)
    assert slot_begins(slot_at(NOW, CODE_SLOT), CODE_SLOT) == NOW


@pytest.mark.parametrize("state", list(LessonState))
def test_signing_in_is_open_while_the_lesson_is_open_or_live(state):
    expected = None if state in {LessonState.OPEN, LessonState.LIVE} else "sign_in_closed"
    assert code(check_open, a_lesson(state)) == expected


@pytest.mark.parametrize(
    ("assigned", "elsewhere", "refused"),
    [("here", False, None), (None, False, None), ("there", False, "another_venue"), ("there", True, None)],
)
def test_another_venue_must_be_meant(assigned, elsewhere, refused):
    assert code(check_place, assigned, "here", elsewhere=elsewhere) == refused


def test_the_sixth_wrong_code_within_five_minutes_is_too_fast():
    wrong = [NOW + n * MINUTE for n in range(WRONG_CODES)]
    assert code(check_tries, wrong[:-1], NOW + 4 * MINUTE) is None
    with pytest.raises(Refusal, match="too_fast") as caught:
        check_tries(wrong, NOW + 4 * MINUTE)
    assert caught.value.retry_after_s == 60


def test_after_twenty_wrong_codes_in_a_lesson_nobody_types_any_more():
    wrong = [NOW + 5 * n * MINUTE for n in range(WRONG_CODES_OF_LESSON)]
    later = NOW + 600 * MINUTE
    assert code(check_tries, wrong[:-1], later) is None
    assert code(check_tries, wrong, later) == "code_tries_used"


def test_nobody_is_late_before_the_lesson_begins():
    assert late_after(a_lesson(LessonState.OPEN), None) is None
    assert not is_late(NOW + 600 * MINUTE, None)


@pytest.mark.parametrize(
    ("live_at", "grace", "limit"),
    [(-5, None, 10), (3, None, 13), (0, 0, 0), (20, 15, 35)],
)
def test_late_is_after_the_grace_period_from_the_planned_start_or_the_real_one_if_later(live_at, grace, limit):
    after = late_after(a_lesson(live_at=NOW + live_at * MINUTE), grace)
    assert after == NOW + limit * MINUTE
    assert not is_late(after, after)
    assert is_late(after + dt.timedelta(microseconds=1), after)
