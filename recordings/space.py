"""How much room the archives have: the disk thread alone asks the disk, and whoever wants to know reads the note."""

from __future__ import annotations

from recordings.interface import Space
from recordings.storage import Storage, StorageFull, StorageUnavailable

EVERY_MS = 5_000.0
STALE_MS = 30_000.0  # a disk that has hung says nothing any more


class SpaceNote:
    """``low_bytes``: below it the room is low."""

    def __init__(self, storage: Storage, low_bytes: int) -> None:
        self._storage = storage
        self._low_bytes = low_bytes
        self._measured_ms = float("-inf")
        self._note: tuple[float, Space] | None = None  # replaced, never changed: any thread may read it

    def measure(self, now_ms: float) -> None:
        """On the disk thread, as often as it likes: the disk is asked every five seconds."""
        if now_ms - self._measured_ms < EVERY_MS:
            return
        self._measured_ms = now_ms
        try:
            free = self._storage.free_bytes()
        except (StorageFull, StorageUnavailable):
            self._note = None
            return
        self._note = now_ms, Space(free, free < self._low_bytes)

    def read(self, now_ms: float) -> Space | None:
        """From any thread."""
        note = self._note
        return note[1] if note is not None and now_ms - note[0] <= STALE_MS else None
