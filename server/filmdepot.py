"""Films that come in pieces, in the data folder: ``films/<id>/part`` until the last byte is there.

A leaf above ``services`` and satisfying its ``FilmDepot``. What :meth:`FolderFilmDepot.append` has answered for is
synced: a process that dies, or a machine, takes nothing of it away.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from server.depot import FolderDepot, sync_folder
from server.domain.materials import HEAD_BYTES
from server.domain.refusals import Refusal
from server.services.depot import ORIGINAL, Received

_PART = "part"
_WRITE_BYTES = 1 << 20
_FLAGS = os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW


class FolderFilmDepot(FolderDepot):
    async def begin(self, film_id: str) -> None:
        place = self._place(film_id)

        def make() -> None:
            place.mkdir(parents=True, exist_ok=True, mode=0o750)
            os.close(os.open(place / _PART, _FLAGS | os.O_CREAT | os.O_EXCL, 0o640))
            sync_folder(place)

        await asyncio.to_thread(make)

    async def here(self, film_id: str) -> int:
        part, whole = self._place(film_id) / _PART, self._place(film_id) / ORIGINAL

        def look() -> int:
            for path in (part, whole):
                if path.is_file() and not path.is_symlink():
                    return path.stat().st_size
            raise Refusal("upload_not_found", film_id)

        return await asyncio.to_thread(look)

    async def digest(self, film_id: str, since: int, until: int) -> str:
        path = self._place(film_id) / _PART

        def look() -> str:
            found, left = hashlib.sha256(), until - since
            try:
                with path.open("rb") as file:
                    file.seek(since)
                    while left > 0 and (piece := file.read(min(left, _WRITE_BYTES))):
                        found.update(piece)
                        left -= len(piece)
            except OSError as error:
                raise Refusal("upload_not_found", str(error)) from None
            return found.hexdigest()

        return await asyncio.to_thread(look)

    async def append(
        self, film_id: str, offset: int, chunks: AsyncIterator[bytes], most: int, sha256: bytes | None = None
    ) -> int:
        writer = _Writer(self._place(film_id) / _PART, offset)
        await asyncio.to_thread(writer.open)
        right = False
        try:
            async for chunk in chunks:
                if writer.end + len(chunk) > most:
                    raise Refusal("file_too_large", f"more than the {most} bytes that were announced")
                if writer.add(chunk):
                    await self._write(writer)
            await self._write(writer)
            right = sha256 is None or writer.digest == sha256
        finally:
            # What came before the line broke is kept, unless a digest was to vouch for all of it.
            await asyncio.shield(asyncio.to_thread(writer.close, keep=right or sha256 is None))
        if not right:
            raise Refusal("upload_digest", "a piece is not what was announced")
        return writer.end

    async def _write(self, writer: _Writer) -> None:
        if not await asyncio.to_thread(self._free_enough, writer.waiting):
            raise Refusal("disk_full", writer.path.parent.name)
        await asyncio.to_thread(writer.write)

    async def whole(self, film_id: str) -> Received:
        place = self._place(film_id)

        def finish() -> Received:
            if (place / _PART).is_file():
                (place / _PART).rename(place / ORIGINAL)
                sync_folder(place)
            return _received(place / ORIGINAL)

        try:
            return await asyncio.to_thread(finish)
        except OSError as error:
            raise Refusal("upload_broken", str(error)) from None

    async def drop_original(self, film_id: str) -> None:
        await asyncio.to_thread((self._place(film_id) / ORIGINAL).unlink, missing_ok=True)


class _Writer:
    """Of one piece, and the only one of the file, in whatever process."""

    def __init__(self, path: Path, offset: int) -> None:
        self.path = path
        self.end = self._offset = offset
        self._waiting = bytearray()
        self._digest = hashlib.sha256()
        self._descriptor = -1

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def digest(self) -> bytes:
        return self._digest.digest()

    def open(self) -> None:
        """Raises ``upload_not_found``, ``upload_broken`` while another process is at it, ``upload_offset`` where it
        went on meanwhile: what somebody was told of is never cut off."""
        try:
            descriptor = os.open(self.path, _FLAGS)
        except OSError as error:
            raise Refusal("upload_not_found", str(error)) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_size != self._offset:
                raise Refusal("upload_offset", "another size is here by now")
            os.lseek(descriptor, self._offset, os.SEEK_SET)
        except OSError as error:
            os.close(descriptor)
            raise Refusal("upload_broken", f"somebody else writes it: {error}") from None
        except Refusal:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def add(self, chunk: bytes) -> bool:
        """Whether enough waits to be written."""
        self._waiting += chunk
        self.end += len(chunk)
        return len(self._waiting) >= _WRITE_BYTES

    def write(self) -> None:
        piece = memoryview(bytes(self._waiting))
        self._digest.update(piece)
        self._waiting.clear()
        try:
            while piece:
                piece = piece[os.write(self._descriptor, piece) :]
        except OSError as error:
            raise Refusal("disk_full", str(error)) from None

    def close(self, *, keep: bool) -> None:
        if self._descriptor < 0:
            return
        try:
            if keep:
                self.write()
            else:
                os.ftruncate(self._descriptor, self._offset)
            os.fsync(self._descriptor)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1


def _received(path: Path) -> Received:
    """Read once from its beginning to its end: what the disk has is what counts."""
    digest, size, head = hashlib.sha256(), 0, b""
    with path.open("rb") as file:
        while piece := file.read(_WRITE_BYTES):
            head = head or piece[:HEAD_BYTES]
            digest.update(piece)
            size += len(piece)
    return Received(size, digest.hexdigest(), head)
