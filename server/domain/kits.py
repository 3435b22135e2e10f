"""Room kits: encoders that send for a sub-venue without a page, each by a key of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.refusals import Refusal
from server.domain.venues import LessonVenue, Part

KEY_PREFIX = "kit_"
"""What a key begins with; no sealed ticket does."""
CLIENT_PREFIX = "kit-"
"""What the client id of a kit's connections begins with; no page may name itself so."""
_REHEARSAL_PREFIX = "rehearsal-"
_REHEARSAL_ROOM = "kit rehearsal of "


@dataclass(frozen=True, slots=True)
class VenueKey:
    """``digest``: of the secret, which nobody keeps. ``account_id``: whose right it stands on; ``by``: the name.

    ``used_at``: when it was shown for the last time.
    """

    id: str
    lesson_id: str
    lesson_venue_id: str
    digest: str
    account_id: str
    by: str
    issued_at: dt.datetime
    used_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None
    revoked_by: str | None = None

    @property
    def client_id(self) -> str:
        return CLIENT_PREFIX + self.id


def is_key(token: str) -> bool:
    return token.startswith(KEY_PREFIX)


def is_kit(client_id: str) -> bool:
    return client_id.startswith(CLIENT_PREFIX)


def check_issue(venue: LessonVenue, keys: Iterable[VenueKey]) -> None:
    """One key for each sub-venue at a time. Raises ``venue_key_main``, ``venue_key_there``."""
    if venue.part is Part.MAIN:
        raise Refusal("venue_key_main", venue.id)
    if any(key.lesson_venue_id == venue.id and key.revoked_at is None for key in keys):
        raise Refusal("venue_key_there", venue.id)


def rehearsal_room(lesson_id: str) -> str:
    """Where kits send before the lesson is open: nobody watches there, and nothing is recorded."""
    return _REHEARSAL_ROOM + lesson_id


def is_rehearsal_room(room: str) -> bool:
    return room.startswith(_REHEARSAL_ROOM)


def rehearsed(source: str) -> str:
    """The name under which the record keeps a connection into that room: no source of any lesson."""
    return _REHEARSAL_PREFIX + source
