"""Opinions and clouds: nothing is shown but spellings that were approved, each counted for all who wrote alike."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.opinions import Ruled, Ruling, due, id_of, key_of, sayings, shown
from server.domain.quiz_answers import Counted

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
TEXTS = ("多些实操", "多些 实操", "多些实操！", "多些演练", "Safety", "safety", "！！", "。")


def answers(*texts):
    return [Counted((text,), None, count) for text, count in texts]


def decided(text, ruling):
    return Ruled("q", key_of(text), id_of(text), ruling, "lecturer", NOW)


def by_key(*rows):
    return {row.key: row for row in rows}


some_answers = st.lists(
    st.builds(Counted, st.lists(st.sampled_from(TEXTS), max_size=3).map(tuple), st.none(), st.integers(1, 5)),
    max_size=8,
)
some_rulings = st.dictionaries(st.sampled_from(TEXTS), st.sampled_from(Ruling), max_size=5).map(
    lambda chosen: by_key(*(decided(text, ruling) for text, ruling in chosen.items()))
)


@given(some_answers, some_rulings)
def test_nothing_is_shown_but_spellings_that_were_approved(given_answers, ruled):
    approved = {row.text_id for row in ruled.values() if row.ruling is Ruling.APPROVED}
    told = shown(sayings(given_answers, ruled))
    assert {id_of(one.text) for one in told} <= approved
    assert len({key_of(one.text) for one in told}) == len(told)


@given(some_answers, some_rulings)
def test_every_text_stands_in_one_saying_and_each_counts_everybody_who_wrote_alike(given_answers, ruled):
    found = sayings(given_answers, ruled)
    texts = [(text, each.count) for each in given_answers for text in each.choice]
    assert {one.key for one in found} == {key_of(text) for text, _ in texts}
    for one in found:
        assert one.count == sum(count for text, count in texts if key_of(text) == one.key)
        assert one.id == id_of(one.text)
    assert list(found) == sorted(found, key=lambda one: (-one.count, one.text))


@given(some_answers, some_rulings, st.sampled_from(Ruling))
def test_a_decision_does_what_it_says_and_done_again_changes_nothing(given_answers, ruled, ruling):
    found = sayings(given_answers, ruled)
    changed = due(given_answers, ruled, [one.id for one in found], ruling, lambda _: False)
    assert {one.key for one in changed} == {one.key for one in found if one.ruling is not ruling}
    after = ruled | by_key(*(decided(one.text, ruling) for one in changed))
    assert {one.ruling for one in sayings(given_answers, after)} <= {ruling}
    assert due(given_answers, after, [one.id for one in found], ruling, lambda _: False) == ()


def test_what_is_written_alike_is_approved_once_also_for_who_writes_it_later():
    ruled = by_key(decided("多些实操", Ruling.APPROVED))
    [one] = sayings(answers(("多些实操", 1), ("多些 实操！", 3)), ruled)
    assert (one.text, one.count, one.ruling) == ("多些实操", 4, Ruling.APPROVED)


def test_when_nobody_has_the_approved_spelling_any_more_it_waits_again():
    [one] = sayings(answers(("多些实操！", 1)), by_key(decided("多些实操", Ruling.APPROVED)))
    assert (one.text, one.ruling) == ("多些实操！", Ruling.WAITING)
    [one] = sayings(answers(("多些实操！", 1)), by_key(decided("多些实操", Ruling.HIDDEN)))
    assert one.ruling is Ruling.HIDDEN


def test_of_several_approved_at_once_none_with_a_listed_word_is_and_alone_it_may_be():
    given_answers = answers(("多些演练", 1), ("赌博", 1))
    both, listed = [id_of("多些演练"), id_of("赌博")], {"赌博"}.__contains__
    assert [one.text for one in due(given_answers, {}, both, Ruling.APPROVED, listed)] == ["多些演练"]
    assert [one.text for one in due(given_answers, {}, both[1:], Ruling.APPROVED, listed)] == ["赌博"]
    assert len(due(given_answers, {}, both, Ruling.HIDDEN, listed)) == 2
    assert due(given_answers, {}, [id_of("没有人写过")], Ruling.HIDDEN, listed) == ()


def test_the_most_frequent_are_shown_first_and_not_more_than_so_many():
    many = answers(*((f"词{n}甲", n) for n in range(1, 9)))
    ruled = by_key(*(decided(each.choice[0], Ruling.APPROVED) for each in many))
    assert [one.count for one in shown(sayings(many, ruled), most=3)] == [8, 7, 6]
