"""Double entry: whatever is granted comes from an account, and all accounts together are zero."""

from dataclasses import replace

import pytest
from hypothesis import given

from server.domain.chain import Unreadable
from server.domain.double_entry import Trial, member_account, postings, source_of
from server.domain.ledger import EntryKind, balance
from tests.domain.test_ledger import CHAINS


@given(CHAINS)
def test_both_sides_of_every_entry_are_zero_and_so_are_all_accounts(entries):
    trial = Trial()
    assert list(trial.over(entries)) == list(entries)
    for entry in entries:
        source, member = postings(entry)
        assert source.hundredths + member.hundredths == 0
        assert member.account == member_account(entry.member_id)
        assert source.account in trial.sources
    assert trial.granted == trial.held == balance(entries)
    assert sum(trial.sources.values()) + sum(trial.members.values()) == 0
    assert trial.unsourced is None


@given(CHAINS)
def test_a_balance_that_somebody_else_adds_up_otherwise_is_named(entries):
    trial = Trial()
    assert len(list(trial.over([*entries, Unreadable()]))) == len(entries) + 1
    assert trial.differing(dict(trial.members)) == ()
    who = entries[0].member_id
    assert trial.differing({**trial.members, who: trial.members[who] + 1}) == (who,)
    assert trial.differing({**trial.members, "stranger": 5}) == ("stranger",)


@given(CHAINS)
def test_the_source_says_what_granted_and_in_which_unit(entries):
    entry = replace(entries[0], kind="correction", idempotency_key="remark:r:m1")
    assert source_of(entry) == "remark:u"
    assert source_of(replace(entry, idempotency_key="review:r")) == "review:u"
    assert [source_of(replace(entry, kind=kind.value, idempotency_key="k")) for kind in EntryKind] == [
        "lesson:u", "review:u", "make_up:u", "micro:u", "outside:u", "teaching:u",
    ]  # fmt: skip


@given(CHAINS)
def test_an_entry_of_a_kind_nobody_knows_has_no_source(entries):
    gift = replace(entries[0], kind="gift")
    assert source_of(gift) is None
    with pytest.raises(ValueError, match="gift"):
        postings(gift)
    trial = Trial()
    trial.add(gift)
    trial.add(replace(gift, position=7))
    assert trial.unsourced == gift.position
    assert not trial.members
