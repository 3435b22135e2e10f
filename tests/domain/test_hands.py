"""Hands: their course, their queue, who may raise one how often; what a turn does to picture and sound."""

import contextlib
import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.hands import (
    ACTIVE,
    BETWEEN,
    CONNECTING,
    INVITATION,
    MOST_RAISED,
    MOST_WAITING,
    OPEN,
    TRANSITIONS,
    Hand,
    HandState,
    HandStep,
    check_raising,
    missed,
    position,
    step,
)
from server.domain.programme import Programme, bring_on, take_off
from server.domain.refusals import Refusal
from server.domain.speakers import SpeakerKind

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
PHONE = "member-m1"
KNOWN = ("main", "screen", "venue-v1", "venue-v2", PHONE)
STEPS = st.lists(st.sampled_from(HandStep), max_size=8)


def hand(**changes):
    one = Hand("h1", "l1", SpeakerKind.MEMBER, "m1", "a1", "学员", "第一支部", "", None, PHONE, HandState.WAITING, NOW)
    return replace(one, **changes)


def after(steps):
    one = hand()
    for count, event in enumerate(steps):
        with contextlib.suppress(Refusal):
            one = step(one, event, NOW + dt.timedelta(seconds=count), by="a2")
    return one


@given(STEPS)
def test_whatever_happens_a_hand_has_one_end_and_keeps_it(steps):
    one = after(steps)
    assert (one.ended_at is None) == one.open
    assert (one.state in ACTIVE) <= (one.state in OPEN)
    if not one.open:
        assert after([*steps, *HandStep]) == one


@given(STEPS)
def test_nobody_is_on_the_air_who_was_not_invited(steps):
    one = after(steps)
    if one.on_air_at is not None:
        assert one.invited_at is not None
        assert one.invited_at <= one.on_air_at
    assert (one.state is HandState.DONE) == (one.on_air_at is not None and not one.open)


@pytest.mark.parametrize("state", HandState)
@pytest.mark.parametrize("event", HandStep)
def test_a_step_that_is_not_in_the_table_is_refused_and_changes_nothing(state, event):
    before = hand(state=state)
    if (state, event) in TRANSITIONS:
        assert step(before, event, NOW).state is TRANSITIONS[state, event]
        return
    with pytest.raises(Refusal, match="hand_over"):
        step(before, event, NOW)


def test_an_invitation_is_missed_when_nothing_came_in_time_and_not_before():
    invited = step(hand(), HandStep.INVITE, NOW)
    assert invited.expires_at == NOW + INVITATION
    assert not missed(invited, NOW + INVITATION)
    assert missed(invited, NOW + INVITATION + CONNECTING)
    on_air = step(invited, HandStep.CONNECT, NOW)
    assert on_air.expires_at is None
    assert not missed(on_air, NOW + dt.timedelta(hours=1))


@given(st.integers(0, 20), st.data())
def test_who_leaves_the_queue_moves_everybody_behind_up_by_one(count, data):
    queue = [hand(id=str(place)) for place in range(count)]
    if not queue:
        assert position(queue, "0") is None
        return
    gone = data.draw(st.sampled_from(queue))
    place = position(queue, gone.id)
    left = [one for one in queue if one.id != gone.id]
    for one in left:
        was = position(queue, one.id)
        assert position(left, one.id) == (was - 1 if was > place else was)


def test_hands_are_bounded_and_paced():
    check_raising((), 0, NOW)
    check_raising((NOW - BETWEEN,), 0, NOW)
    for times, waiting, code in (
        ((NOW,), 0, "too_fast"),
        ((), MOST_WAITING, "hands_full"),
        ((NOW - dt.timedelta(hours=1),) * MOST_RAISED, 0, "hands_full"),
    ):
        with pytest.raises(Refusal, match=code):
            check_raising(times, waiting, NOW)


def test_the_label_says_who_and_from_where():
    assert hand().label == "学员 · 第一支部"
    assert hand(unit="").label == "学员"


# ---- what a turn does to the programme -------------------------------------------------------------------

PROGRAMMES = st.builds(
    Programme,
    camera=st.sampled_from((None, "main", "venue-v1", "venue-v2")),
    opened=st.frozensets(st.sampled_from(("main", "venue-v1", "venue-v2"))),
)


@given(PROGRAMMES, st.booleans())
def test_after_a_turn_the_former_picture_is_back_and_the_phone_is_silent(before, picture):
    on_air = bring_on(before, PHONE, KNOWN, picture=picture)
    assert PHONE in on_air.opened
    assert on_air.camera == (PHONE if picture else before.camera)
    back = take_off(on_air, PHONE, before.camera, KNOWN[:-1])
    assert back.camera == before.camera
    assert PHONE not in back.opened
    assert ("main" in back.opened) == ("main" in before.opened)


def test_what_the_director_put_in_the_picture_meanwhile_stays_there():
    on_air = bring_on(Programme(), PHONE, KNOWN, picture=True)
    elsewhere = replace(on_air, camera="venue-v1")
    assert take_off(elsewhere, PHONE, "main", KNOWN).camera == "venue-v1"


def test_a_former_picture_that_is_no_more_gives_way_to_the_lecturers():
    on_air = bring_on(Programme(camera="venue-v1"), PHONE, KNOWN, picture=True)
    assert take_off(on_air, PHONE, "venue-gone", KNOWN).camera == "main"


def test_a_turn_of_the_main_venue_leaves_the_lecturer_open():
    on_air = bring_on(Programme(opened=frozenset()), "main", KNOWN, picture=True)
    assert take_off(on_air, "main", "main", KNOWN).opened == {"main"}
