"""A head noted on a day must be in the chain for ever after."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from server.domain.chain import Head, Unreadable, head_after
from server.domain.day_heads import DayHead, Kept, about, is_due
from tests.domain.test_ledger import CHAINS, NOW

DAY = dt.date(2026, 11, 22)


@given(CHAINS, st.data())
def test_what_was_noted_is_met_whatever_is_entered_later(entries, data):
    notes = [
        DayHead(DAY + dt.timedelta(days=n), head_after(entries[data.draw(st.integers(0, len(entries) - 1))]), NOW)
        for n in range(3)
    ]
    kept = Kept(notes)
    assert list(kept.over(entries)) == list(entries)
    assert kept.missing == ()


@given(CHAINS, st.data())
def test_a_note_of_another_chain_or_of_no_entry_is_missing(entries, data):
    entry = data.draw(st.sampled_from(entries))
    other = DayHead(DAY, replace(head_after(entry), hash="f" * 64), NOW)
    beyond = DayHead(DAY - dt.timedelta(days=1), Head(len(entries) + 1, "e" * 64), NOW)
    kept = Kept([other, DayHead(DAY + dt.timedelta(days=1), head_after(entry), NOW), beyond])
    assert len(list(kept.over([*entries, Unreadable()]))) == len(entries) + 1
    assert kept.missing == (beyond, other)


def test_one_a_day_and_none_of_an_empty_ledger():
    head = Head(1, "a" * 64)
    noted = DayHead(DAY, head, NOW)
    assert is_due(None, DAY, head)
    assert not is_due(None, DAY, Head())
    assert not is_due(noted, DAY, Head(2, "b" * 64))
    assert is_due(noted, DAY + dt.timedelta(days=1), head)
    assert about(noted) == f"ledger/2026-11-22/1/{'a' * 64}"
