"""Where signals are kept: in this process, or by another that does the same over all of them."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from server.domain.signals import LASTS, Signal

MOST = 200_000


class Signals(Protocol):
    """In Redis or memory, never in the record. Nothing raises: what Redis does not take counts in this process."""

    async def give(self, lesson_id: str, who: str, signal: Signal | None, now: dt.datetime) -> None:
        """``who``: by :func:`server.services.signals.sender`. One at a time, for ``LASTS``; None takes it back."""

    async def given(self, lesson_id: str, now: dt.datetime) -> tuple[Signal, ...]: ...


class MemorySignals:
    """By lesson, each with the time when it ends. Beyond ``MOST`` new ones are not counted."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, tuple[Signal, dt.datetime]]] = {}

    async def give(self, lesson_id: str, who: str, signal: Signal | None, now: dt.datetime) -> None:
        lesson = self._given.setdefault(lesson_id, {})
        lesson.pop(who, None)
        if signal is not None and sum(map(len, self._given.values())) < MOST:
            lesson[who] = (signal, now + LASTS)
        if not lesson:
            del self._given[lesson_id]

    async def given(self, lesson_id: str, now: dt.datetime) -> tuple[Signal, ...]:
        """Forgets those that are over on the way."""
        lesson = self._given.get(lesson_id, {})
        for who in [who for who, (_, until) in lesson.items() if until <= now]:
            del lesson[who]
        if not lesson:
            self._given.pop(lesson_id, None)
        return tuple(signal for signal, _ in lesson.values())
