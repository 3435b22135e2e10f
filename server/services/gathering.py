"""Many small writes of one kind, gathered into one: while one is on its way to the disk, the next ones wait together.

A hall that signs in within a minute then costs the database a statement per batch instead of several per person. No
timer: somebody alone is written at once. Nobody leads for long: whoever comes next takes along all who wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.domain.refusals import Refusal
from server.services.records import Records, Transaction

I = TypeVar("I")  # noqa: E741 - an item
R = TypeVar("R")
MOST_WAITING = 8192
MOST_AT_ONCE = 256


@dataclass(eq=False, slots=True)
class _Entry(Generic[I, R]):
    item: I
    outcome: R | BaseException | None = None
    settled: bool = False


class Gathering(Generic[I, R]):
    """``write`` gets the items and gives a result for each, in order; it must be harmless to run again."""

    def __init__(self, records: Records, write: Callable[[Transaction, Sequence[I]], Sequence[R]]) -> None:
        self._records = records
        self._write = write
        self._waiting: list[_Entry[I, R]] = []
        self._turn = asyncio.Lock()

    async def add(self, item: I) -> R:
        """Returns after the commit. Raises ``busy`` when too many wait, and what ``write`` raises for this item."""
        if len(self._waiting) >= MOST_WAITING:
            raise Refusal("busy", "too many wait to be written", retry_after_s=1)
        entry: _Entry[I, R] = _Entry(item)
        self._waiting.append(entry)
        try:
            async with self._turn:
                while not entry.settled:
                    await self._settle_some()
        finally:
            if not entry.settled and entry in self._waiting:
                self._waiting.remove(entry)
        if isinstance(entry.outcome, BaseException):
            raise entry.outcome
        return entry.outcome  # type: ignore[return-value]

    async def _settle_some(self) -> None:
        taken, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        try:
            await self._write_down(taken)
        finally:
            # Cancelled half-way: what was not told is written again by whoever is next.
            self._waiting[:0] = [entry for entry in taken if not entry.settled]

    async def _write_down(self, taken: Sequence[_Entry[I, R]]) -> None:
        items = [entry.item for entry in taken]
        try:
            results = await self._records.write(lambda tx: self._write(tx, items))
        except Exception as error:  # noqa: BLE001 - handed to whose item it is
            if len(taken) == 1:
                _settle(taken[0], error)
                return
            for entry in taken:  # one's failure is its own
                await self._write_down([entry])
            return
        for entry, result in zip(taken, results, strict=True):
            _settle(entry, result)


def _settle(entry: _Entry[I, R], outcome: R | BaseException) -> None:
    entry.outcome, entry.settled = outcome, True
