"""Who may do what."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import (
    AccountKind,
    Action,
    LessonTarget,
    Principal,
    Role,
    RoleGrant,
    Verdict,
    allowed,
    decide,
    listener,
    may,
    operated,
    operated_venue,
    reach,
    require,
    require_in_unit,
    require_planning,
    standing,
    writing_standing,
)
from server.domain.lesson_kinds import REGULAR, LessonKind
from server.domain.lessons import LessonState
from server.domain.reaches import BoardReach, assist_reach, assisted_place, board_reach
from server.domain.refusals import Refusal
from server.domain.speakers import STAFF_KINDS, SpeakerKind
from server.domain.venues import LessonVenue, Part
from tests.domain.test_lessons import lesson
from tests.domain.test_units import TREE

TODAY = dt.date(2026, 11, 22)
VENUES = (LessonVenue("lv0", "hall", "主会场", Part.MAIN), LessonVenue("lv1", "room", "分会场", Part.BRANCH))


def target(state=LessonState.LIVE, line=("g1", "root")):
    return LessonTarget(lesson(state, unit_id=line[0], lecturer_id="teacher", venues=VENUES), line)


def person(account_id="someone", line=(), member=False, **grants):
    held = tuple(RoleGrant(Role(role), unit) for role, unit in grants.items())
    member_id = f"m-{account_id}" if member else None
    return Principal(account_id, "某人", "1", AccountKind.PERSON, member_id, line, None, held)


def device(venue_id):
    return Principal("device", "设备", "v", AccountKind.DEVICE, None, ("b1", "g1", "root"), venue_id)


def member(line):
    return person(line=line, member=True)


def operator(*rooms, line=(), **grants):
    """A person who operates these rooms today."""
    return replace(person(line=line, **grants), operates=rooms)


@pytest.mark.parametrize("role", ["school_admin", "director"])
def test_staff_act_in_their_own_subtree_only(role):
    assert Action.RUN in allowed(person(**{role: "root"}), target())
    assert Action.RUN in allowed(person(**{role: "g1"}), target())
    assert allowed(person(**{role: "g2"}), target()) == frozenset()
    assert allowed(person(**{role: "b1"}), target()) == frozenset()


def test_only_the_school_admin_edits():
    assert Action.EDIT in allowed(person(school_admin="root"), target())
    for other in (person(director="root"), person("teacher", lecturer="root"), person(secretary="g1")):
        assert Action.EDIT not in allowed(other, target())


@given(
    held=st.sampled_from(["root", "g1", "g2", "b1", "b3"]),
    role=st.sampled_from([role for role in Role if role is not Role.SCHOOL_ADMIN]),
    kind=st.sampled_from(LessonKind),
    media=st.booleans(),
    state=st.sampled_from(LessonState),
)
def test_besides_the_school_a_secretary_alone_plans_and_only_meetings_on_the_spot_of_the_own_units(
    held, role, kind, media, state
):
    there = target(state, line=("b1", "g1", "root"))
    there = replace(there, lesson=replace(there.lesson, kind=kind, media=media))
    who = person(**{role.value: held})
    convenes = role is Role.SECRETARY and held in there.unit_line and not media and kind in REGULAR
    rights = allowed(who, there)
    assert (Action.EDIT in rights) is convenes
    assert Action.SETTLE not in rights
    assert (Action.RUN in rights) is (convenes or (role is Role.DIRECTOR and held in there.unit_line))
    if convenes:
        return require_planning(who, there.unit_line, kind, media=media)
    with pytest.raises(Refusal, match="forbidden"):
        require_planning(who, there.unit_line, kind, media=media)


def test_who_convenes_a_meeting_runs_it_and_is_told_no_answers_before_the_others():
    there = target(line=("b1", "g1", "root"))
    meeting = replace(there, lesson=replace(there.lesson, kind=LessonKind.THEME_DAY, media=False))
    convener = listener(person(secretary="b1"), meeting)
    assert (convener.staff, convener.sees_answers) == (True, False)
    for who in (person(director="root"), person(school_admin="root"), person("teacher")):
        assert listener(who, meeting).sees_answers
    assert not listener(member(("b1", "g1", "root")), meeting).sees_answers


def test_a_lesson_reaches_the_members_below_its_unit_and_nobody_else():
    assert may(member(("b1", "g1", "root")), target()) == (Action.READ, Action.WATCH)
    assert may(member(("g1", "root")), target()) == (Action.READ, Action.WATCH)
    assert may(member(("b3", "g2", "root")), target()) == ()
    assert may(member(("root",)), target()) == ()


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (person("teacher", member=True, line=("b1", "g1", "root")), SpeakerKind.LECTURER),
        (person(director="root"), SpeakerKind.DIRECTOR),
        (person("x", line=("b1", "g1", "root"), member=True, school_admin="root"), SpeakerKind.DIRECTOR),
        (member(("b1", "g1", "root")), SpeakerKind.MEMBER),
        (device("room"), SpeakerKind.VENUE),
    ],
)
def test_in_the_chat_staff_write_by_their_part_and_all_others_as_they_talk(who, kind):
    assert writing_standing(who, target())[0] is kind
    if kind not in STAFF_KINDS:
        assert writing_standing(who, target()) == standing(who, target())
    with pytest.raises(Refusal, match="lesson_not_on_air"):
        writing_standing(who, target(LessonState.ENDED))


@pytest.mark.parametrize("who", [person(audit_admin="root"), person(director="g2"), person()])
def test_who_runs_nothing_and_is_no_member_does_not_write(who):
    with pytest.raises(Refusal, match="forbidden"):
        writing_standing(who, target())


def test_a_lesson_from_above_reaches_the_branch_secretary_of_his_own_branch_only():
    secretary = person(line=("b1", "g1", "root"), secretary="b1")
    assert may(secretary, target()) == (Action.READ, Action.WATCH, Action.BOARD, Action.ASSIST, Action.VOUCH)
    assert may(person(line=("b3", "g2", "root"), secretary="b1"), target()) == ()


def test_a_lesson_reaches_who_is_expected_whatever_the_unit_and_for_no_more_than_a_member_may():
    guest = member(("b2", "g2", "root"))
    there = replace(target(), guests=frozenset({guest.member_id}))
    assert allowed(guest, target()) == frozenset()
    assert may(guest, there) == (Action.READ, Action.WATCH)
    assert allowed(person(line=("b2", "g2", "root"), secretary="b2"), there) == frozenset()
    assert may(guest, replace(target(LessonState.DRAFT), guests=there.guests)) == ()
    assert reach(guest, TREE, TODAY).member_id == guest.member_id


def test_a_foreign_lesson_is_not_even_there():
    foreigner = member(("b3", "g2", "root"))
    assert decide(foreigner, Action.READ, target()) is Verdict.HIDDEN
    for action in Action:
        with pytest.raises(Refusal) as refused:
            require(foreigner, action, target())
        assert refused.value.code == "lesson_not_found"


def test_what_one_sees_but_may_not_do_is_forbidden():
    with pytest.raises(Refusal) as refused:
        require(member(("b1", "g1", "root")), Action.RUN, target())
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("state", [LessonState.DRAFT, LessonState.CANCELLED])
def test_plans_concern_those_who_make_them(state):
    assert may(member(("b1", "g1", "root")), target(state)) == ()
    assert may(device("room"), target(state)) == ()
    assert Action.READ in may(person("teacher"), target(state))
    assert Action.READ in may(person(director="g1"), target(state))


def test_the_lecturer_of_the_lesson_runs_and_publishes_it_wherever_he_comes_from():
    runs = (Action.READ, Action.RUN, Action.PUBLISH_MAIN, Action.WATCH, Action.BOARD, Action.QUIZ, Action.PREPARE)
    assert may(person("teacher"), target()) == runs
    assert may(person("other", lecturer="root"), target()) == ()


def test_a_venue_publishes_itself_only():
    room = (Action.READ, Action.PUBLISH_VENUE, Action.WATCH, Action.BOARD, Action.ASSIST)
    assert may(device("room"), target()) == room
    assert may(device("hall"), target()) == tuple(
        Action.PUBLISH_MAIN if action is Action.PUBLISH_VENUE else action for action in room
    )
    assert may(device("elsewhere"), target()) == ()


def test_only_who_runs_lessons_in_scope_throws_publishers_out():
    assert Action.REPLACE_SOURCE in allowed(person(director="root"), target())
    assert Action.REPLACE_SOURCE not in allowed(person("teacher"), target())


@pytest.mark.parametrize("role", ["system_admin", "security_admin"])
def test_administrators_of_the_system_have_no_business_in_lessons(role):
    assert allowed(person(**{role: "root"}), target()) == frozenset()


def test_the_auditor_reads_and_does_nothing():
    assert allowed(person(audit_admin="root"), target()) == {Action.READ, Action.REPLAY, Action.BOARD}


def test_only_the_school_settles_what_others_teach_and_direct():
    assert Action.SETTLE in allowed(person(school_admin="root"), target())
    for other in (person(director="root"), person("teacher"), person(secretary="root"), device("hall")):
        assert Action.SETTLE not in allowed(other, target())


def test_creating_needs_the_right_in_that_unit():
    require_in_unit(person(school_admin="g1"), Action.EDIT, ("b1", "g1", "root"))
    for other in (person(school_admin="g2"), person(director="root"), member(("b1", "g1", "root"))):
        with pytest.raises(Refusal, match="forbidden"):
            require_in_unit(other, Action.EDIT, ("b1", "g1", "root"))


def test_who_runs_the_lesson_hears_staff_events_and_a_venue_its_own():
    assert listener(person(director="root"), target()).audiences == ("everyone", "account:someone", "staff")
    assert listener(device("room"), target()).audiences == ("everyone", "account:device", "venues", "venue:lv1")
    assert listener(member(("b1", "g1", "root")), target()).audiences == ("everyone", "account:someone")


def test_the_coarse_net_holds_every_lesson_that_may_be_read():
    units = [unit.id for unit in TREE.units]
    principals = [
        *(person(**{role.value: unit}) for role in Role for unit in units),
        *(member(TREE.line(unit, TODAY)) for unit in units),
        *(person(line=TREE.line(unit, TODAY), secretary=unit) for unit in units),
        person("teacher"),
        device("room"),
        device("hall"),
        operator("room"),
        operator("hall", line=TREE.line("b3", TODAY)),
    ]
    for principal in principals:
        net = reach(principal, TREE, TODAY)
        for unit in units:
            there = target(line=TREE.line(unit, TODAY))
            caught = (
                unit in net.unit_ids
                or net.account_id == there.lesson.lecturer_id
                or net.venue_ids & {venue.venue_id for venue in VENUES}
            )
            assert caught or Action.READ not in allowed(principal, there)


@pytest.mark.parametrize("who", [person(school_admin="root"), person(director="g1"), person(audit_admin="root")])
def test_who_runs_or_audits_a_lesson_sees_everybodys_attendance(who):
    assert board_reach(who, target()) == BoardReach()
    assert board_reach(person("teacher"), target()) == BoardReach()


def test_a_secretary_sees_the_attendance_of_the_own_units_only():
    own = person(line=("b1", "g1", "root"), secretary="b1")
    assert board_reach(own, target()) == BoardReach(unit_ids=frozenset({"b1"}))
    assert board_reach(person(secretary="g1"), target()) == BoardReach(unit_ids=frozenset({"g1"}))


def test_a_venue_sees_the_attendance_of_its_own_people_only():
    assert board_reach(device("room"), target()) == BoardReach(lesson_venue_id="lv1")


def test_a_member_sees_no_board():
    with pytest.raises(Refusal, match="forbidden"):
        board_reach(member(("b1", "g1", "root")), target())
    with pytest.raises(Refusal, match="lesson_not_found"):
        board_reach(member(("b9",)), target())


# ---- people who operate rooms ----------------------------------------------------------------------------


def test_an_operator_reads_watches_helps_and_sees_the_board_and_is_not_the_room():
    got = allowed(operator("room"), target())
    assert got == {Action.READ, Action.WATCH, Action.BOARD, Action.ASSIST}
    assert allowed(operator("elsewhere"), target()) == frozenset()
    assert listener(operator("room"), target()).lesson_venue_id is None
    with pytest.raises(Refusal, match="forbidden"):
        standing(operator("room"), target())


@pytest.mark.parametrize("state", [LessonState.DRAFT, LessonState.CANCELLED])
def test_a_plan_is_hidden_from_operators(state):
    assert allowed(operator("room", "hall"), target(state)) == frozenset()


def test_a_member_who_operates_speaks_and_watches_as_a_member():
    both = replace(member(("b1", "g1", "root")), operates=("room",))
    assert standing(both, target()) == (SpeakerKind.MEMBER, "m-someone")
    assert Action.PUBLISH_VENUE not in allowed(both, target())


@given(st.sets(st.sampled_from(["room", "hall", "elsewhere"])), st.sampled_from([None, "lv0", "lv1"]))
def test_an_operator_acts_at_the_own_rooms_only_and_says_which_of_several(rooms, wanted):
    who, lesson_ = operator(*sorted(rooms)), target().lesson
    mine = {"hall": "lv0", "room": "lv1"}
    own = {mine[room] for room in rooms & mine.keys()}
    assert {venue.id for venue in operated(who, lesson_)} == own
    if wanted in own or (wanted is None and len(own) == 1):
        assert operated_venue(who, lesson_, wanted).id in own
    else:
        with pytest.raises(Refusal) as caught:
            operated_venue(who, lesson_, wanted)
        assert caught.value.code == ("which_venue" if wanted is None and own else "forbidden")


def test_an_operator_sees_the_people_of_the_room_that_is_named():
    both = operator("room", "hall")
    assert board_reach(both, target()) == BoardReach(lesson_venue_id="lv0")
    assert board_reach(both, target(), "lv1") == BoardReach(lesson_venue_id="lv1")
    assert board_reach(operator("room"), target(), "lv0") == BoardReach(lesson_venue_id="lv1")


def test_a_secretary_who_operates_a_room_has_both_reaches():
    both = operator("room", line=("b1", "g1", "root"), secretary="b1")
    assert board_reach(both, target()) == BoardReach(unit_ids=frozenset({"b1"}))
    assert board_reach(both, target(), "lv1") == BoardReach(lesson_venue_id="lv1")
    assert assist_reach(both, target(), "lv1") is None
    assert assist_reach(both, target(), None) == assist_reach(both, target(), "lv0") == frozenset({"b1"})
    assert [assisted_place(both, target(), place) for place in (None, "lv0", "lv1")] == [None, "lv0", "lv1"]


def test_an_operator_alone_signs_in_at_the_own_room_only():
    assert assisted_place(operator("room"), target(), None) == "lv1"
    assert assisted_place(operator("room"), target(), "lv1") == "lv1"
    for who, place, code in ((operator("room"), "lv0", "forbidden"), (operator("room", "hall"), None, "which_venue")):
        with pytest.raises(Refusal) as caught:
            assisted_place(who, target(), place)
        assert caught.value.code == code
