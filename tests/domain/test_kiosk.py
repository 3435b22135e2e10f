"""自助签到: what one may be looked for by, and how much of a name a screen in a room shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.kiosk import asked_for, masked
from server.domain.sign_ins import Way
from server.web.attendance_form import WAY_WORDS

NAMES = st.text(alphabet=st.characters(whitelist_categories=("Lo",)), min_size=1, max_size=12)


@given(NAMES)
def test_a_mask_keeps_the_length_and_of_longer_names_only_both_ends(name):
    shown = masked(name)
    assert len(shown) == len(name)
    assert sum(one == other for one, other in zip(shown, name, strict=True)) <= 2
    assert shown[0] == name[0]


@pytest.mark.parametrize(
    ("name", "shown"), [("张明", "张＊"), ("张建明", "张＊明"), ("欧阳娜娜", "欧＊＊娜"), ("张", "张")]
)
def test_masks(name, shown):
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("10086", "10086"),
        ("ZJM", "zjm"),
        ("ｚ ｊ ｍ", "zjm"),
        ("A-7", "a-7"),
        ("z", None),
        (" ", None),
        ("张建明", None),
        ("%_", None),
    ],
)
def test_one_is_looked_for_by_the_number_or_the_initials(typed, asked):
    assert asked_for(typed) == asked


def test_every_way_of_signing_in_has_a_word_on_the_sheet():
    assert WAY_WORDS.keys() == set(Way)
