"""点名: each venue in turn, one key each."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import Refusal
from server.domain.roll_calls import (
    Facts,
    RollResult,
    answer,
    begin,
    call_venue,
    decide,
    finish,
    proposal,
)
from server.domain.venues import LessonVenue, Microphone, Part

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
VENUES = (
    LessonVenue("hall", "h", "主会场", Part.MAIN),
    *(LessonVenue(one, f"v{one}", f"第{one}分会场", Part.BRANCH) for one in "abcd"),
)
GOOD, ABSENT = RollResult.ANSWERED, RollResult.ABSENT


def called(venues=VENUES, before=None):
    return begin("r", "lesson", venues, before, by="会控", now=NOW)


def settled(roll, venue, result=GOOD):
    return decide(roll, venue, result, proposed=result, by="会控", now=NOW)


def refusal(act):
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def test_the_sub_venues_are_called_in_the_order_of_the_lesson():
    roll, order = called(), []
    while roll.called:
        order.append(roll.called)
        roll = settled(roll, roll.called)
    assert order == ["a", "b", "c", "d"]
    assert roll.running
    assert roll.counts[GOOD] == 4


def test_twenty_venues_are_twenty_keys():
    venues = [LessonVenue(str(n), f"v{n}", f"第{n}分会场", Part.BRANCH) for n in range(20)]
    roll, keys = called(venues), 0
    while roll.called:
        roll, keys = settled(roll, roll.called), keys + 1
    assert keys == 20


def test_going_back_calls_again_and_then_goes_on_with_who_has_no_result():
    roll = settled(settled(called(), "a"), "b")
    back = call_venue(roll, "a", NOW)
    assert (back.called, back.entry("a").result) == ("a", GOOD)
    again = settled(back, "a", ABSENT)
    assert (again.called, again.entry("a").result) == ("c", ABSENT)


def test_who_was_skipped_is_called_at_the_end():
    roll = settled(settled(call_venue(called(), "c", NOW), "c"), "d")
    assert roll.called == "a"


def test_a_correction_out_of_turn_moves_nobody():
    roll = settled(called(), "a")
    corrected = settled(roll, "a", ABSENT)
    assert (corrected.called, corrected.called_at) == (roll.called, roll.called_at)
    assert corrected.entry("a").result is ABSENT


def test_only_the_called_venue_answers_and_an_old_answer_does_not_count_for_a_new_call():
    roll = answer(called(), "a", NOW)
    assert answer(roll, "a", NOW + SECOND).entry("a").answered_at == NOW
    assert refusal(lambda: answer(roll, "b", NOW)) == "not_called"
    assert call_venue(settled(roll, "a"), "a", NOW).entry("a").answered_at is None


def test_who_has_no_result_at_the_end_is_among_the_failing():
    roll = finish(settled(settled(called(), "a"), "b", RollResult.NO_SOUND), NOW)
    assert [entry.lesson_venue_id for entry in roll.failing] == ["b", "c", "d"]
    assert roll.called is None


def test_a_finished_roll_call_stays_as_it_is_and_the_next_one_counts():
    over = finish(called(), NOW)
    for act in (
        lambda: finish(over, NOW),
        lambda: settled(over, "a"),
        lambda: call_venue(over, "a", NOW),
        lambda: answer(over, "a", NOW),
    ):
        assert refusal(act) == "roll_call_over"
    assert called(before=over).number == 2


def test_one_at_a_time_somebody_to_call_and_not_without_end():
    assert refusal(lambda: called(before=called())) == "roll_call_running"
    assert refusal(lambda: called(VENUES[:1])) == "roll_call_empty"
    over = finish(called(), NOW)
    for _ in range(49):
        over = finish(called(before=over), NOW)
    assert refusal(lambda: called(before=over)) == "roll_calls_used"


PICTURE = Facts(connected=True, picture=True, sound=True)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), ABSENT),
        (Facts(answered_at=NOW), RollResult.NO_PICTURE),
        (Facts(connected=True, sound=True), RollResult.NO_PICTURE),
        (PICTURE, ABSENT),
        (Facts(True, True, True, answered_at=NOW), GOOD),
        (Facts(True, True, True, heard_at=NOW), GOOD),
        (Facts(True, True, True, heard_at=NOW - 6 * SECOND), ABSENT),
        (Facts(True, True, False, answered_at=NOW), RollResult.NO_SOUND),
        (Facts(True, True, True, Microphone.READY, answered_at=NOW), RollResult.NO_SOUND),
        (Facts(True, True, True, Microphone.READY, heard_at=NOW, answered_at=NOW), GOOD),
    ],
)
def test_what_the_house_proposes(facts, expected):
    assert proposal(facts, NOW) is expected


_facts = st.builds(
    Facts,
    connected=st.booleans(),
    picture=st.booleans(),
    sound=st.booleans(),
    microphone=st.sampled_from(Microphone),
    heard_at=st.none() | st.just(NOW),
    answered_at=st.none() | st.just(NOW),
)


@given(_facts)
def test_answered_is_proposed_only_of_who_is_connected_with_picture_and_sound_and_gave_a_sign(facts):
    if proposal(facts, NOW) is GOOD:
        assert facts.connected
        assert facts.picture
        assert facts.sound
        assert facts.heard_at or facts.answered_at


_ids = st.sampled_from("abcd")
_steps = st.one_of(
    st.tuples(st.just("call"), _ids),
    st.tuples(st.just("decide"), _ids, st.sampled_from(RollResult)),
    st.tuples(st.just("next"), st.sampled_from(RollResult)),
    st.tuples(st.just("answer"), _ids),
)


@given(st.lists(_steps, max_size=40))
def test_whatever_is_pressed_nobody_is_lost_and_the_last_word_stands(steps):
    roll, said = called(), {}
    for name, *rest in steps:
        if name == "call":
            roll = call_venue(roll, rest[0], NOW)
        elif name == "answer":
            if roll.called == rest[0]:
                roll = answer(roll, rest[0], NOW)
            else:
                assert refusal(lambda r=roll, v=rest[0]: answer(r, v, NOW)) == "not_called"
        else:
            venue = rest[0] if name == "decide" else roll.called
            if venue:
                roll = settled(roll, venue, rest[-1])
                said[venue] = rest[-1]
        assert [entry.lesson_venue_id for entry in roll.entries] == ["a", "b", "c", "d"]
        assert {entry.lesson_venue_id: entry.result for entry in roll.entries if entry.result} == said
        assert roll.called is None or roll.called in "abcd"
        assert roll.called is not None or len(said) == 4
        assert (roll.called is None) == (roll.called_at is None)
    while roll.called:
        said[roll.called] = GOOD
        roll = settled(roll, roll.called)
    assert sum(roll.counts.values()) == 4
    assert {entry.result for entry in roll.failing} <= set(RollResult) - {GOOD}
