"""Where archives lie. A *shelf* is the place of one recording: files that are written once, and one manifest.

The local folder is the first storage; an object store fits the same two protocols.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from recordings.manifest import NAME, read

RECORDING_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
PART = ".part"
PICTURES, POSTER = "pictures.json", "poster.webp"
"""Listed last of an archive's pictures: they are all there."""
OURS = re.compile(r"((camera|screen)-(\d+\.m4s|init-[0-9a-f]+\.mp4)|pictures(-\d+\.webp|\.json)|poster\.webp)(\.part)?")
FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StorageFull(Exception):
    """No room for this. Nothing of it stays."""


class StorageUnavailable(Exception):
    """The place can't be reached, or somebody else writes there."""


class Shelf(Protocol):
    """One recording's place. Every method may raise :class:`StorageUnavailable`."""

    def manifest(self) -> bytes:
        """The sound part of the manifest; empty for a new shelf."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Durable and whole when it returns, absent when it raises. May raise :class:`StorageFull`."""

    def append(self, lines: bytes) -> None:
        """Add to the manifest; durable when it returns, absent when it raises. May raise :class:`StorageFull`."""

    def sweep(self, listed: frozenset[str]) -> None:
        """Remove the files of a crash: ours, but not listed."""

    def free_bytes(self) -> int: ...

    def discard(self) -> None:
        """Remove the shelf of a recording that came to nothing, and close it."""

    def close(self) -> None:
        """Idempotent."""


class Storage(Protocol):
    def shelf(self, recording_id: str) -> Shelf:
        """Open for writing, by one writer at a time; made if it isn't there."""
        ...

    def exists(self, recording_id: str) -> bool: ...

    def free_bytes(self) -> int:
        """May raise :class:`StorageUnavailable`."""
        ...


def is_recording_id(text: str) -> bool:
    """Whether it is fit to be a folder's name."""
    return RECORDING_ID.fullmatch(text) is not None


class FolderStorage:
    """``<root>/<recording_id>/``. Makes the root once; later a missing root means an unmounted disk, not a new one."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._device: int | None = None

    def exists(self, recording_id: str) -> bool:
        try:
            return is_recording_id(recording_id) and (self._root / recording_id / NAME).exists()
        except OSError as error:
            raise translated(error) from error

    def shelf(self, recording_id: str) -> FolderShelf:
        if not is_recording_id(recording_id):
            raise StorageUnavailable(f"no folder can be named {recording_id!r}")
        try:
            self._check_root()
            return FolderShelf(self._root / recording_id)
        except OSError as error:
            raise translated(error) from error

    def free_bytes(self) -> int:
        try:
            self._check_root()
            return shutil.disk_usage(self._root).free
        except OSError as error:
            raise translated(error) from error

    def _check_root(self) -> None:
        if self._device is None:
            self._root.mkdir(parents=True, exist_ok=True)
            self._device = self._root.stat().st_dev
        elif self._root.stat().st_dev != self._device:
            raise StorageUnavailable("another file system lies under the recordings folder")


class FolderShelf:
    """A folder with its manifest held open and locked (the lock goes with the process, also by ``kill -9``)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
        self._fd = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            self._take()
        except BaseException:
            self.close()
            raise

    def _take(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StorageUnavailable("another process writes this recording") from error
        data = self._whole_file()
        _, self._length = read(data)
        if self._length < len(data):
            os.ftruncate(self._fd, self._length)
        os.fsync(self._fd)
        sync_folder(self._folder)

    def _whole_file(self) -> bytes:
        return os.pread(self._fd, os.fstat(self._fd).st_size, 0)

    def manifest(self) -> bytes:
        try:
            self._check_place()
            return self._whole_file()
        except OSError as error:
            raise translated(error) from error

    def put(self, name: str, data: bytes) -> None:
        part = self._folder / (name + PART)
        try:
            self._check_place()
            write_synced(part, data)
            part.rename(self._folder / name)
            sync_folder(self._folder)
        except OSError as error:
            remove_quietly(part)
            raise translated(error) from error

    def append(self, lines: bytes) -> None:
        try:
            self._check_place()
            if os.fstat(self._fd).st_size != self._length:
                os.ftruncate(self._fd, self._length)
            write_all(self._fd, lines)
            os.fsync(self._fd)
        except OSError as error:
            self._cut_back()
            raise translated(error) from error
        self._length += len(lines)

    def _cut_back(self) -> None:
        with contextlib.suppress(OSError):  # should it fail, the next append or opening cuts
            os.ftruncate(self._fd, self._length)

    def sweep(self, listed: frozenset[str]) -> None:
        try:
            for path in self._folder.iterdir():
                if OURS.fullmatch(path.name) and path.name not in listed:
                    path.unlink()
        except OSError as error:
            raise translated(error) from error

    def _check_place(self) -> None:
        """The manifest that we hold is the one at its path: not deleted, not covered by a mount."""
        if self._fd < 0:
            raise StorageUnavailable("closed")
        held, there = os.fstat(self._fd), (self._folder / NAME).stat()
        if (held.st_ino, held.st_dev) != (there.st_ino, there.st_dev):
            raise StorageUnavailable("the recording's folder was replaced")

    def free_bytes(self) -> int:
        try:
            return shutil.disk_usage(self._folder).free
        except OSError as error:
            raise translated(error) from error

    def discard(self) -> None:
        """Remove the shelf of a recording that came to nothing, and close it."""
        try:
            self.sweep(frozenset())
            (self._folder / NAME).unlink()
            self._folder.rmdir()
            sync_folder(self._folder.parent)
        except OSError as error:
            raise translated(error) from error
        finally:
            self.close()

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


@contextlib.contextmanager
def alone(path: Path) -> Iterator[None]:
    """Nobody else has this file or folder, until it is left. Raises :class:`StorageUnavailable` where somebody has."""
    way = os.O_RDONLY if path.is_dir() else os.O_RDWR  # a disk in the network locks no file that is only read
    fd = os.open(path, way | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StorageUnavailable(f"somebody else is at work on {path.name}") from error
        yield
    finally:
        os.close(fd)


def translated(error: OSError) -> StorageFull | StorageUnavailable:
    if error.errno in FULL_ERRORS:
        return StorageFull(os.strerror(error.errno or 0))
    return StorageUnavailable(os.strerror(error.errno) if error.errno else str(error))


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def write_synced(path: Path, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
    try:
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def remove_quietly(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
