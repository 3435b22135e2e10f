"""Pictures of recordings, drawn in a confined process and kept in the archive itself."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from recordings import contact, manifest
from recordings.storage import PICTURES, POSTER, StorageFull, StorageUnavailable, is_recording_id
from server.domain.refusals import Refusal
from server.services.depot import Craft

_STRIP, _DRAWN = "strip", "drawn"
_NOTHING: Mapping[str, Any] = {"shown": [], "width": 0, "height": 0, "columns": 0, "rows": 0, "sheets": 0}
_MOST_FILE = 4 << 20
_log = logging.getLogger(__name__)


class PicturesInFolder:
    """A :class:`server.services.shelves.pictures.Pictures`."""

    def __init__(self, recordings: Path, workplace: Path, craft: Craft) -> None:
        """``workplace``: a folder of its own, emptied each time."""
        if workplace == recordings:
            raise ValueError("archives are no place to work in")
        self._recordings = recordings
        self._workplace = workplace
        self._craft = craft

    async def make(self, recording_id: str) -> None:
        place = self._workplace / recording_id
        try:
            found = await asyncio.to_thread(self._strip, recording_id, place)
            drawn = await self._drawn(recording_id, place) if found else _NOTHING
            await asyncio.to_thread(self._keep, recording_id, place, found, drawn)
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    async def _drawn(self, recording_id: str, place: Path) -> Mapping[str, Any]:
        """Keyframes that no craft can draw are none; that is not tried for ever."""
        try:
            return await self._craft(place / _STRIP, place / _DRAWN, lambda percent: None)
        except Refusal as refusal:
            _log.warning("no pictures of recording %s: %s", recording_id, refusal.code)
            return _NOTHING

    def _strip(self, recording_id: str, place: Path) -> tuple[contact.Shot, ...]:
        if not is_recording_id(recording_id):
            raise Refusal("recording_unknown", recording_id)
        shutil.rmtree(place, ignore_errors=True)
        try:
            (place / _DRAWN).mkdir(parents=True, mode=0o750)
            data = (self._recordings / recording_id / manifest.NAME).read_bytes()
            contents = manifest.Contents.of(data)
            if not contents.finished:
                raise Refusal("recording_not_finished", recording_id)
            if contents.deleted or contents.moved:
                raise Refusal("recording_unknown", "its media is not here")
            found = contact.shots(contents)
            contact.write_strip(self._recordings / recording_id, found, place / _STRIP)
        except (FileNotFoundError, manifest.UnreadableManifest) as error:
            raise Refusal("recording_unknown", str(error)) from None
        except StorageFull as error:
            raise Refusal("disk_full", str(error)) from None
        except (OSError, StorageUnavailable) as error:
            raise Refusal("storage_unavailable", str(error)) from None
        return found

    def _keep(self, recording_id: str, place: Path, found: tuple[contact.Shot, ...], drawn: Mapping[str, Any]) -> None:
        try:
            made = sorted((place / _DRAWN).glob("*.webp"))
            files = {path.name: path.read_bytes() for path in made if path.stat().st_size <= _MOST_FILE}
            contact.keep(self._recordings, recording_id, {**files, PICTURES: contact.index(found, drawn)})
        except StorageFull as error:
            raise Refusal("disk_full", str(error)) from None
        except (OSError, StorageUnavailable) as error:
            raise Refusal("storage_unavailable", str(error)) from None

    async def made(self, recording_ids: Collection[str]) -> frozenset[str]:
        return await asyncio.to_thread(self._with, PICTURES, recording_ids)

    async def posters(self, recording_ids: Collection[str]) -> frozenset[str]:
        return await asyncio.to_thread(self._with, POSTER, recording_ids)

    def _with(self, name: str, recording_ids: Collection[str]) -> frozenset[str]:
        return frozenset(one for one in recording_ids if (self._recordings / one / name).is_file())

    async def drawable(self, recording_id: str) -> bool:
        def look() -> bool:
            try:
                contents = manifest.Contents.of((self._recordings / recording_id / manifest.NAME).read_bytes())
            except (OSError, manifest.UnreadableManifest):
                return False
            return not contents.deleted and contents.moved is None

        return await asyncio.to_thread(look)
