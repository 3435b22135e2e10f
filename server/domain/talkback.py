"""Talkback (对讲): the voice of who runs the lesson to one venue's operator, and to nobody else.

Its source is no source of the lesson: nothing can put it on the air, and the recorder never hears it. Each talkback has
a source of its own, so that a venue that was spoken to cannot hear what is said to the next.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from server.domain.programme import Programme
from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue

TALKBACK_PREFIX = "talkback-"
MOST_TALKBACKS = 8
"""At once in a lesson: so many people who run it talk to so many venues."""
CONNECTING = dt.timedelta(seconds=12)
"""How long the voice may be away, at first and after a loss, before the talkback is over."""


@dataclass(frozen=True, slots=True)
class Talkback:
    """``heard_at``: when its voice was last connected, at first when it began. ``confirmed``: also into a venue on the
    air, whose microphone carries it to everybody. ``account_id``, ``by``: who talks.
    """

    source: str
    lesson_venue_id: str
    account_id: str
    by: str
    since: dt.datetime
    heard_at: dt.datetime
    confirmed: bool = False


Talkbacks = tuple[Talkback, ...]


def is_talkback(source: str) -> bool:
    return source.startswith(TALKBACK_PREFIX)


def is_meant(talkback: Talkback, lesson_venue_id: str, source: str | None) -> bool:
    """By who wants it ended. ``source``: what they knew to be running, None when whatever runs there."""
    return talkback.lesson_venue_id == lesson_venue_id and source in (None, talkback.source)


def on_air(venue: LessonVenue, programme: Programme) -> bool:
    """Whether everybody would hear what the room hears."""
    return venue.source == programme.camera or venue.source in programme.opened


def check_venue(venue: LessonVenue, programme: Programme, *, confirmed: bool) -> None:
    """Raises ``talkback_away``: nobody is there to hear it; ``talkback_on_air`` unless ``confirmed``."""
    if not venue.online:
        raise Refusal("talkback_away", venue.id)
    if on_air(venue, programme) and not confirmed:
        raise Refusal("talkback_on_air", venue.id)


def begin(
    running: Talkbacks, venue: LessonVenue, account_id: str, by: str, now: dt.datetime, *, confirmed: bool
) -> tuple[Talkbacks, Talkback]:
    """Who talks to another venue already leaves it. Raises ``talkback_busy``."""
    others = without(running, [one for one in running if one.account_id == account_id])
    if len(others) >= MOST_TALKBACKS or any(one.lesson_venue_id == venue.id for one in others):
        raise Refusal("talkback_busy", venue.id)
    begun = Talkback(f"{TALKBACK_PREFIX}{uuid.uuid4()}", venue.id, account_id, by, now, now, confirmed)
    return (*others, begun), begun


def without(running: Talkbacks, ended: Collection[Talkback]) -> Talkbacks:
    return tuple(one for one in running if one not in ended)


def over(talkback: Talkback, venue: LessonVenue, programme: Programme, now: dt.datetime) -> str | None:
    """Why it has to end by itself, None while it may go on."""
    if on_air(venue, programme) and not talkback.confirmed:
        return "on_air"
    return "silent" if now - talkback.heard_at >= CONNECTING else None
