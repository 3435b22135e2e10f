"""When a branch is told of the day of an overseen item."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.letters import SOON, TOLD_LATE_FOR, Topic, due_topic, of_day
from server.domain.oversight import Oversight, OversightState, Subject
from server.domain.personal_data import DataClass
from server.domain.retention import PERIODS

DAY = dt.date(2026, 3, 2)
AT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
days = st.integers(-40, 40).map(lambda n: DAY + dt.timedelta(days=n))


def item(due_on, state=OversightState.OPEN):
    return Oversight("one", "unit", "above", Subject.OTHER, "text", due_on, "by", AT, state)


@given(due_on=days, asked_on=days, today=days)
def test_near_and_over_never_hold_on_one_day_and_an_answer_ends_both(due_on, asked_on, today):
    topic = due_topic(item(due_on), asked_on, today)
    assert (topic is Topic.OVERSIGHT_OVERDUE) == (due_on < today <= due_on + TOLD_LATE_FOR)
    assert (topic is Topic.OVERSIGHT_SOON) == (asked_on < due_on - SOON <= today <= due_on)
    for state in set(OversightState) - {OversightState.OPEN}:
        assert due_topic(item(due_on, state), asked_on, today) is None


@given(first=days, second=days)
def test_another_day_is_another_occasion(first, second):
    told = [of_day(item(day), Topic.OVERSIGHT_SOON) for day in (first, second)]
    assert (told[0] == told[1]) == (first == second)


def test_a_letter_is_kept_for_longer_than_its_day_is_told():
    assert dt.timedelta(days=PERIODS[DataClass.NOTICES].floor) >= TOLD_LATE_FOR
