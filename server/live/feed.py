"""One lesson's pushes in this process: hint → read the log once → give each client what it may hear.

Hints may be lost or merged: the log is the truth, and a feed always reads on from where it stands.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
from collections.abc import Awaitable, Callable

import pydantic
import structlog

from server.domain.refusals import Refusal
from server.live.client import Client, told
from server.live.outbox import Message, Overflow, message
from server.live.tally import Tally
from server.services.events import PAGE, heard_since
from server.services.house import House
from server.services.stage import staff_stage
from server.services.views import StageView

log = structlog.get_logger()

STAGE_EVERY_S = 0.5
_RETRY_S = 1.0

_STAGE: pydantic.TypeAdapter[StageView] = pydantic.TypeAdapter(StageView)


class Feed:
    """Use ``run`` as a task while the lesson has clients here."""

    def __init__(
        self,
        house: House,
        lesson_id: str,
        seq: int,
        cut: Callable[[Client], Awaitable[None]],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._house = house
        self._lesson_id = lesson_id
        self._seq = seq
        self._cut = cut
        self._now = now
        self._clients: set[Client] = set()
        self._hinted = asyncio.Event()
        self._shown: dict[Client, Message] = {}
        self._tally = Tally(house, lesson_id, lambda: self.clients, self._give)

    @property
    def empty(self) -> bool:
        return not self._clients

    @property
    def clients(self) -> tuple[Client, ...]:
        return tuple(self._clients)

    def hint(self) -> None:
        self._hinted.set()
        self._tally.hint()

    async def join(self, client: Client) -> None:
        """Catch the client up, then add it. More than a page behind: it is told to ask by itself."""
        while client.seq < self._seq:
            page = await heard_since(self._house.records, self._lesson_id, client.joined.listener, client.seq)
            if len(page.events) >= PAGE:
                client.tell(message("resync", {"seq": page.seq}))
                client.seq = self._seq
                break
            client.hear(told(page.events), max(page.seq, client.seq + 1))
        self._clients.add(client)
        self.hint()  # something may have come between the ticket and now

    def leave(self, client: Client) -> None:
        self._clients.discard(client)
        self._shown.pop(client, None)

    async def run(self) -> None:
        """Until cancelled. A database that is away, or a bug, delays this lesson's pushes and ends nothing."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tally.run())
            await self._follow()

    async def _follow(self) -> None:
        while True:
            try:
                await self._turn()
                continue
            except Refusal as refusal:
                log.warning("feed.delayed", lesson_id=self._lesson_id, code=refusal.code)
            except Exception:
                log.exception("feed.failed", lesson_id=self._lesson_id)
            self._hinted.set()
            await asyncio.sleep(_RETRY_S)

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(STAGE_EVERY_S if self._staff() else None):
                await self._hinted.wait()
        except TimeoutError:
            pass
        if self._hinted.is_set():
            self._hinted.clear()
            await self._read_on()
        if self._staff():
            await self._show_stage()
            # Twice a second at most, whatever happens in between.
            await asyncio.sleep(STAGE_EVERY_S)

    async def _read_on(self) -> None:
        while True:
            page = await heard_since(self._house.records, self._lesson_id, None, self._seq)
            news = told(page.events)
            for client in self.clients:
                await self._give(client, functools.partial(client.hear, news, page.seq))
            self._seq = max(self._seq, page.seq)
            if len(page.events) < PAGE:
                return

    async def _show_stage(self) -> None:
        view = await staff_stage(self._house, self._lesson_id, self._now())
        stage = message("stage", _STAGE.dump_python(view, mode="json"))
        for client in self._staff():
            if self._shown.get(client) is None or self._shown[client].data != stage.data:
                self._shown[client] = stage
                await self._give(client, functools.partial(client.show, stage))

    def _staff(self) -> list[Client]:
        return [client for client in self._clients if client.wants_stage]

    async def _give(self, client: Client, give: Callable[[], None]) -> None:
        try:
            give()
        except Overflow:
            await self._cut(client)
