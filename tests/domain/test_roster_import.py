"""A roster that comes as a table: read cell by cell, planned against what is there."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.cells import active, bare_cell, cell_name, safe_cell
from server.domain.members import KindChange, Member, MemberKind
from server.domain.personnel import enrolled
from server.domain.roster_import import Present, Step, plan
from server.domain.roster_sheet import FAULTS, Column, Fault, read_day, read_sheet
from server.domain.tables import Table
from server.domain.units import Placement, Unit, UnitKind, UnitTree

DAWN, TODAY = dt.date(2020, 1, 1), dt.date(2026, 11, 22)
HEAD = ["工号", "姓名", "党组织", "人员类别", "党小组", "手机", "生效日期", "离开原因"]
TREE = UnitTree(
    [
        Unit("root", "党委", UnitKind.COMMITTEE),
        Unit("g1", "一总支", UnitKind.GENERAL_BRANCH),
        Unit("g2", "二总支", UnitKind.GENERAL_BRANCH),
        Unit("b1", "机关支部", UnitKind.BRANCH),
        Unit("b2", "综合支部", UnitKind.BRANCH),
        Unit("b3", "综合支部", UnitKind.BRANCH),
        Unit("old", "撤销支部", UnitKind.BRANCH, until=dt.date(2024, 1, 1)),
    ],
    [
        Placement("root", None, DAWN),
        *(Placement(each, "root", DAWN) for each in ("g1", "g2")),
        *(
            Placement(child, parent, DAWN)
            for child, parent in (("b1", "g1"), ("b2", "g1"), ("b3", "g2"), ("old", "g1"))
        ),
    ],
)
ALL = frozenset(unit.id for unit in TREE.units)


def there(*files, numbers=None, editable=ALL, groups=()):
    """Members whose ids are their numbers."""
    known = {file.member.id: file for file in files}
    return Present(numbers or {each: each for each in known}, known, dict(groups), TREE, editable, TODAY, TODAY)


def someone(number="10001", unit="b1", name="学员甲", kind=MemberKind.FULL):
    return enrolled(Member(number, name, kind), unit, DAWN)


def table(*rows, head=HEAD):
    return Table("名单", [head, *rows])


def planned(*rows, present=None, head=HEAD):
    return plan(read_sheet(table(*rows, head=head)), present or there())


def faults(found):
    return [(issue.cell, issue.fault) for issue in found.issues]


def test_a_table_without_titles_is_none():
    assert read_sheet(Table("名单", [["甲", "乙"], ["1", "2"]])) is None


def test_titles_may_stand_lower_and_be_called_otherwise_and_what_means_nothing_is_told():
    rows = [
        ["名单"],
        ["姓名*", "员工号", "所在党支部", "党员类别", "籍贯"],
        ["学员甲", "10001", "机关支部", "正式党员", "某地"],
    ]
    sheet = read_sheet(Table("名单", rows))
    assert sheet.issues == ()
    assert (sheet.entries[0].number, sheet.entries[0].unit, sheet.ignored) == ("10001", "机关支部", ("籍贯",))


def test_a_missing_column_is_named_and_a_doubled_one():
    sheet = read_sheet(Table("名单", [["工号", "姓名", "党组织", "工号"], ["1", "甲", "机关支部", "2"]]))
    assert [(issue.cell, issue.fault, issue.value) for issue in sheet.issues] == [
        ("D1", Fault.COLUMN_TWICE, "工号"),
        ("E1", Fault.COLUMN_MISSING, "人员类别"),
    ]


@pytest.mark.parametrize(
    ("change", "cell", "fault"),
    [
        ({0: ""}, "A2", Fault.EMPTY),
        ({0: "10 001"}, "A2", Fault.NUMBER_WRONG),
        ({1: ""}, "B2", Fault.EMPTY),
        ({1: "=cmd()"}, "B2", Fault.FORMULA),
        ({1: "＝cmd()"}, "B2", Fault.FORMULA),
        ({1: "字" * 201}, "B2", Fault.TOO_LONG),
        ({2: "无此支部"}, "C2", Fault.UNIT_UNKNOWN),
        ({2: "综合支部"}, "C2", Fault.UNIT_AMBIGUOUS),
        ({2: "撤销支部"}, "C2", Fault.UNIT_ENDED),
        ({3: "党员"}, "D2", Fault.KIND_UNKNOWN),
        ({4: "第一党小组"}, "E2", Fault.GROUP_UNKNOWN),
        ({5: "一三八"}, "F2", Fault.PHONE_WRONG),
        ({6: "2026-02-30"}, "G2", Fault.DATE_WRONG),
        ({6: "2019-12-31"}, "C2", Fault.UNIT_ENDED),
        ({7: "不详"}, "H2", Fault.ENDING_UNKNOWN),
        ({7: "去世"}, "H2", Fault.NOBODY_LEAVES),
    ],
)
def test_what_is_wrong_is_said_by_cell(change, cell, fault):
    row = ["10001", "学员甲", "机关支部", "正式党员", "", "", "", ""]
    for at, text in change.items():
        row[at] = text
    found = planned(row)
    assert faults(found) == [(cell, fault)]
    assert found.planned == ()


def test_every_fault_has_its_sentences():
    assert set(FAULTS) == set(Fault)


def test_a_doubled_number_is_wrong_where_it_comes_again():
    row = ["10001", "学员甲", "机关支部", "正式党员"]
    assert faults(planned(row, ["１０００１", *row[1:]])) == [("A3", Fault.NUMBER_TWICE)]


def test_two_units_of_one_name_are_told_apart_by_their_parents_or_ids():
    found = planned(["1", "甲", "二总支/综合支部", "列席"], ["2", "乙", "b2", "列席"])
    assert [one.unit_id for one in found.planned] == ["b3", "b2"]


def test_outside_ones_care_there_is_neither_unit_nor_person():
    scope = frozenset({"b1"})
    found = planned(
        ["1", "甲", "一总支/综合支部", "列席"],
        ["2", "乙", "b2", "列席"],
        ["10002", "学员乙", "机关支部", "正式党员"],
        ["admin", "管理员", "机关支部", "正式党员"],
        present=there(someone("10002", "b2"), numbers={"10002": "10002", "admin": None}, editable=scope),
    )
    assert faults(found) == [
        ("C2", Fault.UNIT_UNKNOWN),
        ("C3", Fault.UNIT_UNKNOWN),
        ("A4", Fault.NUMBER_ELSEWHERE),
        ("A5", Fault.NUMBER_ELSEWHERE),
    ]


def test_a_known_number_is_changed_in_what_differs_only():
    known = someone()
    found = planned(["10001", "学员甲甲", "机关支部", "正式党员", "", "13800000000", "", ""], present=there(known))
    assert found.planned[0].steps == (Step.NAME, Step.PHONE)
    assert found.planned[0].after == replace(known, member=replace(known.member, name="学员甲甲", phone="13800000000"))


def test_another_unit_is_a_move_and_another_kind_a_change_from_that_day():
    known = someone(kind=MemberKind.PROBATIONARY)
    one = planned(
        ["10001", "学员甲", "二总支/综合支部", "正式党员", "", "", "2026-12-01", ""], present=there(known)
    ).planned[0]
    assert one.steps == (Step.MOVED, Step.KIND)
    day = dt.date(2026, 12, 1)
    assert (one.after.unit(TODAY), one.after.unit(day)) == ("b1", "b3")
    assert one.after.kinds == (KindChange("10001", day, MemberKind.FULL),)


def test_who_leaves_is_kept_with_the_reason_and_the_past_stays():
    row = ["10001", "学员甲", "机关支部", "正式党员", "", "", "", "组织关系转出"]
    found = planned(row, present=there(someone()))
    assert found.counts()["left"] == 1
    assert found.planned[0].after.unit(TODAY) is None
    again = planned(row, present=there(found.planned[0].after))
    assert (again.planned, again.unchanged) == ((), 1)
    before = ["10001", "学员甲", "二总支/综合支部", "正式党员", "", "", "2019-01-01", ""]
    assert faults(planned(before, present=there(someone()))) == [("C2", Fault.UNIT_ENDED)]


def test_a_day_before_what_took_effect_is_refused_at_its_cell():
    known = planned(["10001", "学员甲", "二总支/综合支部", "正式党员"], present=there(someone())).planned[0].after
    back = ["10001", "学员甲", "一总支/综合支部", "正式党员", "", "", "2026-01-01", ""]
    assert faults(planned(back, present=there(known))) == [("G2", Fault.DATE_FIXED)]


_rows = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", "4"]),
        st.sampled_from(["甲", "乙"]),
        st.sampled_from(["机关支部", "b2", "二总支/综合支部"]),
        st.sampled_from(["正式党员", "预备党员", "列席"]),
        st.just(""),
        st.sampled_from(["", "13800000000"]),
        st.sampled_from(["", "2026-11-22", "2027-01-01", "2021-01-01"]),
        st.sampled_from(["", "", "离开本单位"]),
    ),
    unique_by=lambda row: row[0],
)


@given(_rows)
def test_a_second_run_of_the_same_table_changes_nothing(rows):
    present = there(someone("1"), someone("2", "b2"), someone("3", "b3", kind=MemberKind.GUEST))
    first = planned(*rows, present=present)
    files = {**present.files, **{one.entry.number: one.after for one in first.changed}}
    for one in first.new:
        member = Member(one.entry.number, one.entry.name, one.entry.kind, one.entry.phone, one.group_id)
        files[one.entry.number] = enrolled(member, one.unit_id, one.since)
    again = planned(*rows, present=there(*files.values()))
    assert again.planned == ()
    assert again.issues == first.issues


@given(st.text(max_size=12))
def test_no_cell_that_leaves_is_a_formula_and_it_comes_back_as_it_was(text):
    assert not active(safe_cell(text))
    if not text.startswith("'"):
        assert bare_cell(safe_cell(text)) == text


@given(st.lists(st.lists(st.text(max_size=6), max_size=9), max_size=8))
def test_any_table_is_read_without_failing(rows):
    sheet = read_sheet(Table("名单", [HEAD, *rows]))
    assert sheet.rows >= len(sheet.entries)
    plan(sheet, there())


@pytest.mark.parametrize(
    "text", ["2026-01-31", "2026/1/31", "2026.01.31", "2026年1月31日", "20260131", "2026-01-31 00:00:00"]
)
def test_days_as_people_write_them(text):
    assert read_day(text) == dt.date(2026, 1, 31)


def test_cells_are_named_as_spreadsheets_do():
    assert [cell_name(0, 0), cell_name(2, 1), cell_name(9, 25), cell_name(0, 26), cell_name(0, 701)] == [
        *("A1", "B3", "Z10", "AA1", "ZZ1"),
    ]
    assert Column.NUMBER in read_sheet(table()).places
