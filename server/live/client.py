"""One connected device: what it may hear, how far it has heard, and what waits for it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.events import Event, Listener
from server.domain.presence import Device, Face
from server.live.outbox import Message, Outbox, message


@dataclass(frozen=True, slots=True)
class Joined:
    """Who stands behind a connection."""

    sid: str
    lesson_id: str
    device: Device
    listener: Listener
    principal: Principal


class Client:
    """Sends in order, one message at a time, so that all that waits is counted by the outbox."""

    def __init__(self, joined: Joined, seq: int, most_bytes: int) -> None:
        self.joined = joined
        self.seq = seq  # everything up to here was sent, or is not for it
        self._outbox = Outbox(most_bytes)
        self._more = asyncio.Event()

    @property
    def wants_stage(self) -> bool:
        return self.joined.listener.staff

    @property
    def wants_count(self) -> bool:
        """How many have answered a quiz: shown to staff and on the screens of venues."""
        return self.wants_stage or (
            self.joined.device.face is Face.VENUE and self.joined.listener.lesson_venue_id is not None
        )

    def hear(self, told: tuple[tuple[Event, Message], ...], reach: int) -> None:
        """Queue what is new and meant for it; afterwards it has heard up to ``reach``. Raises ``Overflow``."""
        for event, item in told:
            if event.seq > self.seq and self.joined.listener.hears(event.audience):
                self._put(item)
        self.seq = max(self.seq, reach)

    def tell(self, item: Message) -> None:
        """Raises ``Overflow``."""
        self._put(item)

    def show(self, picture: Message) -> None:
        """Raises ``Overflow``."""
        self._outbox.put_picture(picture)
        self._more.set()

    def _put(self, item: Message) -> None:
        self._outbox.put(item)
        self._more.set()

    async def run(self, send: Callable[[Message], Awaitable[None]]) -> None:
        """Until cancelled. ``send`` returns when the client's connection has taken the message."""
        while True:
            await self._more.wait()
            item = self._outbox.next()
            if item is None:
                self._more.clear()
            else:
                await send(item)


def told(events: tuple[Event, ...]) -> tuple[tuple[Event, Message], ...]:
    """Each with its message, written once for all who hear it."""
    return tuple((event, message("event", event_out(event))) for event in events)


def event_out(event: Event) -> dict[str, object]:
    return {"seq": event.seq, "at": rfc3339(event.at), "kind": event.kind, "data": dict(event.data)}


def rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
