"""Venues and their part in a lesson; the names of a lesson's media sources."""

from __future__ import annotations

import enum
from dataclasses import dataclass

MAIN_SOURCE = "main"  # the lecturer's camera and microphone, the main venue
SCREEN_SOURCE = "screen"  # the lecturer's screen
SPARE_SOURCE = "spare"  # the lecturer's second machine, ready to take over
SPARE_SCREEN_SOURCE = "spare-screen"
CLIP_SOURCE = "clip"  # what the house itself plays
_VENUE_PREFIX = "venue-"
_MEMBER_PREFIX = "member-"


class LecturerDesk(enum.StrEnum):
    """Which of the lecturer's machines the lesson is taught from."""

    MAIN = "main"
    SPARE = "spare"

    @property
    def source(self) -> str:
        """Its camera and microphone."""
        return MAIN_SOURCE if self is LecturerDesk.MAIN else SPARE_SOURCE

    @property
    def screen(self) -> str:
        return SCREEN_SOURCE if self is LecturerDesk.MAIN else SPARE_SCREEN_SOURCE

    @property
    def other(self) -> LecturerDesk:
        return LecturerDesk.SPARE if self is LecturerDesk.MAIN else LecturerDesk.MAIN


SPARE_SOURCES = (SPARE_SOURCE, SPARE_SCREEN_SOURCE)
LECTURER_SOURCES = (MAIN_SOURCE, SCREEN_SOURCE, *SPARE_SOURCES)
SCREENS = (SCREEN_SOURCE, SPARE_SCREEN_SOURCE)


def desk_of(source: str | None) -> LecturerDesk | None:
    """The machine whose camera it is, None for every other source."""
    return next((desk for desk in LecturerDesk if desk.source == source), None)


class Part(enum.StrEnum):
    MAIN = "main"
    BRANCH = "branch"


class Microphone(enum.StrEnum):
    """What the room's microphone is set to, by its operator."""

    MUTED = "muted"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Venue:
    """``networks``: where its people's phones come from (CIDR), as far as that is known. ``shares_device``: people
    sign in one after the other on a device of the room, which elsewhere would be one phone for several. ``retired``:
    no new lesson is held there; what was stays.
    """

    id: str
    name: str
    unit_id: str
    room: str
    seats: int
    networks: tuple[str, ...] = ()
    shares_device: bool = False
    notes: str = ""
    retired: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class LessonVenue:
    """A venue's part in one lesson. ``online`` and ``microphone`` are what staff see of it now.

    ``fallback``: where its people go when it breaks down, chosen beforehand: another one's id or ``phone``.
    ``failover_id``: they went, to ``failover_to`` (the same). ``kiosk``: people sign in by themselves at its screen.
    """

    id: str
    venue_id: str
    name: str
    part: Part
    online: bool = False
    microphone: Microphone = Microphone.MUTED
    fallback: str | None = None
    failover_id: str | None = None
    failover_to: str | None = None
    kiosk: bool = False

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
    """Heard only while it is in the picture, or opened by hand: a sub-venue, a member's phone, a clip."""
    return source == CLIP_SOURCE or source.startswith((_VENUE_PREFIX, _MEMBER_PREFIX))


def sent_together(source: str | None) -> tuple[str, ...]:
    """Whose sound would come back to who sends ``source``: the lecturer's machines stand beside his microphone."""
    if source is None:
        return ()
    return LECTURER_SOURCES if source in LECTURER_SOURCES else (source,)


def venue_of_source(source: str) -> str | None:
    """The lesson venue's id of a sub-venue's source, None for the others."""
    return source.removeprefix(_VENUE_PREFIX) if source.startswith(_VENUE_PREFIX) else None
