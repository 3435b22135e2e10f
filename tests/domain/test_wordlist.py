"""Listed words are found whatever disguise they wear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.han import SIMPLIFIED
from server.domain.refusals import Refusal
from server.domain.wordlist import MOST_WORDS, checked, folded, has_listed, listed_in

LOOKS_LIKE = {
    "a": "аαɑ4Α",
    "b": "вβ8Β",
    "c": "сϲ",
    "e": "еεЕ3Ε",
    "g": "ɡ9",
    "h": "нΗ",
    "i": "іι1ɩlΙ",
    "k": "кκΚ",
    "l": "1ł",
    "m": "мМ",
    "n": "Ν",
    "o": "оο0øО",
    "p": "рρР",
    "s": "ѕ5Ѕ",
    "t": "тτ7Т",
    "x": "хχХ",
    "y": "уγУ",
}
BETWEEN = ["\u200b", "\u200d", "\ufeff", "\u2060", "\u00ad", "\u0301", "\u0489", "\ufe0f", " ", "\u3000", "\u00a0", "."]
BETWEEN += ["-", "*", "·", "_", "，", "\u3164", "\u115f", "\u2800", "🙂", "\U000e0101", "\u202e", "\n"]
LATIN = "abcdefghijklmnopqrstuvwxyz0123456789"
HAN = "赌博彩票诈骗传销虚假广告代考枪手"
TRADITIONAL = dict(zip("赌诈骗传销虚广枪", "賭詐騙傳銷虛廣槍", strict=True))


def wide(character):
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character


def circled(character):
    return chr(ord("ⓐ") + ord(character) - ord("a")) if "a" <= character <= "z" else character


def squared(character):
    return chr(0x1F170 + ord(character) - ord("a")) if "a" <= character <= "z" else character


def bold(character):
    return chr(0x1D400 + 26 + ord(character) - ord("a")) if "a" <= character <= "z" else character


@st.composite
def disguised(draw, word):
    """Each character as it is, in another width, style, case or script; with anything unseen between them."""
    said = []
    for character in word:
        alike = [character, character.upper(), wide(character), wide(character.upper())]
        alike += [circled(character), squared(character), bold(character), *LOOKS_LIKE.get(character, "")]
        alike += TRADITIONAL.get(character, "")
        said.append(draw(st.sampled_from(alike)))
        said += draw(st.lists(st.sampled_from(BETWEEN), max_size=3))
    return "".join(said)


WORDS = st.text(LATIN + HAN, min_size=2, max_size=8)


@given(st.data(), WORDS, st.text(max_size=20), st.text(max_size=20))
def test_no_disguise_of_a_listed_word_passes(data, word, before, after):
    # What stands beside a word may join its last character (a jamo, a mark): a space keeps it apart.
    text = f"{before} {data.draw(disguised(word))} {after}"
    assert has_listed(text, checked([word]))


@given(WORDS, WORDS)
def test_a_list_may_be_written_in_a_disguise_itself(word, other):
    assert has_listed(f"…{word}…", checked([other, word.upper()]))


@given(st.text(max_size=60))
def test_folding_leaves_letters_and_digits_and_folding_again_changes_nothing(text):
    plain = folded(text)
    assert not any(each.isspace() for each in plain)
    assert folded(plain) == plain


def test_a_word_that_is_not_there_is_not_found():
    words = checked(["赌博", "casino"])
    for text in ("今天学习安全用电", "博览群书", "消防通道不能堵", "see in", "cas", ""):
        assert not has_listed(text, words)
    assert not has_listed("随便说什么", ())


def test_accents_and_spaces_are_no_disguise():
    assert has_listed("Ｃ à ѕ - ı 𝐧 0 !", checked(["casino"]))
    assert has_listed("赌\u200b博", checked(["赌 博"]))


@given(st.data(), WORDS, st.text("学习安全用电", max_size=20), st.text("学习安全用电", max_size=20))
def test_what_was_found_can_be_pointed_at_as_it_was_written(data, word, before, after):
    said = data.draw(disguised(word))
    found = listed_in(f"{before}{said}{after}", checked([word]))
    assert found
    assert all(piece in said for piece in found)
    assert any(has_listed(piece, checked([word])) for piece in found)


@given(st.text(max_size=40), st.lists(WORDS, max_size=3))
def test_something_is_pointed_at_when_and_only_when_something_is_listed(text, words):
    words = checked(words)
    found = listed_in(text, words)
    assert bool(found) == has_listed(text, words)
    assert all(piece in text and has_listed(piece, words) for piece in found)


def test_each_is_pointed_at_once_in_the_order_of_the_text():
    words = checked(["赌博", "casino"])
    assert listed_in("去賭\u200b博，ＣＡＳＩＮＯ，再去賭\u200b博", words) == ("賭\u200b博", "ＣＡＳＩＮＯ")
    assert listed_in("赌赌博博", words) == ("赌博",)


def test_no_character_is_simplified_twice():
    """Or a word folded once would not be found in a text folded twice."""
    assert all(ord(new) not in SIMPLIFIED for new in SIMPLIFIED.values())


def test_a_list_has_each_word_once_and_no_empty_one():
    assert checked([" 赌博 ", "赌　博", "", "ABC", "abc"]) == ("赌博", "ABC")
    for words in (["…"], ["\u200b"], ["x" * 51], [f"词{n}字" for n in range(MOST_WORDS + 1)]):
        with pytest.raises(Refusal, match="invalid_body"):
            checked(words)
