"""What a running lesson stands on."""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import dataclass, field

from server.services.fanout import Fanout
from server.services.media import MediaPlane, ReplayLibrary
from server.services.presence import Presence
from server.services.records import Records


class Turns:
    """One lock per lesson: in this process its room is changed by one hand at a time."""

    def __init__(self) -> None:
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    def of(self, lesson_id: str) -> asyncio.Lock:
        return self._locks.setdefault(lesson_id, asyncio.Lock())


@dataclass(frozen=True, slots=True)
class House:
    """The ports of the use cases that touch a lesson on the air. Made once by the composition root."""

    records: Records
    media: MediaPlane
    library: ReplayLibrary
    presence: Presence
    fanout: Fanout
    turns: Turns = field(default_factory=Turns)
