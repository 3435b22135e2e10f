"""One connected device: what it may hear, how far it has heard, and what waits for it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.board import Sight
from server.domain.events import Event, Listener
from server.domain.presence import Device, Face
from server.live.outbox import Message, Outbox, message
from server.services.login import Holder


@dataclass(frozen=True, slots=True)
class Joined:
    """Who stands behind a connection."""

    sid: str
    lesson_id: str
    device: Device
    listener: Listener
    holder: Holder
    principal: Principal


@dataclass(frozen=True, slots=True)
class Heard:
    """An event, made into a message once, however many clients get it."""

    seq: int
    audience: str
    message: Message


def heard(events: Iterable[Event]) -> tuple[Heard, ...]:
    return tuple(Heard(event.seq, event.audience, message("event", event_out(event))) for event in events)


_WITH_BOARD = frozenset({Face.CONSOLE, Face.DESK, Face.BOARD, Face.VENUE})


class Client:
    """Sends in order, one message at a time, so that all that waits is counted by the outbox."""

    def __init__(self, joined: Joined, seq: int, most_bytes: int) -> None:
        self.joined = joined
        self._audiences = frozenset(joined.listener.audiences)
        self.seq = seq  # everything up to here was sent, or is not for it
        self._outbox = Outbox(most_bytes)
        self._more = asyncio.Event()

    @property
    def wants_stage(self) -> bool:
        return self.joined.listener.staff

    @property
    def board_sight(self) -> Sight | None:
        """Whose attendance its board shows; None: no board is pushed."""
        listener = self.joined.listener
        if self.joined.device.face not in _WITH_BOARD:
            return None
        if listener.staff:
            return Sight()
        return Sight(lesson_venue_id=listener.lesson_venue_id) if listener.lesson_venue_id else None

    @property
    def wants_count(self) -> bool:
        """How many have answered a quiz: shown to staff and on the screens of venues."""
        return self.wants_stage or (
            self.joined.device.face is Face.VENUE and self.joined.listener.lesson_venue_id is not None
        )

    def hear(self, items: Sequence[Heard], reach: int) -> None:
        """Queue what is new and meant for it; afterwards it has heard up to ``reach``. Raises ``Overflow``."""
        for item in items:
            if item.seq > self.seq and item.audience in self._audiences:
                self._put(item.message)
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


def event_out(event: Event) -> dict[str, object]:
    return {"seq": event.seq, "at": rfc3339(event.at), "kind": event.kind, "data": dict(event.data)}


def rfc3339(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
