"""Who is expected where: the nearest assigned unit counts, exceptions come first."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.members import MemberKind
from server.domain.roster import (
    Assignments,
    MemberAssignment,
    Person,
    UnitAssignment,
    assigned_venue,
    freeze,
)

LINES = {"b1": ("b1", "g1", "root"), "b2": ("b2", "g1", "root"), "b3": ("b3", "root")}
PLACES = {"hall": "lv-hall", "room": "lv-room"}
PEOPLE = [Person(f"{unit}-{n}", f"学员{n}", MemberKind.FULL, unit) for unit in LINES for n in range(3)]


def places(*units, members=(), places=PLACES):
    plan = Assignments(tuple(UnitAssignment(*each) for each in units), tuple(members))
    return {entry.member_id: entry.lesson_venue_id for entry in freeze(PEOPLE, LINES, plan, places)}


def test_without_any_assignment_everybody_is_expected_by_phone():
    assert places() == {person.member_id: None for person in PEOPLE}


def test_the_nearest_assigned_unit_counts():
    found = places(("root", "hall"), ("g1", "room"), ("b2", None))
    assert (found["b1-0"], found["b2-0"], found["b3-0"]) == ("lv-room", None, "lv-hall")
    assert assigned_venue(LINES["b1"], {"root": "hall"}) == "hall"


def test_an_exception_comes_before_the_unit():
    found = places(
        ("root", "hall"),
        members=[
            MemberAssignment("b1-0", "room"),
            MemberAssignment("b1-1", None),
            MemberAssignment("b1-2", None, expected=False),
        ],
    )
    assert (found["b1-0"], found["b1-1"]) == ("lv-room", None)
    assert "b1-2" not in found
    assert len(found) == len(PEOPLE) - 1


def test_a_venue_that_is_no_longer_in_the_lesson_means_the_phone():
    assert places(("root", "hall"), places={"room": "lv-room"})["b1-0"] is None


def test_who_is_named_twice_is_expected_once():
    assert len(freeze([*PEOPLE, PEOPLE[0]], LINES, Assignments(), {})) == len(PEOPLE)


def test_the_roster_is_frozen_with_name_kind_and_unit():
    entry = freeze([Person("m", "学员", MemberKind.GUEST, "b1")], LINES, Assignments(), {})[0]
    assert (entry.name, entry.kind, entry.unit_id, entry.frozen) == ("学员", MemberKind.GUEST, "b1", True)


VENUES = st.sampled_from(["hall", "room", "gone", None])


@given(
    st.dictionaries(st.sampled_from(["root", "g1", "b1", "b2", "b3"]), VENUES),
    st.dictionaries(st.sampled_from([person.member_id for person in PEOPLE]), st.tuples(VENUES, st.booleans())),
)
def test_everybody_is_on_the_roster_once_unless_excepted(units, members):
    plan = Assignments(
        tuple(UnitAssignment(*each) for each in units.items()),
        tuple(MemberAssignment(member, *each) for member, each in members.items()),
    )
    entries = freeze(PEOPLE, LINES, plan, PLACES)
    unexpected = {member for member, (_, expected) in members.items() if not expected}
    assert sorted(e.member_id for e in entries) == sorted({p.member_id for p in PEOPLE} - unexpected)
    for entry in entries:
        near = next((units[unit] for unit in LINES[entry.unit_id] if unit in units), None)
        venue = members[entry.member_id][0] if entry.member_id in members else near
        assert entry.lesson_venue_id == PLACES.get(venue)
