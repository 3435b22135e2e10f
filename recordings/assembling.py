"""Writing films of an archive: bytes go from file to file inside the kernel, Python only says which."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recordings import film, manifest
from recordings.film import Cut, Plan
from recordings.fragment import HEAD_BYTES, Damaged, Described, Fragment, head_length, read_fragment, read_init
from recordings.interface import Track
from recordings.storage import PART, StorageFull, remove_quietly, sync_folder, translated, write_all

MOST_STEP = 8 << 20
"""Between two looks at whether it is still wanted."""
_NOT_THAT_WAY = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM})

_NOT_THERE = frozenset({errno.ENOENT, errno.ELOOP})

Progress = Callable[[int], None]
"""Told a percentage; may raise to end the work."""


@dataclass(frozen=True, slots=True)
class Made:
    name: str
    bytes: int
    duration_ms: int


class Assembly:
    """The films of one archive, in a folder of their own. What is only half there when it ends is removed."""

    def __init__(self, folder: Path, into: Path, keep_free_bytes: int, progress: Progress) -> None:
        self._folder = folder
        self._into = into
        self._keep_free_bytes = keep_free_bytes
        self._progress = progress
        self._inits: dict[str, Described] = {}

    def make(self) -> tuple[Made, ...]:
        """Raises ``Damaged``, ``StorageFull``, ``StorageUnavailable``, ``UnreadableManifest``."""
        try:
            contents = manifest.Contents.of((self._folder / manifest.NAME).read_bytes())
            plans = {track: found for track in Track if (found := self._planned(contents, track)) is not None}
            whole = sum(one.bytes for one in plans.values())
            if shutil.disk_usage(self._into).free - whole < self._keep_free_bytes:
                raise StorageFull(f"{whole >> 20} MiB are needed")
            done, made = 0, []
            for track, one in plans.items():
                self._write(one, f"{track}.mp4", partial(self._tell, whole, done))
                done += one.bytes
                made.append(Made(f"{track}.mp4", one.bytes, one.duration_ms))
            sync_folder(self._into)
            return tuple(made)
        except OSError as error:
            raise translated(error) from error

    def _tell(self, whole: int, before: int, written: int) -> None:
        self._progress(10 + 89 * (before + written) // max(1, whole))

    def _planned(self, contents: manifest.Contents, track: Track) -> Plan | None:
        count = max(1, len(contents.entries[Track.CAMERA]) + len(contents.entries[Track.SCREEN]))
        return film.plan(contents, track, self._head, self._init, lambda seen: self._progress(10 * seen // count))

    def _head(self, entry: manifest.Entry) -> Fragment:
        fd = self._opened(entry.name)
        try:
            size = os.fstat(fd).st_size
            if size != entry.bytes:
                raise Damaged(entry.name, f"{size} bytes instead of {entry.bytes}")
            head = os.pread(fd, HEAD_BYTES, 0)
            needed = head_length(head, entry.name)
            if needed > len(head):
                head = os.pread(fd, needed, 0)
            return read_fragment(head, size, entry.name)
        finally:
            os.close(fd)

    def _init(self, name: str) -> Described:
        if name not in self._inits:
            fd = self._opened(name)
            try:
                self._inits[name] = read_init(os.pread(fd, HEAD_BYTES, 0), name)
            finally:
                os.close(fd)
        return self._inits[name]

    def _opened(self, name: str) -> int:
        try:
            return os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno not in _NOT_THERE:
                raise
            raise Damaged(name, "it is gone, or no file") from None

    def _write(self, one: Plan, name: str, written: Callable[[int], None]) -> None:
        part = self._into / (name + PART)
        target = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            self._pour(one, target, written)
            os.fsync(target)
            part.rename(self._into / name)
        except BaseException:
            remove_quietly(part)
            raise
        finally:
            os.close(target)

    def _pour(self, one: Plan, target: int, written: Callable[[int], None]) -> None:
        done = told = 0
        with _Sources(self._opened) as sources:
            for piece in one.pieces:
                if isinstance(piece, bytes):
                    write_all(target, piece)
                else:
                    copy(sources.get(piece.name), target, piece)
                done += film.length_of(piece)
                if done - told >= MOST_STEP:
                    told = done
                    written(done)


class _Sources:
    """A few files stay open: sound and picture of one segment may lie apart."""

    def __init__(self, opened: Callable[[str], int]) -> None:
        self._opened = opened
        self._fds: OrderedDict[str, int] = OrderedDict()

    def __enter__(self) -> _Sources:
        return self

    def __exit__(self, *_: object) -> None:
        for fd in self._fds.values():
            os.close(fd)

    def get(self, name: str) -> int:
        if name not in self._fds:
            self._fds[name] = self._opened(name)
            if len(self._fds) > 4:
                os.close(self._fds.popitem(last=False)[1])
        return self._fds[name]


def copy(source: int, target: int, cut: Cut) -> None:
    """To the target's end. Raises ``Damaged`` when the source ends before."""
    at, left = cut.at, cut.length
    while left:
        done = _step(source, target, at, left)
        if done == 0:
            raise Damaged(cut.name, "it ends too early")
        at, left = at + done, left - done


def _step(source: int, target: int, at: int, count: int) -> int:
    """The first way that this kernel and these file systems know."""
    with contextlib.suppress(AttributeError):  # not on every system
        try:
            return os.copy_file_range(source, target, count, offset_src=at)
        except OSError as error:
            if error.errno not in _NOT_THAT_WAY:
                raise
    with contextlib.suppress(AttributeError):
        try:
            return os.sendfile(target, source, at, count)
        except OSError as error:
            if error.errno not in _NOT_THAT_WAY:
                raise
    data = os.pread(source, min(count, 1 << 20), at)
    write_all(target, data)
    return len(data)
