"""The rules of the chat: who sees a line when, and how often one may write."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.chat import (
    BURST,
    BURST_TIME,
    LONGEST,
    MOST_A_MINUTE,
    TRANSITIONS,
    ChatMode,
    ChatSettings,
    LineState,
    LineStep,
    Mute,
    check_not_muted,
    check_pace,
    check_settings,
    cleaned,
    first_state,
    mute_until,
    next_state,
)
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 23, 1, 30, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def ago(*seconds):
    return tuple(NOW - dt.timedelta(seconds=each) for each in seconds)


@pytest.mark.parametrize("state", LineState)
@pytest.mark.parametrize("step", LineStep)
def test_an_illegal_step_is_refused(state, step):
    if (state, step) in TRANSITIONS:
        assert next_state(state, step) is TRANSITIONS[state, step]
    else:
        with pytest.raises(Refusal, match="line_decided"):
            next_state(state, step)


def test_nothing_that_was_deleted_comes_back():
    assert not any(state is LineState.DELETED for state, _ in TRANSITIONS)


def test_in_approved_mode_every_line_waits_and_in_open_mode_a_listed_word_is_refused():
    for listed in (True, False):
        assert first_state(ChatSettings(), listed=listed) is LineState.WAITING
        with pytest.raises(Refusal, match="chat_off"):
            first_state(ChatSettings(ChatMode.OFF), listed=listed)
    assert first_state(ChatSettings(ChatMode.OPEN), listed=False) is LineState.SHOWN
    with pytest.raises(Refusal, match="word_listed"):
        first_state(ChatSettings(ChatMode.OPEN), listed=True)


def test_slow_mode_says_how_long_to_wait():
    slow = ChatSettings(ChatMode.OPEN, slow_seconds=30)
    with pytest.raises(Refusal, match="slow_mode") as refused:
        check_pace(slow, ago(12.5), 0, NOW)
    assert refused.value.retry_after_s == 18
    check_pace(slow, ago(30), 0, NOW)
    check_pace(slow, (), 0, NOW)


def test_ten_lines_in_ten_seconds_are_enough():
    with pytest.raises(Refusal, match="too_fast") as refused:
        check_pace(ChatSettings(), ago(*[n / 2 for n in range(BURST)]), 0, NOW)
    assert refused.value.retry_after_s == 6
    check_pace(ChatSettings(), ago(*range(BURST - 1)), 0, NOW)
    check_pace(ChatSettings(), (*ago(*range(BURST - 1)), NOW - BURST_TIME), 0, NOW)


def test_a_lesson_takes_so_many_lines_a_minute():
    check_pace(ChatSettings(), (), MOST_A_MINUTE - 1, NOW)
    with pytest.raises(Refusal, match="chat_busy"):
        check_pace(ChatSettings(), (), MOST_A_MINUTE, NOW)


def test_who_is_muted_is_told_until_when():
    mute = Mute("l", "s", "a", "甲", NOW + 90 * SECOND, "刷屏", "d", NOW)
    with pytest.raises(Refusal, match="talk_muted") as refused:
        check_not_muted(mute, NOW)
    assert refused.value.retry_after_s == 90
    check_not_muted(mute, NOW + 90 * SECOND)
    check_not_muted(None, NOW)


@given(st.text(max_size=LONGEST + 50))
def test_what_is_kept_of_a_line_can_be_seen_and_is_not_too_long(text):
    try:
        kept = cleaned(text)
    except Refusal:
        return
    assert 1 <= len(kept) <= LONGEST
    assert kept == text.strip()


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\u3164 \u2800", "x" * (LONGEST + 1)])
def test_a_line_that_nobody_could_read_is_refused(text):
    with pytest.raises(Refusal, match="invalid_body"):
        cleaned(text)


def test_markup_and_rare_characters_stay_as_they_are():
    assert cleaned(" <script>alert(1)</script> ") == "<script>alert(1)</script>"
    assert cleaned("𠮷🙂") == "𠮷🙂"


def test_limits_of_settings_and_mutes():
    for seconds in (-1, 601):
        with pytest.raises(Refusal, match="invalid_body"):
            check_settings(ChatSettings(ChatMode.OPEN, seconds))
    for minutes in (0, 1441):
        with pytest.raises(Refusal, match="invalid_body"):
            mute_until(NOW, minutes)
    assert mute_until(NOW, 10) == NOW + dt.timedelta(minutes=10)
