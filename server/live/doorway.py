"""Connections that have not joined a lesson yet, counted by address: nobody fills the hall from its door.

A school behind one address that comes back at once is one address, too: who finds the door full waits for a place, in
the order in which they came. To be sent away would cost each of them its handshake, and another for the next dial.
Where all addresses together are too many, the longest line is shortened from its end for who comes by another.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque

MOST_WAITING = 8192
"""Of all addresses together; then somebody is sent away."""
PATIENCE_S = 10.0
"""A page gives a dial fifteen seconds when a hall comes back, and who stands in the door without joining has ten."""


class Place:
    """One connection in the door. Leave it by joining or by going away."""

    def __init__(self, doorway: Doorway, address: str) -> None:
        self._doorway = doorway
        self._address: str | None = address

    def leave(self) -> None:
        """Idempotent."""
        address, self._address = self._address, None
        if address is not None:
            self._doorway.left(address)


class Doorway:
    """At most ``most`` connections of one address at once."""

    def __init__(self, most: int, *, most_waiting: int = MOST_WAITING, patience_s: float = PATIENCE_S) -> None:
        self._most, self._most_waiting, self._patience_s = most, most_waiting, patience_s
        self._standing: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[bool]]] = {}
        self._count = 0

    async def enter(self, address: str) -> Place | None:
        """None: there are enough of this address, and nobody of them made room in time; or of all together, and of this
        one as many as of any.
        """
        if self._standing[address] < self._most:
            self._standing[address] += 1
        elif not self._has_room(address) or not await self._turn(address):
            return None
        return Place(self, address)

    def _has_room(self, address: str) -> bool:
        """To wait in. The last of a line that is longer makes it."""
        if self._count < self._most_waiting:
            return True
        longest = max(self._waiting.values(), key=len, default=deque())
        if len(longest) <= len(self._waiting.get(address, ())) + 1:
            return False
        last = longest.pop()
        if not last.done():
            last.set_result(False)
        return True

    async def _turn(self, address: str) -> bool:
        """Whether it came: then a place was handed over."""
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append(turn)
        self._count += 1
        try:
            async with asyncio.timeout(self._patience_s):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                if turn.result():
                    self.left(address)  # in the same moment
            else:
                turn.cancel()
                self._forget(address, turn)
            if not isinstance(error, TimeoutError):
                raise
            return False
        finally:
            self._count -= 1

    def _forget(self, address: str, turn: asyncio.Future[bool]) -> None:
        line = self._waiting.get(address)
        if line is not None and turn in line:
            line.remove(turn)
            if not line:
                del self._waiting[address]

    def left(self, address: str) -> None:
        """The place is the next one's, when somebody waits for it."""
        line = self._waiting.get(address, deque())
        while line:
            turn = line.popleft()
            if not turn.done():
                turn.set_result(True)
                break
        else:
            self._standing[address] -= 1
            if not self._standing[address]:
                del self._standing[address]
        if not line:
            self._waiting.pop(address, None)

    @property
    def empty(self) -> bool:
        return not self._standing and not self._waiting
