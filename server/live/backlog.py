"""What engineio has still to write to one connection."""

from __future__ import annotations

import asyncio
from typing import Any


class Backlog:
    """``asyncio.Queue`` as far as engineio uses it, without a limit of its own (see ``outbox``), in 300 bytes: that one
    takes 3.5 KB of each connection before anything is in it.
    """

    __slots__ = ("_idle", "_items", "_takers", "unfinished")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._takers: list[asyncio.Future[None]] = []
        self._idle: list[asyncio.Future[None]] = []
        self.unfinished = 0  # put, and not yet said to be done

    def qsize(self) -> int:
        return len(self._items)

    def empty(self) -> bool:
        return not self._items

    async def put(self, item: Any) -> None:  # noqa: ANN401 - engineio's packets, or None for the end
        self.put_nowait(item)

    def put_nowait(self, item: Any) -> None:  # noqa: ANN401
        self._items.append(item)
        self.unfinished += 1
        self._wake_one()

    async def get(self) -> Any:  # noqa: ANN401
        while not self._items:
            await self._turn()
        return self._items.pop(0)

    async def _turn(self) -> None:
        taker = asyncio.get_running_loop().create_future()
        self._takers.append(taker)
        try:
            await taker
        except asyncio.CancelledError:
            if self._items:
                self._wake_one()  # what it was woken for is another's
            raise
        finally:
            if taker in self._takers:
                self._takers.remove(taker)

    def _wake_one(self) -> None:
        while self._takers:
            taker = self._takers.pop(0)
            if not taker.done():
                taker.set_result(None)
                return

    def get_nowait(self) -> Any:  # noqa: ANN401
        """Raises ``asyncio.QueueEmpty``."""
        if not self._items:
            raise asyncio.QueueEmpty
        return self._items.pop(0)

    def task_done(self) -> None:
        """One that was got has been dealt with. Raises ValueError when there is none."""
        if not self.unfinished:
            raise ValueError("done more often than put")
        self.unfinished -= 1
        if not self.unfinished:
            idle, self._idle = self._idle, []
            for future in idle:
                if not future.done():
                    future.set_result(None)

    async def join(self) -> None:
        """Returns when everything that was put has been dealt with, whatever is put from then on."""
        if self.unfinished:
            future = asyncio.get_running_loop().create_future()
            self._idle.append(future)
            await future
