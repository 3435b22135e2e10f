"""Devices that come, stay and go: presence, and venues on- and offline."""

from __future__ import annotations

import datetime as dt

from server.domain import events
from server.domain.lessons import ON_AIR
from server.domain.presence import Device, Face
from server.services.checkpoints import lose_device, see_device
from server.services.failovers import gather_stragglers
from server.services.finding import found
from server.services.house import House
from server.services.records import Transaction
from server.services.rooms import tell


async def arrive(house: House, lesson_id: str, device: Device, now: dt.datetime, *, hidden: bool = False) -> None:
    """A socket joined, or beats (every 15 s). A venue's first device puts the venue online. ``hidden``: the page says
    that it is put away; it is connected all the same.
    """
    see_device(house, lesson_id, device, now, hidden=hidden)
    await house.presence.beat(lesson_id, device, now)
    if device.face is Face.VENUE and device.lesson_venue_id is not None:
        await _set_online(house, lesson_id, device.lesson_venue_id, now, online=True)


async def depart(house: House, lesson_id: str, device: Device, now: dt.datetime) -> None:
    """A socket left. Idempotent. A venue's last device puts the venue offline."""
    await house.presence.leave(lesson_id, device)
    await lose_device(house, lesson_id, device, now)
    if device.face is not Face.VENUE or device.lesson_venue_id is None:
        return
    if device.lesson_venue_id not in await _venues_present(house, lesson_id, now):
        await _set_online(house, lesson_id, device.lesson_venue_id, now, online=False)


async def sweep(house: House, now: dt.datetime) -> None:
    """To be called every few seconds: venues whose devices have fallen silent go offline, and who signed in at one
    whose people had moved follows them.
    """
    lessons = await house.records.read(lambda tx: tx.lessons.in_states(ON_AIR))
    for lesson in lessons:
        thought_online = {venue.id for venue in lesson.venues if venue.online}
        if thought_online:
            for lesson_venue_id in thought_online - await _venues_present(house, lesson.id, now):
                await _set_online(house, lesson.id, lesson_venue_id, now, online=False)
    await gather_stragglers(house, lessons, now)


async def _venues_present(house: House, lesson_id: str, now: dt.datetime) -> set[str]:
    devices = await house.presence.devices(lesson_id, Face.VENUE, now)
    return {device.lesson_venue_id for device in devices if device.lesson_venue_id is not None}


async def _set_online(house: House, lesson_id: str, lesson_venue_id: str, now: dt.datetime, *, online: bool) -> None:
    """Written only when it is a change: a beat that tells nothing new costs one read."""

    def is_news(tx: Transaction) -> bool:
        lesson = found(tx.lessons.get(lesson_id))
        return any(venue.id == lesson_venue_id and venue.online is not online for venue in lesson.venues)

    def change(tx: Transaction) -> bool:
        lesson = found(tx.lessons.lock(lesson_id))
        if not tx.lessons.set_venue_online(lesson_venue_id, online=online):
            return False
        said = events.venue_presence(lesson_venue_id, lesson.venue(lesson_venue_id).name, online=online)
        tx.events.append(lesson_id, [said], now, None)
        return True

    if await house.records.read(is_news) and await house.records.write(change):
        await tell(house, lesson_id)
