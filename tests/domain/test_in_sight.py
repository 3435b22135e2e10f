"""A page that is put away: a glance elsewhere costs nothing, a stay in the background is no presence."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.presence import GLANCE, Channel, Span, common, in_sight, lasted_ms, merged, without
from tests.domain.test_presence import INTERVALS, ME, NOW, at, minutes, signed

SECONDS = st.integers(0, 900)
CHANNELS = st.sampled_from([Channel.SOCKET, Channel.HIDDEN, Channel.MEDIA, Channel.HLS])


def span(channel, since_s, until_s, device="d"):
    since, until = (NOW + dt.timedelta(seconds=each) for each in (since_s, until_s))
    return Span(f"{device} {channel}", since, until, channel, member_id="me")


def seconds(*spans):
    return lasted_ms(in_sight(spans)) / 1000


SPANS = st.lists(st.builds(span, CHANNELS, SECONDS, SECONDS, st.sampled_from("ab")), max_size=8)


def shown(since, until):
    return span(Channel.SOCKET, since, until)


def hidden(since, until):
    return span(Channel.HIDDEN, since, until)


def playing(since, until):
    return span(Channel.MEDIA, since, until)


def test_half_an_hour_in_the_background_is_no_presence_though_picture_and_sound_go_on():
    whole = Span("media", at(0), at(60), Channel.MEDIA, member_id="me")
    front = [Span("d", at(a), at(b), Channel.SOCKET, member_id="me") for a, b in ((0, 20), (50, 60))]
    away = Span("d hidden", at(20), at(50), Channel.HIDDEN, member_id="me")
    assert ME.member_id == "me"
    assert minutes(signed(0), whole, *front, away) == 30


def test_a_glance_at_something_else_costs_nothing():
    assert seconds(shown(0, 100), hidden(100, 160), shown(160, 300), playing(0, 300)) == 300
    assert seconds(shown(0, 100), hidden(100, 161), shown(161, 300), playing(0, 300)) == 239


def test_two_glances_are_two_glances():
    assert seconds(shown(0, 100), hidden(100, 150), shown(150, 170), hidden(170, 220), shown(220, 300)) == 300


def test_a_page_that_may_speak_once_a_minute_only_is_away_all_the_while():
    """A browser slows what is put away: each beat counts for 45 s, then there is nothing until the next. What is left
    are the 15 s in which the media connection alone spoke, before the return.
    """
    away = [hidden(100 + 60 * n, 145 + 60 * n) for n in range(5)]
    assert seconds(shown(0, 100), *away, shown(400, 500), playing(0, 500)) == 215


def test_after_a_silence_that_nobody_explains_it_is_another_glance():
    """The line broke while the page was away for a moment; it came back in front, and could not say so."""
    assert seconds(shown(0, 10), hidden(10, 55), hidden(150, 160), shown(160, 600), playing(0, 600)) == 600


def test_another_device_in_front_speaks_for_the_member():
    assert seconds(span(Channel.SOCKET, 0, 600, "pc"), hidden(0, 600), playing(0, 600)) == 600


def test_a_page_that_says_nothing_counts_as_ever():
    assert seconds(playing(0, 600)) == seconds(shown(0, 600)) == 600


@given(SPANS)
def test_what_is_in_front_counts_and_nothing_counts_that_was_not_seen(spans):
    found = in_sight(spans)
    every = merged((each.since, each.until) for each in spans)
    front = merged((each.since, each.until) for each in spans if each.channel is Channel.SOCKET)
    assert common(found, every) == found
    assert common(found, front) == front
    if not any(each.channel is Channel.HIDDEN for each in spans):
        assert found == every


@given(SPANS, SECONDS, SECONDS)
def test_one_more_page_in_front_never_takes_presence_away(spans, since, until):
    assert common(in_sight(spans), in_sight([*spans, shown(since, until)])) == in_sight(spans)


@given(SPANS, st.integers(0, 60))
def test_a_glance_never_takes_presence_away(spans, length):
    """Of whoever was in front until then, and is again."""
    quiet = [each for each in spans if each.channel is not Channel.HIDDEN]
    around = [shown(100, 200), shown(200 + length, 400)]
    before = in_sight([*quiet, *around])
    assert dt.timedelta(seconds=length) <= GLANCE
    assert common(before, in_sight([*quiet, *around, hidden(200, 200 + length)])) == before


@given(SPANS, st.randoms())
def test_the_order_of_what_was_recorded_does_not_matter(spans, random):
    mixed = list(spans)
    random.shuffle(mixed)
    assert in_sight(mixed) == in_sight(spans)


@given(INTERVALS, INTERVALS)
def test_what_is_left_and_what_is_common_are_the_whole(some, others):
    first, second = (merged((at(a), at(b)) for a, b in pairs) for pairs in (some, others))
    left = without(first, second)
    assert common(left, second) == ()
    assert merged([*left, *common(first, second)]) == first
