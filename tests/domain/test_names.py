"""Names are sorted as people count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.names import in_natural_order

NUMERALS = "一二三四五六七八九"


def chinese(number: int) -> str:
    """1 to 999, as it is written."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{NUMERALS[hundreds - 1]}百" if hundreds else ""
    if hundreds and not tens and ones:
        text += "零"
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{NUMERALS[tens - 1]}十"
    return text + (NUMERALS[ones - 1] if ones else "")


@pytest.mark.parametrize("written", [str, chinese])
@given(numbers=st.lists(st.integers(1, 999), min_size=2, max_size=30, unique=True))
def test_rooms_stand_in_the_order_of_their_numbers(written, numbers):
    names = [f"第{written(number)}分会场" for number in numbers]
    assert sorted(names, key=in_natural_order) == [f"第{written(number)}分会场" for number in sorted(numbers)]


@given(st.lists(st.text("第一二十百零〇1290ab室", max_size=12)))
def test_any_names_can_be_compared_and_equal_ones_only_are_equal(names):
    sorted(names, key=in_natural_order)
    for name in names:
        assert in_natural_order(name) == in_natural_order(str(name))


def test_digits_one_after_the_other_are_a_year():
    assert sorted(["二〇二六年", "二〇一九年"], key=in_natural_order) == ["二〇一九年", "二〇二六年"]
