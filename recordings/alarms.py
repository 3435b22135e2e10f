"""Alarms of the archive plane: raised on any thread, told once per change to every listener on the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

from recordings.interface import Alarm

QUEUE = 256  # changes a slow listener may be behind; then it loses the oldest


class AlarmBoard:
    """A listener first hears what is active, then each change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: dict[tuple[str, str], Alarm] = {}
        self._listeners: dict[asyncio.Queue[Alarm | None], asyncio.AbstractEventLoop] = {}
        self._closed = False

    def set(self, recording_id: str, code: str, *, active: bool, detail: str = "") -> None:
        """Any thread. Only a change of ``active`` is told."""
        with self._lock:
            key = (recording_id, code)
            if active == (key in self._active):
                return
            alarm = Alarm(recording_id, code, active, detail)
            if active:
                self._active[key] = alarm
            else:
                del self._active[key]
            self._tell(alarm)

    def clear(self, recording_id: str) -> None:
        """Every alarm of a recording that is no longer followed ends."""
        for owner, code in tuple(self._active):
            if owner == recording_id:
                self.set(recording_id, code, active=False)

    def _tell(self, alarm: Alarm | None) -> None:
        for queue, loop in self._listeners.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, queue, alarm)

    async def listen(self) -> AsyncIterator[Alarm]:
        """Ends when the board is closed."""
        queue: asyncio.Queue[Alarm | None] = asyncio.Queue(QUEUE)
        with self._lock:
            if self._closed:
                return
            for alarm in self._active.values():
                _put(queue, alarm)
            self._listeners[queue] = asyncio.get_running_loop()
        try:
            while (next_alarm := await queue.get()) is not None:
                yield next_alarm
        finally:
            with self._lock:
                self._listeners.pop(queue, None)

    def close(self) -> None:
        """Idempotent."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._tell(None)


def _put(queue: asyncio.Queue[Alarm | None], alarm: Alarm | None) -> None:
    if queue.full():
        queue.get_nowait()
    queue.put_nowait(alarm)
