"""Votes and signals in the log: as counts, now and then, once over all processes."""

import dataclasses
import datetime as dt

import pytest

from server.domain.signals import Signal
from server.services.counting import SIGNALS_EVERY, VOTES_EVERY, Told, count_all
from server.services.signal_box import MemorySignals
from server.services.signals import give_signal
from tests.services.test_inquiries import Hall
from tests.store.samples import NOW

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def hall(opened):
    return Hall(opened)


async def told(stage, kind):
    return [event for event in await stage.events() if event.kind == kind]


async def votes(stage):
    return [event.data["votes"] for event in await told(stage, "inquiry.votes")]


async def test_votes_of_what_is_shown_are_told_together_and_only_what_moved(hall):
    asked, other, hidden = [
        await hall.ask(text, by) for text, by in (("一", "10001"), ("二", "10002"), ("三", "10003"))
    ]
    for one in (asked, other):
        await hall.step(one, "approve")
    process = Told()
    await hall.vote(asked, "10002")
    await hall.vote(asked, "10003")
    await count_all(hall.house, process, NOW)
    assert await votes(hall.stage) == [{asked.id: 2}]
    await hall.vote(other, "10003")
    await count_all(hall.house, process, NOW + VOTES_EVERY - SECOND)
    assert len(await votes(hall.stage)) == 1  # however many vote
    await count_all(hall.house, Told(), NOW + VOTES_EVERY)  # another process
    await count_all(hall.house, process, NOW + 2 * VOTES_EVERY)
    assert await votes(hall.stage) == [{asked.id: 2}, {other.id: 1}]
    (event, _) = await told(hall.stage, "inquiry.votes")
    assert (event.audience, event.actor) == ("everyone", None)
    assert hidden.id not in repr(await votes(hall.stage))


async def test_what_nobody_was_told_yet_is_told_at_the_end(hall):
    asked = await hall.ask("一")
    await hall.step(asked, "approve")
    await hall.stage.step("start")
    await hall.vote(asked, "10002")
    await hall.stage.step("end")
    assert await votes(hall.stage) == [{asked.id: 1}]


async def test_signals_are_counted_for_staff_when_they_changed_and_not_too_often(opened):
    house, first, second = opened.house, Told(), Told()
    await count_all(house, first, NOW)
    assert await told(opened, "signals.counted") == []
    await give_signal(house, await opened.who("10001"), opened.lesson_id, Signal.UNCLEAR, NOW)
    await count_all(house, first, NOW)
    await count_all(house, second, NOW)
    await give_signal(house, await opened.who("10002"), opened.lesson_id, Signal.FAST, NOW)
    await count_all(house, first, NOW + SIGNALS_EVERY - SECOND)
    (event,) = await told(opened, "signals.counted")
    assert (event.audience, event.actor) == ("staff", None)
    assert event.data == {"clear": 0, "unclear": 1, "fast": 0, "hint": False}
    for process in (first, second, first):
        await count_all(house, process, NOW + SIGNALS_EVERY)
    assert [each.data["fast"] for each in await told(opened, "signals.counted")] == [0, 1]


async def test_a_box_that_was_lost_leaves_the_last_counts_in_the_log(opened):
    await give_signal(opened.house, await opened.who("10001"), opened.lesson_id, Signal.CLEAR, NOW)
    await count_all(opened.house, Told(), NOW)
    lost = dataclasses.replace(opened.house, signals=MemorySignals())
    await count_all(lost, Told(), NOW + SECOND)
    assert [each.data["clear"] for each in await told(opened, "signals.counted")] == [1]
    await count_all(lost, Told(), NOW + SIGNALS_EVERY)  # and then that nobody signals any more
    assert [each.data["clear"] for each in await told(opened, "signals.counted")] == [1, 0]
