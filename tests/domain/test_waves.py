"""When a wave of notices is due, and what its messages say."""

import datetime as dt
import zoneinfo
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.lessons import LessonState
from server.domain.waves import (
    ORDER,
    Quiet,
    Round,
    Sentence,
    Wave,
    WaveTimes,
    due_at,
    quiet_of,
    round_now,
    text,
    wave_due,
)
from tests.store.samples import a_lesson

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
START = dt.datetime(2026, 12, 1, 1, 0, tzinfo=dt.UTC)  # 09:00 in the school
TIMES = WaveTimes()
HOUR = dt.timedelta(hours=1)


def due(now, *, made=(), number=1, **fields):
    lesson = a_lesson("l", starts_at=START, ends_at=START + HOUR, **fields)
    return wave_due(lesson, Round(number, START, frozenset(made)), TIMES, ZONE, now)


def test_each_wave_has_its_time_on_the_schools_clock():
    assert due_at(Wave.INVITE, START, TIMES, ZONE) == START - dt.timedelta(days=7)
    assert due_at(Wave.DAY, START, TIMES, ZONE) == dt.datetime(2026, 11, 30, 10, 0, tzinfo=dt.UTC)
    assert due_at(Wave.HOUR, START, TIMES, ZONE) == START - HOUR


def test_the_day_before_is_the_schools_day_also_where_it_is_still_the_day_before_in_utc():
    early = dt.datetime(2026, 12, 1, 23, 30, tzinfo=dt.UTC)  # 07:30 on the second
    assert due_at(Wave.DAY, early, TIMES, ZONE) == dt.datetime(2026, 12, 1, 10, 0, tzinfo=dt.UTC)


def test_nothing_is_due_before_the_invitation():
    assert due(START - dt.timedelta(days=7, seconds=1)) is None
    assert due(START - dt.timedelta(days=7)) is Wave.INVITE


def test_of_several_that_are_due_only_the_last_goes_out():
    assert due(START - dt.timedelta(minutes=30)) is Wave.HOUR
    assert due(START - dt.timedelta(minutes=30), made={Wave.HOUR}) is None
    assert due(START - dt.timedelta(hours=3), made={Wave.HOUR}) is None


def test_nothing_is_due_once_it_began_nor_for_a_plan_nor_for_what_is_cancelled():
    assert due(START) is None
    for state in set(LessonState) - {LessonState.SCHEDULED, LessonState.OPEN}:
        assert due(START - HOUR, state=state) is None
    assert due(START - HOUR, state=LessonState.OPEN) is Wave.HOUR


def test_who_was_told_another_time_is_told_at_once():
    far = START - dt.timedelta(days=40)
    assert due(far) is None
    assert due(far, number=2) is Wave.INVITE
    assert due(far, number=2, made={Wave.INVITE}) is None


def test_a_moved_lesson_begins_a_round_also_when_it_is_moved_back():
    first = Round(1, START, frozenset({Wave.INVITE}))
    assert round_now(None, START) == Round(1, START)
    assert round_now(first, START) is first
    moved = round_now(first, START + HOUR)
    assert moved == Round(2, START + HOUR)
    assert round_now(moved, START) == Round(3, START)


moments = st.datetimes(dt.datetime(2026, 11, 1), dt.datetime(2026, 12, 2)).map(lambda at: at.replace(tzinfo=dt.UTC))  # noqa: DTZ001 - given one at once


@given(looks=st.lists(moments, max_size=30), number=st.integers(1, 3))
def test_whenever_one_looks_each_wave_is_made_once_and_in_order(looks, number):
    made: list[Wave] = []
    for now in sorted(looks):
        wave = due(now, made=made, number=number)
        if wave is not None:
            made.append(wave)
    assert made == sorted(set(made), key=ORDER.index)


@given(st.times(), st.times(), st.times())
def test_quiet_hours_are_half_of_the_clock_and_the_other_half_is_not(since, until, at):
    assert Quiet(since, until).holds(at) != Quiet(until, since).holds(at) or since == until


def test_quiet_hours_go_over_midnight():
    night = quiet_of("22:00-07:00")
    assert [night.holds(dt.time(hour)) for hour in (21, 22, 0, 6, 7, 12)] == [False, True, True, True, False, False]
    assert not any(quiet_of("00:00-00:00").holds(dt.time(hour)) for hour in range(24))
    for wrong in ("22-7", "25:00-07:00", "22:00", "22:00-07:60"):
        with pytest.raises(ValueError, match=wrong):
            quiet_of(wrong)


SAID = Sentence(Wave.INVITE, "消防安全", START, "第一分会场")


def test_an_invitation_names_lesson_time_and_place_and_how_to_ask_for_leave():
    now = START - dt.timedelta(days=5)
    assert text(SAID, now, ZONE) == "上课通知：《消防安全》12月1日（周二）09:00，第一分会场。不能参加请在平台请假。"
    assert text(SAID, now, ZONE, language="en", url="https://x.example") == (
        "Invitation: “消防安全”, Tue 2026-12-01 09:00, 第一分会场. Ask for leave on the platform if you cannot come."
        " https://x.example"
    )


def test_a_reminder_says_today_and_tomorrow_by_the_schools_calendar():
    tomorrow = text(replace(SAID, wave=Wave.DAY), dt.datetime(2026, 11, 30, 15, 59, tzinfo=dt.UTC), ZONE)
    today = text(replace(SAID, wave=Wave.HOUR), dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC), ZONE)
    assert tomorrow == "上课提醒：《消防安全》12月1日（明天）09:00，第一分会场。"
    assert today == "上课提醒：《消防安全》12月1日（今天）09:00，第一分会场。"


def test_a_moved_lesson_says_both_times():
    said = replace(SAID, was=START - dt.timedelta(days=1))
    assert text(said, START - dt.timedelta(days=5), ZONE) == (
        "改期通知：原定11月30日（周一）09:00的课改期，《消防安全》12月1日（周二）09:00，第一分会场。"
    )
    assert text(said, START - dt.timedelta(days=5), ZONE, language="en").startswith("New time: “消防安全”, Tue")
