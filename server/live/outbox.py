"""What waits for one client: events in order, at most one stage, in a bounded number of bytes. Pure."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    name: str
    data: dict[str, Any]
    size: int


def message(name: str, data: dict[str, Any]) -> Message:
    """Sized once, however many clients get it."""
    return Message(name, data, len(json.dumps(data, ensure_ascii=False)) + len(name))


class Overflow(Exception):
    """The client is too slow: it is cut off and comes back by ``since``, missing nothing."""


class Outbox:
    """A later ``stage`` replaces one that still waits; nothing else is ever dropped silently."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting: deque[Message] = deque()
        self._stage: Message | None = None
        self.bytes = 0

    def put(self, item: Message) -> None:
        """Raises :class:`Overflow`; nothing is added then."""
        if self.bytes + item.size > self._most_bytes:
            raise Overflow
        self.bytes += item.size
        self._waiting.append(item)

    def put_stage(self, item: Message) -> None:
        """Raises :class:`Overflow`."""
        replaced = self._stage.size if self._stage else 0
        if self.bytes - replaced + item.size > self._most_bytes:
            raise Overflow
        self.bytes += item.size - replaced
        self._stage = item

    def next(self) -> Message | None:
        """Events first: they are the truth, the stage is a picture of it."""
        if self._waiting:
            item: Message | None = self._waiting.popleft()
        else:
            item, self._stage = self._stage, None
        if item is not None:
            self.bytes -= item.size
        return item
