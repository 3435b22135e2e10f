"""Hints inside one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.domain.events import Hint


class MemorySubscription:
    """Waiting hints are merged per lesson, so there are never more of them than lessons."""

    def __init__(self) -> None:
        self._waiting: dict[str, Hint] = {}
        self._some = asyncio.Event()

    def put(self, hint: Hint) -> None:
        waiting = self._waiting.get(hint.lesson_id)
        if waiting is not None:
            hint = Hint(hint.lesson_id, max(hint.seq, waiting.seq), resync=hint.resync or waiting.resync)
        self._waiting[hint.lesson_id] = hint
        self._some.set()

    async def next(self) -> Hint:
        await self._some.wait()
        lesson_id = next(iter(self._waiting))
        hint = self._waiting.pop(lesson_id)
        if not self._waiting:
            self._some.clear()
        return hint


class MemoryFanout:
    """One process's subscribers; :class:`~server.store.redis_fanout.RedisFanout` reaches others through it."""

    def __init__(self) -> None:
        self._subscribers: dict[str | None, set[MemorySubscription]] = {}

    async def publish(self, hint: Hint) -> None:
        self.deliver(hint)

    def deliver(self, hint: Hint) -> None:
        for key in (hint.lesson_id, None):
            for subscriber in self._subscribers.get(key, ()):
                subscriber.put(hint)

    def resync(self) -> None:
        """Something may have been missed: everybody asks the log."""
        for key, subscribers in self._subscribers.items():
            for subscriber in subscribers:
                subscriber.put(Hint(key or "", resync=True))

    @asynccontextmanager
    async def subscribe(self, lesson_id: str | None = None) -> AsyncIterator[MemorySubscription]:
        subscription = MemorySubscription()
        self._subscribers.setdefault(lesson_id, set()).add(subscription)
        try:
            yield subscription
        finally:
            subscribers = self._subscribers[lesson_id]
            subscribers.discard(subscription)
            if not subscribers:
                del self._subscribers[lesson_id]
