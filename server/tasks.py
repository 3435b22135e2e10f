"""Long-running work that has an owner: a process's own tasks, awaited or cancelled when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Tasks:
    """The process's own long-running tasks. One that fails ends the process: half a server is worse than none.

    ``within``: these end earlier than those, which hear of their failures.
    """

    def __init__(self, within: Tasks | None = None) -> None:
        self._running: set[asyncio.Task[None]] = set()
        self._within = within
        self._failure: asyncio.Future[None] = (
            asyncio.get_running_loop().create_future() if within is None else within._failure
        )

    async def __aenter__(self) -> Tasks:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        if self._within is None:
            self._failure.cancel()

    def start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def failed(self) -> None:
        await asyncio.shield(self._failure)
