"""A broken venue's people move and come back; nobody's presence is lost by it, and nobody's counts twice."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.failover import BRIDGE_MINUTES, Failover, Move, back, begin, concerned, whom
from server.domain.lessons import Lesson, LessonState
from server.domain.members import MemberKind
from server.domain.presence import Channel, Span, present_ms
from server.domain.refusals import Refusal
from server.domain.roster import RosterEntry
from server.domain.sign_ins import SignIn, Way
from server.domain.venues import LessonVenue, Part

NOW = dt.datetime(2026, 11, 22, 1, 0, tzinfo=dt.UTC)
END = NOW + dt.timedelta(minutes=60)
ME = RosterEntry("me", "学员", MemberKind.FULL, "b1", "v1")
VENUES = tuple(LessonVenue(f"v{n}", f"room{n}", f"会场{n}", Part.BRANCH) for n in (1, 2, 3))
LESSON = Lesson("l", "课", "u", None, LessonState.LIVE, NOW, END, True, venues=VENUES)
TO_PHONES = Failover("f", "l", "v1", None, NOW, "会控")


def at(minutes):
    return NOW + dt.timedelta(minutes=minutes)


def signed(venue="v1", minute=0, left=None):
    way = Way.QR if venue else Way.PHONE
    return SignIn("me", at(minute), way, venue, "a", "c", left_at=None if left is None else at(left))


def own(since, until, device="d"):
    return Span(device, at(since), at(until), Channel.SOCKET, member_id="me")


def room(since, until, venue="v1"):
    return Span(f"screen {venue}", at(since), at(until), Channel.VENUE, lesson_venue_id=venue)


def moved(minute, target=None, arrived=None, bridge=BRIDGE_MINUTES, *, returned=False):
    arrived_at = None if arrived is None else at(arrived)
    return Move("f", "me", at(minute), target, True, True, bridge, returned, arrived_at)


def minutes(sign_in, spans, moves=()):
    return present_ms(sign_in, ME, spans, (), NOW, END, moves) / 60_000


# ---- who moves -------------------------------------------------------------------------------------------


def test_who_is_in_the_room_and_who_is_expected_and_missing_move():
    people = [
        (replace(ME, member_id="in"), replace(signed(), member_id="in")),
        (replace(ME, member_id="missing"), None),
        (replace(ME, member_id="elsewhere"), replace(signed("v2"), member_id="elsewhere")),
        (replace(ME, member_id="guest", lesson_venue_id="v2"), replace(signed(), member_id="guest")),
        (replace(ME, member_id="left"), replace(signed(left=3), member_id="left")),
        (replace(ME, member_id="other", lesson_venue_id="v2"), None),
    ]
    moves = whom(TO_PHONES, people, NOW)
    assert [(m.member_id, m.signed_in, m.rostered) for m in moves] == [
        ("in", True, True),
        ("missing", False, True),
        ("guest", True, False),
    ]
    assert [(entry.member_id, there) for entry, there in concerned("v1", people)] == [
        ("in", True),
        ("missing", False),
        ("guest", True),
    ]


@pytest.mark.parametrize(
    ("origin", "target", "code"),
    [("v1", "v1", "failover_same"), ("v1", "nowhere", "venue_not_found"), ("nowhere", None, "venue_not_found")],
)
def test_impossible_failovers_are_refused(origin, target, code):
    with pytest.raises(Refusal) as caught:
        begin("f", LESSON, origin, target, by="会控", now=NOW)
    assert caught.value.code == code


def test_a_venue_moves_once_and_never_onto_one_that_has_moved_itself():
    gone = replace(VENUES[0], failover_id="f", failover_to="phone")
    lesson = replace(LESSON, venues=(gone, *VENUES[1:]))
    for origin, target, code in (("v1", "v2", "failover_active"), ("v2", "v1", "failover_target")):
        with pytest.raises(Refusal) as caught:
            begin("g", lesson, origin, target, by="会控", now=NOW)
        assert caught.value.code == code


# ---- who goes back ---------------------------------------------------------------------------------------


def after(moves, entry=ME, sign_in=None):
    """As the rows stand after the moves."""
    (move,) = moves
    entry = replace(entry, moved_at=move.at, moved_to=move.target) if move.rostered else entry
    if sign_in is not None and move.signed_in:
        sign_in = replace(sign_in, moved_at=move.at, moved_to=move.target, arrived_at=move.arrived_at)
    return entry, sign_in


def test_an_undoing_within_the_bridge_takes_them_to_have_stayed():
    moves = whom(TO_PHONES, [(ME, signed())], at(5))
    person = after(moves, sign_in=signed())
    (soon,) = back(TO_PHONES, moves, [person], at(5 + BRIDGE_MINUTES))
    assert (soon.target, soon.arrived_at, soon.back, soon.rostered) == ("v1", at(5 + BRIDGE_MINUTES), True, True)
    (late,) = back(TO_PHONES, moves, [person], at(5.1 + BRIDGE_MINUTES))
    assert (late.target, late.arrived_at) == ("v1", None)


def test_who_arrived_or_signed_in_at_the_target_stays_there():
    to_v2 = replace(TO_PHONES, target="v2")
    moves = whom(to_v2, [(ME, signed())], at(5))
    entry, sign_in = after(moves, sign_in=signed())
    assert back(to_v2, moves, [(entry, replace(sign_in, arrived_at=at(7)))], at(9)) == ()
    waited = whom(to_v2, [(ME, None)], at(5))
    entry, _ = after(waited)
    assert back(to_v2, waited, [(entry, signed("v2", 6))], at(9)) == ()
    assert [m.target for m in back(to_v2, waited, [(entry, None)], at(9))] == ["v1"]


def test_who_was_moved_again_since_is_not_brought_back_by_the_first_undoing():
    to_v2 = replace(TO_PHONES, target="v2")
    moves = whom(to_v2, [(ME, signed())], at(5))
    entry, sign_in = after(moves, sign_in=signed())
    again = replace(entry, moved_at=at(8), moved_to=None), replace(sign_in, moved_at=at(8), moved_to=None)
    assert back(to_v2, moves, [again], at(9)) == ()


# ---- presence follows ------------------------------------------------------------------------------------


def test_on_the_phone_presence_goes_on_by_the_phone_and_the_walk_is_bridged():
    spans = [room(0, 20), own(24, 60)]
    assert minutes(signed(), spans) == 56
    assert minutes(signed(), spans, [moved(22)]) == 60


def test_a_walk_longer_than_the_bridge_is_an_absence():
    assert minutes(signed(), [room(0, 20), own(31, 60)], [moved(22)]) == 49


def test_who_never_came_is_not_carried_any_further():
    assert minutes(signed(), [room(0, 60), room(0, 60, "v2")], [moved(22)]) == 22
    assert minutes(signed(), [room(0, 60), room(0, 60, "v2")], [moved(22, "v2")]) == 22


def test_another_room_carries_from_the_arrival_on():
    spans = [room(0, 20), room(0, 60, "v2")]
    assert minutes(signed(), spans, [moved(21, "v2", arrived=28)]) == 60
    assert minutes(signed(), spans, [moved(21, "v2", arrived=40)]) == 40


def test_a_room_that_comes_back_by_itself_carries_nobody_who_was_moved():
    assert minutes(signed(), [room(0, 20), room(30, 60), own(22, 25)], [moved(21)]) == 25


def test_a_failover_by_mistake_costs_nothing():
    spans = [room(0, 60)]
    assert minutes(signed(), spans, [moved(20), moved(22, "v1", arrived=22, returned=True)]) == 60


def test_two_failovers_in_a_row():
    spans = [room(0, 20), room(0, 40, "v2"), own(45, 60)]
    assert minutes(signed(), spans, [moved(21, "v2", arrived=25), moved(41)]) == 60


# ---- properties ------------------------------------------------------------------------------------------

MINUTE = st.integers(-5, 65)
PAIR = st.tuples(MINUTE, MINUTE).map(sorted)
SPANS = st.lists(
    st.one_of(
        st.tuples(PAIR, st.sampled_from(["a", "b"])).map(lambda x: own(*x[0], x[1])),
        st.tuples(PAIR, st.sampled_from(["v1", "v2"])).map(lambda x: room(*x[0], x[1])),
    ),
    max_size=10,
)
SIGN_INS = st.builds(signed, st.sampled_from(["v1", "v2", None]), MINUTE, st.none() | MINUTE)
MOVES = st.lists(
    st.builds(
        lambda minute, target, wait, bridge: moved(
            minute, target, None if wait is None or target is None else minute + wait, bridge
        ),
        MINUTE,
        st.sampled_from(["v1", "v2", None]),
        st.none() | st.integers(0, 30),
        st.integers(0, 15),
    ),
    max_size=4,
    unique_by=lambda move: move.at,
)


def spoken(sign_in, spans, moves=(), since=NOW, until=END):
    return present_ms(sign_in, ME, spans, (), since, until, moves)


@given(SIGN_INS, SPANS, MOVES)
def test_presence_is_never_more_than_the_time_there_was(sign_in, spans, moves):
    """Two rooms and three devices at once are one presence."""
    assert 0 <= spoken(sign_in, spans, moves) <= 3_600_000


@given(SIGN_INS, SPANS, MOVES, MINUTE.filter(lambda minute: 0 <= minute <= 60))
def test_presence_adds_up_wherever_it_is_cut(sign_in, spans, moves, cut):
    first, second = spoken(sign_in, spans, moves, until=at(cut)), spoken(sign_in, spans, moves, since=at(cut))
    assert first + second == spoken(sign_in, spans, moves)


@given(SIGN_INS, SPANS, MOVES, st.integers(0, 60))
def test_no_failover_takes_away_what_was_before_it(sign_in, spans, moves, minute):
    later = [replace(move, at=at(minute) + (move.at - at(-5))) for move in moves]
    later = [replace(m, arrived_at=None if m.arrived_at is None else max(m.at, m.arrived_at)) for m in later]
    assert spoken(sign_in, spans, later, until=at(minute)) >= spoken(sign_in, spans, until=at(minute))


@given(SIGN_INS, SPANS, MOVES)
def test_the_own_phone_counts_whatever_is_moved(sign_in, spans, moves):
    by_phone = [span for span in spans if span.member_id]
    assert spoken(sign_in, spans, moves) >= spoken(sign_in, by_phone)


@given(SIGN_INS, SPANS, MOVES, SPANS)
def test_one_more_device_never_takes_presence_away(sign_in, spans, moves, more):
    assert spoken(sign_in, [*spans, *more], moves) >= spoken(sign_in, spans, moves)


@given(SIGN_INS.filter(lambda s: s.lesson_venue_id == "v1"), SPANS, st.integers(0, 60), st.integers(0, BRIDGE_MINUTES))
def test_undone_within_the_bridge_nothing_is_lost(sign_in, spans, minute, wait):
    there_and_back = [moved(minute), moved(minute + wait, "v1", arrived=minute + wait, returned=True)]
    seen = [
        *spans,
        room(minute - 1, minute),
        room(minute + wait, minute + wait + 1),
    ]  # the room stood, it was a mistake
    without = spoken(sign_in, seen)
    if sign_in.at <= at(minute - 1) and wait:
        assert spoken(sign_in, seen, there_and_back) >= without


@given(SIGN_INS, SPANS, MOVES)
def test_a_failover_gives_no_more_than_its_bridges(sign_in, spans, moves):
    """Beyond what devices and rooms with an arrival show, each move explains its own bridge and not a minute more."""
    strict = [replace(move, bridge_minutes=0) for move in moves]
    extra = spoken(sign_in, spans, moves) - spoken(sign_in, spans, strict)
    assert 0 <= extra <= sum(move.bridge_minutes for move in moves) * 60_000
