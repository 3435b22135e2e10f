"""Handshakes: so many at once, the others in the order in which they came, of each address one in its turn.

When a hall comes back to a server that has just begun, every handshake started at once would end last: each phone gives
up and dials anew, and what was done for it is lost. One after the other they come in as fast as the processor allows,
and who gave up while it stood here costs nothing. One machine that opens hundreds a second stands in its own way only;
a school behind one address is one line, as before.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from server.domain.accounts import address_key

MOST_AT_ONCE = 128
MOST_WAITING = 8192
"""Then the one goes that has waited longest of the address with the most: it is the likeliest to have given up."""
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


def whence(connection: socket.socket) -> str:
    """What counts as one address. Raises OSError when nobody is there any more."""
    name = connection.getpeername()
    return address_key(name[0]) if isinstance(name, tuple) else ""


class _Line:
    """Who waits. Pure."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[socket.socket]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, address: str, connection: socket.socket) -> None:
        self._waiting.setdefault(address, deque()).append(connection)
        self._count += 1

    def next(self) -> socket.socket:
        """Then it is the next address's turn. Raises KeyError when nobody waits."""
        address, those = self._waiting.popitem(last=False)
        self._count -= 1
        connection = those.popleft()
        if those:
            self._waiting[address] = those
        return connection

    def longest(self) -> socket.socket:
        """Of the address with the most; its turn comes as before. Raises ValueError when nobody waits."""
        address = max(self._waiting, key=lambda each: len(self._waiting[each]))
        those = self._waiting[address]
        self._count -= 1
        connection = those.popleft()
        if not those:
            del self._waiting[address]
        return connection


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
        self._waiting = _Line()
        self._entering: set[asyncio.Task[None]] = set()
        self._places = 0

    def come(self, connection: socket.socket) -> None:
        try:
            self._waiting.append(whence(connection), connection)
        except OSError:
            connection.close()
            return
        if len(self._waiting) > self._most_waiting:
            self._waiting.longest().close()
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self._places < self._most:
            connection = self._waiting.next()
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
            self._waiting.next().close()
        for task in self._entering:
            task.cancel()
        await asyncio.gather(*self._entering, return_exceptions=True)
