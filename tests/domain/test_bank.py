"""The bank: what may stand in a question, what its editing leaves, and how it is retired."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import bank
from server.domain.bank import FLAWS, SCORINGS, BankKind, BankQuestion, Content, Flaw, Version, key_of, tidied
from server.domain.quiz import TRUE_FALSE
from server.domain.refusals import Refusal
from server.domain.scoring import Given, Key, Scoring, is_whole, mark

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
SINGLE = Content(BankKind.SINGLE, "火警电话是？", ("110", "119"), (1,), scoring=Scoring.EXACT)
MULTIPLE = Content(BankKind.MULTIPLE, "哪些是灭火器？", ("干粉", "水基", "汽油"), (0, 1), scoring=Scoring.HALF)
JUDGED = Content(BankKind.TRUE_FALSE, "电器起火先断电。", (), (0,), scoring=Scoring.EXACT)
FILLED = Content(BankKind.FILL_IN, "火警 __，急救 __。", blanks=(("119",), ("120",)), scoring=Scoring.BLANKS)
ORDERED = Content(BankKind.ORDERING, "灭火的步骤", ("提", "拔", "握", "压"), scoring=Scoring.PAIRS)
OPINION = Content(BankKind.OPINION, "您的建议？")
CLOUD = Content(BankKind.WORD_CLOUD, "用一个词形容今天的课")
ALL = [SINGLE, MULTIPLE, JUDGED, FILLED, ORDERED, OPINION, CLOUD]


@pytest.mark.parametrize("content", ALL, ids=lambda each: each.kind.value)
def test_each_kind_has_a_right_form(content: Content):
    assert tidied(tidied(content)) == tidied(content)


def test_true_or_false_has_its_two_options_by_itself():
    assert tidied(JUDGED).options == TRUE_FALSE


def test_what_is_said_twice_is_kept_once():
    spoken = dataclasses.replace(FILLED, blanks=((" 119", "119 ", "一一九"), ("120",)), tags=("消防", " 消防 ", ""))
    tidy = tidied(spoken)
    assert tidy.blanks[0] == ("119", "一一九")
    assert tidy.tags == ("消防",)


@pytest.mark.parametrize(
    ("content", "changes", "name", "wrong"),
    [
        (SINGLE, {"text": "  "}, "text", "text_length"),
        (SINGLE, {"text": "长" * 501}, "text", "text_length"),
        (SINGLE, {"options": ("119",), "correct": (0,)}, "options", "options_count"),
        (SINGLE, {"options": ("119", "119 ")}, "options", "options_alike"),
        (SINGLE, {"options": ("119", "")}, "options", "options_alike"),
        (SINGLE, {"correct": (0, 1)}, "correct", "correct_one"),
        (SINGLE, {"correct": (2,)}, "correct", "correct_some"),
        (SINGLE, {"correct": ()}, "correct", "correct_some"),
        (SINGLE, {"scoring": Scoring.HALF}, "scoring", "scoring_kind"),
        (SINGLE, {"blanks": (("119",),)}, "blanks", "correct_none"),
        (JUDGED, {"options": ("对", "错", "不知道")}, "options", "options_count"),
        (FILLED, {"blanks": ()}, "blanks", "blanks_count"),
        (FILLED, {"blanks": (("119",),)}, "blanks", "blanks_differ"),
        (FILLED, {"text": "火警____，急救＿＿，报警___。"}, "blanks", "blanks_differ"),
        (FILLED, {"blanks": (("119",), ())}, "blanks", "blanks_accepted"),
        (FILLED, {"blanks": (("。",), ("120",))}, "blanks", "blanks_empty"),
        (FILLED, {"options": ("甲", "乙")}, "options", "options_none"),
        (ORDERED, {"correct": (0,)}, "correct", "correct_none"),
        (OPINION, {"scoring": Scoring.EXACT}, "scoring", "scoring_kind"),
        (CLOUD, {"tags": tuple("一二三四五六七八九十甲")}, "tags", "tags_count"),
        (CLOUD, {"tags": ("很长" * 11,)}, "tags", "tags_count"),
        (CLOUD, {"seconds": 4}, "seconds", "seconds_range"),
        (CLOUD, {"source": "源" * 201}, "source", "words_length"),
        (CLOUD, {"explanation": "解" * 2001}, "explanation", "prose_length"),
    ],
)
def test_a_flaw_names_its_field_and_says_why(content: Content, changes: dict[str, object], name: str, wrong: str):
    with pytest.raises(Flaw) as raised:
        tidied(dataclasses.replace(content, **changes))  # type: ignore[arg-type]
    assert (raised.value.name, raised.value.wrong) == (name, wrong)
    assert wrong in FLAWS


def test_every_kind_has_ways_to_be_marked():
    assert set(SCORINGS) == set(BankKind)
    assert all(ways for ways in SCORINGS.values())


@pytest.mark.parametrize("content", [SINGLE, MULTIPLE, JUDGED, ORDERED], ids=lambda each: each.kind.value)
def test_the_key_itself_is_all_right(content: Content):
    tidy = tidied(content)
    key = key_of(tidy, [f"o{at}" for at in range(len(tidy.options))])
    assert is_whole(mark(tidy.scoring, key, Given(key.chosen)))


def test_the_key_of_blanks_is_what_is_accepted():
    assert key_of(FILLED, ()) == Key(blanks=(("119",), ("120",)))


# ---- its life --------------------------------------------------------------------------------------------


def version(number: int) -> Version:
    return Version(f"v{number}", "q", number, SINGLE, "a", NOW)


QUESTION = BankQuestion("q", "u", version(1), NOW)


@given(st.integers(2, bank.MOST_VERSIONS))
def test_editing_is_a_version_more(number: int):
    changed = bank.succeeded(QUESTION, version(number))
    assert changed.latest.number == number
    assert changed.revision == QUESTION.revision + 1


def test_versions_have_an_end():
    with pytest.raises(Refusal, match="bank_versions_full"):
        bank.succeeded(QUESTION, version(bank.MOST_VERSIONS + 1))


def test_a_retired_question_is_not_edited_until_it_is_restored():
    gone = bank.retired(QUESTION, "a", NOW)
    assert bank.retired(gone, "b", NOW) is gone
    with pytest.raises(Refusal, match="bank_retired"):
        bank.succeeded(gone, version(2))
    again = bank.restored(gone)
    assert bank.restored(again) is again
    assert bank.succeeded(again, version(2)).revision == 4


def test_an_old_revision_is_refused():
    bank.check_revision(QUESTION, 1)
    with pytest.raises(Refusal, match="precondition_failed"):
        bank.check_revision(QUESTION, 2)
