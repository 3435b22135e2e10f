"""The media process's end of the link: answers calls on a ``MediaPlane``, passes its events on, and says that it lives.

A peer that sends a bad frame, or takes no events for long, loses its connection; the others go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog

from server.domain.refusals import Refusal
from server.link.calls import METHODS
from server.link.codec import BadFrame, encode, pack, read
from server.link.load import Load
from server.services.media import MediaEvent, MediaLost, MediaPlane, MediaReady

log = structlog.get_logger()

_MOST_CALLS = 256  # at once and per connection; then the peer waits
_MOST_EVENTS = 4096  # waiting for one slow peer; then it is cut off
BEAT_S = 1.0


@contextlib.asynccontextmanager
async def serving(plane: MediaPlane, path: Path, instance: str, load: Callable[[], Load]) -> AsyncIterator[None]:
    """Listens on a socket that only our user can open, until the block ends. Tells our ``load`` every ``BEAT_S``."""
    _forget(path)
    events = _Events()
    async with asyncio.TaskGroup() as group:
        pump = group.create_task(events.pump(plane))
        connections: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = group.create_task(_Connection(plane, reader, writer, events, load).run(instance))
            connections.add(task)
            task.add_done_callback(connections.discard)

        before = os.umask(0o177)
        try:
            listener = await asyncio.start_unix_server(accept, path)
        finally:
            os.umask(before)
        try:
            yield
        finally:
            listener.close()
            for task in (pump, *connections):
                task.cancel()
            _forget(path)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)


class _Events:
    """One reader of the plane's events, copied to every connection."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[MediaEvent | None]] = set()

    async def pump(self, plane: MediaPlane) -> None:
        async for event in plane.events():
            if isinstance(event, (MediaReady, MediaLost)):
                continue  # the other end says so itself, from the state of its connection
            for queue in tuple(self._queues):
                self._put(queue, event)

    def _put(self, queue: asyncio.Queue[MediaEvent | None], event: MediaEvent) -> None:
        if queue.full():  # too slow: the end marker replaces what it will never read in time
            self._queues.discard(queue)
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)
            return
        queue.put_nowait(event)

    @contextlib.contextmanager
    def reader(self) -> Any:  # noqa: ANN401 - a context manager of a queue
        queue: asyncio.Queue[MediaEvent | None] = asyncio.Queue(_MOST_EVENTS)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)


class _Connection:
    """One control process."""

    def __init__(
        self,
        plane: MediaPlane,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        events: _Events,
        load: Callable[[], Load],
    ) -> None:
        self._plane = plane
        self._reader = reader
        self._writer = writer
        self._events = events
        self._load = load
        self._places = asyncio.Semaphore(_MOST_CALLS)
        self._sending = asyncio.Lock()

    async def run(self, instance: str) -> None:
        """Ends when either side closes. A peer's failure stays here."""
        try:
            with self._events.reader() as queue:
                await self._send({"hello": instance})
                async with asyncio.TaskGroup() as group:
                    tasks = (group.create_task(self._pass_events(queue)), group.create_task(self._beat()))
                    await self._read_calls(group)
                    for task in tasks:
                        task.cancel()
        except* (BadFrame, ConnectionError) as errors:
            log.warning("link.closed", reasons=[str(error) for error in errors.exceptions])
        finally:
            self._writer.close()

    async def _pass_events(self, queue: asyncio.Queue[MediaEvent | None]) -> None:
        while (event := await queue.get()) is not None:
            await self._send({"event": encode(event)})
        raise BadFrame("the peer takes no events")

    async def _beat(self) -> None:
        """From the event loop that moves the packets: when that stands still, so does this."""
        while True:
            await self._send({"beat": encode(self._load())})
            await asyncio.sleep(BEAT_S)

    async def _read_calls(self, group: asyncio.TaskGroup) -> None:
        while (message := await read(self._reader)) is not None:
            await self._places.acquire()
            group.create_task(self._answer(message)).add_done_callback(lambda _: self._places.release())

    async def _answer(self, message: dict[str, Any]) -> None:
        number, name, data = message.get("id"), message.get("call"), message.get("args")
        if not isinstance(number, int) or not isinstance(name, str) or not isinstance(data, list):
            raise BadFrame("not a call")
        if name not in METHODS:
            raise BadFrame(f"no method {name[:40]!r}")
        positional, keywords = METHODS[name].arguments(data)
        try:
            result = {"value": encode(await getattr(self._plane, name)(*positional, **keywords))}
        except Refusal as refusal:
            result = {"refusal": refusal.code, "detail": refusal.detail}
        except Exception:
            # Our bug, in one call of one room: the other rooms' media must go on.
            log.exception("link.fault", call=name)
            result = {"refusal": "internal", "detail": name}
        try:
            await self._send({"id": number, **result})
        except BadFrame as error:
            # One answer too large (a segment of a careless encoder's 40 Mbit/s) must not end all lessons' media.
            log.exception("link.fault", call=name)
            await self._send({"id": number, "refusal": "internal", "detail": str(error)})

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            self._writer.write(pack(message))
            await self._writer.drain()
