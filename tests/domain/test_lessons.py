"""The life of a lesson."""

import datetime as dt
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.lessons import (
    EDITABLE,
    ON_AIR,
    TRANSITIONS,
    Lesson,
    LessonState,
    LessonStep,
    check_editable,
    check_plan,
    next_state,
    step,
)
from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue, Part

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def lesson(state: LessonState = LessonState.DRAFT, **fields) -> Lesson:
    plan = {"title": "安全生产", "unit_id": "u", "lecturer_id": None, "starts_at": NOW, "ends_at": NOW + HOUR}
    return Lesson(id="l", state=state, recorded=True, **{**plan, **fields})


def test_a_lesson_goes_from_draft_to_archive_in_seven_states():
    state, passed = LessonState.DRAFT, []
    for event in ("schedule", "open", "start", "end", "settle", "archive"):
        state = next_state(state, LessonStep(event))
        passed.append(state.value)
    assert passed == ["scheduled", "open", "live", "ended", "settled", "archived"]


@pytest.mark.parametrize(("state", "event"), [p for p in product(LessonState, LessonStep) if p not in TRANSITIONS])
def test_every_step_outside_the_table_is_refused_and_changes_nothing(state, event):
    before = lesson(state)
    with pytest.raises(Refusal) as refused:
        step(before, event, NOW, recording_id="r")
    assert refused.value.code == "illegal_transition"
    assert before == lesson(state)


@given(st.lists(st.sampled_from(LessonStep), max_size=30))
def test_whatever_is_asked_a_lesson_is_always_in_a_state_it_could_reach(events):
    now, walker = NOW, lesson()
    for event in events:
        now += dt.timedelta(seconds=1)
        try:
            walker = step(walker, event, now, recording_id="r")
        except Refusal:
            continue
    assert (walker.recording_id is not None) == (walker.opened_at is not None)
    if walker.state in {LessonState.ENDED, LessonState.SETTLED, LessonState.ARCHIVED}:
        assert walker.opened_at < walker.live_at < walker.ended_at
    if walker.state is LessonState.LIVE:
        assert walker.ended_at is None


def test_nothing_leads_out_of_archived_and_cancelled():
    assert not [key for key in TRANSITIONS if key[0] in {LessonState.ARCHIVED, LessonState.CANCELLED}]


def test_each_step_adds_one_to_the_version():
    assert step(lesson(version=4), LessonStep.SCHEDULE, NOW, recording_id="r").version == 5


def test_a_running_or_past_lesson_cannot_be_cancelled():
    for state in (LessonState.LIVE, LessonState.ENDED, LessonState.SETTLED):
        with pytest.raises(Refusal):
            next_state(state, LessonStep.CANCEL)


def test_only_draft_and_scheduled_lessons_are_editable():
    for state in LessonState:
        if state in EDITABLE:
            check_editable(lesson(state))
        else:
            with pytest.raises(Refusal, match="not_editable"):
                check_editable(lesson(state))
    assert not EDITABLE & ON_AIR


@pytest.mark.parametrize(
    ("title", "length", "parts"),
    [
        ("", HOUR, []),
        ("   ", HOUR, []),
        ("x" * 201, HOUR, []),
        ("x", dt.timedelta(0), []),
        ("x", -HOUR, []),
        ("x", 25 * HOUR, []),
        ("x", HOUR, [("a", Part.MAIN), ("b", Part.MAIN)]),
        ("x", HOUR, [("a", Part.MAIN), ("a", Part.BRANCH)]),
    ],
)
def test_a_plan_that_cannot_be_held_is_refused(title, length, parts):
    with pytest.raises(Refusal, match="invalid_body"):
        check_plan(title, NOW, NOW + length, parts)


def test_a_plan_with_one_main_venue_and_many_branches_is_fine():
    check_plan("x", NOW, NOW + HOUR, [("m", Part.MAIN), *((str(n), Part.BRANCH) for n in range(20))])


def test_the_main_venue_publishes_as_main_and_the_others_under_their_own_id():
    venues = (LessonVenue("v0", "a", "主会场", Part.MAIN), LessonVenue("v1", "b", "一分会场", Part.BRANCH))
    assert lesson(venues=venues).sources == ("main", "screen", "spare", "spare-screen", "venue-v1")
    assert lesson(venues=venues).label("main") == "主会场"
    assert lesson(venues=venues).label("venue-v1") == "一分会场"
    assert lesson().label("main") == "讲师"
    with pytest.raises(Refusal, match="source_unknown"):
        lesson().label("venue-v1")
