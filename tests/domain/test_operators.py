"""Who operates a room: half-open days, nobody twice at once, what was stays, a retired room has none."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import AccountKind, Principal, Role, RoleGrant
from server.domain.grants import check_grant
from server.domain.operators import (
    MOST,
    Operator,
    all_ended,
    appoints,
    assigned,
    check_choice,
    check_may_appoint,
    ended,
)
from server.domain.refusals import Refusal

TODAY = dt.date(2026, 11, 26)
NOW = dt.datetime(2026, 11, 26, 1, tzinfo=dt.UTC)
PEOPLE = ("a", "b", "c")


def day(offset):
    return TODAY + dt.timedelta(days=offset)


def one(since=0, until=None, who="a", name="1"):
    last = None if until is None else day(until)
    return Operator(name, "room", who, day(since), last, "admin", NOW)


def person(*grants, line=("b1", "g1", "root"), **more):
    held = tuple(RoleGrant(Role(role), unit) for role, unit in grants)
    return Principal("p", "某人", "1", more.pop("kind", AccountKind.PERSON), unit_line=line, grants=held, **more)


def code(call, *args, **more):
    with pytest.raises(Refusal) as caught:
        call(*args, **more)
    return caught.value.code


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), st.sampled_from(PEOPLE), st.integers(-2, 12), st.none() | st.integers(-2, 20)),
        st.tuples(st.just("end"), st.integers(0, 30), st.integers(-2, 12)),
        st.tuples(st.just("close")),
        st.tuples(st.just("sleep"), st.integers(1, 4)),
    ),
    max_size=40,
)


def history(steps):
    """Every state of a room through these steps, with its day; what is refused changes nothing."""
    rows, passed, n = {}, 0, 0
    yield day(passed), dict(rows)
    for step in steps:
        today = day(passed)
        try:
            if step[0] == "assign":
                _, who, since, until = step
                n += 1
                wanted = one(passed + since, None if until is None else passed + until, who, str(n))
                rows[wanted.id] = assigned(tuple(rows.values()), wanted, today, retired=False)
            elif step[0] == "end" and rows:
                key = sorted(rows)[step[1] % len(rows)]
                after = ended(rows[key], day(passed + step[2]), by="x", now=NOW, today=today)
                rows = {**rows, key: after} if after else {each: row for each, row in rows.items() if each != key}
            elif step[0] == "close":
                for before, after in all_ended(tuple(rows.values()), by="x", now=NOW, today=today):
                    rows.pop(before.id)
                    rows |= {before.id: after} if after else {}
                assert not any(row.holds(today) for row in rows.values())
            elif step[0] == "sleep":
                passed += step[1]
        except Refusal:
            pass
        yield day(passed), dict(rows)


@given(STEPS)
def test_nobody_operates_a_room_twice_on_one_day(steps):
    for _, rows in history(steps):
        for offset in range(-2, 60):
            there = [row.account_id for row in rows.values() if row.holds(day(offset))]
            assert len(there) == len(set(there))


@given(STEPS)
def test_days_that_are_over_stay_as_they_were(steps):
    seen = list(history(steps))
    for (today, rows), (_, later) in itertools.pairwise(seen):
        past = [today - dt.timedelta(days=back) for back in range(1, 20)]
        for on in past:
            assert {row.account_id for row in rows.values() if row.holds(on)} == {
                row.account_id for row in later.values() if row.holds(on)
            }


@given(STEPS)
def test_what_is_kept_begins_before_it_ends_or_on_the_same_day(steps):
    for _, rows in history(steps):
        assert all(row.until is None or row.since <= row.until for row in rows.values())


@given(
    first=st.tuples(st.integers(0, 10), st.none() | st.integers(0, 14)),
    second=st.tuples(st.integers(0, 10), st.none() | st.integers(0, 14)),
)
def test_two_meet_exactly_when_they_share_a_day(first, second):
    mine, other = one(*first), one(*second)
    shared = any(mine.holds(day(offset)) and other.holds(day(offset)) for offset in range(30))
    assert mine.meets(other) == other.meets(mine) == shared


def test_a_retired_room_takes_nobody_and_a_full_one_no_more():
    assert code(assigned, (), one(), TODAY, retired=True) == "venue_retired"
    full = [one(who=str(n), name=str(n)) for n in range(MOST)]
    assert code(assigned, full, one(who="z"), TODAY, retired=False) == "operators_full"
    full[0] = replace(full[0], until=TODAY)
    assert assigned(full, one(who="z"), TODAY, retired=False)


def test_days_that_do_not_fit_are_refused():
    assert code(assigned, (), one(-1), TODAY, retired=False) == "operator_past"
    assert code(assigned, (), one(2, 2), TODAY, retired=False) == "operator_days"
    assert code(assigned, [one(5)], one(0, None, "a", "2"), TODAY, retired=False) == "already_operator"
    assert assigned([one(5)], one(0, 5, "a", "2"), TODAY, retired=False).until == day(5)
    asked = {"by": "x", "now": NOW, "today": TODAY}
    assert code(ended, one(-3), day(-1), **asked) == "operator_past"
    assert code(ended, one(-3, -1), TODAY, **asked) == "operator_over"
    assert code(ended, one(-3, 2), day(3), **asked) == "operator_days"


def test_what_began_ends_and_what_never_began_is_withdrawn():
    asked = {"by": "x", "now": NOW, "today": TODAY}
    gone = ended(one(0), TODAY, **asked)
    assert (gone.until, gone.ended_by, gone.holds(TODAY)) == (TODAY, "x", False)
    assert ended(one(3), TODAY, **asked) is None
    assert ended(one(3), day(5), **asked).until == day(5)


@pytest.mark.parametrize(
    ("grants", "room", "may"),
    [
        ((("school_admin", "root"),), ("b1", "g1", "root"), True),
        ((("director", "root"),), ("b1", "g1", "root"), True),
        ((("secretary", "b1"),), ("b1", "g1", "root"), True),
        ((("secretary", "b1"),), ("b2", "g1", "root"), False),
        ((("secretary", "b1"),), ("g1", "root"), False),
        ((("lecturer", "root"), ("security_admin", "root"), ("audit_admin", "root")), ("b1", "g1", "root"), False),
        ((), ("b1", "g1", "root"), False),
    ],
)
def test_who_appoints(grants, room, may):
    assert appoints(person(*grants), room) == may
    assert not appoints(person(*grants, kind=AccountKind.DEVICE), room)
    if not may:
        assert code(check_may_appoint, person(*grants), room) == "forbidden"


def test_only_a_person_of_the_own_units_is_chosen_and_no_administrator_of_the_system():
    secretary = person(("secretary", "b1"))
    check_choice(secretary, person(), "p")
    check_choice(secretary, person(line=("b9", "root"), loan_line=("b1", "g1", "root")), "p")
    assert code(check_choice, secretary, None, "p") == "account_not_found"
    assert code(check_choice, secretary, person(line=("b2", "g1", "root")), "p") == "account_not_found"
    assert code(check_choice, secretary, person(kind=AccountKind.DEVICE), "p") == "operator_of_person"
    assert code(check_choice, secretary, person(venue_id="room"), "p") == "operator_of_person"
    for role in ("system_admin", "security_admin", "audit_admin"):
        assert code(check_choice, secretary, person((role, "root")), "p") == "roles_apart"
        assert code(check_grant, person(operates=("room",)), RoleGrant(Role(role), "root")) == "roles_apart"
    check_grant(person(operates=("room",)), RoleGrant(Role.SECRETARY, "b1"))
