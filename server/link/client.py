"""The control process's end of the link to one media process: a ``MediaPlane`` whose work is done elsewhere.

It outlives the connection: the supervisor attaches one after the other. While none is attached every call is
``media_unavailable``; a call that was under way when the link broke is, too (commands are idempotent).
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import structlog

from server import clock
from server.domain.curtain import Curtain
from server.domain.recordings import RecordingSummary
from server.domain.refusals import MEANINGS, Refusal
from server.link.calls import EVENT, METHODS
from server.link.codec import BadFrame, decode, encode, pack, read
from server.link.load import Load, LoadMeter
from server.services.media import (
    Asking,
    ClipOrder,
    MediaAnswer,
    MediaEvent,
    MediaLost,
    MediaReady,
    MediaStats,
    RoomState,
    Track,
    View,
    ViewerState,
)

log = structlog.get_logger()

CALL_TIMEOUT_S = 10.0
_MOST_EVENTS = 16_384  # waiting for our own follower; more means that it has died: the link is closed


class MediaLink:
    """Implements :class:`server.services.media.MediaPlane`. ``worker``: the number of the process behind it."""

    def __init__(self, worker: int = 0, *, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self.worker = worker
        self.beats = 0  # signs of life in all
        self._load = LoadMeter()
        self._lost_at_ms = clock.monotonic_ms()
        self._timeout_s = timeout_s
        self._connection: _Connection | None = None
        self._events: asyncio.Queue[MediaEvent] = asyncio.Queue()
        self._announced: str | None = None  # the instance whose MediaReady a reader has got

    async def run(self, path: Path) -> None:
        """Connects, serves calls until the link ends, then reports :class:`MediaLost`. Raises OSError, BadFrame."""
        reader, writer = await asyncio.open_unix_connection(path)
        connection = _Connection(reader, writer, self._report, self._beat)
        try:
            instance = await connection.hello()
            self._load = LoadMeter()
            self._connection = connection
            self._report(MediaReady(instance, self.worker))
            await connection.receive()
        finally:
            connection.close()
            if self._connection is connection:
                self._connection = None
                self._lost_at_ms = clock.monotonic_ms()
                self._events.put_nowait(MediaLost(self.worker))

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def away_ms(self) -> float:
        """For how long there has been no process behind it."""
        return 0.0 if self.connected else clock.monotonic_ms() - self._lost_at_ms

    @property
    def instance(self) -> str | None:
        return self._connection.instance if self._connection else None

    @property
    def cost(self) -> float:
        """In cores: what the process is busy with."""
        return self._load.cost

    def _beat(self, load: Load) -> None:
        self.beats += 1
        self._load.take(load, clock.monotonic_ms() / 1000)

    def _report(self, event: MediaEvent) -> None:
        if self._events.qsize() >= _MOST_EVENTS:
            raise BadFrame("events pile up")
        self._events.put_nowait(event)

    async def _call(self, name: str, *args: object) -> Any:  # noqa: ANN401 - decoded by the method's own hints
        if self._connection is None:
            raise Refusal("media_unavailable", name, retry_after_s=1)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._connection.call(name, args)
        except TimeoutError:
            raise Refusal("media_unavailable", f"{name} took too long", retry_after_s=1) from None

    # ---- MediaPlane ------------------------------------------------------------------------------------

    async def open_room(self, lesson_id: str, recording_id: str | None, video_codec: str, *, recording: bool) -> None:
        await self._call("open_room", lesson_id, recording_id, video_codec, recording)

    async def close_room(self, lesson_id: str, *, grace_ms: int) -> None:
        await self._call("close_room", lesson_id, grace_ms)

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        await self._call("set_recording", recording_id, on)

    async def finish_recording(self, recording_id: str) -> RecordingSummary:
        summary: RecordingSummary = await self._call("finish_recording", recording_id)
        return summary

    async def publish(self, lesson_id: str, source: str, offer_sdp: str, *, replace: bool) -> MediaAnswer:
        answer: MediaAnswer = await self._call("publish", lesson_id, source, offer_sdp, replace)
        return answer

    async def watch(self, lesson_id: str, viewer_id: str, offer_sdp: str, view: View) -> MediaAnswer:
        answer: MediaAnswer = await self._call("watch", lesson_id, viewer_id, offer_sdp, view)
        return answer

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        answer: str | None = await self._call("add_candidates", session_id, fragment, etag)
        return answer

    async def end_session(self, session_id: str) -> None:
        await self._call("end_session", session_id)

    async def resize(self, session_id: str, height: int | None) -> None:
        await self._call("resize", session_id, height)

    async def look_at(self, session_id: str, sources: tuple[str, ...]) -> None:
        await self._call("look_at", session_id, sources)

    async def viewer_state(self, session_id: str) -> ViewerState:
        state: ViewerState = await self._call("viewer_state", session_id)
        return state

    async def take(self, lesson_id: str, slot: str, source: str | None) -> None:
        await self._call("take", lesson_id, slot, source)

    async def open_audio(self, lesson_id: str, sources: frozenset[str]) -> None:
        await self._call("open_audio", lesson_id, sources)

    async def play_clip(self, lesson_id: str, source: str, clip: ClipOrder) -> None:
        await self._call("play_clip", lesson_id, source, clip)

    async def stop_clip(self, lesson_id: str, source: str) -> None:
        await self._call("stop_clip", lesson_id, source)

    async def set_curtain(self, lesson_id: str, curtain: Curtain | None) -> None:
        await self._call("set_curtain", lesson_id, curtain)

    async def room_state(self, lesson_id: str) -> RoomState:
        state: RoomState = await self._call("room_state", lesson_id)
        return state

    async def stats(self) -> tuple[MediaStats, ...]:
        stats: tuple[MediaStats, ...] = await self._call("stats")
        return tuple(dataclasses.replace(each, worker=self.worker) for each in stats)

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        playlist: str | None = await self._call("live_playlist", recording_id, track, asking)
        return playlist

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        content: bytes | None = await self._call("ring_file", recording_id, name)
        return content

    async def events(self) -> AsyncIterator[MediaEvent]:
        if self._connection and self._announced == self._connection.instance:
            yield MediaReady(self._connection.instance, self.worker)  # an earlier reader took the first one
        while True:
            event = await self._events.get()
            if isinstance(event, MediaReady):
                self._announced = event.instance
            yield event


class _Connection:
    """Calls under way on one socket."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        report: Callable[[MediaEvent], None],
        beat: Callable[[Load], None],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._report = report
        self._beat = beat
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self.instance = ""

    async def hello(self) -> str:
        message = await read(self._reader)
        if message is None or not isinstance(message.get("hello"), str):
            raise BadFrame("no hello")
        self.instance = message["hello"]
        return self.instance

    async def receive(self) -> None:
        """Until the end of the stream."""
        while (message := await read(self._reader)) is not None:
            if "event" in message:
                self._report(decode(EVENT, message["event"]))
            elif "beat" in message:
                self._beat(decode(Load, message["beat"]))
            else:
                self._settle(message)

    def close(self) -> None:
        self._writer.close()
        for name, future in self._waiting.values():
            if not future.done():
                future.set_exception(Refusal("media_unavailable", f"{name}: the link broke", retry_after_s=1))
        self._waiting.clear()

    async def call(self, name: str, args: tuple[object, ...]) -> Any:  # noqa: ANN401
        number = next(self._numbers)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (name, future)
        try:
            self._writer.write(pack({"id": number, "call": name, "args": encode(args)}))
            await self._writer.drain()
            return await future
        except ConnectionError as error:
            raise Refusal("media_unavailable", str(error), retry_after_s=1) from error
        finally:
            self._waiting.pop(number, None)

    def _settle(self, message: dict[str, Any]) -> None:
        name, future = self._waiting.get(message.get("id", -1), ("", None))
        if future is None or future.done():
            return  # the caller gave up
        if "refusal" in message:
            code = message["refusal"]
            known = code if code in MEANINGS else "internal"
            future.set_exception(Refusal(known, str(message.get("detail", ""))))
            return
        try:
            future.set_result(decode(METHODS[name].result, message.get("value")))
        except BadFrame as error:
            future.set_exception(Refusal("media_unavailable", str(error)))
            raise
