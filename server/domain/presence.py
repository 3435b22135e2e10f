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
