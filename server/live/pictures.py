"""Small numbers that change often, pushed as pictures: the newest only, one in a while, to who wants it."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from server.domain.refusals import Refusal
from server.live.client import Client
from server.live.outbox import Message, message

log = structlog.get_logger()

Look = Callable[[], Awaitable[dict[str, Any] | None]]


class Picture:
    """Use ``run`` as a task beside the lesson's feed. ``look`` gives None when there is nothing to show."""

    def __init__(
        self,
        name: str,
        every_s: float,
        look: Look,
        *,
        clients: Callable[[], tuple[Client, ...]],
        give: Callable[[Client, Callable[[], None]], Awaitable[None]],
    ) -> None:
        self._name = name
        self._every_s = every_s
        self._look = look
        self._clients = clients
        self._give = give
        self._shown: dict[Client, Message] = {}

    async def run(self) -> None:
        """Until cancelled. A failure costs one picture."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._show()
            except Refusal as refusal:
                log.warning("picture.delayed", picture=self._name, code=refusal.code)
            except Exception:
                log.exception("picture.failed", picture=self._name)

    async def _show(self) -> None:
        eager = self._clients()
        data = await self._look() if eager else None
        shown, self._shown = self._shown, {}
        if data is None:
            return
        picture = message(self._name, data)
        for client in eager:
            before = shown.get(client)
            same = before is not None and before.text == picture.text
            self._shown[client] = before if before is not None and same else picture
            if not same:
                await self._give(client, functools.partial(client.show, picture))
