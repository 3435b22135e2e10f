"""Small writes of one kind travel together; each gets its own answer."""

import asyncio

import pytest

from server.domain.refusals import Refusal
from server.services import gathering
from server.services.gathering import Gathering


class SlowRecords:
    """Obeys the promise of ``write``; a batch is on its way until the test lets it arrive."""

    def __init__(self):
        self.batches, self.may_arrive = [], asyncio.Semaphore(0)

    async def write(self, fn):
        return await asyncio.shield(asyncio.ensure_future(self._write(fn)))

    async def _write(self, fn):
        await self.may_arrive.acquire()
        return fn(self)


def doubled(tx, items):
    tx.batches.append(list(items))
    if "bad" in items:
        raise Refusal("invalid_body")
    return [item * 2 for item in items]


@pytest.fixture
def records():
    return SlowRecords()


async def begun(adding, *items):
    tasks = [asyncio.ensure_future(adding.add(item)) for item in items]
    await asyncio.sleep(0)
    return tasks


async def test_who_comes_while_one_is_under_way_travels_together(records):
    adding = Gathering(records, doubled)
    first = await begun(adding, "a")
    others = await begun(adding, "b", "c", "d")
    records.may_arrive.release()
    records.may_arrive.release()
    assert await asyncio.gather(*first, *others) == ["aa", "bb", "cc", "dd"]
    assert records.batches == [["a"], ["b", "c", "d"]]


async def test_a_batch_is_bounded(records, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_AT_ONCE", 2)
    adding = Gathering(records, doubled)
    tasks = await begun(adding, *"abcde")
    for _ in range(4):
        records.may_arrive.release()
    await asyncio.gather(*tasks)
    assert max(map(len, records.batches)) == 2


async def test_too_many_are_refused(records, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_WAITING", 2)
    adding = Gathering(records, doubled)
    tasks = await begun(adding, *"abc")
    with pytest.raises(Refusal, match="busy"):
        await adding.add("d")
    for _ in range(3):
        records.may_arrive.release()
    assert await asyncio.gather(*tasks) == ["aa", "bb", "cc"]


async def test_ones_failure_is_its_own(records):
    adding = Gathering(records, doubled)
    tasks = await begun(adding, "a", "b", "bad", "c")
    for _ in range(8):
        records.may_arrive.release()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcomes[0], outcomes[1], outcomes[3]] == ["aa", "bb", "cc"]
    assert outcomes[2].code == "invalid_body"


async def test_whoever_leads_may_be_cancelled_and_the_others_get_their_answers(records):
    adding = Gathering(records, doubled)
    leader, second, third = await begun(adding, "a", "b", "c")
    leader.cancel()
    await asyncio.sleep(0)
    for _ in range(4):
        records.may_arrive.release()
    assert await asyncio.gather(second, third) == ["bb", "cc"]
    assert leader.cancelled()


async def test_who_is_cancelled_while_waiting_is_not_written(records):
    adding = Gathering(records, doubled)
    first, second, third = [*(await begun(adding, "a")), *(await begun(adding, "b", "c"))]
    second.cancel()
    await asyncio.sleep(0)
    records.may_arrive.release()
    records.may_arrive.release()
    assert await asyncio.gather(first, third) == ["aa", "cc"]
    assert records.batches == [["a"], ["c"]]
