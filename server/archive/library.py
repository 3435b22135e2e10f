"""What was recorded, for those who play it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from recordings.fragment import Damaged
from recordings.interface import Refusal as ArchiveRefusal
from recordings.interface import Summary
from recordings.interface import Track as ArchiveTrack
from recordings.library import FolderLibrary, MediaAway
from recordings.moving import sound
from recordings.objects import Objects
from recordings.storage import StorageFull, StorageUnavailable
from server.domain.recordings import RecordingSummary
from server.domain.refusals import MEANINGS, Refusal
from server.services.media import Away, Track

P = ParamSpec("P")
R = TypeVar("R")
MOST_FETCHED = 32
"""Segments on their way from the object store at once; others wait."""


def summary_of(summary: Summary) -> RecordingSummary:
    return RecordingSummary(
        recording_id=summary.recording_id,
        lesson_id=summary.lesson_id,
        state=summary.state,
        started_at=dt.datetime.fromisoformat(summary.started_at_utc) if summary.started_at_utc else None,
        duration_ms=summary.duration_ms,
        bytes=summary.bytes,
        segments=summary.segments,
        recovered=summary.recovered,
        gaps_ms=summary.gaps_ms,
    )


class ArchivedLibrary:
    """A :class:`server.services.media.ReplayLibrary` over the folder of recordings, in threads."""

    def __init__(self, folder: FolderLibrary, objects: Objects | None = None) -> None:
        """``objects``: where media lies that was moved."""
        self._folder = folder
        self._objects = objects
        self._fetching = asyncio.Semaphore(MOST_FETCHED)

    async def recover(self, keep_open: frozenset[str]) -> tuple[RecordingSummary, ...]:
        found = await asyncio.to_thread(self._folder.recover, keep_open)
        return tuple(summary_of(summary) for summary in found)

    async def holds_any(self) -> bool:
        return await asyncio.to_thread(self._folder.holds_any)

    async def summary(self, recording_id: str) -> RecordingSummary:
        return summary_of(await _asked(self._folder.summary, recording_id))

    async def playlist(self, recording_id: str, track: Track) -> str:
        return await _asked(self._folder.playlist, recording_id, ArchiveTrack(track.value))

    async def file(self, recording_id: str, name: str, since: dt.datetime | None = None) -> Path:
        return await _asked(self._folder.file, recording_id, name, since)

    async def fetch(self, recording_id: str, name: str) -> bytes:
        listed = await _asked(self._folder.digest, recording_id, name)
        if self._objects is None:
            raise Refusal("storage_unavailable", "it was moved to an object store, and none is set")
        try:
            async with self._fetching:
                data = await self._objects.fetch(f"{recording_id}/{name}")
            if data is None and not await asyncio.to_thread(self._is_moved, recording_id):  # it came back meanwhile
                data = await asyncio.to_thread((await self.file(recording_id, name)).read_bytes)
            return await asyncio.to_thread(sound, name, data, listed)
        except StorageUnavailable as error:
            raise Refusal("storage_unavailable", str(error)) from None
        except OSError as error:
            raise Refusal("storage_unavailable", type(error).__name__) from None
        except Damaged as error:
            raise Refusal("archive_damaged", str(error)) from None

    async def forget(self, recording_id: str, at: dt.datetime, why: str) -> None:
        try:
            clear = partial(self._clear, recording_id)
            await asyncio.to_thread(self._folder.forget, recording_id, at.isoformat(), why, clear)
        except (StorageFull, StorageUnavailable) as error:
            raise Refusal("storage_unavailable", str(error)) from None

    def _clear(self, recording_id: str) -> None:
        """What lies in the store, also what a move that was cut off has left there."""
        if self._objects is not None:
            self._objects.clear(recording_id)
        elif self._is_moved(recording_id):
            raise StorageUnavailable("it was moved to an object store, and none is set")

    def _is_moved(self, recording_id: str) -> bool:
        try:
            return self._folder.moved(recording_id)
        except ArchiveRefusal:
            return False


async def _asked(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except MediaAway:
        raise Away from None
    except ArchiveRefusal as refusal:
        raise Refusal(refusal.code if refusal.code in MEANINGS else "internal", refusal.detail) from None
