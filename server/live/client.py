"""One connected device: what it may hear, how far it has heard, and what waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

from server.domain.access import Principal
from server.domain.board import Sight
from server.domain.events import Listener
from server.domain.presence import Device, Face
from server.live.cadence import Cadence
from server.live.frames import Frames
from server.live.outbox import Message, Outbox, frame
from server.services.login import Holder

Start = Callable[[Coroutine[None, None, None]], "asyncio.Task[None]"]


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
    catch_up: bool = False  # is told in one message what it missed and how far that goes


class Line(Protocol):
    """The way to a connection."""

    def write(self, item: Message) -> bool:
        """At once, when nothing stands before it; else nothing is done, and False."""
        ...

    async def send(self, item: Message) -> None:
        """Returns when the connection has taken it."""
        ...

    def hang_up(self) -> None:
        """Without waiting for what it has not taken."""
        ...


_WITH_BOARD = frozenset({Face.CONSOLE, Face.DESK, Face.BOARD, Face.VENUE})


class Client:
    """Sends in order, one message at a time, so that all that waits is counted by the outbox. Whoever takes what comes
    as it comes, which nearly all do, has nothing waiting: it is written at once, and there is no task for it.
    """

    def __init__(self, joined: Joined, seq: int, most_bytes: int, line: Line) -> None:
        self.joined = joined
        self._line = line
        self._audiences = frozenset(joined.listener.audiences)
        self._owes = joined.listener.owes and not joined.listener.sees_answers
        self.seq = seq  # everything up to here was sent, or is not for it
        self._outbox = Outbox(most_bytes)
        self._start: Start | None = None
        self._sender: asyncio.Task[None] | None = None
        # A phone wakes up for each frame: their number is bounded for it alone, too, whatever it catches up with.
        self._cadence = Cadence() if joined.batch and joined.device.face is Face.PHONE else None

    @property
    def wants_stage(self) -> bool:
        return self.joined.listener.staff

    @property
    def sees_answers(self) -> bool:
        """How they are spread, before closing."""
        return self.joined.listener.sees_answers

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
            made = frames.of(self._audiences, owes=self._owes)
            if made is not None:
                self._put(made)
        else:
            self._hear_apart(frames)
        self.seq = max(self.seq, reach)

    def _hear_apart(self, frames: Frames) -> None:
        """It has heard some of it before, or takes one at a time."""
        new = [item for item in frames.items if item.seq > self.seq and item.audience in self._audiences]
        if self.joined.batch and new:
            self._put(frame([item.said(owes=self._owes) for item in new]))
        elif not self.joined.batch:
            for item in new:
                self._put(item.message(owes=self._owes))

    def tell(self, item: Message) -> None:
        """Raises ``Overflow``."""
        self._put(item)

    def show(self, picture: Message) -> None:
        """Raises ``Overflow``."""
        if not self._written(picture):
            self._outbox.put_picture(picture)
            self._send_on()

    def _put(self, item: Message) -> None:
        if not self._written(item):
            self._outbox.put(item)
            self._send_on()

    def _written(self, item: Message) -> bool:
        """Whether it could go at once: only when nothing waits here or in the connection, and a phone may be woken."""
        if self._sender is not None or self._outbox.bytes:
            return False
        if self._cadence is None:
            return self._line.write(item)
        now_ms = asyncio.get_running_loop().time() * 1000
        if self._cadence.wait_ms(now_ms, urgent=True) > 0 or not self._line.write(item):
            return False
        self._cadence.sent(now_ms)
        return True

    def begin(self, start: Start) -> None:
        """From now on what has to wait is sent, by tasks that ``start`` makes."""
        self._start = start
        self._send_on()

    def go(self) -> None:
        """Nothing more is sent. Idempotent."""
        self._start = None
        # Who sends is often the first to notice that a connection is dead, and must not be cut off in its own farewell.
        if self._sender is not None and self._sender is not asyncio.current_task():
            self._sender.cancel()

    def hang_up(self) -> None:
        self._line.hang_up()

    def _send_on(self) -> None:
        if self._outbox.bytes and self._sender is None and self._start is not None:
            self._sender = self._start(self._send_waiting())

    async def _send_waiting(self) -> None:
        try:
            while self._start is not None and self._outbox.bytes:
                await self._turn()
                item = self._outbox.next()
                if item is not None:
                    await self._line.send(item)
        finally:
            self._sender = None

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
