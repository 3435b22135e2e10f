"""The clock of what leaves in slices: runs only while something is waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

_LOG = logging.getLogger(__name__)

STEP_MS = 5.0
LEAST_PAUSE_MS = 1.0


class Paced(Protocol):
    """Something that leaves step by step."""

    def step(self, now_ms: float) -> bool:
        """Send what is due. False: nothing is left."""


class Metronome:
    """Steps everything that asked for it, every 5 ms: first what began first. A step that fails ends its own only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float]) -> None:
        self._loop = loop
        self._clock = clock
        self._paced: dict[Paced, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.failed = 0

    def pace(self, paced: Paced) -> None:
        """Harmless for what is paced already."""
        self._paced[paced] = None
        if self._timer is None:
            self._timer = self._loop.call_later(STEP_MS / 1000, self._beat)

    def _beat(self) -> None:
        """In step with the clock, but a loop that is late gets to read what has come in between."""
        self._timer = None
        due = self._loop.time() + STEP_MS / 1000
        for paced in list(self._paced):
            if not self._step(paced):
                del self._paced[paced]
        if self._paced:
            self._timer = self._loop.call_at(max(due, self._loop.time() + LEAST_PAUSE_MS / 1000), self._beat)

    def _step(self, paced: Paced) -> bool:
        try:
            return paced.step(self._clock())
        except Exception:  # noqa: BLE001 - a bug of ours in one stream must not stop the clock of the others
            self.failed += 1
            _LOG.exception("a paced step failed")
            return False

    def close(self) -> None:
        """Idempotent. What has not left stays."""
        self._paced.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
