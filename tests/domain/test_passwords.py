"""What a password must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.passwords import LEAST, check_password
from server.domain.refusals import Refusal


def refused(password, *own, least=LEAST):
    try:
        check_password(password, least, *own)
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("password", ["", "1234567", "好密码", "        ", "a" * 7])
def test_what_is_short_is_refused(password):
    assert refused(password) == "password_short"


@pytest.mark.parametrize(
    "password",
    [
        "12345678",
        "password",
        "PASSWORD1",
        "Password123!",
        "woaini1314",
        "dangxiao",
        "11112222",
        "abcdefghij",
        "98765432",
    ],
)
def test_what_everybody_tries_first_is_refused(password):
    assert refused(password) == "password_common"


@pytest.mark.parametrize(
    "password", ["安全生产先学后做", "correct horse battery", "mop7-lamp4", "kkwq xrtv", "三月的雨wx"]
)
def test_no_mixture_of_signs_is_asked_for(password):
    assert refused(password) is None or len(password) < LEAST


def test_the_own_number_or_name_is_no_password():
    assert refused("20261234", "20261234", "学员") == "password_common"
    assert refused("2026123420261234", "20261234") == "password_common"
    assert refused("x20261234!", "20261234") == "password_common"
    assert refused("20261234 river stone", "20261234") is None


def test_the_least_length_is_a_setting():
    assert refused("mop7-lamp4", least=12) == "password_short"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=140))
def test_any_text_gets_an_answer(password):
    assert refused(password, "10001", "学员甲01") in {None, "password_short", "password_common"}
