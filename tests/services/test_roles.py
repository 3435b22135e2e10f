"""Giving and taking roles; the three administrators are kept apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.access import ADMINISTRATORS, AccountKind, Principal, Role, RoleGrant
from server.domain.grants import check_grant
from server.domain.members import Ending
from server.domain.personnel import ended
from server.domain.refusals import Refusal
from server.services.accounts import AccountsAsked, list_accounts
from server.services.demo import ROOT, demo_id
from server.services.login import authenticate, login
from server.services.logins import end_sessions_of, list_sessions_of
from server.services.roles import grant_role, revoke_role, set_disabled
from tests.services.conftest import QuickPasswords, command_id, refused
from tests.store.samples import NOW


async def give(stage, number, role, *, by="secadmin", unit=ROOT, how=grant_role):
    grant = RoleGrant(Role(role), demo_id(unit))
    return await how(stage.house, await stage.who(by), demo_id(number), command_id(), grant=grant, now=NOW)


async def test_a_role_is_given_and_taken(stage):
    held = await give(stage, "10001", "secretary", unit="综合党支部")
    assert {(view.role, view.unit_id) for view in held} == {
        (Role.MEMBER, demo_id("综合党支部")),
        (Role.SECRETARY, demo_id("综合党支部")),
    }
    assert await give(stage, "10001", "secretary", unit="综合党支部") == held
    assert len(await give(stage, "10001", "secretary", unit="综合党支部", how=revoke_role)) == 1


@pytest.mark.parametrize("number", ["admin", "director", "secretary", "10001"])
async def test_nobody_else_gives_roles(stage, number):
    assert await refused(give(stage, "10001", "school_admin", by=number)) == "forbidden"
    assert await refused(give(stage, "director", "director", by=number, how=revoke_role)) == "forbidden"


async def test_nobody_changes_the_own_roles(stage):
    assert await refused(give(stage, "secadmin", "school_admin")) == "own_account"
    assert await refused(give(stage, "secadmin", "security_admin", how=revoke_role)) == "own_account"


async def test_the_three_administrators_are_kept_apart(stage):
    await give(stage, "10001", "audit_admin")
    for role in ("system_admin", "security_admin", "school_admin", "director", "secretary"):
        assert await refused(give(stage, "10001", role)) == "roles_apart"
    assert await refused(give(stage, "director", "system_admin")) == "roles_apart"
    assert await refused(give(stage, "venue1", "school_admin")) == "role_of_person"


async def test_what_is_not_there_is_refused(stage):
    assert await refused(give(stage, "nobody", "director")) == "account_not_found"
    assert await refused(give(stage, "10001", "director", unit="nowhere")) == "unit_not_found"


async def test_who_is_disabled_is_out_at_once_and_comes_back(stage):
    entered = await login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)
    security = await stage.who("secadmin")

    async def put(disabled, number="10001", by=security):
        await set_disabled(stage.house, by, demo_id(number), command_id(), disabled=disabled, now=NOW)

    assert await refused(put(disabled=True, by=await stage.who("admin"))) == "forbidden"
    assert await refused(put(disabled=True, number="secadmin")) == "account_not_found"
    await put(disabled=True)
    assert await refused(authenticate(stage.records, entered.token, NOW)) == "not_logged_in"
    again = login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)
    assert await refused(again) == "bad_credentials"
    await put(disabled=False)
    await login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)


@pytest.mark.parametrize(("role", "code"), [("director", None), ("school_admin", "not_logged_in")])
async def test_who_is_to_administer_logs_in_afresh(stage, role, code):
    entered = await login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)
    await give(stage, "10001", role)
    if code is None:
        assert (await authenticate(stage.records, entered.token, NOW)).number == "10001"
    else:
        assert await refused(authenticate(stage.records, entered.token, NOW)) == code


async def test_the_account_of_who_left_is_seen_and_shut(stage):
    """No member any more, but a secretary still, and logged in."""
    await give(stage, "10001", "secretary", unit="综合党支部")
    entered = await login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)
    member_id, today, security = (await stage.who("10001")).member_id, NOW.date(), await stage.who("secadmin")

    def leave(tx):
        tx.members.save([ended(tx.members.files([member_id])[member_id], Ending.LEFT, today, today)])

    await stage.records.write(leave)
    for waiting, found in ((False, [("10001", None)]), (True, [])):
        asked = AccountsAsked(words="10001", waiting=waiting)
        page = await list_accounts(stage.records, security, asked, NOW)
        assert [(row.number, row.unit) for row in page.items] == found
    assert len(await list_sessions_of(stage.house, security, demo_id("10001"), NOW)) == 1
    await end_sessions_of(stage.house, security, demo_id("10001"), NOW)
    assert await refused(authenticate(stage.records, entered.token, NOW)) == "not_logged_in"
    assert len(await give(stage, "10001", "secretary", unit="综合党支部", how=revoke_role)) == 1
    await set_disabled(stage.house, security, demo_id("10001"), command_id(), disabled=True, now=NOW)
    again = login(stage.records, QuickPasswords(), "10001", "dangxiao", address="192.0.2.1", now=NOW)
    assert await refused(again) == "bad_credentials"


@given(st.lists(st.sampled_from(Role), max_size=12), st.sampled_from(AccountKind))
def test_whatever_is_asked_nobody_comes_to_hold_two_of_the_three(wishes, kind):
    held: tuple[RoleGrant, ...] = ()
    for role in wishes:
        subject = Principal("a", "a", "a", kind, grants=held)
        try:
            check_grant(subject, RoleGrant(role, "root"))
        except Refusal:
            continue
        held = (*held, RoleGrant(role, "root"))
    roles = {grant.role for grant in held}
    assert len(roles & ADMINISTRATORS) <= 1
    assert not roles & ADMINISTRATORS or roles <= ADMINISTRATORS | {Role.MEMBER}
    assert kind is AccountKind.PERSON or roles <= {Role.VENUE_OPERATOR}
