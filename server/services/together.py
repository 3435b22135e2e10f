"""Reading together: what many ask for in the same moments is looked up in one transaction.

The statements of one return cost more than all the rest of it, and those of fifty cost hardly more than those of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from server.domain.refusals import Refusal
from server.services.records import Records, Seen, Transaction

S = TypeVar("S")
T = TypeVar("T")
GATHER_S = 0.05
"""How long the first of them waits for others."""
MOST_AT_ONCE = 200
MOST_WAITING = 1000
RETRY_AFTER_S = 2


class ReadTogether(Generic[S, T]):
    """One for each kind of question. ``fn`` gives each item its result; a refusal in it is raised to who asked."""

    def __init__(
        self,
        records: Records,
        fn: Callable[[Transaction, Sequence[S]], Sequence[T | Refusal]],
        gather_s: float = GATHER_S,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._records = records
        self._fn = fn
        self._gather_s = gather_s
        self._most_waiting = most_waiting
        self._waiting: list[tuple[S, asyncio.Future[T]]] = []
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, item: S) -> T:
        """Raises what the item was refused with, what ``Records.read`` raises, and ``busy`` when too many wait."""
        if len(self._waiting) >= self._most_waiting:
            raise Refusal("busy", "too many ask at once", retry_after_s=RETRY_AFTER_S)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await future

    async def _read(self) -> None:
        try:
            while self._waiting:
                await asyncio.sleep(self._gather_s)
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                # Nobody waits any more for those that were cancelled.
                await self._answer([(item, future) for item, future in batch if not future.done()])
        finally:
            self._reading = None
            for _, future in self._waiting:
                future.cancel()
            self._waiting = []

    async def _look(self, items: Sequence[S]) -> Sequence[T | Exception]:
        return await self._records.read(lambda tx: self._fn(tx, items))

    async def _answer(self, batch: Sequence[tuple[S, asyncio.Future[T]]]) -> None:
        try:
            results = await self._look([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed to everybody who asked
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)


class SeeTogether(ReadTogether[S, tuple[T, Seen | None]]):
    """Likewise, and each is told by what to know whether it is still so; ``fn`` gives the results alone. The first does
    not wait for others: those come together that ask while a reading is under way. One item that cannot be read is
    nobody else's fault.
    """

    def __init__(
        self,
        records: Records,
        fn: Callable[[Transaction, Sequence[S]], Sequence[T | Refusal]],
        gather_s: float = 0.0,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        super().__init__(records, lambda tx, items: [], gather_s, most_waiting)
        self._each = fn

    async def _look(self, items: Sequence[S]) -> Sequence[tuple[T, Seen | None] | Exception]:
        try:
            results, seen = await self._records.read_seen(lambda tx: self._each(tx, items))
        except Refusal:
            raise
        except Exception as error:  # noqa: BLE001 - handed to who asked for it
            return [error] if len(items) == 1 else [each for item in items for each in await self._look([item])]
        return [result if isinstance(result, Refusal) else (result, seen) for result in results]
