"""What engineio still has to write: in order, once, to one taker after the other."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.live.backlog import Backlog


@given(st.lists(st.sampled_from(["put", "get", "done"]), max_size=60))
def test_it_is_the_queue_that_engineio_would_have(steps):
    ours, theirs = Backlog(), asyncio.Queue()
    for number, step in enumerate(steps):
        if step == "put":
            ours.put_nowait(number)
            theirs.put_nowait(number)
        else:
            assert _tried(ours, step) == _tried(theirs, step)
        assert ours.empty() == theirs.empty()


def _tried(queue, step):
    try:
        return queue.get_nowait() if step == "get" else queue.task_done()
    except (asyncio.QueueEmpty, ValueError) as error:
        return type(error)


async def test_who_takes_waits_until_something_is_there():
    backlog = Backlog()
    async with asyncio.TaskGroup() as tasks:
        first, second = (tasks.create_task(backlog.get()) for _ in range(2))
        await asyncio.sleep(0)
        backlog.put_nowait("a")
        await backlog.put("b")
    assert [first.result(), second.result()] == ["a", "b"]


async def test_one_that_gives_up_when_it_is_woken_takes_nothing_from_the_next():
    backlog = Backlog()
    first, second = (asyncio.create_task(backlog.get()) for _ in range(2))
    await asyncio.sleep(0)
    backlog.put_nowait("a")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    async with asyncio.timeout(60):
        assert await second == "a"


async def test_all_is_dealt_with_when_the_last_one_is():
    backlog = Backlog()
    await backlog.join()
    backlog.put_nowait("a")
    waiting = asyncio.create_task(backlog.join())
    await asyncio.sleep(0)
    assert await backlog.get() == "a"
    await asyncio.sleep(0)
    assert not waiting.done()
    backlog.task_done()
    async with asyncio.timeout(60):
        await waiting


@pytest.mark.parametrize("make", [asyncio.Queue, Backlog])
async def test_who_waited_for_all_to_be_dealt_with_does_not_wait_for_what_comes_then(make):
    """Who is cut off gets the end marker in the moment in which the rest is thrown away; nobody deals with that one."""
    queue = make()
    queue.put_nowait(1)
    waiting = asyncio.create_task(queue.join())
    await asyncio.sleep(0)
    queue.get_nowait()
    queue.task_done()
    queue.put_nowait(None)
    async with asyncio.timeout(60):
        await waiting
