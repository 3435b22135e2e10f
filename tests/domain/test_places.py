"""Where a member may choose to be, and which of plan, choice and a place given by name counts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.lessons import LessonState
from server.domain.places import check_changeable, check_choosable, open_to
from server.domain.refusals import Refusal
from server.domain.roster import Assignments, MemberAssignment, PlaceChoice, RosterEntry, UnitAssignment, placing
from tests.store.samples import a_lesson

LINE = ("branch", "committee", "root")
ROOMS = st.sampled_from(["v-0", "v-1", "gone", None])


def lesson(**more):
    return replace(a_lesson("l"), **more)


def test_a_foreign_room_is_open_only_to_whom_the_plan_sends_there():
    venues = [one.venue_id for one in lesson().venues]
    owners = dict.fromkeys(venues, "another branch") | {venues[0]: "root"}
    assert open_to(lesson(), LINE, owners, None) == (venues[0], None)
    assert open_to(lesson(), LINE, owners, venues[1]) == (venues[0], venues[1], None)
    assert open_to(lesson(media=False), LINE, owners, None) == (venues[0],)


@given(ROOMS, st.none() | st.tuples(ROOMS), st.none() | st.tuples(ROOMS))
def test_by_name_counts_before_the_choice_and_the_choice_before_the_units_place(assigned, chosen, named):
    known = {"v-0", "v-1"}
    plan = Assignments(
        (UnitAssignment("committee", assigned),),
        (MemberAssignment("m", named[0]),) if named else (),
        (PlaceChoice("m", chosen[0]),) if chosen else (),
    )
    where = placing(plan, known)("m", LINE)
    stands = chosen and (chosen[0] is None or chosen[0] in known)
    wanted = named[0] if named else chosen[0] if stands else assigned
    assert where == (wanted if wanted in known else None)
    assert placing(plan, known)("somebody else", LINE) == (assigned if assigned in known else None)


@pytest.mark.parametrize("state", set(LessonState) - {LessonState.SCHEDULED})
def test_it_is_chosen_between_the_planning_and_the_opening_only(state):
    check_choosable(lesson(state=LessonState.SCHEDULED), Assignments(), "m")
    with pytest.raises(Refusal, match="place_closed"):
        check_choosable(lesson(state=state), Assignments(), "m")


def test_nobody_is_sent_to_a_room_that_broke_down():
    open_one = lesson(state=LessonState.OPEN)
    broken = replace(open_one.venues[1], failover_id="f")
    entry = RosterEntry("m", "某人", "full", "branch", None)
    check_changeable(open_one, entry, None, broken.id)
    with pytest.raises(Refusal, match="failover_target"):
        check_changeable(replace(open_one, venues=(open_one.venues[0], broken)), entry, None, broken.id)
