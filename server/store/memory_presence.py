"""Presence inside one process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from server.domain.presence import TTL, Device, Face

MOST_DEVICES = 200_000


class MemoryPresence:
    """Devices by lesson, each with the time of its last beat. Beyond ``MOST_DEVICES`` new ones are not counted."""

    def __init__(self, ttl: dt.timedelta = TTL) -> None:
        self._ttl = ttl
        self._beats: dict[str, dict[Device, dt.datetime]] = {}

    async def beat(self, lesson_id: str, device: Device, now: dt.datetime) -> None:
        lesson = self._beats.setdefault(lesson_id, {})
        if device in lesson or sum(map(len, self._beats.values())) < MOST_DEVICES:
            lesson[device] = now

    async def leave(self, lesson_id: str, device: Device) -> None:
        lesson = self._beats.get(lesson_id, {})
        lesson.pop(device, None)
        if not lesson:
            self._beats.pop(lesson_id, None)

    async def devices(self, lesson_id: str, face: Face, now: dt.datetime) -> tuple[Device, ...]:
        present = [device for device in self._present(lesson_id, now) if device.face is face]
        return tuple(sorted(present, key=lambda device: device.id))

    async def counts(self, lesson_id: str, now: dt.datetime) -> Mapping[Face, int]:
        counted = dict.fromkeys(Face, 0)
        for device in self._present(lesson_id, now):
            counted[device.face] += 1
        return counted

    def _present(self, lesson_id: str, now: dt.datetime) -> list[Device]:
        """Forgets the silent ones on the way."""
        lesson = self._beats.get(lesson_id, {})
        for device in [device for device, at in lesson.items() if at + self._ttl <= now]:
            del lesson[device]
        if not lesson:
            self._beats.pop(lesson_id, None)
        return list(lesson)
