"""Pictures of recordings, as the use cases see them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Pictures(Protocol):
    """Kept in the archive: they are fetched as its segments are."""

    async def make(self, recording_id: str) -> None:
        """All of a finished one, or none where there is nothing to draw: then that is known.

        Raises ``recording_unknown``, ``recording_not_finished``, ``disk_full``, ``storage_unavailable``.
        """
        ...

    async def made(self, recording_ids: Collection[str]) -> frozenset[str]:
        """Of which ones that was done."""
        ...

    async def posters(self, recording_ids: Collection[str]) -> frozenset[str]:
        """Which ones have one."""
        ...

    async def drawable(self, recording_id: str) -> bool:
        """Whether its archive is here."""
        ...


class NoPictures:
    """A house without archives."""

    async def make(self, recording_id: str) -> None:
        """There is nothing to make them of."""

    async def made(self, recording_ids: Collection[str]) -> frozenset[str]:
        return frozenset()

    async def posters(self, recording_ids: Collection[str]) -> frozenset[str]:
        return frozenset()

    async def drawable(self, recording_id: str) -> bool:
        return False
