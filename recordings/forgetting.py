"""Deleting an archive: its media goes, the head of its manifest stays and says by which rule and when."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from recordings import digest, manifest
from recordings.digest import Digest
from recordings.storage import PART, StorageUnavailable, alone, sync_folder, translated, write_synced


def forget(root: Path, recording_id: str, at: str, why: str, before: Callable[[], object] = lambda: None) -> None:
    """Idempotent, and to be done again after a crash at any step. Raises ``StorageUnavailable``: also while somebody
    moves it or draws its pictures.

    First goes what lies elsewhere (``before``). Then a manifest of two lines takes the place of the old one (what it
    listed is then listed no more), then the files go. An archive that was never there is nothing to do; a root without
    any is a disk that is away.
    """
    folder = root / recording_id
    try:
        if not root.is_dir() or not any(root.iterdir()):
            raise StorageUnavailable("there is no archive at all: is the disk mounted?")
        if not folder.is_dir():
            before()
            return
        listed = folder / manifest.NAME
        with alone(folder), alone(listed) if listed.is_file() else contextlib.nullcontext():
            before()
            _replace_manifest(folder, at, why)
            for path in folder.iterdir():
                if path.name != manifest.NAME:
                    path.unlink()
            sync_folder(folder)
    except OSError as error:
        raise translated(error) from error


def _replace_manifest(folder: Path, at: str, why: str) -> None:
    path = folder / manifest.NAME
    data = path.read_bytes() if path.is_file() else b""
    try:
        contents = manifest.Contents.of(data)
    except manifest.UnreadableManifest:
        contents = manifest.Contents()
    if contents.deleted is not None:
        return
    head = data[: data.find(b"\n") + 1]
    record = manifest.deleted(
        at, why, digest.of(data, Digest.SHA256), len(contents.files), sum(contents.files.values())
    )
    part = folder / (manifest.NAME + PART)
    write_synced(part, head + manifest.line(record))
    part.rename(path)
    sync_folder(folder)
