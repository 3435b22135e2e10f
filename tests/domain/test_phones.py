"""Telephone numbers in lists: told apart, not given away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.phones import masked


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800010001", "138****0001"),
        ("138 0001 0001", "138****0001"),
        ("+86 138 0001 0001", "861****0001"),
        ("0571-8888", "****8888"),
        ("86010", "****10"),
        ("8601", "****"),
        ("12", "****"),
    ],
)
def test_a_number_is_told_by_its_ends(phone, shown):
    assert masked(phone) == shown


@given(st.text("0123456789 -+", max_size=24))
def test_at_least_two_digits_are_never_shown(phone):
    digits = [sign for sign in phone if sign.isdigit()]
    assert sum(sign.isdigit() for sign in masked(phone)) <= max(0, len(digits) - 2)
