"""What waits for one client: events in order, the latest of each picture, in a bounded number of bytes. Pure."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from server.live.wire import event_frame

NAMESPACE = "/live"
EVENTS = "events"


@dataclass(frozen=True)
class Message:
    """``text``: name and data as they are sent. ``parts``: of a frame, its events."""

    name: str
    data: dict[str, Any]
    text: str
    parts: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.text)

    @cached_property
    def wire(self) -> bytes:
        """Made once, however many connections take it."""
        return event_frame(NAMESPACE, self.text)


def message(name: str, data: dict[str, Any]) -> Message:
    """Written once, however many clients get it."""
    return Message(name, data, json.dumps([name, data], ensure_ascii=False, separators=(",", ":")))


def frame(parts: Sequence[str]) -> Message:
    """``parts``: events in order, each written already."""
    return Message(EVENTS, {}, f'["{EVENTS}",[{",".join(parts)}]]', tuple(parts))


class Overflow(Exception):
    """The client is too slow: it is cut off and comes back by ``since``, missing nothing."""


class Outbox:
    """A later picture (``stage``, ``board``, ``quiz``) replaces one of its name that still waits; nothing else is ever
    dropped silently.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._waiting: list[Message] = []
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
        """Events first: they are the truth, a picture shows it. Frames that wait go as one."""
        if self._waiting:
            return self._next_waiting()
        if not self._pictures:
            return None
        picture = self._pictures.pop(next(iter(self._pictures)))
        self.bytes -= picture.size
        return picture

    def _next_waiting(self) -> Message:
        first = self._waiting[0]
        alike = itertools.takewhile(lambda item: first.parts and item.parts, self._waiting)
        taken = list(alike) or [first]
        del self._waiting[: len(taken)]
        self.bytes -= sum(item.size for item in taken)
        return first if len(taken) == 1 else frame([part for item in taken for part in item.parts])
