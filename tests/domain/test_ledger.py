"""The ledger: a chain in which no byte can be changed unnoticed."""

import datetime as dt
import hashlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain import chain, ledger
from server.domain.chain import GENESIS, Fault, Flaw, Head, Unreadable, head_after
from server.domain.ledger import Award, Entry, EntryKind

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
# Rare characters, what JSON escapes, and nothing at all; drawing whole texts costs more than it finds here.
TEXTS = st.sampled_from(["", "x", "学时", "𠮷", '"\\\n', "\ud800"])
KEYS = st.text("abc", min_size=1, max_size=3)
AWARDS = st.builds(
    Award,
    idempotency_key=KEYS,
    kind=st.sampled_from(EntryKind),
    member_id=st.sampled_from(["m1", "m2"]),
    unit_id=st.just("u"),
    lesson_id=st.none() | TEXTS,
    hundredths=st.integers(-10_000, 10_000),
    rule=TEXTS,
    evidence=TEXTS,
    reason=TEXTS,
    corrects=st.none() | TEXTS,
    actor=st.none() | TEXTS,
)


def awards(least=1):
    return st.lists(AWARDS, unique_by=lambda award: award.idempotency_key, min_size=least, max_size=5)


CHAINS = awards().map(lambda made: ledger.extend(Head(), made, NOW))


def head_of(entries):
    return head_after(entries[-1]) if entries else Head()


def changed(value):
    """Another value of the same kind, as near as can be."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1)
    if isinstance(value, int):
        return value ^ 1
    return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"


@settings(deadline=None)
@given(CHAINS)
def test_what_was_entered_is_sound(entries):
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    assert entries[0].previous_hash == GENESIS
    assert ledger.check(entries, head_of(entries)) == head_of(entries)


@settings(deadline=None)
@given(CHAINS)
def test_the_spelling_is_that_of_json(entries):
    """What old entries were hashed over."""
    for entry in entries:
        content = ledger.flat(entry) | {"at": entry.at.isoformat(timespec="microseconds")}
        del content["hash"]
        said = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        assert ledger.canonical(entry) == said.encode("ascii")


def test_an_empty_ledger_is_sound():
    assert ledger.check([], None) == Head()
    assert ledger.check([], Head()) == Head()


@settings(deadline=None)
@given(CHAINS, awards())
def test_going_on_later_makes_the_same_chain_as_at_once(entries, more):
    entered = [Award(**{f.name: getattr(e, f.name) for f in fields(Award)}) for e in entries]
    awards_again = [replace(award, kind=EntryKind(award.kind)) for award in entered]
    whole = ledger.extend(Head(), [*awards_again, *more], NOW)
    assert (*entries, *ledger.extend(head_of(entries), more, NOW)) == whole


@settings(deadline=None)
@given(CHAINS, st.data())
def test_any_changed_field_is_found_at_its_entry(entries, data):
    at = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from([field.name for field in fields(Entry)]))
    broken = list(entries)
    broken[at] = replace(entries[at], **{field: changed(getattr(entries[at], field))})
    broken.sort(key=lambda entry: entry.position)  # as a reader by position meets them
    flaw = ledger.check(broken, head_of(entries))
    assert isinstance(flaw, Flaw)
    if field != "position":
        assert flaw.position == at + 1
    expected = {"position": Fault.POSITION, "previous_hash": Fault.LINK, "hash": Fault.HASH}
    assert flaw.fault is expected.get(field, Fault.CONTENT)


def flipped(value, data):
    """``value`` with any one bit of it turned over; a text that is no UTF-8 then, as a file reads it."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(microseconds=1 << data.draw(st.integers(0, 56), "bit"))
    if isinstance(value, int):
        return value ^ 1 << data.draw(st.integers(0, 62), "bit")
    kept = bytearray(value.encode("utf-8", "surrogatepass"))
    kept[data.draw(st.integers(0, len(kept) - 1), "byte")] ^= 1 << data.draw(st.integers(0, 7), "bit")
    return kept.decode("utf-8", "surrogateescape")


@settings(deadline=None)
@given(CHAINS, st.data())
def test_any_flipped_bit_of_any_entry_is_found_at_it(entries, data):
    """Of the first, of the last, of any between, in any field that holds something."""
    at = data.draw(st.sampled_from([0, len(entries) - 1]) | st.integers(0, len(entries) - 1), "entry")
    entry = entries[at]
    held = [f.name for f in fields(Entry) if getattr(entry, f.name) not in ("", None)]
    field = data.draw(st.sampled_from(held), "field")
    broken = [*entries[:at], replace(entry, **{field: flipped(getattr(entry, field), data)}), *entries[at + 1 :]]
    fault = {"position": Fault.POSITION, "previous_hash": Fault.LINK, "hash": Fault.HASH}.get(field, Fault.CONTENT)
    assert ledger.check(broken, head_of(entries)) == Flaw(at + 1, fault)


@settings(deadline=None)
@given(CHAINS, st.data())
def test_a_missing_entry_is_found(entries, data):
    gone = data.draw(st.integers(0, len(entries) - 1))
    rest = [*entries[:gone], *entries[gone + 1 :]]
    fault = Fault.HEAD if gone == len(entries) - 1 else Fault.POSITION
    assert ledger.check(rest, head_of(entries)) == Flaw(gone + 1, fault)


@settings(deadline=None)
@given(CHAINS, st.integers(1, 8))
def test_a_cut_tail_is_found_by_the_head(entries, cut):
    rest = entries[: -min(cut, len(entries))]
    assert ledger.check(rest, head_of(entries)) == Flaw(len(rest) + 1, Fault.HEAD)


@settings(deadline=None)
@given(CHAINS, st.data())
def test_a_doubled_entry_is_found(entries, data):
    twin = data.draw(st.sampled_from(entries))
    doubled = [*entries[: twin.position], twin, *entries[twin.position :]]
    assert ledger.check(doubled, head_of(entries)) == Flaw(twin.position + 1, Fault.POSITION)
    appended = replace(twin, position=len(entries) + 1)
    flaw = ledger.check([*entries, appended], head_of(entries))
    assert flaw == Flaw(len(entries) + 1, Fault.LINK)


@settings(deadline=None)
@given(awards(least=2).map(lambda made: ledger.extend(Head(), made, NOW)))
def test_two_entries_that_changed_places_are_found(entries):
    first, second = entries[:2]
    swapped = [replace(second, position=1), replace(first, position=2), *entries[2:]]
    assert ledger.check(swapped, head_of(entries)) == Flaw(1, Fault.LINK)


@settings(deadline=None)
@given(CHAINS)
def test_a_lost_head_is_found(entries):
    assert ledger.check(entries, None) == Flaw(len(entries) + 1, Fault.HEAD)


@settings(deadline=None)
@given(CHAINS, st.data())
def test_a_row_that_cannot_be_read_is_named(entries, data):
    at = data.draw(st.integers(0, len(entries) - 1))
    rows = [*entries[:at], Unreadable("reason"), *entries[at + 1 :]]
    assert ledger.check(rows, head_of(entries)) == Flaw(at + 1, Fault.UNREADABLE, "reason")


@settings(deadline=None)
@given(CHAINS, st.data())
def test_a_head_noted_earlier_proves_that_the_chain_was_not_written_anew(entries, data):
    noted = data.draw(st.sampled_from(entries)).hash
    assert ledger.check(entries, head_of(entries), noted) == head_of(entries)
    forged = ledger.extend(Head(), [_award(entry, hundredths=entry.hundredths + 1) for entry in entries], NOW)
    assert isinstance(ledger.check(forged, head_of(forged)), Head), "by itself it looks sound"
    assert ledger.check(forged, head_of(forged), noted) == Flaw(0, Fault.NOTED)
    assert ledger.check(entries, head_of(entries), GENESIS) == head_of(entries)


def _award(entry, **changes):
    content = {field.name: getattr(entry, field.name) for field in fields(Award)}
    return Award(**{**content, "kind": EntryKind(entry.kind), **changes})


@settings(deadline=None)
@given(CHAINS, awards())
def test_balances_are_sums(entries, more):
    together = (*entries, *ledger.extend(head_of(entries), more, NOW))
    members = {entry.member_id for entry in together}
    by_member = {m: ledger.balance(e for e in together if e.member_id == m) for m in members}
    assert sum(by_member.values()) == sum(entry.hundredths for entry in together)


@settings(deadline=None)
@given(CHAINS)
def test_the_same_occasion_has_the_same_id(entries):
    again = ledger.extend(Head(), [_award(entry) for entry in entries], NOW + dt.timedelta(days=1))
    assert [entry.id for entry in again] == [entry.id for entry in entries]
    assert len({entry.id for entry in entries}) == len(entries)


def test_the_same_moment_in_another_zone_is_the_same_entry():
    beijing = dt.timezone(dt.timedelta(hours=8))
    award = Award("k", EntryKind.LESSON, "m", "u", "l", 200, "{}", "{}", "核定学时")
    assert (
        ledger.extend(Head(), [award], NOW)[0].hash == ledger.extend(Head(), [award], NOW.astimezone(beijing))[0].hash
    )


def test_the_hash_is_the_one_of_the_books():
    """Anybody can compute it: sha256 of the previous hash, a line feed and the canonical JSON."""
    award = Award("lesson:l:m", EntryKind.LESSON, "m", "u", "l", 200, "{}", "{}", "核定学时", actor="a")
    (entry,) = ledger.extend(Head(), [award], NOW)
    assert ledger.canonical(entry) == (
        b'{"actor":"a","at":"2026-11-22T01:00:00.000000+00:00","corrects":null,"evidence":"{}","hundredths":200,'
        b'"id":"%s","idempotency_key":"lesson:l:m","kind":"lesson","lesson_id":"l","member_id":"m","position":1,'
        b'"previous_hash":"%s","reason":"\\u6838\\u5b9a\\u5b66\\u65f6","rule":"{}","unit_id":"u"}'
        % (entry.id.encode(), GENESIS.encode())
    )
    assert entry.hash == hashlib.sha256(GENESIS.encode() + b"\n" + ledger.canonical(entry)).hexdigest()


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_has_a_sentence_in_both_languages(fault):
    assert all(chain.SENTENCES[fault])
