"""Venues and their part in a lesson; the names of a lesson's media sources."""

from __future__ import annotations

import enum
from dataclasses import dataclass

MAIN_SOURCE = "main"  # the lecturer's camera and microphone, the main venue
SCREEN_SOURCE = "screen"  # the lecturer's screen
_VENUE_PREFIX = "venue-"
_MEMBER_PREFIX = "member-"


class Part(enum.StrEnum):
    MAIN = "main"
    BRANCH = "branch"


class Microphone(enum.StrEnum):
    """What the room's microphone is set to, by its operator."""

    MUTED = "muted"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Venue:
    id: str
    name: str
    unit_id: str
    room: str
    seats: int


@dataclass(frozen=True, slots=True)
class LessonVenue:
    """A venue's part in one lesson. ``online`` and ``microphone`` are what staff see of it now."""

    id: str
    venue_id: str
    name: str
    part: Part
    online: bool = False
    microphone: Microphone = Microphone.MUTED

    @property
    def source(self) -> str:
        """The name of its media source."""
        return MAIN_SOURCE if self.part is Part.MAIN else _VENUE_PREFIX + self.id


@dataclass(frozen=True, slots=True)
class Guest:
    """A member's phone that is asked on the air (举手): its source for as long, what people call it, whose it is."""

    source: str
    label: str
    account_id: str


def member_source(member_id: str) -> str:
    """The name of the media source of a member's phone."""
    return _MEMBER_PREFIX + member_id


def is_member_source(source: str) -> bool:
    return source.startswith(_MEMBER_PREFIX)


def comes_and_goes(source: str) -> bool:
    """Heard only while it is in the picture, or opened by hand: a sub-venue, a member's phone."""
    return source.startswith((_VENUE_PREFIX, _MEMBER_PREFIX))


def sent_together(source: str | None) -> tuple[str, ...]:
    """Whose sound would come back to who sends ``source``: the lecturer's screen stands beside his microphone."""
    if source is None:
        return ()
    return (MAIN_SOURCE, SCREEN_SOURCE) if source in (MAIN_SOURCE, SCREEN_SOURCE) else (source,)


def venue_of_source(source: str) -> str | None:
    """The lesson venue's id of a sub-venue's source, None for the others."""
    return source.removeprefix(_VENUE_PREFIX) if source.startswith(_VENUE_PREFIX) else None
