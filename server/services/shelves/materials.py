"""Shelves of uploaded materials and of the long work on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Protocol

from server.domain.jobs import Job, JobKind
from server.domain.materials import Material


class MaterialShelf(Protocol):
    def get(self, material_id: str) -> Material | None: ...

    def of(self, lesson_id: str) -> tuple[Material, ...]:
        """Oldest first, without the deleted ones."""
        ...

    def put(self, material: Material) -> None:
        """Add it, or save what changed of it."""

    def remove(self, material_id: str) -> None:
        """One whose upload failed, which nothing refers to."""

    def uploading(self) -> tuple[Material, ...]:
        """Of all lessons."""
        ...

    def kept(self) -> frozenset[str]:
        """The ids of all that are not deleted."""
        ...


class JobShelf(Protocol):
    def get(self, job_id: str) -> Job | None: ...

    def put(self, job: Job) -> None:
        """Add it, or save what changed of it."""

    def next_queued(self, runner: str, kinds: Collection[JobKind]) -> Job | None:
        """The oldest of these kinds that waits for this control process."""
        ...

    def running(self, runner: str) -> tuple[Job, ...]: ...

    def of_others(self, runner: str) -> tuple[Job, ...]:
        """Those of other control processes that wait or run."""
        ...

    def sign(self, runner: str, at: dt.datetime) -> None:
        """It lives and works."""

    def signs(self) -> dict[str, dt.datetime]:
        """The last sign of each control process."""
        ...

    def forget_signs(self, before: dt.datetime) -> None: ...
