"""The object store in the house's words, for the composition root."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

from recordings import manifest, moving
from recordings.fragment import Damaged
from recordings.objects import ObjectPlace, S3Objects
from recordings.storage import StorageFull, StorageUnavailable, is_recording_id
from server.domain.refusals import Refusal
from server.services.shelves.exports import Tell
from server.settings import Settings


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

    def __init__(self, root: Path, objects: S3Objects) -> None:
        self._root, self._objects = root, objects

    async def move(self, recording_id: str, at: dt.datetime, tell: Tell) -> None:
        folder = self._folder(recording_id)
        try:
            await asyncio.to_thread(moving.move, folder, self._objects, at.isoformat(), tell)
        except (Damaged, manifest.UnreadableManifest) as error:
            raise Refusal("archive_damaged", str(error)) from None
        except (StorageFull, StorageUnavailable, OSError) as error:
            raise Refusal("storage_unavailable", type(error).__name__) from None

    async def release(self, recording_id: str) -> None:
        try:
            await asyncio.to_thread(moving.release, self._folder(recording_id))
        except (OSError, manifest.UnreadableManifest) as error:
            raise Refusal("storage_unavailable", type(error).__name__) from None

    def _folder(self, recording_id: str) -> Path:
        if not is_recording_id(recording_id):
            raise Refusal("recording_not_found", recording_id)
        return self._root / recording_id
