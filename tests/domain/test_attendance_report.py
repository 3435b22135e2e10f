"""Attendance over many lessons: sums that agree, the order of the tree, and a past that no move changes."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from server.domain.attendance import Standing
from server.domain.attendance_report import FEW, Held, Part, Sum, by_unit, in_tree_order, sliced, total
from server.domain.units import Placement, Unit, UnitKind, UnitTree

DAY = dt.timedelta(days=1)
MONDAY, NOON = dt.date(2026, 3, 2), dt.datetime(2026, 3, 2, 4, tzinfo=dt.UTC)
KINDS = {"root": UnitKind.COMMITTEE, "g1": UnitKind.GENERAL_BRANCH, "g2": UnitKind.GENERAL_BRANCH}
BRANCHES = {"b2": "第2党支部", "b10": "第10党支部", "b3": "第3党支部"}
NAMES = {"root": "党委", "g1": "第一党总支", "g2": "第二党总支", **BRANCHES}
PARENTS = {"root": None, "g1": "root", "g2": "root", "b2": "g1", "b10": "g1", "b3": "g2"}


def tree_of(*moves):
    """``moves``: unit, new parent, day."""
    units = [Unit(each, name, KINDS.get(each, UnitKind.BRANCH)) for each, name in NAMES.items()]
    tree = UnitTree(units, [Placement(each, parent, dt.date(2020, 1, 1)) for each, parent in PARENTS.items()])
    for unit_id, parent, on in moves:
        tree = tree.move(unit_id, parent, on, on)
    return tree


def held(number, settled=True):
    return Held(f"l{number}", f"第{number}课", NOON + number * DAY, MONDAY + number * DAY, settled)


def part(lesson, unit, **counts):
    return Part(f"l{lesson}", unit, None, Sum(**counts))


def rows_of(parts, lessons, tree, roots=("root",), below=None):
    slices = sliced(lessons, tree, roots, below)
    shown = {lesson_id: one.unit_ids for one in slices for lesson_id in one.lesson_ids}
    seen = [each for each in parts if each.unit_id in shown.get(each.lesson_id, ())]
    on = max(lesson.on for lesson in lessons)
    return {row.key: row for row in by_unit(seen, tree, {each.id: each.on for each in lessons}, shown, on)}


def test_every_word_of_attendance_has_its_count():
    assert set(Sum.__slots__) == {standing.value for standing in Standing}


def test_whoever_came_late_or_left_early_came_and_leave_is_taken_from_one_of_the_two_rates():
    one = Sum(present=6, late=1, left_early=1, on_leave=2, absent=2)
    assert (one.came, one.expected) == (8, 12)
    assert (one.rates.of_expected, one.rates.of_due) == (666, 800)


def test_of_a_few_no_share_is_told():
    assert Sum(present=FEW - 1).few
    assert not Sum(present=FEW).few


def test_a_branch_that_moved_stays_where_it_stood_in_every_lesson_before():
    lessons = [held(1), held(5)]
    parts = [part(1, "b2", present=3), part(5, "b2", present=2, absent=1), part(1, "b3", present=4)]
    moved = rows_of(parts, lessons, tree_of(("b2", "g2", MONDAY + 3 * DAY)))
    assert (moved["g1"].sum, moved["g1"].lessons) == (Sum(present=3), 1)
    assert moved["g2"].sum == Sum(present=6, absent=1)
    assert moved["b2"].sum == Sum(present=5, absent=1)
    assert moved["b2"].parent == "g2"


def test_a_general_branch_sees_a_branch_for_as_long_as_it_had_it():
    lessons = [held(1), held(5)]
    parts = [part(1, "b2", present=3), part(5, "b2", present=2), part(5, "b10", late=1)]
    tree = tree_of(("b2", "g2", MONDAY + 3 * DAY))
    first, second = rows_of(parts, lessons, tree, ["g1"]), rows_of(parts, lessons, tree, ["g2"])
    assert first["b2"].sum == Sum(present=3)
    assert second["b2"].sum == Sum(present=2)
    assert "root" not in first
    assert rows_of(parts, lessons, tree, ["root"], "g2")["g2"].sum == Sum(present=2)


def test_whoever_sees_all_units_there_were_needs_no_list_of_them():
    first, second = sliced([held(1)], tree_of(), ["root"]), sliced([held(1)], tree_of(), ["g1"])
    assert [one.whole for one in (*first, *second)] == [True, False]


def test_rows_stand_in_the_order_of_the_tree_and_of_counting_never_of_shares():
    order = in_tree_order(["b10", "b2", "b3", "g2", "root", "g1"], tree_of(), MONDAY)
    assert [key for key, _, _ in order] == ["root", "g1", "b2", "b10", "g2", "b3"]
    assert [(key, parent, depth) for key, parent, depth in order if depth == 2] == [
        *(("b2", "g1", 2), ("b10", "g1", 2), ("b3", "g2", 2))
    ]


counts = st.builds(Sum, *[st.integers(0, 40)] * 5)
a_branch = st.sampled_from(sorted(BRANCHES))
a_part = st.builds(lambda lesson, unit, one: Part(f"l{lesson}", unit, None, one), st.integers(0, 6), a_branch, counts)
some_parts = st.lists(a_part, max_size=20)
some_moves = st.lists(st.tuples(a_branch, st.sampled_from(["g1", "g2"])), max_size=3)


@given(some_parts, some_moves)
def test_whatever_moves_the_root_has_all_and_each_general_branch_what_was_below_it(parts, moves):
    tree = tree_of(*[(unit, parent, MONDAY + (2 * at + 1) * DAY) for at, (unit, parent) in enumerate(moves)])
    lessons = [held(number) for number in range(7)]
    rows = rows_of(parts, lessons, tree)
    if not parts:
        assert rows == {}
        return
    whole = total(parts)
    assert rows["root"].sum == whole
    branches, generals = Sum(), Sum()
    for key, row in rows.items():
        (generals if key.startswith("g") else branches if key.startswith("b") else Sum()).add(row.sum)
    assert branches == generals == whole
