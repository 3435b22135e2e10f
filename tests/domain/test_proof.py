"""How well a sign-in is evidenced: what speaks for it, what a person should look at."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.proof import (
    DOUBT_WORDS,
    LEVEL_WORDS,
    MOST_NETWORKS,
    Doubt,
    Level,
    Parts,
    doubts,
    evidenced,
    latency_ms,
    level,
    networks_of,
    within,
)
from server.domain.refusals import Refusal
from server.domain.sign_ins import SignIn, Way

AT = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TOO_MANY = [f"10.0.{n}.0/24" for n in range(MOST_NETWORKS + 1)]
PARTS = st.builds(
    Parts,
    way=st.sampled_from(Way),
    at_venue=st.booleans(),
    at_network=st.sampled_from([None, True, False]),
    latency_ms=st.none() | st.integers(0, 60_000),
    flags=st.lists(st.sampled_from(Doubt), max_size=2).map(tuple),
    present_percent=st.none() | st.integers(0, 100),
    checks=st.integers(0, 3),
    confirmed=st.integers(0, 3),
)


def scan(**known):
    return Parts(Way.QR, at_venue=True, **known)


def test_every_level_and_doubt_has_its_words():
    assert set(LEVEL_WORDS) == set(Level)
    assert set(DOUBT_WORDS) == set(Doubt)


def test_a_scan_in_the_venues_network_is_strong_however_slow():
    assert level(scan(at_network=True, latency_ms=9_900)) is Level.STRONG


def test_mobile_data_in_a_room_is_everyday_and_so_is_a_late_scan():
    assert level(scan(at_network=False, latency_ms=2_000)) is Level.FAIR
    assert level(scan(at_network=None, latency_ms=9_900)) is Level.FAIR


def test_both_together_may_be_a_picture_that_was_sent():
    assert doubts(scan(at_network=False, latency_ms=8_001)) == (Doubt.SENT_ON,)
    assert level(scan(at_network=False, latency_ms=8_001)) is Level.WEAK
    assert doubts(Parts(Way.CODE, at_venue=True, at_network=False, latency_ms=30_000)) == ()
    assert doubts(Parts(Way.CODE, at_venue=True, at_network=False, latency_ms=45_001)) == (Doubt.SENT_ON,)


def test_a_phone_that_was_hardly_there_or_answered_nothing_is_doubted():
    by_phone = {"way": Way.PHONE, "at_venue": False}
    assert doubts(Parts(**by_phone, present_percent=19)) == (Doubt.NOT_THERE,)
    assert doubts(Parts(**by_phone, present_percent=20)) == ()
    assert doubts(Parts(**by_phone, checks=2)) == (Doubt.CHECKS_MISSED,)
    assert level(Parts(**by_phone, checks=2, confirmed=1)) is Level.FAIR
    assert level(Parts(**by_phone, checks=2, confirmed=2)) is Level.STRONG


def test_whom_a_person_saw_is_doubted_for_nothing_that_machines_say():
    assert level(Parts(Way.ASSISTED, at_venue=True, at_network=False, checks=2)) is Level.STRONG


@given(PARTS)
def test_a_doubt_makes_it_weak_and_nothing_else_does(parts):
    assert (level(parts) is Level.WEAK) == bool(doubts(parts))


def test_networks_are_kept_in_one_spelling():
    assert networks_of([" 192.168.8.7/24", "10.0.0.1", "192.168.8.0/24", "fd00::/8"]) == (
        *("10.0.0.1/32", "192.168.8.0/24"),
        "fd00::/8",
    )


@pytest.mark.parametrize(
    "wrong", [["here"], ["0.0.0.0/0"], ["::/0"], [f"10.0.{n}.0/24" for n in range(MOST_NETWORKS + 1)]]
)
def test_what_is_no_network_or_all_of_them_is_refused(wrong):
    with pytest.raises(Refusal, match="invalid_body"):
        networks_of(wrong)


def test_an_address_is_in_a_network_or_not_or_nobody_knows():
    networks = ("192.168.8.0/24", "fd00::/8")
    assert within("192.168.8.9", networks)
    assert within("::ffff:192.168.8.9", networks)
    assert within("fd00::1%eth0", networks)
    assert within("203.0.113.9", networks) is False
    assert within("203.0.113.9", ()) is None
    assert within("unknown", networks) is None


def test_a_device_that_the_venue_shares_is_nobodys_own():
    asked = SignIn("m", AT, Way.QR, "lv", "a", "c", "192.168.8.9", "digest", shown_at=AT - dt.timedelta(seconds=3))
    shared = evidenced(asked, ["192.168.8.0/24"], shares_device=True)
    assert (shared.at_network, shared.device_digest) == (True, None)
    assert evidenced(asked, [], shares_device=False).device_digest == "digest"
    assert latency_ms(asked) == 3000
