"""What waits for one client: events in order, the latest of each picture, in a bounded number of bytes. Pure."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """``text``: name and data as they are sent."""

    name: str
    data: dict[str, Any]
    text: str

    @property
    def size(self) -> int:
        return len(self.text)


def message(name: str, data: dict[str, Any]) -> Message:
    """Written once, however many clients get it."""
    return Message(name, data, json.dumps([name, data], ensure_ascii=False, separators=(",", ":")))


class Overflow(Exception):
    """The client is too slow: it is cut off and comes back by ``since``, missing nothing."""


class Outbox:
    """A later picture (``stage``, ``board``, ``quiz``) replaces one of its name that still waits; nothing else is ever
    dropped silently.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting: deque[Message] = deque()
        self._pictures: dict[str, Message] = {}
        self.bytes = 0

    def put(self, item: Message) -> None:
        """Raises :class:`Overflow`; nothing is added then."""
        if self.bytes + item.size > self._most_bytes:
            raise Overflow
        self.bytes += item.size
        self._waiting.append(item)

    def put_picture(self, item: Message) -> None:
        """Raises :class:`Overflow`."""
        before = self._pictures.get(item.name)
        replaced = before.size if before else 0
        if self.bytes - replaced + item.size > self._most_bytes:
            raise Overflow
        self.bytes += item.size - replaced
        self._pictures[item.name] = item

    def next(self) -> Message | None:
        """Events first: they are the truth, a picture shows it."""
        item: Message | None = None
        if self._waiting:
            item = self._waiting.popleft()
        elif self._pictures:
            item = self._pictures.pop(next(iter(self._pictures)))
        if item is not None:
            self.bytes -= item.size
        return item
