"""Uploaded files in the data folder: ``materials/<id>/original`` and what was made of it in ``materials/<id>/made``.

A leaf above ``services`` and satisfying its ``Depot``. Names from outside are never part of a path.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

from server.domain.materials import HEAD_BYTES
from server.domain.refusals import Refusal
from server.services.depot import ORIGINAL, Received

LEAST_FREE_BYTES = 3 << 30
"""Uploads stop a gigabyte before the recorder raises its alarm: a lesson goes before its papers."""
WORK_BYTES = 1 << 30
"""What a conversion may need beside that."""
_WRITE_BYTES = 1 << 20
_MADE, _PART, _AT_WORK = "made", "part", "work"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}(\.[a-z0-9]{1,5})?")


class FolderDepot:
    def __init__(self, folder: Path, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self._folder = folder
        self._least_free_bytes = least_free_bytes

    async def receive(self, material_id: str, chunks: AsyncIterator[bytes], most: int) -> Received:
        place = self._place(material_id)
        arriving = Arriving(place / _PART, most, self._free_enough)
        try:
            await asyncio.to_thread(arriving.open)
            async for chunk in chunks:
                await arriving.add(chunk)
            return await asyncio.to_thread(arriving.close, place / ORIGINAL)
        except BaseException as error:
            arriving.drop()
            await self.remove(material_id)
            if isinstance(error, FileNotFoundError):
                raise Refusal("upload_broken", "deleted while it came") from None
            raise

    def _free_enough(self, wanted: int) -> bool:
        return shutil.disk_usage(self._folder).free - wanted > self._least_free_bytes

    def original(self, material_id: str) -> Path:
        return self._place(material_id) / ORIGINAL

    async def workplace(self, material_id: str) -> Path:
        folder = self._place(material_id) / _AT_WORK

        def make() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            if not self._free_enough(WORK_BYTES):
                raise Refusal("disk_full", str(self._folder))
            folder.mkdir(parents=True, mode=0o700)

        await asyncio.to_thread(make)
        return folder

    async def give_up(self, material_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._place(material_id) / _AT_WORK, ignore_errors=True)

    async def keep(self, material_id: str) -> None:
        place = self._place(material_id)

        def move() -> None:
            shutil.rmtree(place / _MADE, ignore_errors=True)
            (place / _AT_WORK).rename(place / _MADE)
            sync_folder(place)

        await asyncio.to_thread(move)

    async def file(self, material_id: str, name: str) -> Path:
        place = self._place(material_id)
        if not _NAME.fullmatch(name):
            raise Refusal("material_not_found", "no such name")
        path = place / ORIGINAL if name == ORIGINAL else place / _MADE / name
        # A craft's work is its own: what is no plain file of ours is not served.
        if not await asyncio.to_thread(lambda: path.is_file() and not path.is_symlink()):
            raise Refusal("material_not_found", f"{material_id}/{name}")
        return path

    async def read(self, material_id: str, name: str) -> bytes:
        path = await self.file(material_id, name)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise Refusal("material_not_found", str(error)) from None

    async def remove(self, material_id: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._place(material_id), ignore_errors=True)

    async def ids(self) -> frozenset[str]:
        def look() -> frozenset[str]:
            return frozenset(path.name for path in self._folder.glob("*") if _ID.fullmatch(path.name))

        return await asyncio.to_thread(look)

    def _place(self, material_id: str) -> Path:
        if not _ID.fullmatch(material_id):
            raise Refusal("material_not_found", "no id of ours")
        return self._folder / material_id


class Arriving:
    """A file that comes in pieces: never larger than told, and never onto a disk that is nearly full."""

    def __init__(self, path: Path, most: int, free_enough: Callable[[int], bool]) -> None:
        self._path = path
        self._most = most
        self._free_enough = free_enough
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._head = b""
        self._bytes = 0

    def open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        self._file = self._path.open("wb")

    async def add(self, chunk: bytes) -> None:
        """Raises ``file_too_large``, ``disk_full``."""
        self._bytes += len(chunk)
        if self._bytes > self._most:
            raise Refusal("file_too_large", f"more than {self._most} bytes")
        self._waiting += chunk
        if len(self._waiting) >= _WRITE_BYTES:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        assert self._file is not None
        if not self._free_enough(len(self._waiting)):
            raise Refusal("disk_full", str(self._path.parent.parent))
        piece = bytes(self._waiting)
        self._waiting.clear()
        self._head = (self._head + piece[:HEAD_BYTES])[:HEAD_BYTES]
        self._digest.update(piece)
        try:
            self._file.write(piece)
        except OSError as error:
            raise Refusal("disk_full", str(error)) from None

    def close(self, final: Path) -> Received:
        assert self._file is not None
        self._write()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.rename(final)
        sync_folder(final.parent)
        return Received(self._bytes, self._digest.hexdigest(), self._head)

    def drop(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
