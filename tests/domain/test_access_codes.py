"""Codes for the first login: what is typed, how often one serves, who may issue one for whom."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import ADMINISTRATORS, AccountKind, Principal, Role, RoleGrant
from server.domain.access_codes import AccessCode, CodeKind, admits_in, kind_of, may_admit, typed
from server.domain.refusals import Refusal

NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
LINES = {"root": ("root",), "general": ("general", "root"), "b1": ("b1", "general", "root"), "b2": ("b2", "root")}


def who(name, unit, *held):
    grants = tuple(RoleGrant(role, place) for role, place in held)
    return Principal(name, name, name, AccountKind.PERSON, member_id=name, unit_line=LINES[unit], grants=grants)


MEMBER = who("m", "b1", (Role.MEMBER, "b1"))


@given(st.integers(0, 10**12 - 1), st.sampled_from([" ", "-", " - ", "\u3000", "", "、"]))
def test_signs_between_the_digits_do_not_count(number, between):
    digits = f"{number:012}"
    assert typed(between.join(digits[i : i + 4] for i in (0, 4, 8))) == digits


def test_full_width_digits_count():
    assert typed("１２３４５６") == "123456"
    assert kind_of("123456") is CodeKind.DOOR
    assert kind_of("123456789012") is CodeKind.ACTIVATION
    assert kind_of("1234567") is None


def test_a_code_serves_one_command_until_it_expires():
    code = AccessCode("a", CodeKind.DOOR, "d", NOW, NOW + dt.timedelta(minutes=10), "s")
    assert code.serves("c1", NOW)
    assert not code.serves("c1", NOW + dt.timedelta(minutes=10))
    used = AccessCode("a", CodeKind.DOOR, "d", NOW, NOW + dt.timedelta(minutes=10), "s", NOW, "c1")
    assert used.serves("c1", NOW)
    assert not used.serves("c2", NOW)


def test_a_secretary_admits_plain_members_of_the_own_units_only():
    secretary = who("s", "b1", (Role.SECRETARY, "b1"), (Role.MEMBER, "b1"))
    assert may_admit(secretary, MEMBER, LINES)
    assert may_admit(secretary, who("n", "b1"), LINES)
    assert not may_admit(secretary, who("x", "b2", (Role.MEMBER, "b2")), LINES)
    assert not may_admit(secretary, who("d", "b1", (Role.DIRECTOR, "b1")), LINES)
    assert not may_admit(secretary, who("o", "b1", (Role.SECRETARY, "b1")), LINES)
    assert not may_admit(secretary, secretary, LINES)


def test_a_room_is_no_member_although_it_holds_no_role():
    room = replace(who("tv", "b1"), kind=AccountKind.DEVICE, member_id=None, venue_id="hall")
    assert not may_admit(who("s", "b1", (Role.SECRETARY, "b1")), room, LINES)
    assert may_admit(who("a", "general", (Role.SCHOOL_ADMIN, "general")), room, LINES)


def test_who_operates_a_room_is_admitted_by_who_answers_for_the_room():
    operator, secretary = replace(MEMBER, operates=("hall",)), who("s", "b1", (Role.SECRETARY, "b1"))
    assert may_admit(secretary, operator, LINES | {"hall": LINES["b1"]})
    assert not may_admit(secretary, operator, LINES | {"hall": LINES["b2"]})
    assert may_admit(who("a", "root", (Role.SCHOOL_ADMIN, "root")), operator, LINES | {"hall": LINES["b2"]})


def test_nobody_admits_who_may_do_more_somewhere_else():
    admin = who("a", "general", (Role.SCHOOL_ADMIN, "general"))
    assert may_admit(admin, who("d", "b1", (Role.DIRECTOR, "b1")), LINES)
    assert not may_admit(admin, who("d", "b1", (Role.DIRECTOR, "root")), LINES)
    assert not may_admit(admin, who("x", "b1", (Role.SCHOOL_ADMIN, "b1")), LINES)


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_the_three_administrators_are_admitted_by_the_security_admin_alone(role):
    subject = who("x", "root", (role, "root"))
    assert may_admit(who("sec", "root", (Role.SECURITY_ADMIN, "root")), subject, LINES)
    assert not may_admit(who("a", "root", (Role.SCHOOL_ADMIN, "root")), subject, LINES)


ROLES = st.lists(st.tuples(st.sampled_from(Role), st.sampled_from(sorted(LINES))), max_size=3)


@given(ROLES, ROLES, st.sampled_from(sorted(LINES)))
def test_whoever_admits_holds_a_role_above_everything_of_the_other(mine, theirs, unit):
    issuer, subject = who("i", "root", *mine), who("s", unit, *theirs)
    if not may_admit(issuer, subject, LINES):
        return
    reach = [g.unit_id for g in issuer.grants if g.role in {Role.SECRETARY, Role.SCHOOL_ADMIN, Role.SECURITY_ADMIN}]
    assert any(place in LINES[unit] for place in reach)
    if not any(g.role is Role.SECURITY_ADMIN for g in issuer.grants):
        assert not {g.role for g in subject.grants} & ADMINISTRATORS


def test_who_holds_no_such_role_issues_nothing():
    with pytest.raises(Refusal, match="forbidden"):
        admits_in(MEMBER)
    assert admits_in(who("s", "b1", (Role.SECRETARY, "b1"))) == {"b1"}
