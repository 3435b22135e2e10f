"""One lesson's pushes in this process: hint → read the log once → give each client what it may hear.

Hints may be lost or merged: the log is the truth, and a feed always reads on from where it stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pydantic
import structlog

from server.domain.board import Sight
from server.domain.events import URGENT, Event
from server.domain.refusals import Refusal
from server.live.cadence import Cadence
from server.live.client import Client
from server.live.frames import Frames, Heard, caught_up, heard
from server.live.outbox import Message, Overflow, message
from server.live.pictures import Picture
from server.live.tally import Tally
from server.services.board import BoardView, Snapshot, watch_board
from server.services.catching_up import Behind
from server.services.events import PAGE, heard_since
from server.services.house import House
from server.services.signals import count_signals
from server.services.stage import staff_stage
from server.services.views import StageView

log = structlog.get_logger()

STAGE_EVERY_S = 0.5
BOARD_EVERY_S = 1.0
SIGNALS_EVERY_S = 1.0
AT_ONCE = 100
_RETRY_S = 1.0

_STAGE: pydantic.TypeAdapter[StageView] = pydantic.TypeAdapter(StageView)
_BOARD: pydantic.TypeAdapter[BoardView] = pydantic.TypeAdapter(BoardView)


class Feed:
    """Use ``run`` as a task while the lesson has clients here."""

    def __init__(
        self,
        house: House,
        lesson_id: str,
        seq: int,
        cut: Callable[[Client], Awaitable[None]],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._house = house
        self._lesson_id = lesson_id
        self._seq = seq
        self._cut = cut
        self._now = now
        self._clients: set[Client] = set()
        # Apart from the two thousand phones, which neither see.
        self._staff: set[Client] = set()
        self._watching: dict[Client, Sight] = {}
        self._hinted = asyncio.Event()
        self._cadence = Cadence()
        self._waiting: list[Heard] = []  # read, and given to nobody yet
        self._reach = seq
        self._missed: tuple[tuple[Event, ...], int, Message] = (
            (),
            seq,
            caught_up((), seq),
        )  # what the last one that came had missed
        self._shown: dict[Client, Message] = {}
        self._stale = True  # something happened since the stage was shown
        self._stage_from_s = 0.0
        self._board: Snapshot | None = None
        self._boards: dict[Sight, Message] = {}
        self._with_board: set[Client] = set()
        self._tally = Tally(house, lesson_id, lambda: self.clients, self._give)
        self._signals = Picture(
            "signals", SIGNALS_EVERY_S, self._count_signals, clients=lambda: tuple(self._staff), give=self._give
        )

    @property
    def empty(self) -> bool:
        return not self._clients

    @property
    def clients(self) -> tuple[Client, ...]:
        return tuple(self._clients)

    def hint(self) -> None:
        self._hinted.set()
        self._tally.hint()

    async def join(self, client: Client) -> None:
        """Catch the client up, then add it. More than a page behind: it is told to ask by itself."""
        await (self._tell_missed(client) if client.joined.catch_up else self._catch_up(client))
        self._clients.add(client)
        if client.wants_stage:
            self._staff.add(client)
        if client.board_sight is not None:
            self._watching[client] = client.board_sight
        self.hint()  # something may have come between the ticket and now

    async def _tell_missed(self, client: Client) -> None:
        """In one message, with how far it goes: so it need not ask. Written once for all who missed the same."""
        missed: tuple[Event, ...] = ()
        while client.seq < self._seq:
            behind = Behind(self._lesson_id, client.seq, snapshot=True, listener=client.joined.listener)
            page = await self._house.catch_ups.ask(behind)
            missed += page.events
            if page.behind or len(missed) >= PAGE:
                client.tell(message("caught_up", {"events": [], "seq": page.seq, "behind": True}))
                client.seq = self._seq
                return
            client.seq = max(page.seq, client.seq + 1)
        if self._missed[:2] != (missed, client.seq):
            self._missed = missed, client.seq, caught_up(missed, client.seq)
        client.tell(self._missed[2])

    async def _catch_up(self, client: Client) -> None:
        """By pushes, for who asks ``since`` itself."""
        while client.seq < self._seq:
            joined = client.joined
            page = await self._house.catch_ups.ask(Behind(self._lesson_id, client.seq, joined.batch, joined.listener))
            if page.behind or len(page.events) >= PAGE:
                client.tell(message("resync", {"seq": page.seq}))
                client.seq = self._seq
                break
            client.hear(Frames(heard(page.events)), max(page.seq, client.seq + 1))

    def leave(self, client: Client) -> None:
        self._clients.discard(client)
        self._staff.discard(client)
        self._watching.pop(client, None)
        self._shown.pop(client, None)
        self._with_board.discard(client)

    async def run(self) -> None:
        """Until cancelled. A database that is away, or a bug, delays this lesson's pushes and ends nothing."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again_and_again(self._turn))
            group.create_task(self._again_and_again(self._board_turn))
            group.create_task(self._tally.run())
            group.create_task(self._signals.run())

    async def _again_and_again(self, turn: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await turn()
                continue
            except Refusal as refusal:
                log.warning("feed.delayed", lesson_id=self._lesson_id, code=refusal.code)
            except Exception:
                log.exception("feed.failed", lesson_id=self._lesson_id)
            self._hinted.set()
            await asyncio.sleep(_RETRY_S)

    async def _turn(self) -> None:
        """Events go out at once after a silence, then by frames. The stage follows them, and time, at its own pace."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(self._next_due(loop.time())):
                await self._hinted.wait()
        if self._hinted.is_set():
            self._hinted.clear()
            self._stale = True
            await self._read_on()
        if self._waiting and self._frame_wait_s(loop.time()) <= 0:
            await self._give_frame(loop.time())
        if self._staff and loop.time() >= self._stage_due():
            self._stale = False
            await self._show_stage()
            # Twice a second at most, whatever happens in between.
            self._stage_from_s = loop.time() + STAGE_EVERY_S

    def _next_due(self, now_s: float) -> float | None:
        """By the loop's clock; None: nothing until there is a hint."""
        due = [self._stage_due()] if self._staff else []
        if self._waiting:
            due.append(now_s + self._frame_wait_s(now_s))
        return min(due, default=None)

    def _stage_due(self) -> float:
        """By the loop's clock. Levels and counts change without an event, so it is looked at now and then anyway."""
        return self._stage_from_s if self._stale else self._stage_from_s + STAGE_EVERY_S

    def _frame_wait_s(self, now_s: float) -> float:
        """A page is given on, whatever the pace: a client's own cadence holds, and so does its bound."""
        if len(self._waiting) >= PAGE:
            return 0.0
        urgent = any(item.kind in URGENT for item in self._waiting)
        return self._cadence.wait_ms(now_s * 1000, urgent=urgent) / 1000

    async def _read_on(self) -> None:
        """What came is kept until its frame is due."""
        while True:
            page = await heard_since(self._house.records, self._lesson_id, None, self._reach)
            self._waiting += heard(page.events)
            self._reach = max(self._reach, page.seq)
            if len(page.events) < PAGE:
                return
            await self._give_frame(asyncio.get_running_loop().time())

    async def _give_frame(self, now_s: float) -> None:
        """Made once for each audience; commands have their turn between so many clients."""
        frames, reach = Frames(self._waiting), self._reach
        self._waiting = []
        self._cadence.sent(now_s * 1000)
        self._seq = max(self._seq, reach)  # whoever joins from here on catches up to it, and is not among these
        for number, client in enumerate(self.clients, 1):
            if client in self._clients:  # it may have left since the first ones were given theirs
                await self._give(client, functools.partial(client.hear, frames, reach))
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _show_stage(self) -> None:
        view = await staff_stage(self._house, self._lesson_id, self._now())
        stage = message("stage", _STAGE.dump_python(view, mode="json"))
        for client in tuple(self._staff):
            if self._shown.get(client) is None or self._shown[client].data != stage.data:
                self._shown[client] = stage
                await self._give(client, functools.partial(client.show, stage))

    async def _board_turn(self) -> None:
        """Once a second, one cheap look whether anybody came; counted and made into messages once per audience."""
        await asyncio.sleep(BOARD_EVERY_S)
        if not self._watching:
            return
        changed = await watch_board(self._house.records, self._lesson_id, self._board.stamp if self._board else None)
        if changed is not None:
            self._board, self._boards = changed, {}
            self._with_board.clear()
        for client, sight in tuple(self._watching.items()):
            if client not in self._with_board:
                self._with_board.add(client)
                await self._give(client, functools.partial(client.show, self._board_message(sight)))

    def _board_message(self, sight: Sight) -> Message:
        assert self._board is not None
        if sight not in self._boards:
            view = self._board.seen(sight, self._now())
            self._boards[sight] = message("board", _BOARD.dump_python(view, mode="json"))
        return self._boards[sight]

    async def _count_signals(self) -> dict[str, Any]:
        return dataclasses.asdict(await count_signals(self._house, self._lesson_id, self._now()))

    async def _give(self, client: Client, give: Callable[[], None]) -> None:
        """What is wrong with one of them costs the others nothing: it is cut off and comes again by ``since``."""
        try:
            give()
        except Overflow:
            await self._cut(client)
        except Exception:
            log.exception("feed.client_failed", lesson_id=self._lesson_id)
            await self._cut(client)
