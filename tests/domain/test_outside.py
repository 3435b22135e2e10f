"""Outside credit: what may become of it, and what the ledger is given. Tables of it: each wrong cell is named."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import outside as rules
from server.domain.chain import EMPTY, head_after
from server.domain.double_entry import Trial
from server.domain.ledger import balance, extend
from server.domain.outside import OutsideCredit, OutsideState, Proof, ProofKind
from server.domain.outside_sheet import FAULTS, TITLES, read_outside
from server.domain.refusals import Refusal
from server.domain.tables import Table

NOW = dt.datetime(2026, 11, 22, 1, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 22)
ONE = OutsideCredit("o", "m", "u", "安全培训", "培训中心", dt.date(2026, 3, 18), 800, "a", NOW)
PROOF = Proof("p", "a", "证书.pdf", ProofKind.PDF, 9, "0" * 64, NOW)


def refused(act, *args, **more):
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value.code


def confirmed(hundredths=800):
    proved = rules.with_proof(replace(ONE, hundredths=hundredths), PROOF)
    return rules.decide(proved, confirm=True, answer="", by="s", now=NOW)


def test_without_a_proof_nothing_is_confirmed_and_without_a_reason_nothing_refused():
    assert refused(rules.decide, ONE, confirm=True, answer="", by="s", now=NOW) == "outside_no_proof"
    assert refused(rules.decide, ONE, confirm=False, answer="", by="s", now=NOW) == "outside_no_reason"
    assert confirmed().state is OutsideState.CONFIRMED


STEPS = {
    "prove": lambda one: rules.with_proof(one, PROOF),
    "confirm": lambda one: rules.decide(one, confirm=True, answer="", by="s", now=NOW),
    "refuse": lambda one: rules.decide(one, confirm=False, answer="缺章", by="s", now=NOW),
    "withdraw": lambda one: rules.withdraw(one, "a", NOW),
    "correct": lambda one: rules.correct(one, one.hundredths + 1),
    "revoke": lambda one: rules.correct(one, 0),
}


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=12))
def test_the_ledger_has_what_stands_whatever_is_tried(steps):
    """An illegal step is refused and changes nothing; all entries of it together are what it says."""
    one, head, entries = replace(ONE, proof_id="p", proof_sha256="0" * 64), EMPTY, []
    for step in steps:
        before = one.hundredths if one.entries else 0
        try:
            after = STEPS[step](one)
        except Refusal:
            continue
        if after.entries > one.entries:
            award = rules.award_of(after, before=before, evidence="{}", actor="s")
            entries += extend(head, [award], NOW)
            head = head_after(entries[-1])
        one = after
    granted = one.hundredths if one.state in {OutsideState.CONFIRMED, OutsideState.REVOKED} else 0
    assert balance(entries) == granted
    assert len({entry.id for entry in entries}) == len(entries) == one.entries
    trial = Trial()
    assert list(trial.over(entries)) == entries
    assert (trial.granted, trial.unsourced) == (granted, None)
    assert [entry.corrects for entry in entries[1:]] == ["outside:o"] * (len(entries) - 1)


def test_what_was_confirmed_is_corrected_by_an_entry_more_and_never_withdrawn():
    assert refused(rules.correct, confirmed(), 800) == "outside_same"
    assert refused(rules.correct, ONE, 100) == "outside_not_confirmed"
    assert refused(rules.withdraw, confirmed(), "a", NOW) == "outside_decided"
    fewer = rules.correct(confirmed(), 300)
    award = rules.award_of(fewer, before=800, evidence="{}", actor="s")
    assert (award.hundredths, award.idempotency_key, award.kind.value) == (-500, "outside:o:2", "outside")
    gone = rules.correct(fewer, 0)
    assert (gone.state, gone.stands) == (OutsideState.REVOKED, False)
    assert refused(rules.correct, gone, 100) == "outside_not_confirmed"


@given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)))
def test_the_day_lies_between_last_years_first_and_today(day):
    if dt.date(2025, 1, 1) <= day <= TODAY:
        rules.check_day(day, TODAY)
    else:
        assert refused(rules.check_day, day, TODAY) == "outside_day_wrong"


def test_the_same_for_the_same_person_and_day_stands_once_however_it_is_written():
    full = replace(ONE, id="other", title=" 安全 培训 ")
    assert rules.standing_key(full) == rules.standing_key(ONE)
    assert rules.standing_key(replace(ONE, held_on=TODAY)) != rules.standing_key(ONE)
    assert rules.standing_key(replace(ONE, state=OutsideState.REFUSED)) is None
    assert "安全" not in rules.standing_key(ONE)


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.7", ProofKind.PDF), (b"\xff\xd8\xff\xe0", ProofKind.JPEG), (b"\x89PNG\r\n\x1a\nx", ProofKind.PNG)],
)
def test_a_proof_is_what_its_bytes_say(head, kind):
    assert rules.kind_of(head) is kind


@given(st.binary(max_size=64))
def test_of_any_other_bytes_a_proof_is_refused(head):
    if not head.startswith((b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        assert refused(rules.kind_of, head) == "proof_type_wrong"


# ---- tables ----------------------------------------------------------------------------------------------

GOOD = ("10001", "学员", "安全培训", "培训中心", "2026-03-18", "8")


def read(*rows, titles=TITLES):
    return read_outside(Table("表", [titles, *rows]), TODAY)


def test_a_row_is_read():
    (row,) = read(GOOD).entries
    assert (row.number, row.name, row.held_on, row.hundredths) == ("10001", "学员", dt.date(2026, 3, 18), 800)
    assert read(("说明",), titles=("说明",)) is None


@pytest.mark.parametrize(
    ("at", "value", "fault", "cell"),
    [
        (1, "", "empty", "B2"),
        (2, "=1+1", "formula", "C2"),
        (2, "长" * 121, "too_long", "C2"),
        (4, "三月", "day_wrong", "E2"),
        (4, "2026-02-30", "day_wrong", "E2"),
        (4, "2024-12-31", "day_outside", "E2"),
        (4, "2026-11-23", "day_outside", "E2"),
        (5, "0", "hours_wrong", "F2"),
        (5, "-4", "hours_wrong", "F2"),
        (5, "100.01", "hours_wrong", "F2"),
        (5, "四", "hours_wrong", "F2"),
    ],
)
def test_a_wrong_cell_is_named_with_its_reason(at, value, fault, cell):
    row = [*GOOD[:at], value, *GOOD[at + 1 :]]
    sheet = read(row)
    assert [(issue.cell, issue.fault) for issue in sheet.issues] == [(cell, fault)]
    assert (sheet.entries, sheet.rows) == ((), 1)


def test_titles_that_are_missing_or_twice_are_named_and_the_same_row_twice():
    assert [issue.fault for issue in read(GOOD, titles=(*TITLES[:5], "学时", "学时")).issues] == ["column_twice"]
    assert {issue.value for issue in read(GOOD, titles=("姓名", "学时")).issues} == {"学习内容", "举办单位", "日期"}
    twice = read(GOOD, [*GOOD[:2], "安全 培训", *GOOD[3:]])
    assert [(issue.cell, issue.fault) for issue in twice.issues] == [("C3", "row_twice")]


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6))
def test_whatever_a_table_holds_it_is_read_or_its_cells_are_named(rows):
    sheet = read(*rows)
    assert all(issue.fault in FAULTS for issue in sheet.issues)
    assert all(0 < row.hundredths <= rules.MOST_HUNDREDTHS for row in sheet.entries)


@pytest.mark.parametrize(
    ("text", "hundredths"), [("4", 400), ("4.5", 450), ("0.25", 25), ("４．５", 450), ("100", 10000)]
)
def test_hours_have_two_decimals_at_most(text, hundredths):
    assert read([*GOOD[:5], text]).entries[0].hundredths == hundredths
