"""When a planned launch is due: never past what is in the way, at most once, and never long after its time."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import planned_launches as rules
from server.domain.planned_launches import (
    AFTER_MARK,
    LATER,
    LATEST,
    LEAD,
    Mark,
    MarkKind,
    Missed,
    Obstacle,
    PlannedLaunch,
    PlanState,
    Reached,
)
from server.domain.quiz import Terms
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def refusal(act):
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def plan(kind=MarkKind.MINUTES, number=10, *, deck=None, questions=("q1",), **fields):
    mark = Mark(kind, number, deck)
    return PlannedLaunch("p1", "l1", questions, mark, Terms(60), False, False, "a1", NOW, **fields)


def at_mark(seconds=0, **fields):
    return plan(due_at=NOW + dt.timedelta(seconds=seconds), **fields)


@given(
    st.lists(
        st.tuples(st.floats(0.1, 90), st.sampled_from([None, None, Obstacle.QUIZ, Obstacle.CURTAIN])), max_size=60
    ),
    st.integers(0, 600),
)
def test_it_is_launched_at_most_once_with_nothing_in_the_way_and_within_a_minute_of_its_time(looks, due_s):
    one, now, launches = at_mark(due_s), NOW, 0
    for wait_s, obstacle in looks:
        now += dt.timedelta(seconds=wait_s)
        before = one
        one, go = rules.looked_at(one, now, obstacle)
        assert one.due_at >= before.due_at
        if go:
            launches += 1
            assert obstacle is None
            assert before.held is None
            assert dt.timedelta() <= now - one.due_at <= LATEST
            one = rules.launched(one, "z1")
        if one.state is PlanState.MISSED and before.state is PlanState.WAITING:
            assert now - before.due_at > LATEST
    assert launches <= 1
    assert launches == (one.state is PlanState.LAUNCHED)


@given(st.floats(0, 600), st.floats(0.25, 5), st.integers(0, 120))
def test_a_house_that_looks_every_five_seconds_launches_when_the_way_is_free_after_a_lead(busy_s, step_s, due_s):
    """However long the question before takes: there is time to put it off, and it is not forgotten."""
    one, now = at_mark(due_s), NOW
    free_at = NOW + dt.timedelta(seconds=busy_s)
    for _ in range(10_000):
        one, go = rules.looked_at(one, now, Obstacle.QUIZ if now < free_at else None)
        if go:
            break
        now += dt.timedelta(seconds=step_s)
    step = dt.timedelta(seconds=step_s)
    latest = max(NOW + dt.timedelta(seconds=due_s), free_at + step + LEAD)
    assert go
    assert now <= latest + step
    if free_at > NOW + dt.timedelta(seconds=due_s):
        assert now - free_at >= LEAD - dt.timedelta(seconds=10)


def test_one_whose_time_passed_while_the_house_was_away_waits_for_a_hand():
    assert rules.looked_at(at_mark(), NOW + LATEST, None)[1]
    late, go = rules.looked_at(at_mark(), NOW + LATEST + SECOND, None)
    assert (late.state, late.missed, go) == (PlanState.MISSED, Missed.AWAY, False)
    again = rules.put_off(late, NOW + LATEST + SECOND)
    assert (again.state, again.missed, again.due_at) == (PlanState.WAITING, None, NOW + LATEST + SECOND + LATER)
    assert rules.launched(late, "z1").state is PlanState.LAUNCHED


def test_marks_are_reached_in_a_live_lesson_and_give_the_lecturer_ten_seconds():
    reached = Reached(NOW, 2, {"deck": 5})
    later = NOW + dt.timedelta(minutes=3)
    for kind, number, deck in ((MarkKind.CHAPTER, 2, None), (MarkKind.PAGE, 4, "deck"), (MarkKind.PAGE, 5, "deck")):
        noted = rules.noted(plan(kind, number, deck=deck), reached, later)
        assert noted.due_at == later + AFTER_MARK
        assert rules.noted(noted, reached, later + SECOND) == noted
    for kind, number, deck in ((MarkKind.CHAPTER, 3, None), (MarkKind.PAGE, 6, "deck"), (MarkKind.PAGE, 1, "other")):
        assert rules.noted(plan(kind, number, deck=deck), reached, later).due_at is None
    assert rules.begun(plan(number=10), NOW).due_at == NOW + dt.timedelta(minutes=10)
    assert rules.begun(plan(MarkKind.CHAPTER, 1), NOW).due_at is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (plan(number=0), "invalid_body"),
        (plan(number=601), "invalid_body"),
        (plan(MarkKind.PAGE, 1), "invalid_body"),
        (plan(deck="deck"), "invalid_body"),
        (plan(questions=()), "invalid_body"),
        (plan(questions=("q1", "q1")), "invalid_body"),
        (plan(questions=("q2", "q9")), "invalid_body"),
        (plan(number=3), "mark_passed"),
        (plan(MarkKind.CHAPTER, 2), "mark_passed"),
        (plan(MarkKind.PAGE, 5, deck="deck"), "mark_passed"),
    ],
)
def test_what_cannot_be_planned(wrong, code):
    others = [plan(questions=("q9",))]
    reached = Reached(NOW, 2, {"deck": 5})
    now = NOW + dt.timedelta(minutes=3)
    assert refusal(lambda: rules.check_plan(wrong, others, reached, now)) == code


def test_before_the_start_no_mark_has_passed_and_a_question_is_free_again_when_its_plan_is_over():
    taken = plan(MarkKind.CHAPTER, 1, questions=("q1", "q2"))
    rules.check_plan(plan(number=1), [rules.cancelled(taken)], None, NOW)
    assert refusal(lambda: rules.check_plan(plan(number=1), [taken], None, NOW)) == "invalid_body"


def test_what_is_over_stays_over():
    over, launched = rules.over(plan()), rules.launched(plan(), "z1")
    for step in (lambda one: rules.put_off(one, NOW), rules.cancelled, lambda one: rules.launched(one, "z2")):
        assert refusal(lambda step=step: step(over)) == "planned_over"
        assert refusal(lambda step=step: step(launched)) == "planned_over"
    gone = rules.cancelled(plan())
    assert rules.cancelled(gone) == gone
    assert refusal(lambda: rules.put_off(plan(), NOW)) == "mark_not_reached"
    assert rules.looked_at(rules.over(at_mark()), NOW, None) == (rules.over(at_mark()), False)
