"""Roles stand on belonging to their scope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import Role, RoleGrant
from server.domain.departures import KEPT, check_not_last, ended_grants, last_of, left, returned
from server.domain.refusals import Refusal

UNITS = st.sampled_from(["root", "above", "branch", "other", "elsewhere"])
LINES = st.frozensets(UNITS)
GRANTS = st.frozensets(st.builds(RoleGrant, st.sampled_from(Role), UNITS))


@given(GRANTS, LINES, LINES)
def test_a_role_ends_exactly_when_its_unit_fell_away_or_nothing_is_left(grants, before, after):
    ends = ended_grants(grants, before, after)
    if left(before, after):
        assert set(ends) == grants
        return
    for grant in grants:
        assert (grant in ends) == (grant.unit_id in before and grant.unit_id not in after)


@given(GRANTS, LINES)
def test_where_nothing_changed_nothing_ends(grants, lines):
    assert ended_grants(grants, lines, lines) == ()
    assert not left(lines, lines)
    assert not returned(lines, lines)


@given(GRANTS, LINES, LINES, LINES)
def test_who_is_still_on_loan_has_not_left(grants, home, host, after):
    """The lines of home and host count together."""
    kept = ended_grants(grants, home | host, host | after)
    assert all(grant.unit_id not in host for grant in kept) or not host | after


HOLDERS = st.lists(st.tuples(st.sampled_from("abc"), UNITS), unique=True)


@given(HOLDERS, st.sampled_from(Role), st.data())
def test_an_administrator_remains_of_every_kind_that_there_was(held, role, data):
    ending = [(who, RoleGrant(role, unit)) for who, unit in data.draw(st.lists(st.sampled_from(held or [("x", "y")])))]
    remaining = set(held) - {(who, grant.unit_id) for who, grant in ending}
    refused = last_of(ending, {role: held}) is not None
    assert refused == (role in KEPT and bool(held) and bool(ending) and not remaining)


def test_the_refusal_names_the_role():
    with pytest.raises(Refusal, match="last_administrator"):
        check_not_last([("a", RoleGrant(Role.AUDIT_ADMIN, "root"))], {Role.AUDIT_ADMIN: [("a", "root")]})
