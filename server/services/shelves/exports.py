"""Shelf of what was taken out of archives, and the folder of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.domain.exports import Export, ExportFile
from server.domain.refusals import Refusal


class ExportShelf(Protocol):
    def get(self, export_id: str, *, lock: bool = False) -> Export | None: ...

    def put(self, one: Export) -> None:
        """Adds or replaces it."""

    def of(self, recording_id: str) -> tuple[Export, ...]:
        """Newest first."""
        ...

    def unfinished(self) -> tuple[Export, ...]:
        """Oldest first."""
        ...

    def not_over(self, now: dt.datetime) -> tuple[Export, ...]:
        """Unfinished, or with files that are kept still."""
        ...


Tell = Callable[[int], None]
"""A percentage; called on another thread, may raise to end the work."""


@dataclass(frozen=True, slots=True)
class Record:
    """What goes into a package beside the archive. ``said``: of the whole, JSON types; ``documents``: by name."""

    said: Mapping[str, str]
    documents: Mapping[str, bytes]


class ExportFolder(Protocol):
    """One folder for each export, named by our id."""

    async def films(self, recording_id: str, export_id: str, tell: Tell) -> tuple[ExportFile, ...]:
        """Raises ``recording_not_found``, ``archive_damaged``, ``disk_full``, ``storage_unavailable`` and what ``tell``
        raises; nothing is left then."""
        ...

    async def package(self, recording_id: str, export_id: str, record: Record, tell: Tell) -> tuple[ExportFile, ...]:
        """As :meth:`films`, of an archive that is sound; its seal is the installation's."""
        ...

    async def file(self, export_id: str, name: str) -> Path:
        """Raises ``export_gone``."""
        ...

    async def remove(self, export_id: str) -> None: ...

    async def ids(self) -> frozenset[str]:
        """Of which exports anything lies there."""
        ...


class NoExports:
    """A house without a folder for them."""

    async def films(self, recording_id: str, export_id: str, tell: Tell) -> tuple[ExportFile, ...]:
        raise Refusal("storage_unavailable", recording_id)

    async def package(self, recording_id: str, export_id: str, record: Record, tell: Tell) -> tuple[ExportFile, ...]:
        raise Refusal("storage_unavailable", recording_id)

    async def file(self, export_id: str, name: str) -> Path:
        raise Refusal("export_gone", export_id)

    async def remove(self, export_id: str) -> None:
        """There is nothing."""

    async def ids(self) -> frozenset[str]:
        return frozenset()
