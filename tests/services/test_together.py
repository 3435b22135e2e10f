"""What many ask for in the same moments is read once."""

import asyncio

import pytest

from server.domain.refusals import Refusal
from server.services.together import MOST_WAITING, ReadTogether, SeeTogether


class Records:
    def __init__(self, error=None):
        self.reads = 0
        self.error = error

    async def read(self, fn):
        self.reads += 1
        if self.error is not None:
            raise self.error
        return fn(None)


def halved(_tx, items):
    return [Refusal("forbidden") if item % 2 else item // 2 for item in items]


async def test_everybody_who_waits_is_answered_by_one_read_each_with_its_own():
    records = Records()
    together = ReadTogether(records, halved, 0)
    answers = await asyncio.gather(*(together.ask(item) for item in range(4)), return_exceptions=True)
    assert records.reads == 1
    assert [getattr(answer, "code", answer) for answer in answers] == [0, "forbidden", 1, "forbidden"]
    assert await together.ask(8) == 4
    assert records.reads == 2


async def test_one_read_is_bounded_and_the_rest_has_the_next():
    records = Records()
    together = ReadTogether(records, halved, 0)
    assert await asyncio.gather(*(together.ask(2 * item) for item in range(450))) == list(range(450))
    assert records.reads == 3


async def test_who_gave_up_is_left_out_and_holds_nobody_up():
    asked = []

    def noted(_tx, items):
        asked.extend(items)
        return items

    together = ReadTogether(Records(), noted, 0)
    first, second = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 2
    assert asked == [2]


async def test_a_record_that_is_away_is_said_to_everybody_and_does_not_stay():
    records = Records(Refusal("unavailable"))
    together = ReadTogether(records, halved, 0)
    answers = await asyncio.gather(together.ask(0), together.ask(2), return_exceptions=True)
    assert [answer.code for answer in answers] == ["unavailable", "unavailable"]
    records.error = None
    assert await together.ask(4) == 2


async def test_a_bug_is_not_swallowed():
    together = ReadTogether(Records(ZeroDivisionError()), halved, 0)
    with pytest.raises(ZeroDivisionError):
        await together.ask(1)


async def test_what_waits_is_bounded_and_who_comes_later_is_told_to_come_again():
    records = Records()
    together = ReadTogether(records, halved, 0)
    asked = [asyncio.create_task(together.ask(0)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal, match="busy") as refused:
        await together.ask(0)
    assert refused.value.retry_after_s
    assert await asyncio.gather(*asked) == [0] * MOST_WAITING
    assert await together.ask(4) == 2, "there is room again"


class SeenRecords(Records):
    async def read_seen(self, fn):
        return await self.read(fn), f"reading {self.reads}"


async def test_each_is_told_by_what_to_know_whether_it_is_still_so():
    records = SeenRecords()
    see = SeeTogether(records, halved)
    answers = await asyncio.gather(*(see.ask(item) for item in range(4)), return_exceptions=True)
    assert [getattr(answer, "code", answer) for answer in answers] == [
        (0, "reading 1"),
        "forbidden",
        (1, "reading 1"),
        "forbidden",
    ]


async def test_one_that_cannot_be_read_is_nobody_elses_fault():
    records = SeenRecords()
    see = SeeTogether(records, lambda _tx, items: [12 // item for item in items])
    answers = await asyncio.gather(*(see.ask(item) for item in (3, 0, 4)), return_exceptions=True)
    assert (answers[0][0], answers[2][0]) == (4, 3)
    assert isinstance(answers[1], ZeroDivisionError)
    records.error = Refusal("unavailable")
    asked = records.reads
    answers = await asyncio.gather(see.ask(1), see.ask(2), return_exceptions=True)
    assert [answer.code for answer in answers] == ["unavailable", "unavailable"]
    assert records.reads == asked + 1, "a record that is away is asked once"
