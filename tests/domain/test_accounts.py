"""The lock-out, and what counts as one address."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.accounts import LoginRules, address_key, locked_for

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
RULES = LoginRules()


def ago(*seconds):
    return [NOW - dt.timedelta(seconds=s) for s in seconds]


def test_four_failures_do_not_lock():
    assert locked_for(ago(4, 3, 2, 1), RULES, NOW) is None


def test_the_fifth_failure_locks_for_five_minutes():
    assert locked_for(ago(40, 30, 20, 10, 0), RULES, NOW) == dt.timedelta(minutes=5)
    assert locked_for(ago(340, 330, 320, 310, 299), RULES, NOW) == dt.timedelta(seconds=1)
    assert locked_for(ago(340, 330, 320, 310, 300), RULES, NOW) is None


def test_the_lock_lasts_although_older_failures_have_aged():
    assert locked_for(ago(400, 300, 200, 150, 101), RULES, NOW) == dt.timedelta(seconds=199)


def test_failures_spread_over_more_than_the_measure_do_not_lock():
    assert locked_for(ago(400, 300, 200, 100, 99), RULES, NOW) is None


@given(st.lists(st.integers(0, 600), max_size=12))
def test_a_lock_is_never_longer_than_its_measure_and_order_does_not_matter(seconds):
    locked = locked_for(ago(*seconds), RULES, NOW)
    assert locked is None or dt.timedelta(0) < locked <= RULES.lock
    assert locked == locked_for(ago(*sorted(seconds)), RULES, NOW)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address, key):
    assert address_key(address) == key
