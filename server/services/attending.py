"""Devices that come, stay and go: presence, and venues on- and offline."""

from __future__ import annotations

import datetime as dt

from server.domain.presence import Device
from server.services.house import House


async def arrive(house: House, lesson_id: str, device: Device, now: dt.datetime) -> None:
    """A socket joined, or beats (every 15 s). A venue's first device puts the venue online."""
    raise NotImplementedError


async def depart(house: House, lesson_id: str, device: Device, now: dt.datetime) -> None:
    """A socket left. Idempotent. A venue's last device puts the venue offline."""
    raise NotImplementedError


async def sweep(house: House, now: dt.datetime) -> None:
    """To be called every few seconds: venues whose devices have fallen silent go offline."""
    raise NotImplementedError
