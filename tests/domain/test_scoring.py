"""Marking: bounded, rising with what is right, blind to the order of what was chosen where order is not asked for."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.matching import matches, normalised
from server.domain.scoring import FULL, Given, Key, Scoring, is_whole, mark

IDS = tuple("abcdefgh")
CHOICE = (Scoring.EXACT, Scoring.HALF, Scoring.SHARES)
ORDERS = (Scoring.ORDER, Scoring.PAIRS)
some = st.sets(st.sampled_from(IDS), min_size=1)
chosen = st.lists(st.sampled_from(IDS), unique=True).map(tuple)
written = st.text(st.characters(codec="utf-8"), max_size=30) | st.text(
    "0123456789一二三十百千万亿零两.-% ，a", max_size=15
)


def key_for(right: set[str]) -> Key:
    return Key(tuple(each for each in IDS if each in right))


@given(st.sampled_from(CHOICE), some, chosen)
def test_marks_of_choices_are_bounded_and_full_for_the_key_alone(rule: Scoring, right: set[str], own: tuple[str, ...]):
    marked = mark(rule, key_for(right), Given(own))
    assert marked is not None
    assert 0 <= marked <= FULL
    assert is_whole(marked) == (set(own) == right)


@given(st.sampled_from(CHOICE), some, chosen, st.randoms())
def test_order_of_chosen_options_is_no_matter(
    rule: Scoring, right: set[str], own: tuple[str, ...], dice: random.Random
):
    turned = tuple(dice.sample(own, len(own)))
    assert mark(rule, key_for(right), Given(own)) == mark(rule, key_for(right), Given(turned))


@given(st.sampled_from((Scoring.HALF, Scoring.SHARES)), some, chosen, st.sampled_from(IDS))
def test_one_more_right_option_never_costs_and_one_more_wrong_never_pays(
    rule: Scoring, right: set[str], own: tuple[str, ...], more: str
):
    before = mark(rule, key_for(right), Given(tuple(each for each in own if each != more)))
    after = mark(rule, key_for(right), Given((*(each for each in own if each != more), more)))
    assert before is not None
    assert after is not None
    assert after >= before if more in right else after <= before


@given(st.sampled_from(ORDERS), st.permutations(IDS[:5]))
def test_marks_of_orderings_are_bounded_and_full_in_the_right_order_alone(rule: Scoring, own: list[str]):
    marked = mark(rule, Key(IDS[:5]), Given(tuple(own)))
    assert marked is not None
    assert 0 <= marked <= FULL
    assert is_whole(marked) == (tuple(own) == IDS[:5])


@given(st.permutations(IDS[:5]), st.integers(0, 3))
def test_two_neighbours_put_right_earn_a_pair_and_put_wrong_lose_it(own: list[str], at: int):
    turned = [*own[:at], own[at + 1], own[at], *own[at + 2 :]]
    one, other = (mark(Scoring.PAIRS, Key(IDS[:5]), Given(tuple(each))) for each in (own, turned))
    assert one is not None
    assert other is not None
    assert abs(one - other) == FULL // 10
    assert (other > one) == (own[at] > own[at + 1])


@given(st.lists(st.booleans(), min_size=1, max_size=10), st.integers(0, 9))
def test_a_blank_more_earns_its_share(right: list[bool], at: int):
    key = Key(blanks=tuple((f"答{place}", f"又{place}") for place in range(len(right))))
    texts = [f" 又{place}。" if is_so else "别的" for place, is_so in enumerate(right)]
    marked = mark(Scoring.BLANKS, key, Given(blanks=tuple(texts)))
    assert marked == FULL * sum(right) // len(right)
    texts[at % len(texts)] = f"答{at % len(texts)}"
    better = mark(Scoring.BLANKS, key, Given(blanks=tuple(texts)))
    assert better is not None
    assert better >= marked


def test_an_opinion_is_not_marked():
    assert mark(Scoring.NONE, Key(), Given(blanks=("很好",))) is None


@pytest.mark.parametrize("rule", [rule for rule in Scoring if rule is not Scoring.NONE])
def test_nothing_answered_earns_nothing(rule: Scoring):
    assert mark(rule, Key(("a", "b"), (("x",),)), Given()) == 0


def test_numbers_of_the_rules_never_change():
    """They stand in the record."""
    assert [(rule.value, rule.name) for rule in Scoring] == [
        (0, "NONE"),
        (1, "EXACT"),
        (2, "HALF"),
        (3, "SHARES"),
        (4, "BLANKS"),
        (5, "ORDER"),
        (6, "PAIRS"),
    ]


# ---- what is written -------------------------------------------------------------------------------------


@given(written)
def test_normalising_twice_is_normalising_once(text: str):
    assert normalised(normalised(text)) == normalised(text)


@pytest.mark.parametrize("text", ["1" * 5000 + "万", "9" * 4299 + "亿", "1万" + "1" * 5000, "一" * 32_767 + "百"])
def test_digits_without_end_are_no_number_and_no_fault(text: str):
    assert normalised(normalised(text)) == normalised(text)


@given(st.integers(1, 99_999_999))
def test_a_number_is_the_same_in_chinese(number: int):
    assert normalised(in_chinese(number)) == str(number)


def in_chinese(number: int) -> str:
    """As it is spoken."""
    if number >= 10_000:
        rest = number % 10_000
        gap = "零" if 0 < rest < 1000 else ""
        return in_chinese(number // 10_000) + "万" + gap + (in_chinese(rest) if rest else "")
    said, gap = "", False
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            said += ("零" if gap and said else "") + "零一二三四五六七八九"[digit] + word
        gap = digit == 0
    return said


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("１１９", "119"),
        ("一一九", "119"),
        ("壹佰贰拾", "120"),
        ("十二", "12"),
        ("一百二", "120"),
        ("一百零二", "102"),
        ("两千五", "2500"),
        ("三千二百五", "3250"),
        ("一万二", "12000"),
        ("3万", "三万"),
        ("《安全生产法》", "安全生产法"),
        ("安全 第一，预防为主", "安全第一预防为主"),
        ("ISO 9001", "iso9001"),
        ("２６％", "26%"),
        ("3 . 5", "3.5"),
        ("两个", "2个"),
    ],
)
def test_width_case_punctuation_spaces_and_numerals_are_no_difference(one: str, other: str):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"), [("3.5", "35"), ("5", "5%"), ("-5", "5"), ("一万", "一千"), ("12", "21"), ("安全", "不安全")]
)
def test_what_differs_stays_different(one: str, other: str):
    assert normalised(one) != normalised(other)


def test_punctuation_alone_matches_nothing():
    assert not matches("。。", ["。"])
    assert matches("119 ", ["一一九", "火警电话"])
