"""The curtain over the programme: an emergency cut (紧急切断), or a standby slate with its countdown (备播).

While it is down nobody but the director gets a picture or a sound of the lesson. A cut goes before a standby and
leaves it as it is.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.refusals import Refusal

LONGEST_STANDBY = dt.timedelta(hours=12)
NOTE_LENGTH = 40


class Curtain(enum.StrEnum):
    CUT = "cut"
    STANDBY = "standby"


@dataclass(frozen=True, slots=True)
class Cut:
    """``reason`` is for staff and the log, never for viewers."""

    since: dt.datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Standby:
    """``until``: when it is meant to go on; None: nobody said. It ends by somebody's hand, never by itself.

    ``note``: what viewers read, as 课间休息. Empty: the lesson has not begun.
    """

    since: dt.datetime
    until: dt.datetime | None = None
    note: str = ""


def standby(now: dt.datetime, seconds: int | None, note: str) -> Standby:
    """Raises ``invalid_body`` for a countdown into the past or beyond half a day."""
    if seconds is None:
        return Standby(now, None, note)
    length = dt.timedelta(seconds=seconds)
    if not dt.timedelta() < length <= LONGEST_STANDBY:
        raise Refusal("invalid_body", f"{seconds} s")
    return Standby(now, now + length, note)
