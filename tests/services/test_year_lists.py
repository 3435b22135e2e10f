"""A secretary's list of the year: reminding who is short, confirming it with its digest; on both databases."""

import datetime as dt
import json

from server.domain.ledger import Award, EntryKind, extend
from server.domain.letters import Topic
from server.domain.year_lists import digest_of
from server.domain.year_rules import LoanCount, Position
from server.services import year_lists
from server.services.demo import demo_id
from server.services.inbox import count_unread, mark_letters, see_inbox
from server.services.year_rules import YearPlan, add_year_rule
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

BRANCH, SCHOOL = demo_id("综合党支部"), demo_id("某集团党委")
YEAR = NOW.year
MEMBER = demo_id("member 10001")


async def asked_for(stage):
    """Everybody is asked for 32 学时 a year."""
    plan = YearPlan(
        unit_id=SCHOOL,
        name="年度要求",
        since=dt.date(YEAR, 1, 1),
        until=None,
        targets={Position.FULL: 3200},
        caps={},
        carry_most_hundredths=0,
        by_month=False,
        loans=LoanCount.APART,
    )
    await add_year_rule(stage.records, await stage.who("admin"), command_id(), plan, NOW)


async def see(stage, by="secretary", unit=BRANCH, now=NOW):
    return await year_lists.see_year_list(stage.records, await stage.who(by), unit, YEAR, now)


async def remind(stage, *ids, by="secretary", now=NOW, unit=BRANCH):
    return await year_lists.remind_short(
        *(stage.records, await stage.who(by), command_id()), unit_id=unit, year=YEAR, member_ids=ids, now=now
    )


async def confirm(stage, digest, by="secretary", unit=BRANCH, now=NOW):
    return await year_lists.confirm_year_list(
        *(stage.records, await stage.who(by), command_id()), unit_id=unit, year=YEAR, digest=digest, now=now
    )


async def own(stage, number="10001"):
    return await year_lists.own_reminder(stage.records, await stage.who(number), YEAR, NOW)


async def test_who_is_short_is_reminded_once_in_thirty_days_and_sees_it(stage):
    await asked_for(stage)
    before = await see(stage)
    assert MEMBER in {one.member_id for one in before.short if one.may_remind}
    assert await own(stage) is None
    stranger = demo_id("member 10061")
    assert await remind(stage, MEMBER, stranger) == year_lists.Reminded(1, 1)
    told = await own(stage)
    assert (told.short, told.by, told.at) == (3200, "综合支部书记", NOW)
    assert await own(stage, "10061") is None
    assert await remind(stage, MEMBER, now=NOW + dt.timedelta(days=29)) == year_lists.Reminded(0, 1)
    assert await remind(stage, MEMBER, now=NOW + dt.timedelta(days=30)) == year_lists.Reminded(1, 0)


async def test_nobody_without_the_branch_in_his_care_reminds_or_confirms(stage):
    await asked_for(stage)
    assert await refused(remind(stage, MEMBER, by="10001")) == "forbidden"
    assert await refused(remind(stage, MEMBER, by="secretary", unit=SCHOOL)) == "unit_not_found"
    assert await refused(remind(stage, MEMBER, by="auditor", unit=BRANCH)) == "forbidden"
    assert await refused(confirm(stage, "0" * 64, by="auditor")) == "forbidden"


async def test_a_list_is_confirmed_as_it_was_seen_and_says_when_it_changed(stage):
    await asked_for(stage)
    seen = await see(stage)
    assert (seen.confirmed, seen.changed, seen.may_confirm) == (None, False, True)
    assert await refused(confirm(stage, "0" * 64)) == "year_list_changed"
    done = await confirm(stage, seen.digest)
    assert (done.confirmed.version, done.confirmed.digest, done.changed, done.may_confirm) == (
        *(1, seen.digest, False, False),
    )
    assert await refused(confirm(stage, seen.digest)) == "year_list_same"
    kept = await stage.records.read(lambda tx: tx.year_lists.last_list(BRANCH, YEAR))
    assert digest_of(kept.content) == seen.digest
    assert "学员" not in kept.content
    assert (await see(stage)).digest == seen.digest
    await stage.records.write(_enter_more)
    after = await see(stage)
    assert (after.changed, after.may_confirm, after.confirmed) == (True, True, done.confirmed)
    assert await refused(confirm(stage, seen.digest)) == "year_list_changed"
    again = await confirm(stage, after.digest)
    assert (again.confirmed.version, again.confirmed.digest, again.changed) == (2, after.digest, False)
    first, second = json.loads(kept.content)["lines"], json.loads(await _confirmed(stage))["lines"]
    differ = [(was["total"], now["total"]) for was, now in zip(first, second, strict=True) if was != now]
    assert differ == [(0, 250)]


def _enter_more(tx):
    head = tx.ledger.lock()
    more = Award("more", EntryKind.MICRO, MEMBER, BRANCH, None, 250, "{}", "{}", "")
    tx.ledger.append(head, extend(head, [more], NOW))


async def _confirmed(stage):
    return (await stage.records.read(lambda tx: tx.year_lists.last_list(BRANCH, YEAR))).content


async def test_a_reminder_is_a_letter_in_the_inbox_that_says_what_was_missing_and_until_when(stage):
    await asked_for(stage)
    await remind(stage, MEMBER)
    await remind(stage, MEMBER, now=NOW + dt.timedelta(days=1))  # too soon: no second letter
    me = await stage.who("10001")
    letter = (await see_inbox(stage.records, me, cursor=None, limit=1, now=NOW)).items[0]
    said = letter.credit
    assert (letter.wave, letter.lesson, letter.read) == (Topic.CREDIT_SHORT, None, False)
    assert (said.year, said.short, said.until, said.by, said.met) == (
        *(YEAR, 3200, dt.date(YEAR, 12, 31), "综合支部书记", False),
    )
    unread = (await count_unread(stage.records, me)).unread
    assert (await mark_letters(stage.records, me, letter.id, command_id(), read=True, now=NOW)).unread == unread - 1
    other = await stage.who("10002")
    assert (
        await refused(mark_letters(stage.records, other, letter.id, command_id(), read=True, now=NOW))
        == "letter_not_found"
    )


async def test_a_letter_of_credit_says_when_nothing_is_missing_any_more(stage):
    await asked_for(stage)
    await remind(stage, MEMBER)
    less = YearPlan(
        unit_id=SCHOOL,
        name="年度要求",
        since=NOW.date(),
        until=None,
        targets={},
        caps={},
        carry_most_hundredths=0,
        by_month=False,
        loans=LoanCount.APART,
    )
    await add_year_rule(stage.records, await stage.who("admin"), command_id(), less, NOW)
    letter = (await see_inbox(stage.records, await stage.who("10001"), cursor=None, limit=1, now=NOW)).items[0]
    assert (letter.credit.short, letter.credit.met) == (3200, True)
