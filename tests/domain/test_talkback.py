"""Talkback: to one venue, never to everybody."""

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.programme import PictureSlot, Programme, bring_on, let_speak, open_audio, take
from server.domain.refusals import Refusal
from server.domain.talkback import CONNECTING, MOST_TALKBACKS, begin, check_venue, is_talkback, over, without
from server.domain.venues import LessonVenue, Part
from tests.domain.test_lessons import lesson

NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
A = LessonVenue("a", "va", "第一分会场", Part.BRANCH, online=True)
B = LessonVenue("b", "vb", "第二分会场", Part.BRANCH, online=True)
MAIN = LessonVenue("m", "vm", "主会场", Part.MAIN, online=True)


def talk(running=(), venue=A, account="director", **more):
    return begin(running, venue, account, "会控员", NOW, **{"confirmed": False, **more})


def code(refused):
    with pytest.raises(Refusal) as caught:
        refused()
    return caught.value.code


def test_its_source_is_none_of_the_lessons():
    running, begun = talk()
    held = lesson(venues=(MAIN, A, B), talkbacks=running)
    assert is_talkback(begun.source)
    assert begun.source not in held.sources
    for use in (
        lambda: take(Programme(), PictureSlot.CAMERA, begun.source, held.sources),
        lambda: take(Programme(), PictureSlot.SCREEN, begun.source, held.sources),
        lambda: open_audio(Programme(), begun.source, held.sources, opened=True),
        lambda: bring_on(Programme(), begun.source, held.sources, picture=False),
        lambda: let_speak(Programme(), begun.source, "speaking", held.sources),
        lambda: held.label(begun.source),
    ):
        assert code(use) == "source_unknown"


def test_each_talkback_has_a_source_of_its_own():
    running, first = talk()
    running, second = talk(running, B)
    assert first.source != second.source
    assert running == (second,)  # one mouth talks to one venue


def test_two_directors_talk_to_two_venues_and_never_to_the_same():
    running, _ = talk()
    assert code(lambda: talk(running, A, "another")) == "talkback_busy"
    running, _ = talk(running, B, "another")
    assert {one.lesson_venue_id for one in running} == {"a", "b"}


def test_so_many_at_once_and_no_more():
    running = ()
    for n in range(MOST_TALKBACKS):
        running, _ = talk(running, LessonVenue(f"v{n}", f"x{n}", "会场", Part.BRANCH, online=True), f"director-{n}")
    assert code(lambda: talk(running, A, "one too many")) == "talkback_busy"


def test_nobody_talks_to_an_empty_page_nor_unasked_into_the_programme():
    away = LessonVenue("a", "va", "第一分会场", Part.BRANCH)
    assert code(lambda: check_venue(away, Programme(), confirmed=True)) == "talkback_away"
    shown = take(Programme(), PictureSlot.CAMERA, A.source, [A.source])
    assert code(lambda: check_venue(A, shown, confirmed=False)) == "talkback_on_air"
    check_venue(A, shown, confirmed=True)
    assert code(lambda: check_venue(MAIN, Programme(), confirmed=False)) == "talkback_on_air"  # the lecturer's room


def test_it_ends_when_the_venue_comes_on_the_air_unless_that_was_confirmed():
    _, begun = talk()
    _, knowing = talk(confirmed=True)
    shown = take(Programme(), PictureSlot.CAMERA, A.source, [A.source])
    assert over(begun, A, Programme(), NOW) is None
    assert over(begun, A, shown, NOW) == "on_air"
    assert over(knowing, A, shown, NOW) is None


def test_it_ends_when_its_voice_does_not_come_or_come_back():
    _, begun = talk()
    assert over(begun, A, Programme(), NOW + CONNECTING - dt.timedelta(seconds=1)) is None
    assert over(begun, A, Programme(), NOW + CONNECTING) == "silent"


@given(st.lists(st.tuples(st.sampled_from([A, B, MAIN]), st.sampled_from("xyz"), st.booleans()), max_size=30))
def test_at_any_time_a_venue_hears_one_and_a_director_talks_to_one(steps):
    running = ()
    for venue, account, ends in steps:
        if ends:
            running = without(running, [one for one in running if one.account_id == account])
            continue
        with contextlib.suppress(Refusal):
            running, _ = talk(running, venue, account)
        for key in ("lesson_venue_id", "account_id", "source"):
            assert len({getattr(one, key) for one in running}) == len(running)
