"""The board's counts: rows that add up to the totals, narrowed to what one may see."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.board import Cell, Sight, tally
from server.domain.members import MemberKind

FULL, GUEST = MemberKind.FULL, MemberKind.GUEST


def cell(unit="b1", assigned=None, place=None, *, kind=FULL, frozen=True, present=False, late=False, left=False, n=1):
    return Cell(unit, kind, assigned, place, frozen, present, late, left, n)


CELLS = [
    cell("b1", "hall", "hall", present=True, n=10),
    cell("b1", "hall", "hall", present=True, late=True, left=True, n=2),
    cell("b1", "hall", n=3),
    cell("b1", "hall", "room", present=True, n=4),
    cell("b2", "room", None, present=True, kind=GUEST, n=5),
    cell("b2", None, "hall", frozen=False, present=True, n=1),
    cell("b2", None, frozen=False, n=2),
]


def numbers(count):
    return (count.expected, count.added, count.present, count.late, count.left, count.missing, count.on_phone)


def test_everybody_who_came_is_present_and_only_the_frozen_are_expected():
    assert numbers(tally(CELLS, Sight()).total) == (24, 3, 22, 2, 2, 5, 5)


def test_a_venue_row_counts_who_is_expected_there_and_who_came_there():
    venues = tally(CELLS, Sight()).venues
    assert (venues["hall"].expected, venues["hall"].present, venues["hall"].missing) == (19, 13, 3)
    assert (venues["room"].expected, venues["room"].present, venues["room"].missing) == (5, 4, 0)
    assert (venues[None].expected, venues[None].present, venues[None].missing) == (0, 5, 2)


def test_units_and_kinds():
    found = tally(CELLS, Sight())
    assert numbers(found.units["b1"]) == (19, 0, 16, 2, 2, 3, 0)
    assert (found.kinds[GUEST].expected, found.kinds[GUEST].present) == (5, 5)


def test_a_secretary_sees_the_own_units_only():
    found = tally(CELLS, Sight(unit_ids=frozenset({"b2"})))
    assert set(found.units) == {"b2"}
    assert numbers(found.total) == (5, 3, 6, 0, 0, 2, 5)


def test_a_venue_sees_its_own_people_only():
    found = tally(CELLS, Sight(lesson_venue_id="room"))
    assert set(found.venues) == {"room"}
    assert (found.total.expected, found.total.present, found.total.missing) == (5, 4, 0)
    assert set(found.units) == {"b1", "b2"}
    assert (found.units["b1"].expected, found.units["b1"].present) == (0, 4)


def test_nobody_is_an_empty_board():
    assert numbers(tally([], Sight()).total) == (0,) * 7


PLACES = st.sampled_from([None, "hall", "room"])
ANY = st.lists(
    st.builds(
        lambda unit, kind, assigned, place, flags, n: Cell(
            unit,
            kind,
            assigned,
            place if flags[1] else None,
            flags[0],
            flags[1],
            flags[1] and flags[2],
            flags[1] and flags[3],
            n,
        ),
        st.sampled_from(["b1", "b2", "b3"]),
        st.sampled_from(list(MemberKind)),
        PLACES,
        PLACES,
        st.tuples(*[st.booleans()] * 4),
        st.integers(1, 50),
    ),
    max_size=20,
)


@given(ANY)
def test_rows_add_up_to_the_totals(cells):
    found = tally(cells, Sight())
    for rows in (found.venues, found.units, found.kinds):
        sums = [sum(column) for column in zip(*(numbers(row) for row in rows.values()), strict=True)] or [0] * 7
        assert tuple(sums) == numbers(found.total)
    assert found.total.expected + found.total.added == found.total.present + found.total.missing
    assert found.total.present == sum(c.count for c in cells if c.present)


@given(ANY)
def test_what_venues_and_units_see_adds_up_to_what_is_there(cells):
    whole = tally(cells, Sight())
    by_unit = [tally(cells, Sight(unit_ids=frozenset({unit}))).total for unit in ("b1", "b2", "b3")]
    assert sum(count.present for count in by_unit) == whole.total.present
    for venue in ("hall", "room"):
        own = tally(cells, Sight(lesson_venue_id=venue))
        if venue in whole.venues:
            assert numbers(own.total) == numbers(whole.venues[venue])
            assert numbers(own.venues[venue]) == numbers(whole.venues[venue])
        else:
            assert numbers(own.total) == (0,) * 7
