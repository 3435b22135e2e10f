"""未到名单: whom the secretary calls; on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest

from server.domain.attendance import Standing
from server.domain.leaves import LeaveState
from server.services.assisting import assist
from server.services.board import see_board
from server.services.corrections import correct
from server.services.demo import demo_id
from server.services.leaves import ask_leave
from server.services.missing import list_missing, see_phone
from tests.services.conftest import command_id, refused
from tests.services.credit_lesson import member, move, sign_in
from tests.store.samples import NOW

CAME, CALLED, AWAY, FOREIGN = "10001", "10002", "10003", "10041"
PHONE = "13800010002"


async def listed(stage, by="secretary", **more):
    return await list_missing(stage.records, await stage.who(by), stage.lesson_id, **{"limit": 200, "now": NOW, **more})


async def phone(stage, number, by="secretary"):
    return await see_phone(stage.records, await stage.who(by), stage.lesson_id, member(number), NOW)


@pytest.fixture
async def called(stage):
    await move(stage, "open", NOW)
    await sign_in(stage, CAME)

    def note(tx):
        file = tx.members.files([member(AWAY)])[member(AWAY)]
        tx.members.save([replace(file, member=replace(file.member, phone=None))])

    await stage.records.write(note)
    return stage


async def test_the_secretary_sees_who_is_missing_of_his_own_by_name_with_masked_numbers(called):
    page = await listed(called)
    assert {one.unit.name for one in page.items} == {"综合党支部"}
    row = next(one for one in page.items if one.member_id == member(CALLED))
    assert (row.number, row.phone, row.place, row.leave, row.own) == (CALLED, "138****0002", "主会场", None, False)
    assert member(CAME) not in {one.member_id for one in page.items}
    assert [one.name for one in page.items] == sorted(one.name for one in page.items)


async def test_pages_follow_each_other_without_a_gap(called):
    whole = [one.member_id for one in (await listed(called)).items]
    first = await listed(called, limit=3)
    rest = await listed(called, cursor=first.next_cursor)
    assert [one.member_id for one in (*first.items, *rest.items)] == whole


async def test_who_is_on_leave_signed_in_by_another_or_corrected_is_missing_no_more(called):
    secretary = await called.who("secretary")
    order = called.house, secretary, called.lesson_id
    await ask_leave(*order, command_id(), reason="出差", member_id=member(AWAY), now=NOW)
    await assist(*order, command_id(), member_id=member(CALLED), reason="没有智能手机", now=NOW)
    wish = {"standing": Standing.PRESENT, "reason": "本人在场", "now": NOW}
    await correct(*order, command_id(), member_id=member("10004"), **wish)
    left = {one.member_id for one in (await listed(called)).items}
    assert left.isdisjoint({member(AWAY), member(CALLED), member("10004")})


async def test_who_has_only_asked_for_leave_is_listed_as_such(called):
    await ask_leave(called.house, await called.who(AWAY), called.lesson_id, command_id(), reason="出差", now=NOW)
    row = next(one for one in (await listed(called)).items if one.member_id == member(AWAY))
    assert row.leave is LeaveState.ASKED


async def test_a_number_is_shown_of_who_is_missing_and_nobody_else(called):
    assert (await phone(called, CALLED)).phone == PHONE
    assert await refused(phone(called, AWAY)) == "phone_unknown"
    assert await refused(phone(called, CAME)) == "not_missing"
    assert await refused(phone(called, FOREIGN)) == "forbidden"
    assert await refused(phone(called, CALLED, by="10004")) == "forbidden"
    assert await refused(phone(called, CALLED, by="director")) == "forbidden"
    assert (await phone(called, CALLED, by="admin")).phone == PHONE


async def test_members_and_who_only_runs_the_lesson_have_no_such_list(called):
    assert await refused(listed(called, by="10004")) == "forbidden"
    assert await refused(listed(called, by="director")) == "forbidden"
    units = {one.unit.name for one in (await listed(called, by="admin")).items}
    assert len(units) > 1
    assert await refused(listed(called, unit_id="nowhere")) == "unit_not_found"


async def test_one_units_own_people_are_listed_as_the_board_counts_them_and_no_strangers(called):
    root, own, other = (demo_id(name) for name in ("某集团党委", "综合党支部", "一车间党支部"))
    board = await see_board(called.records, await called.who("admin"), called.lesson_id, NOW)
    for row in board.units:
        of_one = await listed(called, "admin", unit_id=row.unit_id, below=False)
        assert (len(of_one.items), {one.unit.id for one in of_one.items} <= {row.unit_id}) == (row.missing, True)
    assert (await listed(called, "admin", unit_id=root, below=False)).items == ()
    assert len((await listed(called, "admin", unit_id=root)).items) == board.missing
    assert (await listed(called, unit_id=own, below=False)).items == (await listed(called)).items
    assert await refused(listed(called, unit_id=other, below=False)) == "forbidden"
    assert await refused(listed(called, unit_id=root, below=False)) == "forbidden"
