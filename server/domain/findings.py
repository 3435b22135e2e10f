"""What somebody found out about a doubtful sign-in (待核实): it holds, or it does not. Nothing follows by itself."""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from server.domain.proof import Doubt


class Outcome(enum.StrEnum):
    CONFIRMED = "confirmed"  # the doubt is right: whoever looks at it corrects the attendance, with a reason
    DISMISSED = "dismissed"  # the sign-in stands


@dataclass(frozen=True, slots=True)
class Flag:
    """A trace that signing in left: which doubt, of whom, by which account."""

    member_id: str
    doubt: Doubt
    account_id: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """Appended, never changed: the newest of a member counts, the former stay. ``doubts``: what it was about."""

    id: str
    lesson_id: str
    member_id: str
    outcome: Outcome
    doubts: tuple[Doubt, ...]
    reason: str
    by: str  # account
    at: dt.datetime

    def settles(self, doubts: tuple[Doubt, ...]) -> bool:
        """Whether nothing has come up since."""
        return set(doubts) <= set(self.doubts)
