"""签到表: figures that add up, reasons of absence, a digest that holds, versions that supersede each other."""

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import AccountKind, Principal, Role, RoleGrant
from server.domain.attendance import HERE, Standing
from server.domain.attendance_sheets import (
    AttendanceSheet,
    Line,
    Occasion,
    absence_reasons,
    canonical,
    check_supersedes,
    digest_of,
    figures,
    may_confirm,
    verified,
    with_reasons,
    written,
)
from server.domain.members import MemberKind
from server.domain.refusals import Refusal
from server.domain.sign_ins import Way

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
OCCASION = Occasion("l1", "用电安全", "某公司党委", "讲师", NOW, NOW, NOW, NOW, NOW, 480)


def line(member="m1", standing=Standing.PRESENT, *, unit="u1", kind=MemberKind.FULL, **more):
    came = standing in HERE
    fields = {"at": NOW if came else None, "way": Way.QR if came else None, "place": "主会场", **more}
    return Line(member, f"学员{member}", "10001", kind, unit, f"支部{unit}", standing, **fields)


def body(*lines):
    return written(OCCASION, ("u1", "支部u1"), lines)


LINES = st.builds(
    line,
    st.uuids().map(str),
    st.sampled_from(Standing),
    unit=st.sampled_from(["u1", "u2", "u3"]),
    kind=st.sampled_from(MemberKind),
    added=st.booleans(),
    loan=st.sampled_from(["", "外单位"]),
)


@given(st.lists(LINES, max_size=30))
def test_kinds_and_units_add_up_to_the_total_and_everybody_is_counted_once(lines):
    said = body(*lines)
    for parts in (said.kinds, said.units):
        for name in ("expected", "added", "present", "late", "left_early", "on_leave", "absent", "assisted"):
            assert sum(getattr(part.figures, name) for part in parts) == getattr(said.total, name)
    total = said.total
    assert total.present + total.on_leave + total.absent == total.expected + total.added == len(lines)
    assert total.late + total.left_early <= total.present
    assert said.loans.expected + said.loans.added == sum(bool(each.loan) for each in lines)


def test_both_ratios_are_of_expected_and_added():
    came = [line(f"m{n}") for n in range(17)]
    said = figures([*came, line("a", Standing.ABSENT), line("b", Standing.ON_LEAVE), line("c", Standing.ON_LEAVE)])
    assert (said.rates.of_expected, said.rates.of_due) == (850, 944)


def test_a_secretary_adds_reasons_to_absences_only():
    said = body(line("came"), line("gone", Standing.ABSENT), line("ill", Standing.ON_LEAVE, reason="住院"))
    told = with_reasons(said, {"came": "不在", "gone": "值班", "ill": "旅游", "nobody": "?"})
    assert [each.reason for each in told.lines] == ["", "值班", "住院"]
    assert absence_reasons(told) == {"gone": "值班"}
    assert with_reasons(said, absence_reasons(told)) == told


def test_the_same_content_has_the_same_digest_however_its_keys_stand():
    assert canonical({"b": 1, "a": "签到"}) == canonical({"a": "签到", "b": 1}) == '{"a":"签到","b":1}'
    assert digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def sheet(version=1, previous=None, text="实到 18"):
    where = {"unit_id": "u1", "occasion": {"lesson_id": "l1"}}
    who = {"account_id": "secretary", "confirmed_at": NOW.isoformat(), "why": ""}
    content = canonical({"version": version, "previous": previous, "text": text, "body": where, **who})
    return AttendanceSheet(
        f"s{version}", "l1", "u1", version, content, digest_of(content), previous, "", "secretary", NOW
    )


def test_what_is_kept_as_it_was_confirmed_verifies():
    first = sheet()
    second = sheet(2, first.digest)
    assert verified(first, None, [first.digest]).intact
    assert verified(second, first, [second.digest]).intact


@pytest.mark.parametrize("told", [[], ["0" * 64], [sheet().digest, "0" * 64]])
def test_what_the_log_of_events_does_not_say_as_well_is_not_intact(told):
    assert not verified(sheet(), None, told).intact


@pytest.mark.parametrize(
    "change",
    [
        lambda one: {"content": one.content.replace("18", "20")},
        lambda one: {"content": "no json"},
        lambda one: {"content": "[]", "digest": digest_of("[]")},
        lambda one: {"digest": "0" * 64},
        lambda one: {"version": 3},
        lambda one: {"previous": None},
        lambda one: {"confirmed_by": "another"},
        lambda one: {"confirmed_at": NOW + dt.timedelta(minutes=1)},
        lambda one: {"why": "补录"},
        lambda one: {"unit_id": "u2"},
        lambda one: {"lesson_id": "l2"},
    ],
)
def test_whatever_is_changed_in_a_row_is_found(change):
    first = sheet()
    second = sheet(2, first.digest)
    changed = dataclasses.replace(second, **change(second))
    assert not verified(changed, first, [changed.digest]).intact


def test_a_sheet_from_which_a_person_was_erased_verifies_against_what_was_left():
    first = sheet(text="张三 实到")
    content = first.content.replace("张三", "已注销学员 7F3A")
    left = dataclasses.replace(first, content=content, redacted_at=NOW, redacted_digest=digest_of(content))
    second = sheet(2, first.digest)
    told = [first.digest]
    assert verified(left, None, told).intact
    assert verified(left, None, told).digest == first.digest
    assert verified(second, left, [second.digest]).intact
    assert not verified(dataclasses.replace(left, content=content.replace("7F3A", "0000")), None, told).intact
    assert not verified(dataclasses.replace(left, redacted_digest=None), None, told).intact


def test_a_sheet_exchanged_with_its_own_digest_is_found_by_the_next_version():
    first = sheet()
    second = sheet(2, first.digest)
    assert not verified(second, sheet(text="实到 20"), [second.digest]).intact
    assert not verified(second, None, [second.digest]).intact
    assert json.loads(first.content)["version"] == 1


def test_a_new_version_says_something_new_and_why():
    said, other = body(line()), body(line(standing=Standing.LATE))
    check_supersedes(None, said, "")
    check_supersedes(said, other, "补录")
    for now, why, code in ((said, "补录", "sheet_same"), (other, "", "sheet_needs_reason")):
        with pytest.raises(Refusal) as caught:
            check_supersedes(said, now, why)
        assert caught.value.code == code


def test_a_secretary_of_the_unit_or_above_confirms_and_nobody_else():
    def who(role, unit):
        return Principal("a", "甲", "a", AccountKind.PERSON, grants=(RoleGrant(role, unit),))

    line_up = ("branch", "general", "root")
    assert may_confirm(who(Role.SECRETARY, "branch"), line_up)
    assert may_confirm(who(Role.SECRETARY, "general"), line_up)
    assert not may_confirm(who(Role.SECRETARY, "sibling"), line_up)
    assert not may_confirm(who(Role.SCHOOL_ADMIN, "root"), line_up)
