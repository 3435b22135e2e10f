"""Several media processes that look like one ``MediaPlane``: each lesson's room is in one of them.

A lesson is given to the least busy process when its room is opened and stays there, through that process's death, too:
its successor has the same number, port and memory. Only when none comes for ``PATIENCE_MS`` is it given to another.
A connection's name carries the number of its process in front.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Protocol

from server import clock
from server.domain.curtain import Curtain
from server.domain.recordings import RecordingSummary
from server.domain.refusals import Refusal
from server.link.load import least_loaded
from server.services.media import (
    Asking,
    ClipOrder,
    LayersWanted,
    MediaAnswer,
    MediaEvent,
    MediaLost,
    MediaPlane,
    MediaStats,
    NeverLive,
    RoomState,
    SourceDown,
    SourceUp,
    Track,
    View,
    ViewerDown,
    ViewerState,
    ViewerUp,
)

PATIENCE_MS = 10_000.0
_MARK = "."  # not in the alphabet of a connection's own name
_MOST_CLOSED = 1024  # lessons remembered after their end, for goodbyes and a late finish


class Link(MediaPlane, Protocol):
    """One media process, as the fleet sees it."""

    @property
    def worker(self) -> int: ...
    @property
    def connected(self) -> bool: ...
    @property
    def away_ms(self) -> float: ...
    @property
    def cost(self) -> float: ...


class Fleet:
    """Implements :class:`server.services.media.MediaPlane`. ``links``: by the number of their process."""

    def __init__(self, links: Sequence[Link]) -> None:
        self._links = tuple(links)
        self._room: dict[str, int] = {}  # lesson → process
        self._recording: dict[str, str] = {}  # recording → lesson
        self._closed: dict[str, float] = {}  # lesson → when its room may be forgotten, in the order of closing

    # ---- which process ---------------------------------------------------------------------------------

    def lessons_of(self, worker: int) -> frozenset[str]:
        return frozenset(lesson for lesson, owner in self._room.items() if owner == worker)

    def _of(self, lesson_id: str) -> Link:
        worker = self._room.get(lesson_id)
        if worker is not None and self._links[worker].away_ms < PATIENCE_MS:
            return self._links[worker]
        self._refuse_without_any()
        self._room.pop(lesson_id, None)  # given up: whoever opens it next finds another process
        raise Refusal("room_unknown", lesson_id)

    def _of_recording(self, recording_id: str) -> Link:
        worker = self._room.get(self._recording.get(recording_id, ""))
        if worker is not None:
            return self._links[worker]
        # What no process has in hand is on disk, and any of them may look.
        self._refuse_without_any()
        return next(link for link in self._links if link.connected)

    def _of_session(self, session_id: str) -> tuple[Link, str]:
        number, mark, name = session_id.partition(_MARK)
        if not mark or not number.isdecimal() or not int(number) < len(self._links):
            raise Refusal("session_unknown", session_id[:80])
        return self._links[int(number)], name

    def _refuse_without_any(self) -> None:
        if not any(link.connected for link in self._links):
            raise Refusal("media_unavailable", "no media process", retry_after_s=1)

    def _assign(self, lesson_id: str) -> int:
        self._forget_closed(clock.monotonic_ms())
        self._closed.pop(lesson_id, None)
        if lesson_id not in self._room:
            costs = {link.worker: link.cost for link in self._links if link.connected}
            open_rooms = Counter(owner for lesson, owner in self._room.items() if lesson not in self._closed)
            worker = least_loaded(costs, open_rooms)
            if worker is None:
                raise Refusal("media_unavailable", "no media process", retry_after_s=1)
            self._room[lesson_id] = worker
        return self._room[lesson_id]

    def _forget_closed(self, now_ms: float) -> None:
        over = [lesson for lesson, until in self._closed.items() if until <= now_ms]
        for lesson in over or list(self._closed)[: max(0, len(self._closed) - _MOST_CLOSED)]:
            del self._closed[lesson]
            self._room.pop(lesson, None)
        known = {recording: lesson for recording, lesson in self._recording.items() if lesson in self._room}
        self._recording = known

    # ---- MediaPlane ------------------------------------------------------------------------------------

    async def open_room(self, lesson_id: str, recording_id: str | None, video_codec: str, *, recording: bool) -> None:
        link = self._links[self._assign(lesson_id)]
        if recording_id is not None:
            self._recording[recording_id] = lesson_id
        await link.open_room(lesson_id, recording_id, video_codec, recording=recording)

    async def close_room(self, lesson_id: str, *, grace_ms: int) -> None:
        if lesson_id not in self._room:
            return  # nothing to close
        await self._of(lesson_id).close_room(lesson_id, grace_ms=grace_ms)
        self._closed[lesson_id] = clock.monotonic_ms() + 2 * grace_ms

    async def set_recording(self, recording_id: str, *, on: bool) -> None:
        await self._of_recording(recording_id).set_recording(recording_id, on=on)

    async def finish_recording(self, recording_id: str) -> RecordingSummary:
        return await self._of_recording(recording_id).finish_recording(recording_id)

    async def publish(self, lesson_id: str, source: str, offer_sdp: str, *, replace: bool) -> MediaAnswer:
        link = self._of(lesson_id)
        return _marked(link, await link.publish(lesson_id, source, offer_sdp, replace=replace))

    async def watch(self, lesson_id: str, viewer_id: str, offer_sdp: str, view: View) -> MediaAnswer:
        link = self._of(lesson_id)
        return _marked(link, await link.watch(lesson_id, viewer_id, offer_sdp, view))

    async def add_candidates(self, session_id: str, fragment: str, etag: str) -> str | None:
        link, name = self._of_session(session_id)
        return await link.add_candidates(name, fragment, etag)

    async def end_session(self, session_id: str) -> None:
        link, name = self._of_session(session_id)
        await link.end_session(name)

    async def resize(self, session_id: str, height: int | None) -> None:
        link, name = self._of_session(session_id)
        await link.resize(name, height)

    async def look_at(self, session_id: str, sources: tuple[str, ...]) -> None:
        link, name = self._of_session(session_id)
        await link.look_at(name, sources)

    async def viewer_state(self, session_id: str) -> ViewerState:
        link, name = self._of_session(session_id)
        return await link.viewer_state(name)

    async def take(self, lesson_id: str, slot: str, source: str | None) -> None:
        await self._of(lesson_id).take(lesson_id, slot, source)

    async def open_audio(self, lesson_id: str, sources: frozenset[str]) -> None:
        await self._of(lesson_id).open_audio(lesson_id, sources)

    async def play_clip(self, lesson_id: str, source: str, clip: ClipOrder) -> None:
        await self._of(lesson_id).play_clip(lesson_id, source, clip)

    async def stop_clip(self, lesson_id: str, source: str) -> None:
        await self._of(lesson_id).stop_clip(lesson_id, source)

    async def set_curtain(self, lesson_id: str, curtain: Curtain | None) -> None:
        await self._of(lesson_id).set_curtain(lesson_id, curtain)

    async def room_state(self, lesson_id: str) -> RoomState:
        return await self._of(lesson_id).room_state(lesson_id)

    async def stats(self) -> tuple[MediaStats, ...]:
        asked = [_or_none(link.stats()) for link in self._links if link.connected]
        answers = [answer for answer in await asyncio.gather(*asked) if answer is not None]
        if not answers:
            raise Refusal("media_unavailable", "stats", retry_after_s=1)
        return tuple(each for answer in answers for each in answer)

    async def live_playlist(self, recording_id: str, track: Track, asking: Asking | None = None) -> str | None:
        return await self._of_recording(recording_id).live_playlist(recording_id, track, asking)

    async def ring_file(self, recording_id: str, name: str) -> bytes | None:
        return await self._of_recording(recording_id).ring_file(recording_id, name)

    async def events(self) -> AsyncIterator[MediaEvent]:
        """In the order of each process; theirs are not put in order among each other."""
        merged: asyncio.Queue[MediaEvent] = asyncio.Queue(1)  # each link keeps its own, bounded

        async def pump(link: Link) -> None:
            async for event in link.events():
                await merged.put(self._ours(link, event))

        pumps = [asyncio.create_task(pump(link)) for link in self._links]
        try:
            while True:
                yield await merged.get()
        finally:
            for each in pumps:
                each.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    def _ours(self, link: Link, event: MediaEvent) -> MediaEvent:
        if isinstance(event, MediaLost):
            return dataclasses.replace(event, lessons=self.lessons_of(link.worker))
        if isinstance(event, (SourceUp, SourceDown, ViewerUp, ViewerDown, NeverLive, LayersWanted)):
            return dataclasses.replace(event, session_id=_name(link, event.session_id))
        return event


def _name(link: Link, session_id: str) -> str:
    return f"{link.worker}{_MARK}{session_id}"


def _marked(link: Link, answer: MediaAnswer) -> MediaAnswer:
    return dataclasses.replace(answer, session_id=_name(link, answer.session_id))


async def _or_none(asked: Awaitable[tuple[MediaStats, ...]]) -> tuple[MediaStats, ...] | None:
    try:
        return await asked
    except Refusal:
        return None
