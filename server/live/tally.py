"""How many have answered, pushed to staff and venue screens of one lesson: one count a second, whatever comes in."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import structlog

from server.domain.refusals import Refusal
from server.live.client import Client
from server.live.outbox import Message, message
from server.services.house import House
from server.services.quizzes import RunningCount, running_count

log = structlog.get_logger()

COUNT_EVERY_S = 1.0


class Tally:
    """Use ``run`` as a task beside the lesson's feed. Without a running quiz, or anybody to show it to, it rests."""

    def __init__(
        self,
        house: House,
        lesson_id: str,
        clients: Callable[[], tuple[Client, ...]],
        give: Callable[[Client, Callable[[], None]], Awaitable[None]],
    ) -> None:
        self._house = house
        self._lesson_id = lesson_id
        self._clients = clients
        self._give = give
        self._hinted = asyncio.Event()
        self._shown: dict[Client, Message] = {}

    def hint(self) -> None:
        """A quiz may have begun, or somebody come who wants to see."""
        self._hinted.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._hinted.wait()
            self._hinted.clear()
            try:
                if await self._show():
                    self._hinted.set()  # once more in a second
            except Refusal as refusal:
                log.warning("tally.delayed", lesson_id=self._lesson_id, code=refusal.code)
                self._hinted.set()
            except Exception:
                log.exception("tally.failed", lesson_id=self._lesson_id)
            await asyncio.sleep(COUNT_EVERY_S)  # hints may come faster

    async def _show(self) -> bool:
        """Whether it is worth looking again soon."""
        eager = [client for client in self._clients() if client.wants_count]
        if not eager:
            return False
        count = await running_count(self._house.records, self._lesson_id)
        if count is None:
            self._shown.clear()
            return False
        pictures = {told: message("quiz", _picture(count, told=told)) for told in (True, False)}
        shown, self._shown = self._shown, {}
        for client in eager:
            picture = self._shown[client] = pictures[client.sees_answers]
            before = shown.get(client)
            if before is None or before.data != picture.data:
                await self._give(client, functools.partial(client.show, picture))
        return True


def _picture(count: RunningCount, *, told: bool) -> dict[str, Any]:
    """Only who may ask questions may see how the answers are spread before closing."""
    picture: dict[str, Any] = {"quiz_id": count.quiz_id, "answered": count.answered, "expected": count.expected}
    if count.run_id is not None:
        return {**picture, "run_id": count.run_id, "begun": count.begun, "handed_in": count.handed_in}
    if count.opinions is not None:
        picture["opinions"] = [asdict(one) for one in count.opinions]
    return {**picture, "distribution": dict(count.distribution)} if told else picture
