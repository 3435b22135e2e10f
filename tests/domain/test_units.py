"""The organisation tree: dated parentage, scope."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.refusals import Refusal
from server.domain.units import Placement, Unit, UnitKind, UnitTree

DAWN = dt.date(2020, 1, 1)
TODAY = dt.date(2026, 11, 22)
YESTERDAY = TODAY - dt.timedelta(days=1)
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
    moved = TREE.move("b1", "g2", TODAY, TODAY)
    assert moved.parent("b1", TODAY - dt.timedelta(days=1)) == "g1"
    assert moved.parent("b1", TODAY) == "g2"
    assert TREE.parent("b1", TODAY) == "g1"


def test_the_past_cannot_be_moved():
    moved = TREE.move("b1", "g2", TODAY, TODAY)
    with pytest.raises(Refusal, match="past_fixed"):
        moved.move("b1", "g1", YESTERDAY, TODAY)
    with pytest.raises(Refusal, match="past_fixed"):
        TREE.rename("b1", "新名", YESTERDAY, TODAY)
    with pytest.raises(Refusal, match="past_fixed"):
        TREE.dissolve("b1", YESTERDAY, TODAY)


def test_what_was_planned_for_the_same_day_or_later_is_replaced():
    later = TREE.move("b1", "g2", TODAY + dt.timedelta(days=9), TODAY)
    changed = later.move("b1", "root", TODAY, TODAY)
    assert (changed.parent("b1", YESTERDAY), changed.parent("b1", TODAY)) == ("g1", "root")
    assert changed.parent("b1", TODAY + dt.timedelta(days=20)) == "root"
    assert changed.move("b1", "g2", TODAY, TODAY).parent("b1", TODAY) == "g2"


def test_a_unit_is_called_what_it_was_called_on_that_day():
    renamed = TREE.rename("b1", "新支部", TODAY, TODAY)
    assert (renamed.name("b1", YESTERDAY), renamed.name("b1", TODAY)) == ("1支部", "新支部")
    again = renamed.rename("b1", "更正", TODAY, TODAY)
    assert (again.name("b1", YESTERDAY), again.name("b1", TODAY)) == ("1支部", "更正")


def test_a_dissolved_unit_stands_no_more_and_keeps_its_place():
    gone = TREE.dissolve("b1", TODAY, TODAY)
    assert (gone.stands("b1", YESTERDAY), gone.stands("b1", TODAY)) == (True, False)
    assert gone.line("b1", TODAY) == ("b1", "g1", "root")
    assert gone.children("g1", TODAY) == ("b2",)
    with pytest.raises(Refusal, match="unit_dissolved"):
        gone.move("b1", "g2", TODAY, TODAY)


def test_units_below_must_go_first():
    with pytest.raises(Refusal, match="unit_not_empty"):
        TREE.dissolve("g1", TODAY, TODAY)
    coming = TREE.move("b1", "root", TODAY, TODAY).move("b2", "root", TODAY, TODAY)
    back = coming.move("b2", "g1", TODAY + dt.timedelta(days=5), TODAY)
    assert not coming.dissolve("g1", TODAY, TODAY).stands("g1", TODAY)
    with pytest.raises(Refusal, match="unit_not_empty"):
        back.dissolve("g1", TODAY, TODAY)


def test_nothing_comes_to_stand_under_what_is_dissolved_by_then():
    gone = TREE.move("b3", "g1", TODAY, TODAY).dissolve("g2", TODAY, TODAY)
    with pytest.raises(Refusal, match="unit_dissolved"):
        gone.move("b1", "g2", TODAY, TODAY)


@pytest.mark.parametrize(("child", "parent"), [("g1", "b1"), ("g1", "g2"), ("root", "g1"), ("b1", "b2")])
def test_kinds_that_do_not_fit_are_refused(child, parent):
    with pytest.raises(Refusal, match="unit_misplaced"):
        TREE.move(child, parent, TODAY, TODAY)


def test_a_committee_cannot_come_to_stand_under_itself():
    two = UnitTree(
        [Unit("a", "甲", UnitKind.COMMITTEE), Unit("b", "乙", UnitKind.COMMITTEE)],
        [Placement("a", None, DAWN), Placement("b", "a", DAWN)],
    )
    with pytest.raises(Refusal, match="under itself"):
        two.move("a", "b", TODAY, TODAY)


def test_an_unknown_unit_is_refused():
    with pytest.raises(Refusal, match="unit_not_found"):
        TREE.line("nowhere", TODAY)


_days = st.integers(-3, 400)
_steps = st.one_of(
    st.tuples(st.just("move"), st.sampled_from([*PARENTS]), st.sampled_from([*PARENTS, None]), _days),
    st.tuples(st.just("rename"), st.sampled_from([*PARENTS]), st.sampled_from(["甲", "乙"]), _days),
    st.tuples(st.just("dissolve"), st.sampled_from([*PARENTS]), st.none(), _days),
)


def told(tree, day):
    """All that a report of that day says of the organisation."""
    return {unit.id: (tree.name(unit.id, day), tree.line(unit.id, day), tree.stands(unit.id, day)) for unit in UNITS}


@given(st.lists(_steps, max_size=12), st.integers(0, 300))
def test_whatever_is_changed_no_day_before_it_tells_anything_else(steps, ago):
    tree = TREE
    for name, unit, value, days in steps:
        day = TODAY + dt.timedelta(days=days)
        before = {each: told(tree, each) for each in (YESTERDAY, TODAY - dt.timedelta(days=ago + 1))}
        eve = told(tree, day - dt.timedelta(days=1))
        arguments = (unit, day, TODAY) if name == "dissolve" else (unit, value, day, TODAY)
        try:
            tree = getattr(tree, name)(*arguments)
        except Refusal:
            continue
        assert day >= TODAY
        assert {each: told(tree, each) for each in before} == before
        assert told(tree, day - dt.timedelta(days=1)) == eve
        for each in UNITS:
            line = tree.line(each.id, day)
            assert len(line) == len(set(line))
            assert tree.parent(each.id, day) == (line[1] if len(line) > 1 else None)
