"""呼叫会控 and notices: who hears what, and what is kept."""

import datetime as dt

import pytest

from server.domain.helps import HelpState, Urgency
from server.services.helps import (
    answer_help,
    ask_help,
    close_help,
    list_helps,
    list_notices,
    read_notice,
    send_notice,
)
from tests.services.conftest import command_id, refused
from tests.store.samples import NOW

MINUTE = dt.timedelta(minutes=1)


async def ask(stage, by, *, text="没有声音", urgency=Urgency.NORMAL, now=NOW, command=None):
    who = await stage.who(by)
    return await ask_help(
        stage.house, who, stage.lesson_id, command or command_id(), urgency=urgency, text=text, now=now
    )


async def answer(stage, help_id, text="马上来", by="director"):
    who = await stage.who(by)
    return await answer_help(stage.house, who, stage.lesson_id, command_id(), help_id=help_id, text=text, now=NOW)


async def close(stage, help_id, by="director"):
    return await close_help(stage.house, await stage.who(by), stage.lesson_id, command_id(), help_id=help_id, now=NOW)


async def seen(stage, by="director"):
    return await list_helps(stage.house, await stage.who(by), stage.lesson_id, NOW)


async def notify(stage, text="十分钟后开始点名", by="director"):
    return await send_notice(stage.house, await stage.who(by), stage.lesson_id, command_id(), text=text, now=NOW)


async def read(stage, notice_id, by):
    return await read_notice(
        stage.house, await stage.who(by), stage.lesson_id, command_id(), notice_id=notice_id, now=NOW
    )


async def test_a_call_is_heard_by_staff_and_the_caller_without_its_words(opened):
    seq = (await opened.events())[-1].seq
    called = await ask(opened, "venue1")
    place = (await opened.source_of("venue1")).removeprefix("venue-")
    told = await opened.events(seq)
    assert [(one.kind, one.audience) for one in told] == [("help.changed", "staff"), ("help.changed", f"venue:{place}")]
    assert all("没有声音" not in str(one.data) for one in told)
    assert (called.name, called.state, called.lesson_venue_id) == ("第一分会场", HelpState.WAITING, place)


async def test_who_waits_stands_on_top_the_urgent_before_the_longest(opened):
    await ask(opened, "venue1")
    await ask(opened, "venue2", now=NOW + MINUTE)
    lecturer = await ask(opened, "lecturer", urgency=Urgency.URGENT, now=NOW + 2 * MINUTE)
    names = [one.name for one in await seen(opened)]
    assert names == [lecturer.name, "第一分会场", "第二分会场"]
    await answer(opened, lecturer.id)
    assert [one.name for one in await seen(opened)] == ["第一分会场", "第二分会场", lecturer.name]


async def test_a_caller_has_one_call_that_can_be_said_again_answered_and_closed(opened):
    first = await ask(opened, "venue1")
    again = await ask(opened, "venue1", text="还是没有", urgency=Urgency.URGENT, now=NOW + MINUTE)
    assert (again.id, again.asked_at, again.urgency) == (first.id, NOW, Urgency.URGENT)
    answered = await answer(opened, first.id)
    assert (answered.state, answered.answer, answered.answered_by) == (HelpState.ANSWERED, "马上来", "会控员")
    (own,) = await seen(opened, "venue1")
    assert own.answer == "马上来"
    assert (await close(opened, first.id, by="venue1")).state is HelpState.CLOSED
    assert await refused(answer(opened, first.id)) == "help_closed"
    assert (await ask(opened, "venue1")).id != first.id


async def test_a_call_sent_twice_is_one(opened):
    command = command_id()
    first, again = [await ask(opened, "venue1", command=command) for _ in range(2)]
    assert first == again
    assert (await opened.kinds()).count("help.changed") == 2  # staff's and the venue's


async def test_nobody_sees_or_touches_the_calls_of_others(opened):
    mine = await ask(opened, "venue1")
    assert await seen(opened, "venue2") == ()
    assert await refused(close(opened, mine.id, by="venue2")) == "help_not_found"
    assert await refused(answer(opened, mine.id, by="venue2")) == "forbidden"
    for by in ("10001", "secretary"):
        assert await refused(ask(opened, by)) == "forbidden"
        assert await refused(seen(opened, by)) == "forbidden"
    assert await refused(close(opened, command_id())) == "help_not_found"


async def test_a_notice_reaches_every_venue_and_staff_counts_who_has_read_it(opened):
    seq = (await opened.events())[-1].seq
    sent = await notify(opened)
    assert [(one.kind, one.audience) for one in await opened.events(seq)] == [
        ("notice.sent", "venues"),
        ("notice.sent", "staff"),
    ]
    assert (sent.venues, sent.read) == (3, 0)
    assert (await read(opened, sent.id, "venue1")).mine
    await read(opened, sent.id, "venue1")
    assert (await opened.kinds()).count("notice.read") == 1
    (counted,) = await list_notices(opened.house, await opened.who("director"), opened.lesson_id, NOW)
    assert (counted.read, len(counted.unread)) == (1, 2)
    (theirs,) = await list_notices(opened.house, await opened.who("venue2"), opened.lesson_id, NOW)
    assert (theirs.mine, theirs.unread) == (False, ())


@pytest.mark.parametrize("by", ["10001", "venue1", "secretary"])
async def test_only_who_runs_the_lesson_notifies(opened, by):
    assert await refused(notify(opened, by=by)) == "forbidden"


async def test_members_hear_and_read_no_notice(opened):
    sent = await notify(opened)
    assert await refused(read(opened, sent.id, "10001")) == "forbidden"
    assert await refused(read(opened, command_id(), "venue1")) == "notice_not_found"
    member = await opened.who("10001")
    assert await refused(list_notices(opened.house, member, opened.lesson_id, NOW)) == "forbidden"


async def test_there_is_nobody_to_call_when_the_lesson_is_not_on_the_air(stage):
    assert await refused(ask(stage, "venue1")) == "lesson_not_on_air"
    assert await refused(notify(stage)) == "lesson_not_on_air"
