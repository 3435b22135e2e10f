"""Entering many people at once: all or none, and found again by what they are."""

import datetime as dt

from server.domain.listing import MemberFilter, Standing
from server.domain.members import Ending, Loan, MemberKind
from server.domain.personnel import became, ended, lent, transferred
from server.services.demo import demo_id
from server.services.member_views import list_members
from server.services.members import Enrolment, enrol
from tests.services.conftest import refused
from tests.store.samples import NOW

BRANCH, OTHER = demo_id("维修党支部"), demo_id("后勤党支部")
TODAY = NOW.date()


def many(n, **fields):
    plan = {"kind": MemberKind.PROBATIONARY, "unit_id": BRANCH, "since": TODAY, **fields}
    return [Enrolment(number=f"9{index:05}", name=f"安学员{index}", **plan) for index in range(n)]


async def entered(stage, entries):
    admin = await stage.who("admin")
    return await stage.records.write(lambda tx: enrol(tx, admin, entries, NOW))


async def listed(stage, **narrowed):
    wanted = MemberFilter(frozenset(), **narrowed)
    return await list_members(
        stage.records, await stage.who("admin"), wanted, unit_id=BRANCH, cursor=None, limit=200, now=NOW
    )


async def test_hundreds_are_entered_at_once_with_accounts_that_wait_for_their_codes(stage):
    files = await entered(stage, many(700))
    page = await listed(stage, text="axy")
    assert (page.total, len(page.items)) == (700, 200)
    account = await stage.records.read(lambda tx: tx.accounts.by_number("900699"))
    assert (account.member_id, account.password_hash) == (files[-1].member.id, None)


async def test_one_number_that_is_taken_enters_nobody(stage):
    for wrong in ("10001", "900000"):
        entries = [*many(3), Enrolment(wrong, "重号", MemberKind.FULL, BRANCH, TODAY)]
        assert await refused(entered(stage, entries)) == "number_taken"
    assert (await listed(stage, text="安学员")).total == 0


async def test_a_unit_that_does_not_stand_yet_takes_nobody(stage):
    assert await refused(entered(stage, many(2, since=dt.date(2019, 1, 1)))) == "unit_dissolved"


async def test_many_files_are_changed_at_once_and_listed_by_what_became_of_them(stage):
    files = await entered(stage, many(5))
    changed = [
        became(files[0], MemberKind.FULL, TODAY, TODAY),
        transferred(files[1], OTHER, TODAY + dt.timedelta(days=1), TODAY),
        lent(files[2], Loan(files[2].member.id, OTHER, TODAY)),
        transferred(files[3], OTHER, TODAY, TODAY),
    ]
    await stage.records.write(lambda tx: tx.members.save(changed))
    assert {item.name: item.kind for item in (await listed(stage, text="安学员")).items} == {
        **dict.fromkeys(("安学员1", "安学员2", "安学员4"), MemberKind.PROBATIONARY),
        "安学员0": MemberKind.FULL,
    }
    assert [item.loan.name for item in (await listed(stage, standing=Standing.LENT)).items] == ["后勤党支部"]
    assert (await listed(stage, standing=Standing.ENDED)).items == ()
    again = await stage.records.read(lambda tx: tx.members.files([file.member.id for file in files]))
    gone = ended(again[files[4].member.id], Ending.MOVED_AWAY, TODAY + dt.timedelta(days=1), TODAY)
    await stage.records.write(lambda tx: tx.members.save([gone]))
    assert (await listed(stage, text="安学员4")).total == 1
    assert again[files[0].member.id].kinds == changed[0].kinds
