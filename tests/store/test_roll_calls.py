"""Roll calls come back as they were kept, on SQLite and PostgreSQL."""

import datetime as dt
from dataclasses import replace

import pytest

from server.domain.roll_calls import RollCall, RollEntry, RollResult, decide, finish
from tests.store.samples import NOW, a_lesson, populate

ROLL = RollCall("r1", "l", 1, NOW, "会控", (RollEntry("l-1", "分会场"), RollEntry("l-0", "主会场")), "l-1", NOW)


@pytest.fixture
async def filled(records):
    await records.write(populate)
    await records.write(lambda tx: tx.lessons.add(a_lesson("l")))
    return records


async def test_a_roll_call_is_kept_with_its_venues_in_order(filled):
    assert await filled.read(lambda tx: tx.roll_calls.last("l")) is None
    await filled.write(lambda tx: tx.roll_calls.add(ROLL))
    later = NOW + dt.timedelta(minutes=1)
    decided = decide(ROLL, "l-1", RollResult.NO_SOUND, proposed=RollResult.ANSWERED, by="会控", now=later)
    await filled.write(lambda tx: tx.roll_calls.save(decided))
    assert await filled.read(lambda tx: tx.roll_calls.last("l")) == decided
    over = finish(decided, later)
    await filled.write(lambda tx: tx.roll_calls.save(over))
    second = replace(ROLL, id="r2", number=2)
    await filled.write(lambda tx: tx.roll_calls.add(second))
    assert await filled.read(lambda tx: tx.roll_calls.of("l")) == (over, second)
    assert await filled.read(lambda tx: tx.roll_calls.last("l")) == second
