"""Moving a finished archive's media to an object store, so that a crash at any step loses nothing.

1. Each file is read, held against its digest, put, read back and held against it again.
2. The manifest goes there, too: with it the archive can be brought back without this machine.
3. One line, ``moved``, is added to the manifest here, and synced: from then on readers look in the store. Where
   something was listed meanwhile (pictures were drawn), it is begun again before that line is written.
4. The files here go (:func:`release`), but for the poster: lists show it without asking the store.

The way back is the same with here and there exchanged: :func:`restore`, then :func:`vacate`.

Each step may be done again; whatever was put and is sound is not put twice. The manifest itself always stays here.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from recordings import digest, manifest
from recordings.digest import Digest
from recordings.fragment import Damaged
from recordings.objects import Objects
from recordings.storage import (
    PART,
    POSTER,
    StorageFull,
    StorageUnavailable,
    alone,
    sync_folder,
    translated,
    write_all,
    write_synced,
)

Progress = Callable[[int], None]
"""Percent; may raise to end the work, which can be taken up again."""
MOST_ROUNDS = 5
"""Of copying, where the manifest grows meanwhile."""


def move(folder: Path, objects: Objects, at: str, progress: Progress) -> int:
    """Steps 1 to 3; how many bytes are there. Raises ``Damaged`` for a file that is not what was recorded, and
    ``StorageUnavailable``; ``manifest.UnreadableManifest`` and ``FileNotFoundError`` where there is no archive."""
    with alone(folder):  # what is put there while it is deleted here would stay there
        for _ in range(MOST_ROUNDS):
            whole = _copied(folder, objects, at, progress)
            if whole is not None:
                return whole
    raise StorageUnavailable("its manifest grows all the time")


def _copied(folder: Path, objects: Objects, at: str, progress: Progress) -> int | None:
    """None: its manifest has grown meanwhile."""
    data = (folder / manifest.NAME).read_bytes()
    contents = manifest.Contents.of(data)
    if contents.deleted is not None:
        objects.clear(folder.name)  # what was put after it was deleted
    if contents.deleted is not None or not contents.finished:
        raise Damaged(manifest.NAME, "not finished, or deleted")
    whole = max(1, sum(contents.files.values()))
    if contents.moved is not None:
        return whole
    done = 0
    for name, size in contents.files.items():
        _put(folder / name, f"{folder.name}/{name}", contents.digests.get(name), objects)
        done += size
        progress(99 * done // whole)
    _put_bytes(data, f"{folder.name}/{manifest.NAME}", (Digest.SHA256, digest.of(data, Digest.SHA256)), objects)
    return whole if _append(folder / manifest.NAME, manifest.line(manifest.moved(at)), data) else None


def release(folder: Path) -> int:
    """Step 4: the media here goes, if it was moved and is listed; how many files. Idempotent. Raises
    ``StorageUnavailable`` while somebody is at work on it: what comes back just now would go."""
    with alone(folder):
        contents = manifest.Contents.of((folder / manifest.NAME).read_bytes())
        if contents.moved is None:
            return 0
        there = [folder / name for name in contents.files if name != POSTER and (folder / name).exists()]
        for path in there:
            path.unlink()
        sync_folder(folder)
        return len(there)


def restore(folder: Path, objects: Objects, at: str, progress: Progress, *, keep_free_bytes: int = 0) -> int:
    """Every file is here, synced and held against its digest, and the manifest says so (``returned``): readers look
    here from then on. How many bytes. Raises as :func:`move`, and ``StorageFull`` before ``keep_free_bytes`` would be
    less than what is left."""
    with alone(folder):
        return _restored(folder, objects, at, progress, keep_free_bytes)


def _restored(folder: Path, objects: Objects, at: str, progress: Progress, keep_free_bytes: int) -> int:
    data = (folder / manifest.NAME).read_bytes()
    contents = manifest.Contents.of(data)
    if contents.deleted is not None or not contents.finished:
        raise Damaged(manifest.NAME, "not finished, or deleted")
    whole = max(1, sum(contents.files.values()))
    if contents.moved is None:
        return whole
    done = 0
    try:
        for name, size in contents.files.items():
            if shutil.disk_usage(folder).free - size < keep_free_bytes:
                raise StorageFull("no room to bring it back")
            _get(folder / name, f"{folder.name}/{name}", contents.digests.get(name), objects)
            done += size
            progress(99 * done // whole)
        sync_folder(folder)
    except OSError as error:
        raise translated(error) from error
    if not _append(folder / manifest.NAME, manifest.line(manifest.returned(at)), data):
        _leave(folder, contents)
        raise StorageUnavailable("its manifest is another one")
    return whole


def _leave(folder: Path, contents: manifest.Contents) -> None:
    """What was brought back after it was deleted."""
    if manifest.Contents.of((folder / manifest.NAME).read_bytes()).deleted is not None:
        for name in contents.files:
            (folder / name).unlink(missing_ok=True)


def vacate(folder: Path, objects: Objects) -> int:
    """What lies in the store goes, if its media is here; how many objects. Idempotent. Raises ``StorageUnavailable``
    while somebody is at work on it: what is put there just now would go."""
    with alone(folder):
        contents = manifest.Contents.of((folder / manifest.NAME).read_bytes())
        return objects.clear(folder.name) if contents.moved is None else 0


def bring(folder: Path, into: Path, objects: Objects, progress: Progress) -> None:
    """A copy of a moved archive, whole and sound, in a folder of its own. Raises as :func:`move`."""
    data = (folder / manifest.NAME).read_bytes()
    contents = manifest.Contents.of(data)
    whole, done = max(1, sum(contents.files.values())), 0
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name, size in contents.files.items():
            (into / name).write_bytes(sound(name, objects.get(f"{folder.name}/{name}"), contents.digests.get(name)))
            done += size
            progress(99 * done // whole)
        (into / manifest.NAME).write_bytes(data)
    except OSError as error:
        raise translated(error) from error


def sound(name: str, data: bytes | None, listed: tuple[Digest, str] | None) -> bytes:
    """Raises ``Damaged`` for what is missing or was changed."""
    if data is None:
        raise Damaged(name, "missing in the object store")
    if listed is None or digest.of(data, listed[0]) != listed[1]:
        raise Damaged(name, "changed")
    return data


def _get(path: Path, name: str, listed: tuple[Digest, str] | None, objects: Objects) -> None:
    """What is here and sound stays."""
    if path.is_file() and not path.is_symlink():
        with contextlib.suppress(Damaged):
            sound(path.name, path.read_bytes(), listed)
            return
    part = path.with_name(path.name + PART)
    write_synced(part, sound(path.name, objects.get(name), listed))
    part.rename(path)


def _put(path: Path, name: str, listed: tuple[Digest, str] | None, objects: Objects) -> None:
    try:
        data = sound(path.name, path.read_bytes(), listed)
    except OSError as error:
        raise StorageUnavailable(os.strerror(error.errno or 0)) from error
    _put_bytes(data, name, listed, objects)


def _put_bytes(data: bytes, name: str, listed: tuple[Digest, str] | None, objects: Objects) -> None:
    """What a former try has put stays, when it is sound."""
    if objects.size(name) == len(data) and objects.get(name) == data:
        return
    objects.put(name, data)
    sound(name, objects.get(name), listed)


def _append(path: Path, line: bytes, known: bytes) -> bool:
    """Under the lock of whoever writes manifests; False, and nothing is written, where it is no longer ``known``."""
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        whole = os.pread(fd, os.fstat(fd).st_size, 0)
        length = manifest.read(whole)[1]
        if whole[:length] != known[: manifest.read(known)[1]]:
            return False
        os.ftruncate(fd, length)  # what a crash tore off
        write_all(fd, line)
        os.fsync(fd)
        return True
    except OSError as error:
        raise translated(error) from error
    finally:
        os.close(fd)
