"""Who leaves or moves loses what stood on the membership, on its day."""

import datetime as dt
from dataclasses import replace

from server.domain.access import Role, RoleGrant
from server.domain.accounts import LEFT, Session
from server.domain.events import ended_login
from server.domain.members import Ending
from server.services import departures
from server.services.demo import demo_id
from server.services.departures import end_due, see_departure
from server.services.members import end_membership, lend_member, return_member, transfer_member
from server.services.roles import grant_role
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

BRANCH, OTHER, ABOVE, ROOT = (demo_id(name) for name in ("维修党支部", "后勤党支部", "机关党总支", "某集团党委"))
TODAY = NOW.date()
DAY = dt.timedelta(days=1)
SECRETARY = RoleGrant(Role.SECRETARY, BRANCH)


async def one_of_branch(stage, *grants):
    """A member of the branch who holds these roles and is logged in."""

    def work(tx):
        listed = tx.members.people([BRANCH], TODAY)
        accounts = tx.accounts.of_members([person.member_id for person in listed])
        person = next(one for one in listed if one.member_id in accounts)
        account_id = accounts[person.member_id]
        for grant in set(grants) - set(tx.accounts.grants(account_id)):
            tx.accounts.add([], [(account_id, grant)])
        tx.sessions.add(Session(f"login of {account_id}", account_id, NOW, NOW + DAY))
        return person.member_id, account_id

    return await stage.records.write(work)


async def order(stage, member_id):
    file = await stage.records.read(lambda tx: tx.members.files([member_id])[member_id])
    return (stage.house, await stage.who("admin"), member_id, command_id()), file.member.version


async def leave(stage, member_id, since=TODAY):
    asked, version = await order(stage, member_id)
    await end_membership(*asked, ending=Ending.LEFT, note="", since=since, version=version, now=NOW)


async def move(stage, member_id, unit_id, since=TODAY, now=NOW):
    asked, version = await order(stage, member_id)
    await transfer_member(*asked, unit_id=unit_id, since=since, version=version, now=now)


async def standing(stage, account_id):
    def load(tx):
        account = tx.accounts.get(account_id)
        return set(tx.accounts.grants(account_id)), len(tx.sessions.of_account(account_id)), account.disabled_because

    return await stage.records.read(load)


async def test_who_leaves_loses_roles_logins_and_account_and_gets_the_account_back_alone(stage):
    member_id, account_id = await one_of_branch(stage, SECRETARY, RoleGrant(Role.LECTURER, ROOT))
    look = await see_departure(stage.records, await stage.who("admin"), member_id, unit_id=None, since=TODAY, now=NOW)
    assert {one.role for one in look.roles} >= {Role.SECRETARY, Role.LECTURER}
    assert (look.login, look.logins, look.last) == (True, 1, None)
    await leave(stage, member_id)
    assert await standing(stage, account_id) == (set(), 0, LEFT)
    assert await stage.records.read(lambda tx: tx.accounts.principal(account_id, TODAY)) is None
    await move(stage, member_id, OTHER, since=TODAY + DAY, now=NOW)
    await end_due(stage.house, NOW + DAY)
    assert await standing(stage, account_id) == (set(), 0, None)
    assert await stage.records.read(lambda tx: tx.accounts.principal(account_id, TODAY + DAY))


async def test_who_leaves_is_out_with_every_socket_at_once_and_so_is_who_was_to_leave(stage):
    member_id, account_id = await one_of_branch(stage)
    async with stage.house.fanout.subscribe(None) as hints:
        await leave(stage, member_id)
        assert ended_login(await hints.next()) == f"login of {account_id}"
        await move(stage, member_id, BRANCH, since=TODAY + DAY)
        await end_due(stage.house, NOW + DAY)
        login = Session("again", account_id, NOW, NOW + 9 * DAY)
        await stage.records.write(lambda tx: tx.sessions.add(login))
        await leave(stage, member_id, since=TODAY + 2 * DAY)
        await end_due(stage.house, NOW + 2 * DAY)
        assert ended_login(await hints.next()) == "again"


async def test_who_is_made_an_administrator_logs_in_afresh_and_is_out_of_every_socket(stage):
    _, account_id = await one_of_branch(stage)
    security = await stage.who("secadmin")
    async with stage.house.fanout.subscribe(None) as hints:
        grant = RoleGrant(Role.SCHOOL_ADMIN, ROOT)
        await grant_role(stage.house, security, account_id, command_id(), grant=grant, now=NOW)
        assert ended_login(await hints.next()) == f"login of {account_id}"


async def test_who_moves_keeps_the_login_and_what_reaches_the_new_unit_too(stage):
    wide, elsewhere = RoleGrant(Role.LECTURER, ROOT), RoleGrant(Role.DIRECTOR, OTHER)
    member_id, account_id = await one_of_branch(stage, SECRETARY, wide, elsewhere)
    await move(stage, member_id, OTHER)
    assert await standing(stage, account_id) == ({wide, elsewhere}, 1, None)


async def test_a_day_to_come_ends_nothing_before_it_and_a_replaced_plan_nothing_at_all(stage):
    member_id, account_id = await one_of_branch(stage, SECRETARY)
    await leave(stage, member_id, since=TODAY + 3 * DAY)
    await move(stage, member_id, OTHER, since=TODAY + 2 * DAY)
    await end_due(stage.house, NOW + DAY)
    assert SECRETARY in (await standing(stage, account_id))[0]
    await end_due(stage.house, NOW + 3 * DAY)
    assert await standing(stage, account_id) == (set(), 1, None)


async def test_who_left_for_a_while_is_out_until_the_day_of_the_return(stage):
    member_id, account_id = await one_of_branch(stage, SECRETARY)
    await leave(stage, member_id, since=TODAY + DAY)
    await move(stage, member_id, BRANCH, since=TODAY + 3 * DAY)
    await end_due(stage.house, NOW + 2 * DAY)
    assert await standing(stage, account_id) == (set(), 0, LEFT)
    await end_due(stage.house, NOW + 3 * DAY)
    assert (await standing(stage, account_id))[2] is None


async def test_back_from_a_loan_the_role_there_ends(stage):
    there = RoleGrant(Role.SECRETARY, OTHER)
    member_id, account_id = await one_of_branch(stage, SECRETARY)
    asked, version = await order(stage, member_id)
    await lend_member(*asked, unit_id=OTHER, since=TODAY, until=None, note="", version=version, now=NOW)
    await stage.records.write(lambda tx: tx.accounts.add([], [(account_id, there)]))
    asked, version = await order(stage, member_id)
    await return_member(*asked, until=TODAY, version=version, now=NOW)
    assert (await standing(stage, account_id))[0] & {there, SECRETARY} == {SECRETARY}


async def test_the_last_administrator_of_a_kind_stays(stage):
    kind = RoleGrant(Role.SYSTEM_ADMIN, ROOT)
    member_id, account_id = await one_of_branch(stage, kind)
    others = await stage.records.read(lambda tx: tx.accounts.with_role(Role.SYSTEM_ADMIN))
    for account, unit_id in others:
        if account.id != account_id:
            grant = RoleGrant(Role.SYSTEM_ADMIN, unit_id)
            await stage.records.write(lambda tx, who=account.id, held=grant: tx.accounts.revoke(who, held))
    for since in (TODAY, TODAY + DAY):
        assert await refused(leave(stage, member_id, since=since)) == "last_administrator"
    look = await see_departure(stage.records, await stage.who("admin"), member_id, unit_id=None, since=TODAY, now=NOW)
    assert look.last is Role.SYSTEM_ADMIN
    assert (await standing(stage, account_id))[1:] == (1, None)


async def test_the_log_says_which_roles_ended(stage):
    member_id, account_id = await one_of_branch(stage, SECRETARY)
    await move(stage, member_id, OTHER)
    lines = await stage.records.read(lambda tx: tx.audit.after(0, 1000))
    line = next(one for one in lines if one.action == "membership.moved" and one.about == f"account/{account_id}")
    assert f"secretary@{BRANCH}" in line.detail


async def test_who_keeps_one_branch_takes_no_administrator_of_the_house_away(stage):
    kind = RoleGrant(Role.SECURITY_ADMIN, ROOT)
    member_id, account_id = await one_of_branch(stage, kind)
    admin = replace(await stage.who("admin"), grants=(RoleGrant(Role.SCHOOL_ADMIN, BRANCH),))
    (_, _, _, command), version = await order(stage, member_id)
    for since in (TODAY, TODAY + DAY):
        asked = (stage.house, admin, member_id, command)
        ending = end_membership(*asked, ending=Ending.LEFT, note="", since=since, version=version, now=NOW)
        assert await refused(ending) == "forbidden"
    assert kind in (await standing(stage, account_id))[0]


async def test_what_is_due_on_one_day_is_all_done_however_many(stage, monkeypatch):
    monkeypatch.setattr(departures, "_AT_ONCE", 1)
    listed = await stage.records.read(lambda tx: tx.members.people([BRANCH], TODAY))
    for person in listed[:3]:
        await leave(stage, person.member_id, since=TODAY + DAY)
    await end_due(stage.house, NOW + DAY)
    assert await stage.records.read(lambda tx: tx.members.due(TODAY + DAY, 9)) == ()
