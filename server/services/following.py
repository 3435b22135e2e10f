"""Keeping record and media process together: reports come in, what the record wants goes out."""

from __future__ import annotations

import datetime as dt

from server.services.house import House
from server.services.media import MediaEvent


async def recover_recordings(house: House, now: dt.datetime) -> int:
    """At start, before the media process: finish what a crash left open, take over the summaries; how many."""
    raise NotImplementedError


async def restore_media(house: House, now: dt.datetime) -> None:
    """A media process that knows nothing gets the rooms, slots, sound and recordings of all lessons on the air.

    Called by :func:`follow` on ``MediaReady``; appends ``media.moved`` to each. Idempotent.
    """
    raise NotImplementedError


async def follow(house: House, event: MediaEvent, now: dt.datetime) -> None:
    """One report of the media process, in order. Never raises a refusal; a report about nothing we know is dropped."""
    raise NotImplementedError
