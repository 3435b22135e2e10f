"""What a node reports, in order, from a bounded queue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from rooms.interface import NodeEvent, SlotLive

CAPACITY = 4096


class EventQueue:
    """When it is full, the oldest ``SlotLive`` goes first (a detail), then the oldest event of any kind."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._events: deque[NodeEvent] = deque()
        self._capacity = capacity
        self._changed = asyncio.Event()
        self._closed = False
        self.dropped = 0

    def put(self, event: NodeEvent) -> None:
        if self._closed:
            return
        if len(self._events) >= self._capacity:
            self._drop_one()
        self._events.append(event)
        self._changed.set()

    def _drop_one(self) -> None:
        self.dropped += 1
        for position, event in enumerate(self._events):
            if isinstance(event, SlotLive):
                del self._events[position]
                return
        self._events.popleft()

    def close(self) -> None:
        """Readers get what is left and then end. Idempotent."""
        self._closed = True
        self._changed.set()

    async def read(self) -> AsyncIterator[NodeEvent]:
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._changed.clear()
            await self._changed.wait()
