"""Who is online in a lesson now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from server.domain.presence import Device, Face


class Presence(Protocol):
    """Devices whose last beat is younger than the time to live. Redis or memory; never the record.

    When the store is away, answers come from what this process has seen itself. Nothing raises.
    """

    async def beat(self, lesson_id: str, device: Device, now: dt.datetime) -> None:
        """The device is there, for another 45 s."""

    async def leave(self, lesson_id: str, device: Device) -> None: ...

    async def devices(self, lesson_id: str, face: Face, now: dt.datetime) -> tuple[Device, ...]: ...

    async def counts(self, lesson_id: str, now: dt.datetime) -> Mapping[Face, int]:
        """Devices per face; every face is there."""
        ...
