"""What was recorded, for those who play it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from recordings.interface import Refusal as ArchiveRefusal
from recordings.interface import Summary
from recordings.interface import Track as ArchiveTrack
from recordings.library import FolderLibrary
from server.domain.recordings import RecordingSummary
from server.domain.refusals import MEANINGS, Refusal
from server.services.media import Track

P = ParamSpec("P")
R = TypeVar("R")


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

    def __init__(self, folder: FolderLibrary) -> None:
        self._folder = folder

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


async def _asked(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except ArchiveRefusal as refusal:
        raise Refusal(refusal.code if refusal.code in MEANINGS else "internal", refusal.detail) from None
