"""Exports of recordings, in a folder of the data folder."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from recordings import manifest
from recordings.assembling import Assembly
from recordings.fragment import Damaged
from recordings.manifest import UnreadableManifest
from recordings.moving import bring
from recordings.objects import Objects
from recordings.package import Contents, Packing
from recordings.storage import StorageFull, StorageUnavailable, is_recording_id
from server.depot import LEAST_FREE_BYTES
from server.domain.exports import ExportFile
from server.domain.refusals import Refusal
from server.services.shelves.exports import Record, Tell

PACKAGE = "package.tar"
SOURCE = "source"
_EXPORT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EXPORTED = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.[a-z0-9]{1,5}")


class ExportsInFolder:
    """A :class:`server.services.shelves.exports.ExportFolder`: ``<folder>/<export>/<file>``."""

    def __init__(
        self,
        recordings: Path,
        folder: Path,
        *,
        key: bytes = b"",
        keep_free_bytes: int = LEAST_FREE_BYTES,
        objects: Objects | None = None,
    ) -> None:
        """``key``: 32 bytes, with which packages are signed. ``objects``: where media lies that was moved."""
        self._objects = objects
        self._recordings = recordings
        self._folder = folder
        self._key = key
        self._keep_free_bytes = keep_free_bytes

    async def films(self, recording_id: str, export_id: str, tell: Tell) -> tuple[ExportFile, ...]:
        def make(archive: Path, into: Path) -> tuple[ExportFile, ...]:
            source, told = self._source(archive, into, self._while_room(tell))
            made = Assembly(source, into, self._keep_free_bytes, told).make()
            return tuple(ExportFile(one.name, one.bytes, one.duration_ms) for one in made)

        return await asyncio.to_thread(self._made, recording_id, export_id, make)

    async def package(self, recording_id: str, export_id: str, record: Record, tell: Tell) -> tuple[ExportFile, ...]:
        def make(archive: Path, into: Path) -> tuple[ExportFile, ...]:
            source, told = self._source(archive, into, self._while_room(tell))
            packing = Packing(source, into / PACKAGE, self._keep_free_bytes, told)
            sealed = packing.seal(Contents(record.said, record.documents), self._key)
            return (ExportFile(PACKAGE, sealed.bytes, 0, sealed.key),)

        return await asyncio.to_thread(self._made, recording_id, export_id, make)

    def _made(
        self, recording_id: str, export_id: str, make: Callable[[Path, Path], tuple[ExportFile, ...]]
    ) -> tuple[ExportFile, ...]:
        if not is_recording_id(recording_id):
            raise Refusal("recording_not_found", recording_id)
        into = self._place(export_id)
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True, mode=0o750)
        try:
            made = make(self._recordings / recording_id, into)
            shutil.rmtree(into / SOURCE, ignore_errors=True)
            return made
        except BaseException as error:
            shutil.rmtree(into, ignore_errors=True)
            code = next((code for kind, code in _EXPORT_CODES.items() if isinstance(error, kind)), None)
            if code is None:
                raise
            raise Refusal(code, str(error)) from None

    def _source(self, archive: Path, into: Path, tell: Tell) -> tuple[Path, Tell]:
        """Where the archive is whole: here, or a copy of one that was moved, which is half of the work then."""
        contents = manifest.Contents.of((archive / manifest.NAME).read_bytes())
        if contents.moved is None:
            return archive, tell
        if self._objects is None:
            raise StorageUnavailable("it was moved to an object store, and none is set")
        # The folder's name is the recording's: that is how its objects are called.
        bring(archive, into / SOURCE / archive.name, self._objects, lambda percent: tell(percent // 2))
        return into / SOURCE / archive.name, lambda percent: tell(50 + percent // 2)

    def _while_room(self, tell: Tell) -> Tell:
        """Others write, too, while it copies: there was room for all of it at its beginning only."""

        def told(percent: int) -> None:
            if shutil.disk_usage(self._folder).free < self._keep_free_bytes:
                raise StorageFull("others have filled the disk meanwhile")
            tell(percent)

        return told

    async def file(self, export_id: str, name: str) -> Path:
        path = self._place(export_id) / name
        if not _EXPORTED.fullmatch(name) or not await asyncio.to_thread(path.is_file):
            raise Refusal("export_gone", f"{export_id}/{name}")
        return path

    async def remove(self, export_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._place(export_id), ignore_errors=True)

    async def ids(self) -> frozenset[str]:
        def look() -> frozenset[str]:
            return frozenset(path.name for path in self._folder.glob("*") if _EXPORT_ID.fullmatch(path.name))

        return await asyncio.to_thread(look)

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
