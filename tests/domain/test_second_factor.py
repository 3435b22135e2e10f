"""TOTP against the vectors of its RFCs, and that no code counts twice."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.second_factor import STEP, code_of, matching_step, shown, step_at, uri_of

SECRET = b"12345678901234567890"
NOW = dt.datetime(2026, 11, 26, 1, 0, 10, tzinfo=dt.UTC)


def test_the_vectors_of_rfc_4226():
    codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]
    assert [code_of(SECRET, count) for count in range(10)] == codes


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_vectors_of_rfc_6238(seconds, code):
    assert code_of(SECRET, step_at(dt.datetime.fromtimestamp(seconds, dt.UTC))) == code


@given(st.integers(-4, 4))
def test_one_step_to_either_side_counts_and_no_more(steps):
    code = code_of(SECRET, step_at(NOW) + steps)
    assert (matching_step(SECRET, code, 0, NOW) is not None) == (abs(steps) <= 1)


def test_a_used_step_is_refused_and_so_is_every_one_before():
    here = step_at(NOW)
    assert matching_step(SECRET, code_of(SECRET, here), here - 1, NOW) == here
    assert matching_step(SECRET, code_of(SECRET, here), here, NOW) is None
    assert matching_step(SECRET, code_of(SECRET, here - 1), here, NOW) is None
    assert matching_step(SECRET, code_of(SECRET, here + 1), here, NOW + STEP) == here + 1


def test_what_an_authenticator_scans():
    assert shown(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    uri = uri_of(SECRET, "某集团 党校", "secadmin")
    assert uri.startswith("otpauth://totp/%E6%9F%90%E9%9B%86%E5%9B%A2%20%E5%85%9A%E6%A0%A1:secadmin?secret=GEZD")
