"""One connected device: what it may hear, how far it has heard, and what waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.board import Sight
from server.domain.events import Listener
from server.domain.presence import Device, Face
from server.live.cadence import Cadence
from server.live.frames import Frames
from server.live.outbox import Message, Outbox, frame
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
    batch: bool = False  # takes events by frames; else one at a time, as before there were frames


_WITH_BOARD = frozenset({Face.CONSOLE, Face.DESK, Face.BOARD, Face.VENUE})


class Client:
    """Sends in order, one message at a time, so that all that waits is counted by the outbox."""

    def __init__(self, joined: Joined, seq: int, most_bytes: int) -> None:
        self.joined = joined
        self._audiences = frozenset(joined.listener.audiences)
        self.seq = seq  # everything up to here was sent, or is not for it
        self._outbox = Outbox(most_bytes)
        self._more = asyncio.Event()
        # A phone wakes up for each frame: their number is bounded for it alone, too, whatever it catches up with.
        self._cadence = Cadence() if joined.batch and joined.device.face is Face.PHONE else None

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

    def hear(self, frames: Frames, reach: int) -> None:
        """Queue what is new and meant for it; afterwards it has heard up to ``reach``. Raises ``Overflow``."""
        first = frames.items[0].seq if frames.items else reach
        if self.joined.batch and first > self.seq:
            made = frames.of(self._audiences)
            if made is not None:
                self._put(made)
        else:
            self._hear_apart(frames)
        self.seq = max(self.seq, reach)

    def _hear_apart(self, frames: Frames) -> None:
        """It has heard some of it before, or takes one at a time."""
        new = [item for item in frames.items if item.seq > self.seq and item.audience in self._audiences]
        if self.joined.batch and new:
            self._put(frame([item.text for item in new]))
        elif not self.joined.batch:
            for item in new:
                self._put(item.message)

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
            await self._turn()
            item = self._outbox.next()
            if item is None:
                self._more.clear()
            else:
                await send(item)

    async def _turn(self) -> None:
        """A phone's next frame may go."""
        if self._cadence is None:
            return
        loop = asyncio.get_running_loop()
        wait_ms = self._cadence.wait_ms(loop.time() * 1000, urgent=True)
        if wait_ms > 0:
            await asyncio.sleep(wait_ms / 1000)
        if self._outbox.bytes:
            self._cadence.sent(loop.time() * 1000)
