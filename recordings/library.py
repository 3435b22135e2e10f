"""The reader's side of the archive: replay playlists, summaries, files, and finishing what a crash left open."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recordings import forgetting, manifest, playlist
from recordings.clock import Clock, SystemClock, rfc3339
from recordings.digest import Digest
from recordings.interface import Refusal, Summary, Track
from recordings.storage import POSTER, FolderStorage, Shelf, StorageFull, StorageUnavailable, is_recording_id

KEPT_CONTENTS = 32


class MediaAway(Exception):
    """Of a recording whose media went to the object store: the manifest alone is here."""


@dataclass
class Reading:
    """A manifest read so far; ``offset`` is the end of the last whole line."""

    identity: tuple[int, int]
    offset: int
    contents: manifest.Contents


class FolderLibrary:
    """Reads what a recorder writes, also while it writes. Safe to use from several threads."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._read: OrderedDict[str, Reading] = OrderedDict()

    def recover(self, keep_open: frozenset[str]) -> tuple[Summary, ...]:
        """Finish every archive that a crash left open, except those in use: named, or locked by a recorder."""
        names = self._names()
        done = (self._recover_one(name) for name in names if name not in keep_open)
        return tuple(summary for summary in done if summary is not None)

    def holds_any(self) -> bool:
        return bool(self._names())

    def _names(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return sorted(path.name for path in self._root.iterdir() if is_recording_id(path.name) and path.is_dir())

    def _recover_one(self, recording_id: str) -> Summary | None:
        """None too where nothing can be done: unreadable, or in use. Neither stops the recovery of the others."""
        try:
            if not self._is_left_open(recording_id):
                return None
            shelf = FolderStorage(self._root).shelf(recording_id)
        except (Refusal, OSError, StorageFull, StorageUnavailable):
            return None
        try:
            return finish_shelf(shelf, rfc3339(self._clock.now().utc_ms))
        except (manifest.UnreadableManifest, StorageFull, StorageUnavailable):
            return None
        finally:
            shelf.close()

    def _is_left_open(self, recording_id: str) -> bool:
        """Also true for a folder that a crash left before the first line of its manifest."""
        folder = self._root / recording_id
        path = folder / manifest.NAME
        if not path.exists():
            return not any(folder.iterdir())
        return not manifest.read(path.read_bytes())[1] or not self._contents(recording_id).finished

    def summary(self, recording_id: str) -> Summary:
        return self._contents(recording_id).summary()

    def playlist(self, recording_id: str, track: Track) -> str:
        contents = self._contents(recording_id)
        items = [
            playlist.Item(
                name=entry.name,
                init=entry.init,
                ticks=entry.ticks,
                utc=entry.utc,
                discontinuity=entry.reason is not None,
                independent=entry.independent,
            )
            for entry in tuple(contents.entries[track])
        ]
        return playlist.replay(items, ended=contents.finished)

    def file(self, recording_id: str, name: str, since: dt.datetime | None = None) -> Path:
        contents = self._contents(recording_id)
        if name not in contents.files:
            raise Refusal("recording_unknown", f"{recording_id} lists no {name!r}")
        began = contents.began.get(name)
        path = self._root / recording_id / name
        if path.is_symlink():  # we make none: whoever did wants something else to be sent
            raise Refusal("recording_unknown", f"{name} is a link")
        if since is not None and began is not None and dt.datetime.fromisoformat(began) < since:
            raise Refusal("recording_unknown", f"{name} began before {since}")
        if contents.moved is not None and not (name == POSTER and path.is_file()):
            raise MediaAway(recording_id)
        return path

    def digest(self, recording_id: str, name: str) -> tuple[Digest, str] | None:
        """As listed; None: it is not."""
        return self._contents(recording_id).digests.get(name)

    def moved(self, recording_id: str) -> bool:
        """Whether its media lies in the object store."""
        return self._contents(recording_id).moved is not None

    def forget(self, recording_id: str, at: str, why: str, before: Callable[[], object] = lambda: None) -> None:
        """Raises ``StorageUnavailable``, ``StorageFull``."""
        if is_recording_id(recording_id):
            forgetting.forget(self._root, recording_id, at, why, before)

    def _contents(self, recording_id: str) -> manifest.Contents:
        if not is_recording_id(recording_id):
            raise Refusal("recording_unknown", repr(recording_id))
        try:
            with self._lock:
                return self._read_on(recording_id)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise Refusal("recording_unknown", recording_id) from error
        except OSError as error:
            raise Refusal("storage_unavailable", str(error)) from error
        except manifest.UnreadableManifest as error:
            raise Refusal("recording_unknown", f"{recording_id}: {error}") from error

    def _read_on(self, recording_id: str) -> manifest.Contents:
        """Only the lines added since the last look are parsed."""
        path = self._root / recording_id / manifest.NAME
        status = path.stat()
        known = self._read.get(recording_id)
        if known is None or known.identity != (status.st_dev, status.st_ino) or status.st_size < known.offset:
            known = Reading((status.st_dev, status.st_ino), 0, manifest.Contents())
        if status.st_size > known.offset:
            with path.open("rb") as file:
                file.seek(known.offset)
                records, sound = manifest.read(file.read())
            for record in records:
                known.contents.add(record)
            known.offset += sound
        if known.contents.spec is None:
            raise manifest.UnreadableManifest("no opening line")
        self._keep(recording_id, known)
        return known.contents

    def _keep(self, recording_id: str, reading: Reading) -> None:
        self._read[recording_id] = reading
        self._read.move_to_end(recording_id)
        if len(self._read) > KEPT_CONTENTS:
            self._read.popitem(last=False)


def finish_shelf(shelf: Shelf, at: str) -> Summary | None:
    """Close an archive after a crash: what is listed stays, what isn't goes. Raises UnreadableManifest.

    Nothing listed at all, not even the opening: the folder goes, and None comes back.
    """
    data = shelf.manifest()
    if not data:
        shelf.discard()
        return None
    contents = manifest.Contents.of(data)
    if not contents.finished:
        shelf.sweep(frozenset(contents.files))
        record = manifest.finished(at, recovered=True)
        shelf.append(manifest.line(record))
        contents.add(record)
    return contents.summary()
