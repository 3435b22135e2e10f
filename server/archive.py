"""The archive plane in the house's own words; for the composition roots alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from recordings.assembling import Assembly
from recordings.fragment import Damaged
from recordings.interface import Refusal as ArchiveRefusal
from recordings.interface import Summary
from recordings.interface import Track as ArchiveTrack
from recordings.library import FolderLibrary
from recordings.manifest import UnreadableManifest
from recordings.storage import StorageFull, StorageUnavailable, is_recording_id
from server.depot import LEAST_FREE_BYTES
from server.domain.exports import ExportFile
from server.domain.recordings import RecordingSummary
from server.domain.refusals import MEANINGS, Refusal
from server.services.media import Track
from server.services.shelves.exports import Tell

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


_EXPORT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXPORTED = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.[a-z0-9]{1,5}")


class ExportsInFolder:
    """A :class:`server.services.shelves.exports.ExportFolder`: ``<folder>/<export>/<file>``."""

    def __init__(self, recordings: Path, folder: Path, *, keep_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self._recordings = recordings
        self._folder = folder
        self._keep_free_bytes = keep_free_bytes

    async def films(self, recording_id: str, export_id: str, tell: Tell) -> tuple[ExportFile, ...]:
        return await asyncio.to_thread(self._films, recording_id, export_id, tell)

    def _films(self, recording_id: str, export_id: str, tell: Tell) -> tuple[ExportFile, ...]:
        if not is_recording_id(recording_id):
            raise Refusal("recording_not_found", recording_id)
        into = self._place(export_id)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True, mode=0o750)
        try:
            made = Assembly(self._recordings / recording_id, into, self._keep_free_bytes, tell).make()
        except BaseException as error:
            shutil.rmtree(into, ignore_errors=True)
            code = next((code for kind, code in _EXPORT_CODES.items() if isinstance(error, kind)), None)
            if code is None:
                raise
            raise Refusal(code, str(error)) from None
        return tuple(ExportFile(one.name, one.bytes, one.duration_ms) for one in made)

    async def file(self, export_id: str, name: str) -> Path:
        path = self._place(export_id) / name
        if not _EXPORTED.fullmatch(name) or not await asyncio.to_thread(path.is_file):
            raise Refusal("export_gone", f"{export_id}/{name}")
        return path

    async def remove(self, export_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._place(export_id), ignore_errors=True)

    async def keep_only(self, export_ids: frozenset[str]) -> int:
        def sweep() -> int:
            found = (path for path in self._folder.glob("*") if _EXPORT_ID.fullmatch(path.name))
            old = [path for path in found if path.name not in export_ids]
            for path in old:
                shutil.rmtree(path, ignore_errors=True)
            return len(old)

        return await asyncio.to_thread(sweep)

    def _place(self, export_id: str) -> Path:
        if not _EXPORT_ID.fullmatch(export_id):
            raise Refusal("export_gone", "no id of ours")
        return self._folder / export_id


_EXPORT_CODES: dict[type[Exception], str] = {
    Damaged: "archive_damaged",
    UnreadableManifest: "archive_damaged",
    StorageFull: "disk_full",
    StorageUnavailable: "storage_unavailable",
}


async def _asked(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except ArchiveRefusal as refusal:
        raise Refusal(refusal.code if refusal.code in MEANINGS else "internal", refusal.detail) from None
