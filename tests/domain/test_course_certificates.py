"""When a certificate is earned, and numbers that are typed from paper."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import course_certificates as rules
from server.domain.course_certificates import CertificateState, CourseCertificate
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
noises = st.binary(min_size=rules.RANDOM_BYTES, max_size=rules.RANDOM_BYTES)
videos = st.frozensets(st.text("abcdef", min_size=1, max_size=2))


@given(videos, videos)
def test_a_certificate_is_earned_by_every_published_video(published, done):
    assert rules.earned(published, done) == (bool(published) and not published - done)


@given(noises)
def test_a_number_is_read_as_it_is_printed_in_any_spelling(noise):
    number = rules.number_of(noise)
    shown = rules.printed(number)
    assert len(shown) == 19
    for typed in (
        number,
        shown,
        shown.lower(),
        f" {shown.replace('-', ' ')} ",
        shown.replace("0", "O"),
        shown.replace("1", "l"),
    ):
        assert rules.read(typed) == number


@given(noises, st.integers(0, 15), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_found(noise, place, sign):
    number = rules.number_of(noise)
    wrong = number[:place] + sign + number[place + 1 :]
    assert rules.read(wrong) == (number if wrong == number else None)


@given(noises, st.integers(0, 14))
def test_two_signs_that_changed_places_are_found(noise, place):
    number = rules.number_of(noise)
    one, other = number[place], number[place + 1]
    wrong = number[:place] + other + one + number[place + 2 :]
    if one != other and {one, other} != {"0", "Z"}:
        assert rules.read(wrong) is None


@given(noises, noises)
def test_numbers_differ_by_fifteen_signs_of_noise(one, other):
    mask = (1 << 75) - 1
    same = int.from_bytes(one, "big") & mask == int.from_bytes(other, "big") & mask
    assert (rules.number_of(one) == rules.number_of(other)) == same


@given(st.text(max_size=200))
def test_whatever_is_typed_is_a_number_or_none(typed):
    number = rules.read(typed)
    assert number is None or rules.read(rules.printed(number)) == number


def test_a_certificate_is_withdrawn_once_and_for_good():
    names = ("王晓明", "第一党支部", "消防安全微课", "某集团党委")
    one = CourseCertificate("id", "number", "course", "member", "unit", *names, 3, 2, 150, NOW)
    assert one.state is CertificateState.GENUINE
    gone = rules.withdrawn(one, "account", "代学", NOW)
    assert gone == replace(one, withdrawn_at=NOW, withdrawn_by="account", reason="代学")
    assert gone.state is CertificateState.WITHDRAWN
    for refused in (lambda: rules.withdrawn(gone, "account", "再次", NOW), lambda: rules.check_valid(gone)):
        with pytest.raises(Refusal) as said:
            refused()
        assert said.value.code == "certificate_withdrawn"
