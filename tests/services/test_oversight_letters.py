"""Who hears of an overseen item (督办), and when: letters in the inbox, once for each occasion; on both databases."""

import datetime as dt

from server.domain.letters import Topic
from server.domain.oversight import Shown, Step
from server.services.demo import demo_id
from server.services.inbox import count_unread, mark_letters, see_inbox
from server.services.oversight_days import TOLD, DayTeller
from server.store.schema import accounts, role_grants
from tests.services.conftest import command_id
from tests.services.test_oversight import DUE, LATER, opened, step
from tests.store.samples import NOW


async def inbox(stage, by, now=NOW, **more):
    wanted = {"cursor": None, "limit": 50, **more}
    return await see_inbox(stage.records, await stage.who(by), **wanted, now=now)


async def heard(stage, by, now=NOW):
    return [one.wave for one in (await inbox(stage, by, now)).items]


async def told(stage, on):
    at = dt.datetime.combine(on, NOW.timetz())
    return await DayTeller(stage.house, lambda: at).step()


async def test_the_branch_hears_what_is_asked_and_returned_and_the_asker_what_was_answered(stage):
    one = await opened(stage)
    letter = (await inbox(stage, "secretary")).items[0]
    about = letter.oversight
    assert (letter.wave, letter.lesson, letter.read) == (Topic.OVERSIGHT_ASKED, None, False)
    assert (about.id, about.unit.name, about.text, about.due_on, about.state) == (
        *(one.id, "综合党支部", "请督促缺课学员补学", DUE, Shown.OPEN),
    )
    assert await heard(stage, "admin") == []
    await step(stage, "secretary", one, Step.ANSWER)
    assert await heard(stage, "admin") == [Topic.OVERSIGHT_ANSWERED]
    await step(stage, "admin", one, Step.RETURN, NOW + dt.timedelta(minutes=1))
    assert await heard(stage, "secretary") == [Topic.OVERSIGHT_RETURNED, Topic.OVERSIGHT_ASKED]
    assert await heard(stage, "auditor") == await heard(stage, "10001") == []


async def test_a_retried_command_writes_no_second_letter(stage):
    asked = command_id()
    await opened(stage, command=asked)
    await opened(stage, command=asked)
    assert await heard(stage, "secretary") == [Topic.OVERSIGHT_ASKED]


async def test_what_is_withdrawn_stands_so_on_its_letter(stage):
    one = await opened(stage)
    await step(stage, "admin", one, Step.WITHDRAW)
    letter = (await inbox(stage, "secretary")).items[0]
    assert letter.oversight.state is Shown.WITHDRAWN
    assert await told(stage, DUE) == 0


async def test_the_day_is_told_once_before_it_and_once_after_it(stage):
    one = await opened(stage)
    assert await told(stage, DUE - dt.timedelta(days=4)) == 0
    for day in (3, 2, 0):
        assert await told(stage, DUE - dt.timedelta(days=day)) == (1 if day == 3 else 0)
    for day in (1, 2, 30):
        assert await told(stage, DUE + dt.timedelta(days=day)) == (1 if day == 1 else 0)
    assert await heard(stage, "secretary", LATER) == [
        *(Topic.OVERSIGHT_OVERDUE, Topic.OVERSIGHT_SOON, Topic.OVERSIGHT_ASKED),
    ]
    lines = await stage.records.read(lambda tx: [one for one in tx.audit.after(0, 500) if one.action == TOLD])
    assert [line.about for line in lines] == [f"oversight/{one.id}"] * 2


async def test_nobody_is_told_of_the_day_of_what_was_answered_or_is_long_over(stage):
    one = await opened(stage)
    assert await told(stage, DUE + dt.timedelta(days=31)) == 0
    await step(stage, "secretary", one, Step.ANSWER)
    assert await told(stage, DUE + dt.timedelta(days=1)) == 0


async def test_who_becomes_secretary_later_is_told_of_the_day_and_no_one_twice(stage, database):
    await opened(stage)
    on = DUE + dt.timedelta(days=1)
    assert await told(stage, on) == 1
    grant = {"account_id": demo_id("10002"), "role": "secretary", "unit_id": demo_id("综合党支部")}
    await database.write(lambda c: c.execute(role_grants.insert().values(grant)))
    assert await told(stage, on) == 1
    assert await heard(stage, "10002", LATER) == [Topic.OVERSIGHT_OVERDUE]
    assert (await heard(stage, "secretary", LATER)).count(Topic.OVERSIGHT_OVERDUE) == 1


async def test_who_is_secretary_no_more_reads_nothing_of_the_item(stage, database):
    await opened(stage)
    gone = role_grants.delete().where(role_grants.c.account_id == demo_id("secretary"))
    await database.write(lambda c: c.execute(gone))
    letter = (await inbox(stage, "secretary")).items[0]
    assert (letter.wave, letter.oversight, letter.read) == (Topic.OVERSIGHT_ASKED, None, False)


async def test_a_disabled_account_gets_no_letter(stage, database):
    off = accounts.update().where(accounts.c.id == demo_id("secretary")).values(disabled=True)
    await database.write(lambda c: c.execute(off))
    await opened(stage)
    assert await told(stage, DUE) == 0


async def test_pages_of_an_inbox_go_on_where_they_ended(stage):
    for _ in range(5):  # all of one moment
        await opened(stage)
    seen, cursor = [], None
    for _ in range(3):
        page = await inbox(stage, "secretary", cursor=cursor, limit=2)
        seen += [one.id for one in page.items]
        cursor = page.next_cursor
    assert (len(seen), len(set(seen)), cursor) == (5, 5, None)
    secretary = await stage.who("secretary")
    assert (await count_unread(stage.records, secretary)).unread == 5
    told = {"read": True, "now": NOW}
    assert (await mark_letters(stage.records, secretary, seen[0], command_id(), **told)).unread == 4
    assert (await mark_letters(stage.records, secretary, None, command_id(), **told)).unread == 0
    assert (await mark_letters(stage.records, secretary, seen[0], command_id(), read=False, now=NOW)).unread == 1
