"""Handshakes: so many at once, the others in the order in which they came.

When a hall comes back to a server that has just begun, every handshake started at once would end last: each phone gives
up and dials anew, and what was done for it is lost. One after the other they come in as fast as the processor allows,
and who gave up while it stood here costs nothing.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable

MOST_AT_ONCE = 128
MOST_WAITING = 8192
"""Then the one that has waited longest goes: it is the likeliest to have given up."""
PLACE_S = 0.5
"""A slow network, or somebody who stalls, keeps a place no longer than this; the handshake goes on without one."""

_ESTABLISHED = 1  # the first byte of Linux' struct tcp_info; TCP_CLOSE_WAIT when the other side hung up


def has_hung_up(connection: socket.socket) -> bool:
    """Whether nobody is there any more, as far as the kernel can tell."""
    if not hasattr(socket, "TCP_INFO"):
        return False
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED
    except OSError:
        return True


class _Place:
    """Given back once, by whoever is first."""

    __slots__ = ("_give_back",)

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def leave(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()


class Threshold:
    """``enter`` does a connection's handshake and owns the connection; what it raises is its own to deal with."""

    def __init__(
        self,
        enter: Callable[[socket.socket], Awaitable[None]],
        *,
        most: int = MOST_AT_ONCE,
        most_waiting: int = MOST_WAITING,
        place_s: float = PLACE_S,
    ) -> None:
        self._enter = enter
        self._most, self._most_waiting, self._place_s = most, most_waiting, place_s
        self._waiting: deque[socket.socket] = deque()
        self._entering: set[asyncio.Task[None]] = set()
        self._places = 0

    def come(self, connection: socket.socket) -> None:
        self._waiting.append(connection)
        if len(self._waiting) > self._most_waiting:
            self._waiting.popleft().close()
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._places < self._most:
            connection = self._waiting.popleft()
            if has_hung_up(connection):
                connection.close()
                continue
            self._places += 1
            task = asyncio.get_running_loop().create_task(self._cross(connection))
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    async def _cross(self, connection: socket.socket) -> None:
        place = _Place(self._give_back)
        timer = asyncio.get_running_loop().call_later(self._place_s, place.leave)
        try:
            await self._enter(connection)
        finally:
            timer.cancel()
            place.leave()

    def _give_back(self) -> None:
        self._places -= 1
        self._let_in()

    async def close(self) -> None:
        """Nobody comes in any more. Idempotent."""
        while self._waiting:
            self._waiting.popleft().close()
        for task in self._entering:
            task.cancel()
        await asyncio.gather(*self._entering, return_exceptions=True)
