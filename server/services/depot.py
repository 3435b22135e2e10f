"""Where uploaded files lie, and the crafts that convert them, as the use cases see them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from server.domain.jobs import JobKind
from server.domain.refusals import Refusal

ORIGINAL = "original"
"""The file as it came, beside what was made of it."""


@dataclass(frozen=True, slots=True)
class Received:
    size_bytes: int
    sha256: str
    head: bytes


class Depot(Protocol):
    """One folder per material, named by our id. No name from outside ever becomes a path."""

    async def receive(self, material_id: str, chunks: AsyncIterator[bytes], most: int) -> Received:
        """On disk when it returns. Raises ``file_too_large``, ``disk_full``, ``upload_broken`` when it was removed
        meanwhile; nothing is left then, as when cut off.
        """
        ...

    def original(self, material_id: str) -> Path: ...

    async def workplace(self, material_id: str) -> Path:
        """A new empty folder beside the file, for a craft to fill; an older one goes. Raises ``disk_full``."""
        ...

    async def give_up(self, material_id: str) -> None:
        """What the workplace holds is of no use."""

    async def keep(self, material_id: str) -> None:
        """What the workplace holds becomes the material's."""

    async def file(self, material_id: str, name: str) -> Path:
        """The file itself (``ORIGINAL``) or one that was made of it. Raises ``material_not_found``."""
        ...

    async def read(self, material_id: str, name: str) -> bytes:
        """A small one whole. Raises as :meth:`file`."""
        ...

    async def remove(self, material_id: str) -> None:
        """Everything of it. Nothing when there is nothing."""

    async def ids(self) -> frozenset[str]:
        """Of everything that has a folder."""
        ...


class FilmDepot(Depot, Protocol):
    """One folder for each film that comes in pieces, named by the id of its upload."""

    async def begin(self, film_id: str) -> None:
        """An empty file."""

    async def here(self, film_id: str) -> int:
        """How many bytes are on disk. Raises ``upload_not_found``."""
        ...

    async def append(
        self, film_id: str, offset: int, chunks: AsyncIterator[bytes], most: int, sha256: bytes | None = None
    ) -> int:
        """From ``offset`` on, and never beyond ``most``; where it ends now. On disk when it returns; what came before
        a line broke is kept, but for a piece whose digest was announced: all of it, or nothing.

        Raises ``file_too_large``, ``disk_full``, ``upload_digest``, ``upload_not_found``, and what ``chunks`` raises.
        """
        ...

    async def whole(self, film_id: str) -> Received:
        """The last byte is there: the file as it is on disk. Raises ``upload_broken``."""
        ...

    async def digest(self, film_id: str, since: int, until: int) -> str:
        """SHA-256 of these bytes of what is here, in hexadecimal. Raises ``upload_not_found``."""
        ...

    async def drop_original(self, film_id: str) -> None:
        """What was made of it stays. Idempotent."""


class NoDepot:
    """A house without a folder for uploads."""

    async def receive(self, material_id: str, chunks: AsyncIterator[bytes], most: int) -> Received:
        raise Refusal("storage_unavailable", material_id)

    def original(self, material_id: str) -> Path:
        raise Refusal("storage_unavailable", material_id)

    async def workplace(self, material_id: str) -> Path:
        raise Refusal("storage_unavailable", material_id)

    async def give_up(self, material_id: str) -> None:
        """There is nothing."""

    async def keep(self, material_id: str) -> None:
        raise Refusal("storage_unavailable", material_id)

    async def file(self, material_id: str, name: str) -> Path:
        raise Refusal("material_not_found", f"{material_id}/{name}")

    async def read(self, material_id: str, name: str) -> bytes:
        raise Refusal("material_not_found", f"{material_id}/{name}")

    async def remove(self, material_id: str) -> None:
        """There is nothing."""

    async def ids(self) -> frozenset[str]:
        return frozenset()

    async def begin(self, film_id: str) -> None:
        raise Refusal("storage_unavailable", film_id)

    async def here(self, film_id: str) -> int:
        raise Refusal("upload_not_found", film_id)

    async def digest(self, film_id: str, since: int, until: int) -> str:
        raise Refusal("upload_not_found", f"{film_id} {since}-{until}")

    async def append(
        self, film_id: str, offset: int, chunks: AsyncIterator[bytes], most: int, sha256: bytes | None = None
    ) -> int:
        raise Refusal("storage_unavailable", film_id)

    async def whole(self, film_id: str) -> Received:
        raise Refusal("storage_unavailable", film_id)

    async def drop_original(self, film_id: str) -> None:
        """There is nothing."""


Progress = Callable[[int], None]
"""Told a percentage; may be called often."""


class Craft(Protocol):
    """Makes one kind of thing of an uploaded file, somewhere it can do no harm."""

    async def __call__(self, source: Path, into: Path, progress: Progress) -> Mapping[str, Any]:
        """What it made, JSON types. Raises a refusal whose code says what is wrong with the file.

        Cancelling it ends all that it started.
        """
        ...


Crafts = Mapping[JobKind, Craft]
