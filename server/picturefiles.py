"""Pictures of questions in the data folder: ``question-pictures/<sha256>/<size>.webp``.

A leaf above ``services`` and satisfying its ``PictureFiles``. A folder is there whole or not at all: it is filled under
another name, synced, and renamed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from server.depot import LEAST_FREE_BYTES, sync_folder
from server.domain.question_pictures import PictureSize, is_digest
from server.domain.refusals import Refusal

_COMING, _ASIDE = "coming-", "aside-"


class FolderPictureFiles:
    def __init__(self, folder: Path, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
        self._folder = folder
        self._least_free_bytes = least_free_bytes

    async def put(self, sha256: str, made: Mapping[PictureSize, bytes]) -> None:
        await self._done(lambda: self._put(self._place(sha256), made))

    def _put(self, place: Path, made: Mapping[PictureSize, bytes]) -> None:
        if place.is_dir():
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        if shutil.disk_usage(self._folder).free < self._least_free_bytes:
            raise Refusal("disk_full", str(self._folder))
        coming = self._folder / f"{_COMING}{uuid.uuid4()}"
        try:
            coming.mkdir(mode=0o750)
            for size, content in made.items():
                with (coming / f"{size}.webp").open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            sync_folder(coming)
            with contextlib.suppress(OSError):  # somebody else was first: the same picture
                coming.rename(place)
            if not place.is_dir():
                raise Refusal("storage_unavailable", str(place))
            sync_folder(self._folder)
        finally:
            shutil.rmtree(coming, ignore_errors=True)

    async def file(self, sha256: str, size: PictureSize) -> Path:
        path = self._place(sha256) / f"{size}.webp"
        if not await asyncio.to_thread(path.is_file):
            raise Refusal("picture_not_found", f"{sha256} {size}")
        return path

    async def digests(self) -> frozenset[str]:
        def look() -> frozenset[str]:
            names = (path.name.removeprefix(_ASIDE) for path in self._folder.glob("*"))
            return frozenset(name for name in names if is_digest(name))

        return await asyncio.to_thread(look)

    async def set_aside(self, sha256: str) -> None:
        await self._done(lambda: self._move(self._place(sha256), self._aside(sha256)))

    async def bring_back(self, sha256: str) -> None:
        await self._done(lambda: self._move(self._aside(sha256), self._place(sha256)))

    async def remove(self, sha256: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._aside(sha256), ignore_errors=True)

    def _move(self, one: Path, other: Path) -> None:
        """Where the other is there, too, they are the same."""
        if other.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        elif one.is_dir():
            one.rename(other)
            sync_folder(self._folder)

    async def _done(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        except OSError as error:
            raise Refusal("storage_unavailable", str(error)) from None

    def _place(self, sha256: str) -> Path:
        if not is_digest(sha256):
            raise Refusal("picture_not_found", "no digest")
        return self._folder / sha256

    def _aside(self, sha256: str) -> Path:
        place = self._place(sha256)
        return place.with_name(f"{_ASIDE}{place.name}")
