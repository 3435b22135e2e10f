"""How far imports, exports and verifications of this process are, and which are unwanted: said between two threads."""

from __future__ import annotations


class Stopped(Exception):
    """Somebody cancelled it: nothing is written."""


class ImportsGoing:
    def __init__(self) -> None:
        self._percent: dict[str, int] = {}
        self._unwanted: set[str] = set()

    def tell(self, import_id: str, percent: int) -> None:
        """Raises :class:`Stopped`."""
        if import_id in self._unwanted:
            raise Stopped
        self._percent[import_id] = percent

    def percent(self, import_id: str) -> int:
        return self._percent.get(import_id, 0)

    def stop(self, import_id: str) -> None:
        self._unwanted.add(import_id)

    def forget(self, import_id: str) -> None:
        self._unwanted.discard(import_id)
        self._percent.pop(import_id, None)
