"""The organisation tree: dated parentage, scope."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import Refusal
from server.domain.units import Placement, Unit, UnitKind, UnitTree

DAWN = dt.date(2020, 1, 1)
TODAY = dt.date(2026, 11, 22)
UNITS = [
    Unit("root", "党委", UnitKind.COMMITTEE),
    Unit("g1", "一总支", UnitKind.GENERAL_BRANCH),
    Unit("g2", "二总支", UnitKind.GENERAL_BRANCH),
    *(Unit(f"b{n}", f"{n}支部", UnitKind.BRANCH) for n in range(1, 5)),
]
PARENTS = {"root": None, "g1": "root", "g2": "root", "b1": "g1", "b2": "g1", "b3": "g2", "b4": "root"}
TREE = UnitTree(UNITS, [Placement(child, parent, DAWN) for child, parent in PARENTS.items()])


def test_a_line_leads_from_the_unit_to_the_root():
    assert TREE.line("b1", TODAY) == ("b1", "g1", "root")


def test_scope_is_the_unit_and_everything_below_it():
    assert TREE.subtree("g1", TODAY) == {"g1", "b1", "b2"}
    assert TREE.within("b3", "root", TODAY)
    assert not TREE.within("b3", "g1", TODAY)
    assert not TREE.within("root", "g1", TODAY)


def test_a_moved_branch_belongs_to_the_old_parent_before_and_to_the_new_one_from_that_day():
    moved = TREE.move("b1", "g2", TODAY)
    assert moved.parent("b1", TODAY - dt.timedelta(days=1)) == "g1"
    assert moved.parent("b1", TODAY) == "g2"
    assert TREE.parent("b1", TODAY) == "g1"


def test_the_past_cannot_be_moved():
    moved = TREE.move("b1", "g2", TODAY)
    for day in (TODAY, TODAY - dt.timedelta(days=1)):
        with pytest.raises(Refusal, match="the past never changes"):
            moved.move("b1", "g1", day)


@pytest.mark.parametrize(("child", "parent"), [("g1", "b1"), ("g1", "g2"), ("root", "g1"), ("b1", "b2")])
def test_kinds_that_do_not_fit_are_refused(child, parent):
    with pytest.raises(Refusal, match="invalid_body"):
        TREE.move(child, parent, TODAY)


def test_a_committee_cannot_come_to_stand_under_itself():
    two = UnitTree(
        [Unit("a", "甲", UnitKind.COMMITTEE), Unit("b", "乙", UnitKind.COMMITTEE)],
        [Placement("a", None, DAWN), Placement("b", "a", DAWN)],
    )
    with pytest.raises(Refusal, match="under itself"):
        two.move("a", "b", TODAY)


def test_an_unknown_unit_is_refused():
    with pytest.raises(Refusal, match="unit_not_found"):
        TREE.line("nowhere", TODAY)


_moves = st.tuples(st.sampled_from([unit.id for unit in UNITS]), st.sampled_from([*PARENTS, None]), st.integers(0, 400))


@given(st.lists(_moves, max_size=12))
def test_after_any_moves_every_line_ends_and_yesterday_is_as_it_was(moves):
    tree = TREE
    for child, parent, days in moves:
        day = TODAY + dt.timedelta(days=days)
        yesterday = {unit.id: tree.line(unit.id, day - dt.timedelta(days=1)) for unit in UNITS}
        try:
            tree = tree.move(child, parent, day)
        except Refusal:
            continue
        assert {unit.id: tree.line(unit.id, day - dt.timedelta(days=1)) for unit in UNITS} == yesterday
        for unit in UNITS:
            line = tree.line(unit.id, day)
            assert len(line) == len(set(line))
            assert tree.parent(unit.id, day) == (line[1] if len(line) > 1 else None)
