"""The object store in the house's words, for the composition root."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

from recordings import manifest, moving
from recordings.fragment import Damaged
from recordings.objects import ObjectPlace, S3Objects
from recordings.storage import StorageFull, StorageUnavailable, is_recording_id
from server.domain.refusals import Refusal
from server.services.shelves.exports import Tell
from server.settings import Settings

P = ParamSpec("P")


def objects_of(settings: Settings) -> S3Objects | None:
    """None: none is set."""
    if not settings.object_store:
        return None
    return S3Objects(
        ObjectPlace(
            endpoint=settings.s3_endpoint.rstrip("/"),
            bucket=settings.s3_bucket,
            region=settings.s3_region,
            prefix=settings.s3_prefix,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            path_style=settings.s3_path_style,
        )
    )


class MovingToObjects:
    """A :class:`server.services.shelves.keeping.ObjectStore`, in threads."""

    def __init__(self, root: Path, objects: S3Objects, *, keep_free_bytes: int = 0) -> None:
        """``keep_free_bytes`` of the disk stay when recordings come back."""
        self._root, self._objects, self._keep_free_bytes = root, objects, keep_free_bytes

    async def move(self, recording_id: str, at: dt.datetime, tell: Tell) -> None:
        await _done(moving.move, self._folder(recording_id), self._objects, at.isoformat(), tell)

    async def release(self, recording_id: str) -> None:
        await _done(moving.release, self._folder(recording_id))

    async def restore(self, recording_id: str, at: dt.datetime, tell: Tell) -> None:
        def work() -> None:
            keep = self._keep_free_bytes
            moving.restore(self._folder(recording_id), self._objects, at.isoformat(), tell, keep_free_bytes=keep)

        await _done(work)

    async def vacate(self, recording_id: str) -> None:
        await _done(moving.vacate, self._folder(recording_id), self._objects)

    def _folder(self, recording_id: str) -> Path:
        if not is_recording_id(recording_id):
            raise Refusal("recording_not_found", recording_id)
        return self._root / recording_id


async def _done(function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    try:
        await asyncio.to_thread(function, *args, **kwargs)
    except (Damaged, manifest.UnreadableManifest) as error:
        raise Refusal("archive_damaged", str(error)) from None
    except StorageFull as error:
        raise Refusal("disk_full", str(error)) from None
    except (StorageUnavailable, OSError) as error:
        raise Refusal("storage_unavailable", type(error).__name__) from None
