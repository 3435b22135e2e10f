"""Answers of one client that come together: none waits for another's commit, and their number is bounded."""

import asyncio

import pytest

from server.domain.papers import MOST_QUESTIONS
from server.live.transport import MOST_TOGETHER, SideBySide
from server.settings.values import Settings


class Trial(SideBySide):
    """Nobody is connected: what a client said is given in, and acks are kept."""

    def __init__(self):
        self.tasks, self.begun, self.acked, self.commit = set(), [], [], asyncio.Event()
        super().__init__(frozenset({"answer"}), start=self._own, async_mode="aiohttp")

    def _own(self, work):
        self.tasks.add(asyncio.create_task(work))

    async def _trigger_event(self, event, namespace, sid, *said):
        self.begun.append((event, *said))
        await self.commit.wait()
        if said == ("wrong",):
            raise ValueError(said)
        return {"event": event}

    async def _send_packet(self, eio_sid, packet):
        self.acked.append(packet.id)

    async def said(self, event, number):
        await self._handle_event_internal(self, "s", "e", [event, number], "/", number)

    async def settled(self):
        self.commit.set()
        await asyncio.gather(*self.tasks)


async def test_a_whole_paper_is_begun_before_the_first_answer_is_committed():
    server = Trial()
    for number in range(MOST_QUESTIONS):
        await server.said("answer", number)
    await asyncio.sleep(0)
    assert server.begun == [("answer", number) for number in range(MOST_QUESTIONS)]
    assert server.acked == [], "acknowledged is committed"
    await server.settled()
    assert sorted(server.acked) == list(range(MOST_QUESTIONS))
    assert not server._under_way


@pytest.mark.parametrize(("event", "before"), [("answer", MOST_TOGETHER), ("since", 0)])
async def test_more_than_that_and_everything_else_keeps_the_client_waiting(event, before):
    server = Trial()
    for number in range(before):
        await server.said("answer", number)
    one_more = asyncio.create_task(server.said(event, before))
    await asyncio.sleep(0.01)
    assert not one_more.done()
    await server.settled()
    await one_more
    assert len(server.acked) == before + 1


async def test_one_that_fails_ends_no_other():
    server = Trial()
    await server.said("answer", "wrong")
    await server.said("answer", 2)
    await server.settled()
    assert server.acked == [2]


def test_a_whole_paper_and_a_beat_are_not_too_fast():
    assert MOST_TOGETHER >= MOST_QUESTIONS
    assert Settings.__dataclass_fields__["socket_burst"].default > MOST_QUESTIONS
