"""How many stand behind each inquiry: whoever comes is told all of it once, and afterwards what has moved."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping

import structlog

from server.domain.refusals import Refusal
from server.live.client import Client
from server.live.outbox import Message, message

log = structlog.get_logger()

VOTES_EVERY_S = 2.0


class Votes:
    """Use ``run`` as a task beside the lesson's feed. ``look``: votes of what is shown to everybody."""

    def __init__(
        self,
        look: Callable[[], Awaitable[Mapping[str, int]]],
        *,
        clients: Callable[[], tuple[Client, ...]],
        give: Callable[[Client, Callable[[], None]], Awaitable[None]],
    ) -> None:
        self._look = look
        self._clients = clients
        self._give = give
        self._known: dict[str, int] = {}  # of each that anybody ever voted for
        self._told: set[Client] = set()

    async def run(self) -> None:
        """Until cancelled. A failure costs one look."""
        while True:
            await asyncio.sleep(VOTES_EVERY_S)
            try:
                await self.show()
            except Refusal as refusal:
                log.warning("votes.delayed", code=refusal.code)
            except Exception:
                log.exception("votes.failed")

    async def show(self) -> None:
        """None of it replaces another: each says what the one before did not."""
        clients = self._clients()
        if not clients:
            return
        moved = {each: n for each, n in (await self._look()).items() if self._known.get(each, 0) != n}
        self._known |= moved
        told, self._told = self._told, set(clients)
        news, everything = _message(moved), _message(self._known)
        for client in clients:
            item = news if client in told else everything
            if item is not None:
                await self._give(client, functools.partial(client.tell, item))


def _message(votes: Mapping[str, int]) -> Message | None:
    return message("inquiries", {"votes": dict(votes)}) if votes else None
