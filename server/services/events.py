"""Reading a lesson's event log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.domain.access import Principal
from server.domain.events import Event, Listener
from server.services.fanout import Fanout
from server.services.records import Records

PAGE = 500
LONGEST_WAIT = dt.timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class EventPage:
    """``seq``: ask again from here. Past the last event when later ones concern others only."""

    events: tuple[Event, ...]
    seq: int


async def events_since(
    records: Records,
    fanout: Fanout,
    principal: Principal,
    lesson_id: str,
    since: int,
    *,
    wait: dt.timedelta = dt.timedelta(0),
    now: dt.datetime,
) -> EventPage:
    """What the principal may hear after ``since``, ``PAGE`` at most; waits for something newer if there is nothing.

    Raises ``lesson_not_found``.
    """
    raise NotImplementedError


async def heard_since(records: Records, lesson_id: str, listener: Listener | None, since: int) -> EventPage:
    """The same for a socket that was admitted already; ``None`` reads everything, to be sorted by audience."""
    raise NotImplementedError
