"""Who is online in a lesson now, by device. Never the record: attendance is counted from the database."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

BEAT = dt.timedelta(seconds=15)
TTL = dt.timedelta(seconds=45)


class Face(enum.StrEnum):
    PHONE = "phone"
    VENUE = "venue"
    DESK = "desk"
    CONSOLE = "console"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Device:
    """One connected device. ``id`` is the connection's, so an account with two devices counts as two."""

    id: str
    account_id: str
    face: Face
    lesson_venue_id: str | None = None


class Channel(enum.StrEnum):
    """How we know that somebody was there."""

    SOCKET = "socket"
    MEDIA = "media"
    HLS = "hls"
    VENUE = "venue"  # the venue's own connection; it carries the members who are signed in there


@dataclass(frozen=True, slots=True)
class Span:
    """One device seen without a break, from ``since`` to the last checkpoint ``until``. Of a member or of a venue."""

    device: str
    since: dt.datetime
    until: dt.datetime
    channel: Channel
    member_id: str | None = None
    lesson_venue_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the server itself was away: nobody's absence."""

    since: dt.datetime
    until: dt.datetime
    cause: str
