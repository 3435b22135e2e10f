"""Calls and notices come back as they were kept, on SQLite and PostgreSQL."""

import datetime as dt

import pytest

from server.domain.helps import Caller, Help, Notice, Urgency, answer, close
from tests.store.samples import NOW, a_lesson, populate

CALL = Help("h1", "l", Caller("tv", "l-1", "分会场"), Urgency.URGENT, "没有声音", NOW)
LECTURER = Help("h2", "l", Caller("teacher", None, "讲师"), Urgency.NORMAL, "", NOW + dt.timedelta(minutes=1))


@pytest.fixture
async def filled(records):
    await records.write(populate)
    await records.write(lambda tx: tx.lessons.add(a_lesson("l")))
    return records


async def test_a_call_is_kept_and_saved_until_it_is_closed(filled):
    for one in (CALL, LECTURER):
        await filled.write(lambda tx, one=one: tx.helps.put(one))
    assert await filled.read(lambda tx: tx.helps.of("l")) == (CALL, LECTURER)
    assert await filled.read(lambda tx: tx.helps.open_of("l", "main")) == LECTURER
    answered = answer(CALL, "马上来", by="会控", now=NOW)
    await filled.write(lambda tx: tx.helps.put(answered))
    assert await filled.read(lambda tx: tx.helps.get("h1")) == answered
    await filled.write(lambda tx: tx.helps.put(close(answered, by="会控", now=NOW)))
    assert await filled.read(lambda tx: tx.helps.open_of("l", "l-1")) is None
    assert await filled.read(lambda tx: tx.helps.count("l")) == 2


async def test_a_notice_is_read_once_by_each_venue(filled):
    first = Notice("n1", "l", "请检查话筒", NOW, "会控")
    second = Notice("n2", "l", "十分钟后开始", NOW + dt.timedelta(minutes=1), "会控")
    for one in (first, second):
        await filled.write(lambda tx, one=one: tx.notices.add(one))
    assert await filled.write(lambda tx: tx.notices.read("n1", "l-1", NOW))
    assert not await filled.write(lambda tx: tx.notices.read("n1", "l-1", NOW))
    kept = await filled.read(lambda tx: tx.notices.of("l"))
    assert [(one.id, one.read) for one in kept] == [("n1", {"l-1"}), ("n2", frozenset())]
