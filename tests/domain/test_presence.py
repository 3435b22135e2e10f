"""When somebody was there: intervals of devices and venues, merged; our own outages are nobody's absence."""

import datetime as dt
import itertools

from hypothesis import given
from hypothesis import strategies as st

from server.domain.members import MemberKind
from server.domain.presence import (
    BRIDGED,
    Channel,
    Outage,
    Span,
    bridged,
    by_owner,
    common,
    merged,
    present_ms,
)
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(minutes=60)
ME = RosterEntry("me", "学员", MemberKind.FULL, "b1", None)


def at(minutes):
    return NOW + dt.timedelta(minutes=minutes)


def own(since, until, device="d", member_id="me"):
    return Span(device, at(since), at(until), Channel.SOCKET, member_id=member_id)


def room(since, until, lesson_venue_id="v1"):
    return Span("screen", at(since), at(until), Channel.VENUE, lesson_venue_id=lesson_venue_id)


def signed(minute, venue=None, left=None):
    way = Way.PHONE if venue is None else Way.QR
    return SignIn("me", at(minute), way, venue, "a", "c", left_at=None if left is None else at(left))


def minutes(sign_in, *spans, outages=()):
    return present_ms(sign_in, ME, spans, outages, NOW, END) / 60_000


def test_two_devices_at_once_are_present_once():
    assert minutes(signed(0), own(0, 30), own(20, 40, "other")) == 40


def test_only_the_window_counts():
    assert minutes(signed(-5), own(-10, 10), own(50, 80)) == 20


def test_others_devices_say_nothing_about_me():
    assert minutes(signed(0), own(0, 60, member_id="you"), room(0, 60)) == 0


def test_a_venue_carries_who_signed_in_there_from_the_sign_in_on():
    assert minutes(signed(10, "v1"), room(0, 60)) == 50
    assert minutes(signed(10, "v1"), room(0, 60, "v2")) == 0


def test_a_venue_that_was_not_connected_carries_nobody():
    assert minutes(signed(0, "v1"), room(0, 20), room(40, 60)) == 40


def test_the_own_phone_speaks_while_the_venue_is_cut_off():
    assert minutes(signed(0, "v1"), room(0, 20), own(10, 60)) == 60


def test_nothing_counts_after_the_mark_that_somebody_left():
    assert minutes(signed(0, "v1", left=30), room(0, 60), own(0, 60)) == 30
    assert minutes(signed(0, "v1", left=-5), room(0, 60)) == 0


def test_without_a_sign_in_the_own_devices_speak():
    assert minutes(None, own(0, 15), room(0, 60)) == 15


def test_a_gap_made_by_our_outage_is_presence():
    spans = (own(0, 20), own(20.75, 60, "again"))
    outage = Outage(at(20), at(20.25), "restart")
    assert minutes(signed(0), *spans) == 59.25
    assert minutes(signed(0), *spans, outages=[outage]) == 60
    assert minutes(signed(0, "v1"), room(0, 20), room(20.75, 60), outages=[outage]) == 60


def test_a_gap_longer_than_a_minute_is_an_absence_even_around_an_outage():
    outage = Outage(at(20), at(20.25), "restart")
    assert minutes(signed(0), own(0, 20), own(21.5, 60), outages=[outage]) == 58.5


def test_an_outage_elsewhere_explains_nothing():
    assert minutes(signed(0), own(0, 20), own(20.5, 60), outages=[Outage(at(40), at(41), "restart")]) == 59.5


def test_an_outage_does_not_lengthen_a_stay():
    """Who did not come back has no gap to be bridged."""
    assert minutes(signed(0), own(0, 20), outages=[Outage(at(20), at(20.5), "restart")]) == 20


def test_a_moment_seen_between_does_not_open_the_gap_again():
    """Seen once more after the restart, gone again, and back: still the same minute around the same outage."""
    outage = Outage(at(20), at(20.1), "restart")
    assert minutes(signed(0), own(0, 20), own(20.8, 60), outages=[outage]) == 60
    assert minutes(signed(0), own(0, 20), own(20, 20.3, "x"), own(20.8, 60), outages=[outage]) == 60


def test_spans_are_found_by_whom_they_are_of():
    spans = (own(0, 1), own(1, 2, member_id="you"), room(0, 3), own(4, 5))
    assert by_owner(spans) == {"me": (spans[0], spans[3]), "you": (spans[1],), "v1": (spans[2],)}


# ---- properties ------------------------------------------------------------------------------------------

SECONDS = st.integers(-600, 4200)
INTERVALS = st.lists(st.tuples(SECONDS, SECONDS), max_size=12)


def real(pairs):
    return [(NOW + dt.timedelta(seconds=a), NOW + dt.timedelta(seconds=b)) for a, b in pairs]


def inside(second, intervals):
    moment = NOW + dt.timedelta(seconds=second, milliseconds=500)
    return any(a <= moment < b for a, b in intervals)


OUTAGES = INTERVALS.map(lambda pairs: [Outage(min(p), max(p), "restart") for p in real(pairs)])


@given(INTERVALS)
def test_merging_keeps_every_moment_and_adds_none(pairs):
    found = merged(real(pairs))
    assert all(a < b for a, b in found)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))
    assert all(inside(s, found) == inside(s, real(pairs)) for s in range(-600, 4200, 41))
    assert merged(found) == found


@given(INTERVALS, INTERVALS)
def test_common_time_is_where_both_hold(some, others):
    one, two = merged(real(some)), merged(real(others))
    found = common(one, two)
    assert all(inside(s, found) == (inside(s, one) and inside(s, two)) for s in range(-600, 4200, 41))
    assert found == common(two, one)


@given(INTERVALS, OUTAGES)
def test_bridging_only_adds_and_never_more_than_a_minute_at_a_time(pairs, outages):
    before = merged(real(pairs))
    after = bridged(before, outages)
    assert common(before, after) == before
    assert bridged(before, []) == before
    kept = [(a[1], b[0]) for a, b in itertools.pairwise(before) if not common(after, ((a[1], b[0]),))]
    closed = len(before) - 1 - len(kept)
    gained = sum((b - a for a, b in after), dt.timedelta()) - sum((b - a for a, b in before), dt.timedelta())
    assert gained <= max(closed, 0) * BRIDGED


SPANS = st.lists(
    st.builds(
        lambda pair, whose, device: Span(
            device,
            *real([pair])[0],
            Channel.VENUE if whose == "v1" else Channel.MEDIA,
            member_id=None if whose == "v1" else whose,
            lesson_venue_id="v1" if whose == "v1" else None,
        ),
        st.tuples(SECONDS, SECONDS),
        st.sampled_from(["me", "you", "v1"]),
        st.sampled_from(["d1", "d2"]),
    ),
    max_size=12,
)
SIGN_INS = st.none() | st.builds(
    lambda second, venue, left: SignIn(
        "me",
        NOW + dt.timedelta(seconds=second),
        Way.QR,
        venue,
        "a",
        "c",
        left_at=None if left is None else NOW + dt.timedelta(seconds=left),
    ),
    SECONDS,
    st.sampled_from([None, "v1"]),
    st.none() | SECONDS,
)


@given(SIGN_INS, SPANS, OUTAGES, st.integers(0, 3600))
def test_presence_is_never_negative_never_longer_than_the_window_and_adds_up(sign_in, spans, outages, cut):
    middle = NOW + dt.timedelta(seconds=cut)
    whole = present_ms(sign_in, ME, spans, outages, NOW, END)
    assert 0 <= whole <= 3_600_000
    first = present_ms(sign_in, ME, spans, outages, NOW, middle)
    assert first + present_ms(sign_in, ME, spans, outages, middle, END) == whole
    assert present_ms(sign_in, ME, spans, outages, END, NOW) == 0


@given(SIGN_INS, SPANS, OUTAGES, SPANS)
def test_one_more_device_never_takes_presence_away(sign_in, spans, outages, more):
    assert present_ms(sign_in, ME, [*spans, *more], outages, NOW, END) >= present_ms(
        sign_in, ME, spans, outages, NOW, END
    )


@given(SIGN_INS, SPANS, OUTAGES, st.randoms())
def test_the_order_of_what_was_recorded_does_not_matter(sign_in, spans, outages, random):
    shuffled = random.sample(spans, len(spans))
    assert present_ms(sign_in, ME, shuffled, outages, NOW, END) == present_ms(sign_in, ME, spans, outages, NOW, END)
