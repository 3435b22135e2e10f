"""The shelf of pictures of questions, and where their files lie."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from server.domain.question_pictures import Brought, PictureSize
from server.domain.refusals import Refusal


class QuestionPictureShelf(Protocol):
    def get(self, account_id: str, sha256: str) -> Brought | None: ...

    def put(self, brought: Brought) -> None:
        """New, or again: what it says of its file stands."""

    def count(self, account_id: str, since: dt.datetime) -> int: ...

    def drop_old(self, before: dt.datetime) -> int:
        """How many went. Questions that name one keep it."""
        ...

    def known(self, digests: Collection[str]) -> frozenset[str]:
        """Those that somebody brought, or that a question, a version of the bank, a quiz or an attempt names."""
        ...


class PictureFiles(Protocol):
    """Each picture once, by its digest, in all its sizes."""

    async def put(self, sha256: str, made: Mapping[PictureSize, bytes]) -> None:
        """On disk when it returns. Idempotent. Raises ``disk_full``, ``storage_unavailable``."""

    async def file(self, sha256: str, size: PictureSize) -> Path:
        """Raises ``picture_not_found``."""
        ...

    async def digests(self) -> frozenset[str]:
        """Of all that is here, set aside or not."""
        ...

    async def set_aside(self, sha256: str) -> None:
        """It is not given out any more, and can still be brought back."""

    async def bring_back(self, sha256: str) -> None: ...

    async def remove(self, sha256: str) -> None:
        """What was set aside goes for good."""


class NoPictureFiles:
    """A house without a folder for them."""

    async def put(self, sha256: str, made: Mapping[PictureSize, bytes]) -> None:
        raise Refusal("storage_unavailable", sha256)

    async def file(self, sha256: str, size: PictureSize) -> Path:
        raise Refusal("picture_not_found", f"{sha256} {size}")

    async def digests(self) -> frozenset[str]:
        return frozenset()

    async def set_aside(self, sha256: str) -> None:
        """There is nothing."""

    async def bring_back(self, sha256: str) -> None:
        """There is nothing."""

    async def remove(self, sha256: str) -> None:
        """There is nothing."""
