"""Correcting credit: an entry comes to what was said last, and every balance is the sum of its entries."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.chain import EMPTY, head_after
from server.domain.credit import Failing, Verdict
from server.domain.double_entry import Trial, source_of
from server.domain.entry_corrections import (
    MOST_CORRECTIONS,
    EntryCorrection,
    comes_to,
    correct,
    verdict_after,
)
from server.domain.ledger import Award, EntryKind, balance, extend
from server.domain.refusals import Refusal
from tests.domain.test_credit import evidence
from tests.domain.test_ledger import CHAINS, NOW

AMOUNTS = st.integers(0, 10_000)
(SOME,) = extend(EMPTY, [Award("lesson:l:m", EntryKind.LESSON, "m", "u", "l", 200, "{}", "{}", "?")], NOW)


def corrected(entry, known, after, seen=None):
    award = correct(
        entry, known, after, seen=comes_to(entry, known) if seen is None else seen, evidence="{}", actor="a"
    )
    return award, EntryCorrection(
        "c", entry.id, len(known) + 1, entry.member_id, comes_to(entry, known), after, "?", "a", NOW, NOW
    )


@given(CHAINS, st.lists(AMOUNTS, max_size=MOST_CORRECTIONS), st.sampled_from([k for k in EntryKind if k != "outside"]))
def test_an_entry_with_its_corrections_comes_to_what_was_said_last(entries, wanted, kind):
    entry = dataclasses.replace(entries[-1], kind=kind.value)
    head, known, awards, last = head_after(entries[-1]), [], [], entry.hundredths
    for after in wanted:
        if after == last:
            continue
        award, made = corrected(entry, known, after)
        known.append(made)
        awards.append(award)
        last = after
    chain = extend(head, awards, NOW)
    assert comes_to(entry, known) == last
    assert balance([entry, *chain]) == last
    for each in chain:
        assert (each.kind, each.unit_id, each.member_id, each.lesson_id) == (
            *(entry.kind, entry.unit_id, entry.member_id, entry.lesson_id),
        )
        assert each.corrects == entry.idempotency_key
        assert source_of(each) == source_of(entry)
    trial = Trial()
    list(trial.over([entry, *chain]))
    assert trial.sources == {source_of(entry): -last}
    assert len({each.id for each in chain}) == len(chain)


@given(CHAINS, AMOUNTS)
def test_a_correction_goes_to_the_account_of_a_re_marking_too(entries, after):
    entry = dataclasses.replace(entries[0], kind="correction", idempotency_key="remark:r:m", hundredths=10_001)
    (made,) = extend(head_after(entry), [corrected(entry, [], after)[0]], NOW)
    assert source_of(made) == source_of(entry) == f"remark:{entry.unit_id}"


@pytest.mark.parametrize(
    ("change", "after", "seen", "code"),
    [
        ({"kind": "outside"}, 0, None, "entry_of_outside"),
        ({"idempotency_key": "correct:x:1"}, 0, None, "entry_correcting"),
        ({}, 200, None, "entry_same"),
        ({}, 100, 199, "entry_changed"),
    ],
)
def test_what_cannot_be_corrected_is_refused(change, after, seen, code):
    with pytest.raises(Refusal) as refusal:
        corrected(dataclasses.replace(SOME, **change), [], after, seen)
    assert refusal.value.code == code


def test_an_entry_is_not_corrected_for_ever():
    known = []
    for number in range(MOST_CORRECTIONS):
        known.append(corrected(SOME, known, number % 2)[1])
    with pytest.raises(Refusal, match="entry_corrections_full"):
        corrected(SOME, known, 7)


@given(AMOUNTS)
def test_the_verdict_says_what_its_entry_comes_to_and_keeps_the_evidence(after):
    before = Verdict("m", True, (), evidence(), 200, NOW, SOME.id)
    taken = verdict_after(before, SOME, 0, NOW)
    assert (taken.passed, taken.hundredths, taken.failings) == (False, 0, (Failing.TAKEN_BACK,))
    again = verdict_after(taken, SOME, after, NOW)
    assert (again.passed, again.hundredths) == (after > 0, after)
    assert again.evidence == before.evidence
    with pytest.raises(Refusal, match="entry_changed"):
        verdict_after(dataclasses.replace(again, entry_id="another"), SOME, after, NOW)
